"""What people change of a buyer's fields. Console and API call this one function.

A value typed here outranks every machine from then on; what was typed stands in the history.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.conf import settings
from django.db import transaction

from core import database, errors, phrases
from core.errors import FieldError, InvalidInput
from governance import selectors as kits
from governance.kit import Kit
from leads import (
    amounts,
    bands,
    cleansing,
    enrichment,
    identity,
    overwriting,
    own_fields,
    postal_codes,
    potential,
    present,
    titles,
)
from leads.intake import LIMITS
from leads.ledger import Ledger
from leads.models import Account, EventKind, Lead
from lifecycle import (
    company_naming,
    gathering,
    identities,
    permissions,
    quarantine,
    rekeying,
    relearning,
    typed_fields,
)
from lifecycle.case import Case
from lifecycle.company_naming import Naming
from people.models import User

PERSON = ("first_name", "last_name", "title", "seniority", "function", "email", "phone", "country")
COMPANY = ("name", "domain", "industry", "employees", "annual_revenue", "currency", "country",
           "region", "postal_code")  # fmt: skip
LEAD = enrichment.LEAD
FIELDS = (
    *(f"person.{one}" for one in PERSON),
    *(f"company.{one}" for one in COMPANY),
    *(f"lead.{one}" for one in LEAD),
)
"""What may be changed; the domain, by which companies are recognised, only where none is known."""

DOMAIN = "company.domain"

OWN = own_fields.PREFIX
"""Before the keys of the kit's own fields, which may be changed, too."""

READ_FROM_TITLE = ("person.seniority", "person.function")
_CHOICES = {"seniority": dict(titles.SENIORITIES), "function": dict(titles.FUNCTIONS)}
MOST_EMPLOYEES = 100_000_000


@dataclass(frozen=True, slots=True)
class Edited:
    """The lead after the change, and what whoever changed it should know."""

    lead: Lead
    remarks: tuple[FieldError, ...] = ()


@transaction.atomic
def edit(
    *, lead_id: int, by: User, values: Mapping[str, Any], now: dt.datetime | None = None
) -> Edited:
    """Change fields of a lead, its person and company, by name as in `FIELDS`; empty clears one.

    For its owner, the owner's manager and RevOps; of a lead in quarantine, whoever looks after
    that. A lead without a company gets the one that is named. All leads concerned are scored, and
    judged where criteria are. Raises InvalidInput naming each field that cannot be, and
    AddressTaken for an address by which another buyer is known.
    """
    kit = kits.active_kit()
    seen = _seen(lead_id)
    said = _clean(values, seen.account, kit)
    told = rekeying.settle(seen.person, said["person"], policy=identities.policy_of(kit))
    naming = company_naming.settle(seen, said["company"], at=now or database.now())
    cases = _locked(seen, naming)
    case = cases[lead_id]
    override = permissions.require_owner_or_keeper(case.lead, by)
    permissions.require_kept(case.buyer.person)
    if told is not None:
        rekeying.require_free(told, by=by)
    ledger = Ledger(kit=kit, now=now or present.of(cases), actor="user", by_id=by.pk)
    waited = case.lead.quarantined_at is not None
    before = _origins_of(case)
    taken = _take(case, said, naming, ledger)
    marks = rekeying.record(told, ledger=ledger) if told is not None else {}
    if naming is not None:
        marks["company"] = naming.as_data(seen.account_id)
    if taken:
        relearning.follow(
            list(cases.values()), person_id=case.buyer.person.pk, taken=taken,
            kind=EventKind.EDITED, because={}, ledger=ledger,
            told={"override": override, "before": _origins(taken, before), **marks},
        )  # fmt: skip
    ledger.flush()
    remarks = [*rekeying.remarks(told, said["person"]), *_stays(naming)]
    if waited:
        remarks.append(quarantine.remark(case, ledger))
    return Edited(case.lead, tuple(remarks))


def _seen(lead_id: int) -> Lead:
    seen = Lead.objects.select_related("person", "account").filter(pk=lead_id).first()
    if seen is None:
        raise errors.NotFound(f"There is no lead {lead_id}.")
    return seen


