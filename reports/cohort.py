"""The leads that came in during a period, and the ways to break them down. No figures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import F, QuerySet
from django.db.models.functions import Cast, TruncMonth, TruncWeek

from leads import selectors as leads
from leads.models import Channel, Lead, SourceCategory
from people.models import User
from reports import measures
from reports.declaration import Declaration, Slice
from reports.periods import Period

SLICES = (
    Slice("source", "Source"),
    Slice("channel", "Channel"),
    Slice("campaign", "Campaign"),
    Slice("week", "Week"),
    Slice("month", "Month"),
)


@dataclass(frozen=True, slots=True)
class Cut:
    """How a slice groups, and the words for its values."""

    column: Any
    words: Callable[[str], str] = str

    def key(self, value: object) -> str:
        """The value as the rows' key; empty where there is none."""
        if value is None:
            return ""
        return str(value.date() if isinstance(value, dt.datetime) else value)

    def label(self, key: str) -> str:
        """The same in words."""
        return self.words(key) if key else "None"


def cuts(user: User) -> dict[str, Cut]:
    """Every slice; weeks and months are those of the user's zone."""
    sources, channels = dict(SourceCategory.choices), dict(Channel.choices)
    return {
        "source": Cut(F("category"), lambda key: str(sources.get(key, key))),
        "channel": Cut(F("channel"), lambda key: str(channels.get(key, key))),
        "campaign": Cut(F("campaign")),
        "week": Cut(Cast(TruncWeek("created_at", tzinfo=user.zone), measures.DATE)),
        "month": Cut(
            Cast(TruncMonth("created_at", tzinfo=user.zone), measures.DATE),
            lambda key: key[:7],
        ),
    }


def selected(
    user: User,
    *,
    declaration: Declaration,
    period: Period,
    only: Mapping[str, str] | None = None,
) -> QuerySet[Lead]:
    """The leads that a report counts: visible to the user and come in during the period.

    Raises InvalidInput when `only` names a slice that the report does not have.
    """
    found = leads.counted_for(user).filter(created_at__gte=period.start, created_at__lt=period.end)
    for name, value in (only or {}).items():
        column = cuts(user)[declaration.slice(name).key].column
        as_text = Cast(column, measures.TEXT)
        found = found.annotate(**{f"only_{name}": as_text}).filter(**{f"only_{name}": value})
    return found


def place(key: str, label: str) -> tuple[bool, str, str]:
    """Where a row stands: by its words, what has none last."""
    return (key == "", label.casefold(), key)
