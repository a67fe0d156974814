"""Words of realignments on pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from lifecycle.models import RealignedRow
from routing.realignment import Holder

TONES = {
    "SCHEDULED": "info", "RUNNING": "info", "DONE": "ok", "CANCELLED": "none",
    "UNDOING": "info", "UNDONE": "none",
}  # fmt: skip
NOUNS = {
    RealignedRow.Kind.ACCOUNT: ("account", "accounts"),
    RealignedRow.Kind.OPPORTUNITY: ("open opportunity", "open opportunities"),
    RealignedRow.Kind.LEAD: ("lead", "leads"),
}
PLACES = {"ACCOUNT": "console:account", "LEAD": "console:lead"}
TERMS = (
    ("unaccepted", "Leads nobody has accepted yet"),
    ("worked", "Leads being worked (SAL, SQL)"),
    ("opportunities", "Open opportunities and their leads"),
    ("accounts", "The accounts themselves"),
)
"""What goes along or stays, as the form asks."""


def day_of(day: dt.date) -> str:
    """A day of territories: `1 Dec 2026`."""
    return f"{day:%-d %b %Y}"


def holder(one: Holder, names: Mapping[int, str], pools: Mapping[str, str]) -> str:
    """Who holds something."""
    if one.user is not None:
        return names.get(one.user, f"person {one.user}")
    return f"the pool {pools.get(one.pool, one.pool)}" if one.pool else "nobody"