def _locked(seen: Lead, naming: Naming | None) -> dict[int, Case]:
    """The lead and those beside it at the company, as long as it is still who it was.

    Where its company was named, it is there already.
    """
    if naming is None:
        list(Account.objects.filter(pk=seen.account_id or 0).select_for_update(no_key=True))
    account_id = naming.account.pk if naming is not None else seen.account_id
    leads = relearning.locked(seen.pk, account_id)
    lead = next((one for one in leads if one.pk == seen.pk), None)
    if lead is None or (lead.account_id, lead.person_id) != (seen.account_id, seen.person_id):
        raise errors.TooLate("This lead was merged or moved meanwhile; open it again.")
    if naming is None:
        return gathering.open_cases(leads)
    company_naming.require_free(naming, lead)
    lead.account = naming.account
    cases = gathering.open_cases(leads)
    for case in cases.values():
        if case.lead.account_id == naming.account.pk:
            case.buyer.account = naming.account
    return cases


def _take(
    case: Case, said: Mapping[str, Mapping[str, Any]], naming: Naming | None, ledger: Ledger
) -> list[str]:
    """The fields that take what is said, by name."""
    source, buyer = overwriting.of_user(at=ledger.now), case.buyer
    learnt = enrichment.learn(buyer.person, said["person"], source=source, ledger=ledger)
    taken = [f"person.{name}" for name in learnt]
    learnt = enrichment.learn(case.lead, said["lead"], source=source, ledger=ledger)
    taken += [f"lead.{name}" for name in learnt]
    typed = typed_fields.change(case.lead, said["field"], now=ledger.now)
    if typed:
        ledger.change(case.lead, typed_fields.COLUMN)
    taken += [f"{OWN}{key}" for key in typed]
    of_company = said["company"]
    if naming is not None:
        of_company = company_naming.unknown(naming, of_company)
        taken += company_naming.enter(naming, case.lead, source=source, ledger=ledger)
    if buyer.account is not None:
        learnt = enrichment.learn(buyer.account, of_company, source=source, ledger=ledger)
        taken += [f"company.{name}" for name in learnt]
    return taken


def _stays(naming: Naming | None) -> list[FieldError]:
    """What a company that was there before is not told."""
    if naming is None or not naming.stays:
        return []
    what = phrases.listed([name.replace("_", " ") for name in naming.stays])
    text = f"The company is known here already; its {what} stays as it was."
    return [FieldError("company", text, "known")]


def _origins_of(case: Case) -> dict[str, Mapping[str, Any]]:
    """Where everything is from, by section."""
    buyer = case.buyer
    company = buyer.account.provenance if buyer.account is not None else {}
    return {
        "person": buyer.person.provenance, "company": company, "lead": case.lead.provenance,
        "field": {},  # what was typed before stands in the history
    }  # fmt: skip


