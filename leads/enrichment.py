"""What we learn of a buyer: fields with where they came from, behaviour, a raised hand.

Whether a field that has a value takes another one is the kit's to say (`overwriting`); what was
not taken stays in the payload that said it.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.conf import settings

from core import made
from governance.kit import Kit
from leads import (
    cleansing,
    industries,
    overwriting,
    personal_names,
    postal_codes,
    potential,
    titles,
)
from leads.evidence import Seen
from leads.ledger import Ledger
from leads.models import Account, Lead, Person, Signal, Touch
from leads.overwriting import Source

MOST_REVENUE = 10**15
EMPTY = ("", None)
PERSON = ("first_name", "last_name", "title", "seniority", "function", "email", "phone", "country",
          "language")  # fmt: skip
COMPANY = ("name", "industry", "employees", "annual_revenue", "currency", "country", "region",
           "postal_code")  # fmt: skip
"""The fields that can be learnt; their names in rules are person.title, company.name …"""

LEAD = ("potential_value",)
FIELDS = (
    *(f"person.{one}" for one in PERSON),
    *(f"company.{one}" for one in COMPANY),
    *(f"lead.{one}" for one in LEAD),
)

_PREFIX: dict[type, str] = {Person: "person", Account: "company", Lead: "lead"}
_READ_FROM_TITLE = Source("rule:title", 60, dt.datetime.min.replace(tzinfo=dt.UTC))


def apply(
    touch: Touch,
    person: Person,
    account: Account | None,
    lead: Lead,
    *,
    named: Account | None,
    ledger: Ledger,
) -> None:
    """Learn from the payload about the person, the lead, and the company the touch names.

    `account` is the lead's own; it learns when the touch names no company.
    """
    said = touch.payload
    source = overwriting.of_touch(touch.channel, at=touch.occurred_at)
    learn(person, person_values(said.get("person") or {}), source=source, ledger=ledger)
    learn(lead, lead_values(said.get("lead") or {}), source=source, ledger=ledger)
    spoken_of = named or account
    if spoken_of is not None:
        values = company_values(said.get("company") or {}, kit=ledger.kit)
        learn(spoken_of, values, source=source, ledger=ledger)
    if account is not None and lead.account_id != account.pk:
        lead.account = account
    lead.last_touch_at = max(lead.last_touch_at, touch.occurred_at)
    ledger.change(lead, "account", "last_touch_at")


def learn(
    row: Person | Account | Lead, values: Mapping[str, Any], *, source: Source, ledger: Ledger
) -> tuple[str, ...]:
    """Take what the rules let this source say, note where it is from; returns the fields taken.

    Values must be clean (`person_values`, `company_values`, `lead_values`). An empty one says
    nothing, unless a person says it. Nothing is written before the ledger is.
    """
    rules, prefix = overwriting.of_kit(ledger.kit), _PREFIX[type(row)]
    by_hand, fixed = source.name == overwriting.USER, fixed_fields(row)
    taken, told = [], {}
    for name, value in values.items():
        if name in fixed or (value in EMPTY and not by_hand):
            continue
        present, held = getattr(row, name), row.provenance.get(name)
        rule = rules.get(f"{prefix}.{name}", overwriting.NEVER)
        if present == value:
            # Said again: where it is from is noted if nobody knew, or if a person vouches for it.
            if value not in EMPTY and (held is None or by_hand):
                told[name] = source.as_data()
        elif overwriting.takes(has_value=present not in EMPTY, held=held, said=source, rule=rule):
            setattr(row, name, value)
            told[name] = source.as_data()
            taken.append(name)
    if told:
        row.provenance = {**row.provenance, **told}
        ledger.change(row, *taken, *_follow(row, taken, source), "provenance")
    return tuple(taken)


def forget(row: Person | Account | Lead, names: Collection[str], *, ledger: Ledger) -> None:
    """Empty these fields, and what was read from them; nobody is noted as having told them."""
    gone = sorted(set(names) - fixed_fields(row))
    if not gone:
        return
    for name in gone:
        setattr(row, name, None if row._meta.get_field(name).null else "")
    followed = _follow(row, gone, _READ_FROM_TITLE)
    empty = {name for name in {*gone, *followed} if getattr(row, name) in EMPTY}
    row.provenance = {name: told for name, told in row.provenance.items() if name not in empty}
    ledger.change(row, *gone, *followed, "provenance")


def fixed_fields(row: Person | Account | Lead) -> frozenset[str]:
    """Fields that never change: an account without domain is found by its name and country."""
    nameless = isinstance(row, Account) and not row.domain
    return frozenset(("name", "country")) if nameless else frozenset()


def signals(touch: Touch, lead: Lead, *, ledger: Ledger, ids: Iterator[int]) -> list[Seen]:
    """Store the behaviours a touch carries under the next of these ids."""
    found = []
    for entry in touch.payload.get("signals") or []:
        said = entry.get("occurred_at")
        at = dt.datetime.fromisoformat(said) if said else touch.occurred_at
        at = min(at, touch.received_at)
        one = Seen(next(ids), entry["kind"], at)
        values = {"id": one.id, "kind": one.kind, "occurred_at": at}
        ledger.add(made.row(Signal, lead=lead, touch=touch, **values))
        found.append(one)
    return found


def raises_hand(touch: Touch, kit: Kit) -> bool:
    """Whether the buyer asked for a person with this touch."""
    if kit.asks_for_person(touch.channel):
        return True
    kinds = [entry["kind"] for entry in touch.payload.get("signals") or []]
    return any(kind in kit.signals and kit.signals[kind].hand_raise for kind in kinds)


def person_values(said: Mapping[str, Any]) -> dict[str, Any]:
    """What is said of a person, clean and short enough; unreadable values are left out."""
    first = cleansing.tidy_name(said.get("first_name", ""))
    last = cleansing.tidy_name(said.get("last_name", ""))
    # Mending the case can lengthen a text: ß becomes Ss.
    return {
        "first_name": first[:120],
        "last_name": last[:120],
        "title": cleansing.tidy_title(said.get("title", ""))[:160],
        "email": said.get("email", ""),
        "phone": said.get("phone", ""),
        "country": cleansing.country_code(said.get("country") or "") or "",
        "language": _language(said.get("language") or ""),
    }


def company_values(said: Mapping[str, Any], *, kit: Kit) -> dict[str, Any]:
    """What is said of a company, clean; industries in the words of the kit, else in our own."""
    industry = said.get("industry", "")
    country = cleansing.country_code(said.get("country") or "") or ""
    return {
        "name": said.get("name", ""),
        "industry": industries.read(industry, kept=_industries_of(kit))[:80] if industry else "",
        "employees": cleansing.employees(said.get("employees") or ""),
        "annual_revenue": _revenue(said.get("annual_revenue") or ""),
        "currency": cleansing.currency(said.get("currency") or "") or "",
        "country": country,
        "region": postal_codes.region(said.get("region") or ""),
        "postal_code": postal_codes.clean(said.get("postal_code") or "", country),
    }


def lead_values(said: Mapping[str, Any]) -> dict[str, Any]:
    """What is said of a lead itself; a value that cannot be used is left out."""
    value, _ = potential.read(said, base=settings.BASE_CURRENCY) if said else (None, None)
    return {"potential_value": value}


def _language(text: str) -> str:
    """The code of a language, such as de of de-AT; empty for what is none."""
    code = text.strip().lower().replace("_", "-").partition("-")[0]
    return code if len(code) in (2, 3) and code.isascii() and code.isalpha() else ""


def _follow(row: Person | Account | Lead, taken: list[str], source: Source) -> list[str]:
    """What hangs on the fields just taken: how names are compared, what a title says."""
    if isinstance(row, Lead):
        return []
    if isinstance(row, Account):
        if "name" not in taken:
            return []
        row.name_key = cleansing.company_name_key(row.name)[:200] if row.name else ""
        return ["name_key"]
    followed = _read_title(row, source) if "title" in taken else []
    if {"first_name", "last_name"} & set(taken):
        row.name_key = personal_names.key(row.first_name, row.last_name)
        followed.append("name_key")
    return followed


def _read_title(person: Person, source: Source) -> list[str]:
    """Seniority and function as the title says, unless a person or a provider said them."""
    read = titles.read(person.title)
    changed = []
    for name, value in (("seniority", read.seniority), ("function", read.function)):
        holder, _ = overwriting.told_by(person.provenance.get(name))
        if getattr(person, name) == value or holder not in ("", _READ_FROM_TITLE.name):
            continue
        setattr(person, name, value)
        told = Source(_READ_FROM_TITLE.name, min(source.confidence, 60), source.at)
        person.provenance = {**person.provenance, name: told.as_data()}
        changed.append(name)
    return changed


@functools.lru_cache(maxsize=64)
def _industries_of(kit: Kit) -> industries.Kept:
    return industries.looked_for(kit.document)


def _revenue(said: str) -> Decimal | None:
    """An amount that the column can hold; no company makes more, or less than nothing."""
    amount = cleansing.money(said)
    return amount if amount is not None and 0 <= amount < MOST_REVENUE else None
