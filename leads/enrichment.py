"""What a touch adds to what we know: fields that were empty, behaviour, a raised hand.

A value that is there already is never overwritten by a touch; the payload keeps what was said.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import models

from governance.kit import Kit
from leads import cleansing
from leads.ledger import Ledger
from leads.models import Account, Lead, Person, Signal, Touch

MOST_REVENUE = 10**15


def apply(
    touch: Touch,
    person: Person,
    account: Account | None,
    lead: Lead,
    *,
    named: Account | None,
    ledger: Ledger,
) -> None:
    """Fill empty fields of the person, and of the company the touch names, from the payload.

    `account` is the lead's own; it is filled when the touch names no company.
    """
    said = touch.payload
    _fill(person, _person_fields(said.get("person") or {}), ledger)
    spoken_of = named or account
    if spoken_of is not None:
        # An account without domain is found by its name and country: those never change.
        fixed = () if spoken_of.domain else ("name", "name_key", "country")
        known = _account_fields(said.get("company") or {})
        _fill(spoken_of, {name: known[name] for name in known if name not in fixed}, ledger)
    if account is not None and lead.account_id != account.pk:
        lead.account = account
    lead.last_touch_at = max(lead.last_touch_at, touch.occurred_at)
    ledger.change(lead, "account", "last_touch_at")


def signals(touch: Touch, lead: Lead, *, ledger: Ledger) -> list[tuple[str, dt.datetime]]:
    """Store the behaviours a touch carries; returns them as (kind, instant)."""
    found = []
    for entry in touch.payload.get("signals") or []:
        said = entry.get("occurred_at")
        at = dt.datetime.fromisoformat(said) if said else touch.occurred_at
        at = min(at, touch.received_at)
        ledger.add(Signal(lead=lead, touch=touch, kind=entry["kind"], occurred_at=at))
        found.append((entry["kind"], at))
    return found


def raises_hand(touch: Touch, kit: Kit) -> bool:
    """Whether the buyer asked for a person with this touch."""
    if kit.asks_for_person(touch.channel):
        return True
    kinds = [entry["kind"] for entry in touch.payload.get("signals") or []]
    return any(kind in kit.signals and kit.signals[kind].hand_raise for kind in kinds)


def _person_fields(said: dict[str, Any]) -> dict[str, Any]:
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
    }


def _account_fields(said: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": said.get("name", ""),
        "name_key": cleansing.company_name_key(said["name"])[:200] if said.get("name") else "",
        "industry": said.get("industry", ""),
        "employees": cleansing.employees(said.get("employees") or ""),
        "annual_revenue": _revenue(said.get("annual_revenue") or ""),
        "currency": said.get("currency", "").upper()[:3],
        "country": cleansing.country_code(said.get("country") or "") or "",
    }


def _revenue(said: str) -> Decimal | None:
    """An amount that the column can hold; no company makes more."""
    amount = cleansing.money(said)
    return amount if amount is not None and abs(amount) < MOST_REVENUE else None


def _fill(row: models.Model, values: dict[str, Any], ledger: Ledger) -> None:
    filled = [
        name
        for name, value in values.items()
        if value not in ("", None) and getattr(row, name) in ("", None)
    ]
    for name in filled:
        setattr(row, name, values[name])
    if filled:
        ledger.change(row, *filled)
