"""What escalated to somebody and is open still: clocks of which a level told them to see to it.

A clock counts once, by the last level that told its reader, until it ends. Of a mere breach they
are told as well, but it is whoever holds the lead who is to act. Reads, and the mark that somebody
has seen one.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import F, QuerySet

from core.errors import NotFound
from leads.models import Activity
from lifecycle.models import Notice
from lifecycle.recipients import Part
from people.models import User
from sla.models import Clock, ClockEvent, ClockState


@dataclass(frozen=True, slots=True)
class Tried:
    """What was done with a lead since a clock of it began: how often, and what last."""

    count: int
    last: Activity


@dataclass(frozen=True, slots=True)
class Escalation:
    """One clock. `seen_at` is None while the reader has not marked or opened all told of it."""

    clock: Clock
    level: str
    """Label of the level that came last, in its kit."""
    since: dt.datetime
    seen_at: dt.datetime | None
    tried: Tried | None


def of(reader: User, *, most: int) -> tuple[Escalation, ...]:
    """The first due of them; three queries. Lead, person, account and holder are loaded."""
    beside = ("lead__person", "lead__account", "lead__owner__team", "holder")
    clocks = list(open_of(reader).select_related(*beside).order_by("due_at", "pk")[:most])
    if not clocks:
        return ()
    told = _told(reader, clocks)
    tried = _tried(clocks)
    return tuple(_escalation(clock, told[clock.pk], tried.get(clock.pk)) for clock in clocks)


def open_of(reader: User) -> QuerySet[Clock]:
    """The clocks that escalated to somebody and have not ended."""
    notes = ClockEvent.objects.filter(
        kind=ClockEvent.Kind.ESCALATED, event__in=_notices(reader).values("event")
    )
    return Clock.objects.filter(
        state=ClockState.RUNNING,
        breached_at__isnull=False,
        void=False,
        pk__in=notes.values("clock"),
    )


def count(reader: User, *, most: int) -> int:
    """How many there are, counted no further than `most`."""
    return open_of(reader)[:most].count()


def see(reader: User, clock_id: int, *, now: dt.datetime) -> int:
    """Mark all that the reader was told of one of theirs as read; returns how much was not.

    Raises NotFound for a clock that did not escalate to them.
    """
    mine = _notices(reader).filter(event__clock_events__clock=clock_id)
    if not mine.exists():
        raise NotFound("Nothing of this clock has escalated to you.")
    ids = list(mine.filter(read_at=None).values_list("pk", flat=True).distinct())
    return Notice.objects.filter(pk__in=ids, read_at=None).update(read_at=now)


def _notices(reader: User) -> QuerySet[Notice]:
    return Notice.objects.filter(
        to=reader, kind=Notice.Kind.ESCALATED, words__part=Part.MANAGER.value
    )


def _told(reader: User, clocks: Sequence[Clock]) -> dict[int, list[Notice]]:
    """The notices about each clock, oldest first."""
    rows = (
        _notices(reader)
        .filter(event__clock_events__clock__in=clocks)
        .annotate(clock=F("event__clock_events__clock"))
        .order_by("pk")
    )
    found: dict[int, list[Notice]] = defaultdict(list)
    for row in rows:
        found[row.clock].append(row)
    return found


def _escalation(clock: Clock, told: Sequence[Notice], tried: Tried | None) -> Escalation:
    read = [row.read_at for row in told if row.read_at is not None]
    last = told[-1]
    return Escalation(
        clock=clock,
        level=str(last.words.get("level", "")),
        since=last.created_at,
        seen_at=max(read) if len(read) == len(told) else None,
        tried=tried,
    )


def _tried(clocks: Iterable[Clock]) -> dict[int, Tried]:
    """What people did with the leads since; what machines sent does not count. One query."""
    by_lead: dict[int, list[Activity]] = defaultdict(list)
    rows = Activity.objects.filter(
        lead__in=[clock.lead_id for clock in clocks],
        at__gte=min(clock.started_at for clock in clocks),
        automatic=False,
        withdrawn_at=None,
    )
    for row in rows.select_related("by").defer("note").order_by("at", "pk"):
        by_lead[row.lead_id].append(row)
    found = {}
    for clock in clocks:
        since = [row for row in by_lead[clock.lead_id] if row.at >= clock.started_at]
        if since:
            found[clock.pk] = Tried(len(since), since[-1])
    return found
