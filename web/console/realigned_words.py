"""Words of realignments on pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from core.texts import _, lazy
from lifecycle.models import RealignedRow
from routing.realignment import Holder

TONES = {
    "SCHEDULED": "info", "RUNNING": "info", "DONE": "ok", "CANCELLED": "none",
    "UNDOING": "info", "UNDONE": "none",
}  # fmt: skip
NOUNS = {
    RealignedRow.Kind.ACCOUNT: ("account", "accounts"),
    RealignedRow.Kind.OPPORTUNITY: (lazy("open opportunity"), lazy("open opportunities")),
    RealignedRow.Kind.LEAD: ("lead", "leads"),
}
PLACES = {"ACCOUNT": "console:account", "LEAD": "console:lead"}
TERMS = (
    ("unaccepted", lazy("Leads nobody has accepted yet")),
    ("worked", lazy("Leads being worked (SAL, SQL)")),
    ("opportunities", lazy("Open opportunities and their leads")),
    ("accounts", lazy("The accounts themselves")),
)
"""What goes along or stays, as the form asks."""


def day_of(day: dt.date) -> str:
    """A day of territories: `1 Dec 2026`."""
    return f"{day:%-d %b %Y}"


def holder(one: Holder, names: Mapping[int, str], pools: Mapping[str, str]) -> str:
    """Who holds something."""
    if one.user is not None:
        return names.get(one.user, _("person {user}").format(user=one.user))
    return (
        _("the pool {pools}").format(pools=pools.get(one.pool, one.pool)) if one.pool else "nobody"
    )
