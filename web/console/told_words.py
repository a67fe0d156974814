"""Who was told of events, by the notices that were made of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from core import phrases
from lifecycle.models import Notice

NOBODY_AT_WORK = ", of whom nobody was at work"


def of_events(events: Iterable[int]) -> dict[int, str]:
    """`; told Mia and Max` by event, in one query; an event of which nobody was told is not in it.

    Where it escalated to people who were not at work, since there was no choice, that is said.
    """
    found: dict[int, list[Notice]] = defaultdict(list)
    rows = Notice.objects.filter(event__in=list(events)).select_related("to").order_by("pk")
    for row in rows.defer("mail"):
        found[row.event_id or 0].append(row)
    return {event: _told(notices) for event, notices in found.items()}


def _told(notices: list[Notice]) -> str:
    names = phrases.listed([str(row.to) for row in notices])
    alone = any(row.words.get("nobody_at_work") for row in notices)
    return f"; told {names}{NOBODY_AT_WORK if alone else ''}"
