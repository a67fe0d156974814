"""One opportunity as another system says it, and what became of it. Pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from core.errors import FieldError
from lifecycle.deal_lines import Said as Line


class Outcome(StrEnum):
    """What became of a row."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What is said of one opportunity; what is empty or None is not said.

    `account` is a company's name, `owner` a user's e-mail, user name or full name, `status` OPEN,
    WON or LOST, `stage` a key or label of the kit's. Days are UTC.
    """

    external_id: str
    url: str = ""
    name: str = ""
    account: str = ""
    domain: str = ""
    owner: str = ""
    status: str = ""
    stage: str = ""
    amount: Decimal | None = None
    currency: str = ""
    opened: dt.date | None = None
    closed: dt.date | None = None
    expected_close: dt.date | None = None
    reason: str = ""
    competitor: str = ""
    products: tuple[Line, ...] = ()


@dataclass(slots=True)
class Done:
    """What became of one row: the opportunity, the fields that changed, what was not used."""

    outcome: Outcome
    opportunity: int | None = None
    fields: list[str] = field(default_factory=list)
    remarks: list[FieldError] = field(default_factory=list)


def refused(*faults: FieldError) -> Done:
    """A row that cannot be taken."""
    return Done(Outcome.REJECTED, remarks=list(faults))
