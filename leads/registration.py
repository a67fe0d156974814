"""Which partner a company is registered to at an instant. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Registration:
    """A partner's registration of a company, and who looks after the partner."""

    id: int
    account: int
    partner: int
    name: str
    """The partner's, as people know it."""
    manager: int | None
    since: dt.datetime
    until: dt.datetime
    """The first instant at which it is over, before its time or not."""


def in_force(known: Iterable[Registration], now: dt.datetime) -> Registration | None:
    """The one that holds at this instant; there is never a second."""
    return next((one for one in known if one.since <= now < one.until), None)