def _origins(taken: Sequence[str], before: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Where these fields had been from, for who takes the change back."""
    read = READ_FROM_TITLE if "person.title" in taken else ()
    parts = {name: name.partition(".") for name in (*taken, *read) if name != company_naming.NAMED}
    return {name: before[section].get(field) for name, (section, _, field) in parts.items()}


def _clean(
    values: Mapping[str, Any], account: Account | None, kit: Kit
) -> dict[str, dict[str, Any]]:
    """The values as they are stored. Raises InvalidInput with every fault there is."""
    faults: list[FieldError] = []
    clean: dict[str, dict[str, Any]] = {"person": {}, "company": {}, "lead": {}, "field": {}}
    fixed = _fixed(account, values)
    country = _country_of(account, values)
    for name, raw in values.items():
        section, _, field = name.partition(".")
        try:
            if section == "field":
                clean[section][field] = own_text(field, raw, kit)
                continue
            if name not in FIELDS:
                raise InvalidInput(f"It cannot be changed; known are {', '.join(FIELDS)}.")
            value = _value(section, field, "" if raw is None else str(raw), country)
            if section == "company" and field in fixed and value != getattr(account, field):
                raise InvalidInput(fixed[field])
            clean[section][field] = value
        except InvalidInput as fault:
            faults.append(FieldError(name, fault.message, fault.code))
    if faults:
        raise InvalidInput("Some fields cannot be changed like this.", errors=faults)
    return clean


def check(name: str, raw: str, kit: Kit) -> Any:
    """A value as this field would keep it, whoever has it. Raises InvalidInput, naming why not."""
    try:
        clean = _clean({name: raw}, None, kit)
    except InvalidInput as fault:
        raise InvalidInput(fault.errors[0].message) from None
    section, _, field = name.partition(".")
    return clean[section][field]


def own_text(key: str, raw: Any, kit: Kit) -> str:
    """What is typed into one of the kit's own fields; InvalidInput for what it does not take."""
    asked = next((one for one in own_fields.of_kit(kit) if one.key == key), None)
    if asked is None:
        raise InvalidInput("The kit in force declares no such field.")
    said = "" if raw is None else str(raw)
    text = cleansing.clean_text(said, own_fields.LONGEST, field=asked.name).strip()
    if text and own_fields.value_of(asked, text) is None:
        raise InvalidInput(own_fields.wanted(asked))
    return text


def _fixed(account: Account | None, values: Mapping[str, Any]) -> dict[str, str]:
    """The fields of the company that stay as they are, and why."""
    if account is None:
        return {}
    if account.domain is not None:
        return {"domain": "A company is recognised by its domain; RevOps gives it another as an "
                "alias, on the page of the account."}  # fmt: skip
    if values.get(DOMAIN):
        return {}
    why = "A company without a domain is found by its name and country; these stay."
    return {name: why for name in enrichment.fixed_fields(account) if getattr(account, name)}


def _country_of(account: Account | None, values: Mapping[str, Any]) -> str:
    """The country of the company, as said or else as known: its postal codes have a form."""
    if values.get("company.country"):
        return cleansing.country_code(str(values["company.country"])[:60]) or ""
    return account.country if account is not None else ""


def _value(section: str, field: str, raw: str, country: str) -> Any:
    limit = LIMITS[section].get(field, 40)
    text = " ".join(cleansing.clean_text(raw, limit, field=f"{section}.{field}").split())
    if field in _READERS:
        return _READERS[field](text)
    if field == "postal_code":
        return postal_codes.clean(text, country)
    if field in _CHOICES and text not in ("", *_CHOICES[field]):
        raise InvalidInput(f"Name one of {', '.join(_CHOICES[field])}.")
    return _coded(field, text) if text and field in ("country", "currency") else text


def _address(text: str) -> str:
    """An address as it is kept; InvalidInput for what is none."""
    if not text:
        return ""
    identity.normalise_email(text)
    return identity.bare_email(text)


def _domain(text: str) -> str | None:
    """The domain of a company; InvalidInput for what names none."""
    reading = cleansing.company_domain(domain=text)
    if text and reading.domain is None:
        raise InvalidInput(cleansing.why_not(text, reading.because))
    return reading.domain


def _coded(field: str, text: str) -> str:
    """A country or currency by its code."""
    if field == "country":
        code = cleansing.country_code(text)
        if code is None:
            raise InvalidInput(f"“{text}” is no country we know; write DE or Germany.")
        return code
    if not (len(text) == 3 and text.isascii() and text.isalpha()):
        raise InvalidInput("Write the three letters of the currency, such as EUR.")
    return text.upper()


def _worth(text: str) -> Decimal | None:
    """What a lead may be worth, read as touches are; InvalidInput for what cannot be used."""
    value, fault = potential.read({"potential_value": text}, base=settings.BASE_CURRENCY)
    if fault is not None:
        raise InvalidInput(fault.message)
    return value


def _revenue(text: str) -> Decimal | None:
    """An amount, read as those of touches are; InvalidInput for what is none."""
    if not text:
        return None
    value = amounts.money(text)
    if value is None or not 0 <= value < enrichment.MOST_REVENUE:
        raise InvalidInput("Write an amount that is not negative, such as 1200000.")
    return value.quantize(Decimal("0.01"))


def _employees(text: str) -> int | None:
    """A plain number or one of the usual sizes: what a person types here is not guessed at."""
    if not text:
        return None
    try:
        value = Decimal(text.replace(",", "").replace(" ", ""))
    except InvalidOperation:
        value = Decimal("NaN")
    if (low := bands.lowest(text)) is not None:
        return low
    # The size first: to write out 1E+999999 as a whole number takes minutes.
    if not value.is_finite() or not 0 <= value <= MOST_EMPLOYEES or value != int(value):
        raise InvalidInput("Write a whole number, such as 420.")
    return int(value)


_READERS: Mapping[str, Callable[[str], Any]] = {
    "employees": _employees,
    "annual_revenue": _revenue,
    "potential_value": _worth,
    "email": _address,
    "domain": _domain,
}
"""Fields that are more than a text, and how each is read."""
