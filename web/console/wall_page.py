"""The SLA wall: what a team looks at from across the room. No buyer is named on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from statistics import median

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, OuterRef, Q, QuerySet

from core.texts import _
from leads import selectors, stages
from people.models import User
from sla.models import ENDED_AT, OPEN, Clock, ClockState
from web.console import team_page, todo, words
from web.console.shares import Share

SOON = timedelta(hours=1)
SHOWN = 8
ANSWERS = frozenset({"first_contact", "respond"})


@dataclass(frozen=True, slots=True)
class Deadline:
    """One clock that runs out: what is to be done, and by whom."""

    todo: str
    who: str
    due_at: datetime
    warn_at: datetime | None


@dataclass(frozen=True, slots=True)
class Wall:
    """The page."""

    today: Share
    median: str
    """Of the first contacts of today, in working time; empty while there was none."""
    answered: int
    overdue: int
    soon: int
    unowned: int
    unowned_words: str
    on_shift: int
    reps: int
    deadlines: tuple[Deadline, ...]
    at: datetime


def build(reader: User, *, now: datetime, zone: tzinfo) -> Wall:
    """The wall of the reader's reps. The number of queries does not depend on how many."""
    reps = team_page.reps_of(reader, now=now, zone=zone, counted=False)
    ids = [rep.id for rep in reps]
    clocks = Clock.objects.filter(holder__in=ids, void=False)
    today, spans = _today(clocks, now=now, zone=zone)
    near = clocks.filter(state=ClockState.RUNNING, due_at__lte=now + SOON).aggregate(
        overdue=Count("pk", filter=Q(due_at__lte=now)), soon=Count("pk", filter=Q(due_at__gt=now))
    )
    return Wall(
        today=today,
        median=words.span(timedelta(seconds=median(spans))) if spans else "",
        answered=len(spans),
        overdue=near["overdue"],
        soon=near["soon"],
        unowned=_unowned(reader),
        unowned_words=_("waiting for an owner")
        if team_page.sees_what_waits(reader)
        else _("waiting in your queues"),
        on_shift=sum(rep.shift_tone == "ok" for rep in reps),
        reps=len(reps),
        deadlines=tuple(
            Deadline(todo.label(one), str(one.holder), one.due_at, one.warn_at)
            for one in _ahead(ids, now)
        ),
        at=now,
    )


def _ahead(ids: list[int], now: datetime) -> list[Clock]:
    """The next deadlines of them all: the first of each, by index, then the first of these."""
    theirs = (
        Clock.objects.filter(holder=OuterRef("pk"), void=False, state=ClockState.RUNNING)
        .filter(due_at__gt=now)
        .order_by("due_at", "pk")
    )
    first = User.objects.filter(pk__in=ids).values_list(
        ArraySubquery(theirs.values("pk")[:SHOWN]), flat=True
    )
    next_of_each = [pk for column in first for pk in column]
    found = Clock.objects.filter(pk__in=next_of_each).select_related("holder")
    return list(found.order_by("due_at", "pk")[:SHOWN])


def _today(clocks: QuerySet[Clock], *, now: datetime, zone: tzinfo) -> tuple[Share, list[float]]:
    """What was decided since midnight in the reader's zone, and how long first contacts took."""
    midnight = datetime.combine(now.astimezone(zone).date(), time(), zone)
    rows = clocks.filter(
        Q(state=ClockState.STOPPED, stopped_at__gte=midnight)
        | Q(state__in=OPEN, breached_at__gte=midnight)
    ).annotate(ended=ENDED_AT)
    met = decided = 0
    spans: list[float] = []
    for state, ended, due_at, obligation, seconds in rows.values_list(
        "state", "ended", "due_at", "obligation", "working_seconds"
    ):
        decided += 1
        stopped = state == ClockState.STOPPED
        met += stopped and ended <= due_at
        if stopped and obligation in ANSWERS and seconds is not None:
            spans.append(seconds)
    return Share(met, decided), spans


def _unowned(reader: User) -> int:
    closed = [stage.value for stage in stages.CLOSED]
    waiting = selectors.visible_to(reader).filter(~Q(queue=""), owner__isnull=True)
    return waiting.exclude(stage__in=closed).order_by()[: team_page.COUNTED].count()
