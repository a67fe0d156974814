"""How old the last review is, for everybody's first page."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from core import steps
from reports.models import Review, ReviewState

LONGEST = dt.timedelta(days=35)
"""A review that was closed longer ago, or is open for longer, is overdue."""


@dataclass(frozen=True, slots=True)
class Age:
    """The last closed review with its signers, and the oldest open one; None where there is none.

    `since` is when the next one begins to be awaited: the last was closed, or the open one opened.
    """

    closed: dt.date | None
    closed_at: dt.datetime | None
    signers: tuple[str, ...]
    open: dt.date | None
    opened_at: dt.datetime | None

    def is_overdue(self, now: dt.datetime) -> bool:
        """Whether governance has been left undone for more than 35 days."""
        since = self.closed_at or self.opened_at
        return since is not None and now - since > LONGEST


@steps.in_steps
def asked() -> steps.Story[Age]:
    """Asked in one message with others."""
    closed = Review.objects.filter(state=ReviewState.CLOSED).order_by("-month")
    last = closed.values_list("month", "closed_at", "content__signatures")[:1]
    unfinished = Review.objects.exclude(state=ReviewState.CLOSED).order_by("month")
    first = unfinished.values_list("month", "opened_at")[:1]
    yield last, first
    month, closed_at, signed = next(iter(last), (None, None, ()))
    opened, opened_at = next(iter(first), (None, None))
    return Age(month, closed_at, tuple(one["by"] for one in signed), opened, opened_at)
