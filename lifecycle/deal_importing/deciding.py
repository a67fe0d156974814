"""What one row says of its opportunity: columns with their values, or why it cannot be taken."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from core.errors import FieldError
from governance.kit import Kit
from leads import deal_stages, exchange
from leads.models import Opportunity
from lifecycle.deal_importing.said import Said
from lifecycle.deal_lines import Catalogue, Line
from lifecycle.retelling import User

Status = Opportunity.Status
EARLIEST = dt.date(1990, 1, 1)


@dataclass(frozen=True, slots=True)
class Known:
    """What a batch knows of users (by the casefolded names they go by), products and stages.

    `products` are the ids of all there ever were: what is not offered any more was sold once.
    """

    kit: Kit
    users: Mapping[str, User]
    catalogue: Catalogue
    products: frozenset[int]
    owner_else: str
    today: dt.date


@dataclass(slots=True)
class Read:
    """One row as it is understood."""

    values: dict[str, Any] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    status: str = ""
    remarks: list[FieldError] = field(default_factory=list)
    faults: list[FieldError] = field(default_factory=list)


def read(said: Said, known: Known) -> Read:
    """The columns as this row says them. A row with `faults` cannot be taken."""
    found = Read(status=said.status)
    found.lines, unusable = known.catalogue.read(said.products, held=known.products)
    found.remarks += [FieldError("products", one.told) for one in found.lines if one.told]
    found.faults += unusable
    for name in ("name", "competitor"):
        text = getattr(said, name).strip()
        if text:
            found.values[name] = text[: 200 if name == "name" else 120]
    if said.expected_close is not None:
        found.values["expected_close"] = said.expected_close
    _owner(said, known, found)
    _worth(said, found)
    _stage(said, known, found)
    _reason(said, known, found)
    found.faults += _days(said, known.today)
    if said.closed is not None and found.status not in (Status.WON, Status.LOST):
        text = "Only what is won or lost has a day on which it ended; it is left out."
        found.remarks.append(FieldError("closed", text))
    return found


def _owner(said: Said, known: Known, found: Read) -> None:
    named, other = said.owner.strip(), known.owner_else
    ended = found.status in (Status.WON, Status.LOST)
    owner = _who(named, known, ended=ended)
    if owner is None and other:
        owner = _who(other, known, ended=ended)
        if named and owner is not None:
            text = f"Nobody who works here is called “{named}”; it is {other}’s."
            found.remarks.append(FieldError("owner", text))
    if owner is not None:
        found.values["owner_id"] = owner.pk
    elif named or other:
        text = f"Nobody who works here is called “{named or other}”, or several are."
        found.faults.append(FieldError("owner", text, "unknown"))


def _who(name: str, known: Known, *, ended: bool) -> User | None:
    """Whom a name means; of what is open it must be somebody who is here and works leads."""
    user = known.users.get(name.casefold())
    return user if user is not None and (ended or user.active) else None


def _worth(said: Said, found: Read) -> None:
    if said.amount is None:
        return
    currency = said.currency.strip().upper() or settings.BASE_CURRENCY
    if not 0 <= said.amount < exchange.MOST:
        text = "An amount is not negative and below 10^16."
        found.faults.append(FieldError("amount", text))
    if not (len(currency) == 3 and currency.isascii() and currency.isalpha()):
        found.faults.append(FieldError("currency", "Use a three-letter code such as EUR."))
    found.values |= {"amount": said.amount, "currency": currency}


def _stage(said: Said, known: Known, found: Read) -> None:
    if found.status and found.status not in Status.values:
        found.faults.append(FieldError("status", "Use OPEN, WON or LOST."))
    word = said.stage.strip().casefold()
    if not word:
        return
    stages = deal_stages.of_kit(known.kit)
    keys = (one.key for one in stages if word in (one.key.casefold(), one.label.casefold()))
    key = next(keys, None)
    if key is not None:
        found.values["sales_stage"] = key
    else:
        text = f"“{said.stage.strip()[:60]}” is no sales stage. {deal_stages.choose(known.kit)}"
        found.faults.append(FieldError("stage", text, "unknown"))


def _reason(said: Said, known: Known, found: Read) -> None:
    word = said.reason.strip().casefold()
    if not word:
        return
    step = {"WON": "win", "LOST": "lose"}.get(found.status)
    for one in known.kit.reasons.values():
        if step in one.used_for and word in (one.key.casefold(), one.label.casefold()):
            found.values["reason"] = one.key
            break
    else:
        text = f"“{said.reason.strip()[:60]}” is no reason for that here; the reason is left out."
        found.remarks.append(FieldError("reason", text))


def _days(said: Said, today: dt.date) -> Iterator[FieldError]:
    ended = said.status in (Status.WON, Status.LOST)
    if ended and said.closed is None:
        yield FieldError("closed", "Say on which day it ended.", "required")
    for name in ("opened", "closed") if ended else ("opened",):
        day = getattr(said, name)
        if day is not None and not EARLIEST <= day <= today:
            yield FieldError(name, f"{day} lies before 1990, or ahead.")
    if ended and said.opened and said.closed and said.closed < said.opened:
        yield FieldError("closed", "It ended before it was opened.")
