"""What people change of a buyer's fields. Console and API call this one function.

A value typed here outranks every machine from then on; what was typed stands in the history.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction

from core import database, errors
from core.errors import FieldError, InvalidInput
from governance import selectors as kits
from leads import cleansing, enrichment, identity, overwriting, titles
from leads.intake import LIMITS
from leads.ledger import Ledger
from leads.models import Account, EventKind, Lead
from lifecycle import gathering, identities, permissions, rekeying, relearning
from lifecycle.case import Buyer, Case
from people.models import User

PERSON = ("first_name", "last_name", "title", "seniority", "function", "email", "phone", "country")
COMPANY = ("name", "industry", "employees", "annual_revenue", "currency", "country")
FIELDS = (*(f"person.{one}" for one in PERSON), *(f"company.{one}" for one in COMPANY))
"""What may be changed: not the domain, by which companies are recognised."""

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
    """Change fields of a lead's person and company, by name as in `FIELDS`; empty clears one.

    For its owner, the owner's manager and RevOps; of a lead in quarantine, whoever looks after
    that. All leads concerned are scored, and judged where criteria are. Raises InvalidInput naming
    each field that cannot be, and AddressTaken for an address by which another buyer is known.
    """
    kit = kits.active_kit()
    seen = _seen(lead_id)
    said = _clean(values, seen.account)
    told = rekeying.settle(seen.person, said["person"], policy=identities.policy_of(kit))
    cases = _locked(seen)
    buyer = cases[lead_id].buyer
    override = permissions.require_owner_or_keeper(cases[lead_id].lead, by)
    if buyer.person.erased_at is not None:
        raise errors.TooLate("This person was erased; nothing is kept of them.")
    if told is not None:
        rekeying.require_free(told, by=by)
    ledger = Ledger(kit=kit, now=now or database.now(), actor="user", by_id=by.pk)
    before = {"person": buyer.person.provenance}
    before["company"] = buyer.account.provenance if buyer.account is not None else {}
    taken = _take(buyer, said, ledger)
    marks = rekeying.record(told, ledger=ledger) if told is not None else {}
    if taken:
        relearning.follow(
            list(cases.values()), person_id=buyer.person.pk, taken=taken, kind=EventKind.EDITED,
            told={"override": override, "before": _origins(taken, before), **marks}, because={},
            ledger=ledger,
        )  # fmt: skip
    ledger.flush()
    return Edited(cases[lead_id].lead, tuple(rekeying.remarks(told, said["person"])))


def _seen(lead_id: int) -> Lead:
    seen = Lead.objects.select_related("person", "account").filter(pk=lead_id).first()
    if seen is None:
        raise errors.NotFound(f"There is no lead {lead_id}.")
    return seen


def _locked(seen: Lead) -> dict[int, Case]:
    """The lead and those beside it at the company, as long as it is still who it was."""
    list(Account.objects.filter(pk=seen.account_id or 0).select_for_update(no_key=True))
    leads = relearning.locked(seen.pk, seen.account_id)
    lead = next((one for one in leads if one.pk == seen.pk), None)
    if lead is None or (lead.account_id, lead.person_id) != (seen.account_id, seen.person_id):
        raise errors.TooLate("This lead was merged or moved meanwhile; open it again.")
    return gathering.open_cases(leads)


def _take(buyer: Buyer, said: Mapping[str, Mapping[str, Any]], ledger: Ledger) -> list[str]:
    """The fields that take what is said, by name."""
    source = overwriting.of_user(at=ledger.now)
    learnt = enrichment.learn(buyer.person, said["person"], source=source, ledger=ledger)
    taken = [f"person.{name}" for name in learnt]
    if buyer.account is not None:
        learnt = enrichment.learn(buyer.account, said["company"], source=source, ledger=ledger)
        taken += [f"company.{name}" for name in learnt]
    return taken


def _origins(taken: Sequence[str], before: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Where these fields had been from, for who takes the change back."""
    read = READ_FROM_TITLE if "person.title" in taken else ()
    parts = {name: name.partition(".") for name in (*taken, *read)}
    return {name: before[section].get(field) for name, (section, _, field) in parts.items()}


def _clean(values: Mapping[str, Any], account: Account | None) -> dict[str, dict[str, Any]]:
    """The values as they are stored. Raises InvalidInput with every fault there is."""
    faults: list[FieldError] = []
    clean: dict[str, dict[str, Any]] = {"person": {}, "company": {}}
    fixed = enrichment.fixed_fields(account) if account is not None else frozenset()
    for name, raw in values.items():
        section, _, field = name.partition(".")
        try:
            if name not in FIELDS:
                raise InvalidInput(f"It cannot be changed; known are {', '.join(FIELDS)}.")
            if section == "company" and account is None:
                raise InvalidInput("This lead has no company yet.")
            value = _value(section, field, "" if raw is None else str(raw))
            if section == "company" and field in fixed and value != getattr(account, field):
                raise InvalidInput(
                    "A company without a domain is found by its name and country; these stay."
                )
            clean[section][field] = value
        except InvalidInput as fault:
            faults.append(FieldError(name, fault.message, fault.code))
    if faults:
        raise InvalidInput("Some fields cannot be changed like this.", errors=faults)
    return clean


def _value(section: str, field: str, raw: str) -> Any:
    limit = LIMITS[section].get(field, 40)
    text = " ".join(cleansing.clean_text(raw, limit, field=f"{section}.{field}").split())
    if field in ("employees", "annual_revenue"):
        return _number(field, text)
    if field == "email":
        return _address(text)
    if field in _CHOICES and text not in ("", *_CHOICES[field]):
        raise InvalidInput(f"Name one of {', '.join(_CHOICES[field])}.")
    return _coded(field, text) if text and field in ("country", "currency") else text


def _address(text: str) -> str:
    """An address as it is kept; InvalidInput for what is none."""
    if not text:
        return ""
    identity.normalise_email(text)
    return identity.bare_email(text)


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


def _number(field: str, text: str) -> int | Decimal | None:
    """A plain number: what a person types here is not guessed at."""
    if not text:
        return None
    try:
        value = Decimal(text.replace(",", "").replace(" ", ""))
    except InvalidOperation:
        value = Decimal("NaN")
    if field == "employees":
        # The size first: to write out 1E+999999 as a whole number takes minutes.
        if not value.is_finite() or not 0 <= value <= MOST_EMPLOYEES or value != int(value):
            raise InvalidInput("Write a whole number, such as 420.")
        return int(value)
    if not value.is_finite() or value.copy_abs() >= enrichment.MOST_REVENUE:
        raise InvalidInput("Write an amount, such as 1200000.")
    return value.quantize(Decimal("0.01"))
