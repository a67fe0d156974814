"""The last decisions made again from their records, by the code that makes them.

Not queries: the pick, the due times and the score are pure functions, and the record must hold
everything they were given.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from django.db import models

from core import zone_release
from governance import selectors as kits
from leads import score_rows, score_sql
from leads.models import Lead, ScorePart, Signal
from leads.scoring import Shown
from lifecycle.invariants.invariant import Context, Found, Invariant, Offence, Severity, tell
from people import changes, past
from routing import replay
from routing.models import Decision
from routing.records import Dealer
from routing.replay import UNREADABLE
from sla import clock as clocks
from sla import course as courses
from sla import moves, pins, recounts
from sla import selectors as clock_selectors
from sla.course import Stretch
from sla.hours import Hours
from sla.models import Clock, ClockEvent

TOLERANCE = 1e-6
Known = Mapping[int, Sequence[tuple[dt.datetime, Hours | None]]]
FOLLOWED = 60.0
"""Seconds: so long a worker may take to see that somebody works otherwise."""
SLACK = 0.001
"""Seconds: a sum of floats is not exact."""


def _decisions(context: Context) -> Found:
    # Erasing a person takes the facts about them out of the records: those cannot be replayed.
    known = Decision.objects.filter(lead__person__erased_at__isnull=True)
    last = known.prefetch_related("snapshot").order_by("-pk")[: context.replay]
    dealer = Dealer()
    rows = sorted(last, key=lambda one: one.pk)  # a batch is dealt again in its order
    return tell(_offences(rows, lambda one: _against_record(one, dealer)), first=context.first)


def _clocks(context: Context) -> Found:
    return _replayed(context, Clock.objects.filter(tzdata=zone_release.current()), _against_policy)


def _clocks_of_other_zones(context: Context) -> Found:
    others = Clock.objects.exclude(tzdata=zone_release.current())
    return _replayed(context, others, _against_policy)


def _sums(context: Context) -> Found:
    ended = Clock.objects.filter(working_seconds__isnull=False, tzdata=zone_release.current())
    return _replayed(context, ended, _against_course)


def _replayed(
    context: Context,
    rows: models.QuerySet[Clock],
    judge: Callable[[Clock, Sequence[Stretch]], str],
) -> Found:
    """The last of these clocks with their courses, by the hours they pinned."""
    last = list(rows.order_by("-pk")[: context.replay])
    clock_selectors.with_pins(last)
    notes = clock_selectors.notes_of(one.pk for one in last)
    found = _offences(last, lambda one: _judged(one, moves.stretches(one, notes[one.pk]), judge))
    return tell(found, first=context.first)


def _judged(
    clock: Clock, course: Sequence[Stretch], judge: Callable[[Clock, Sequence[Stretch]], str]
) -> str:
    return judge(clock, course) if course else ""  # that it has no start is told elsewhere


def _offences(rows: Any, judge: Any) -> Iterator[Offence]:
    for row in rows:
        try:
            what = judge(row)
        except UNREADABLE as fault:
            what = f"cannot be replayed: {fault}"
        if what:
            yield Offence(str(row.pk), what)


def _against_record(decision: Decision, dealer: Dealer) -> str:
    """What differs when the decision is made again; empty when nothing does."""
    again = replay.of(decision, dealer)
    return again.differs or again.fault


def _against_policy(clock: Clock, course: Sequence[Stretch]) -> str:
    last = courses.to_the_deadline(course)[-1]
    if clock.resume_at is not None:
        since = max(clock.resume_at, clock.promised_at or clock.resume_at)
        left = last.left - last.worked(clock.resume_at)
        due_at = moves.hours(clock).add(since, left)
    else:
        due_at = last.due_at
    if due_at != clock.due_at:
        return f"was due at {clock.due_at}, its policy says {due_at}"
    if len(course) > 1 or len(last.pieces) > 1 or last.until is not None:
        return ""
    warning = clocks.warning(kits.kit_of(clock.kit_id).policy(clock.policy))
    warn_at = last.reached(warning)
    return "" if warn_at == clock.warn_at else f"warns at {clock.warn_at}, not at {warn_at}"


def _against_course(clock: Clock, course: Sequence[Stretch]) -> str:
    """Its working time is that of its stretches, each rounded nowhere."""
    whole = courses.worked(course, clock.ended_at or clock.started_at).total_seconds()
    if clock.working_seconds is None or abs(whole - clock.working_seconds) <= SLACK:
        return ""
    return f"worked {clock.working_seconds} s, its course comes to {whole} s"


def _kept_hours(context: Context) -> Found:
    """The last ended clocks in their holders' hours, by what was known of these at each instant."""
    ended = Clock.objects.filter(working_seconds__isnull=False, tzdata=zone_release.current())
    last = [
        one
        for one in ended.filter(holder__isnull=False).order_by("-pk")[: context.replay]
        if clocks.by_holder(clock_selectors.policy_of(one)) and one.promised_at is None
    ]
    notes = clock_selectors.notes_of(one.pk for one in last)
    people = {note.holder_id for some in notes.values() for note in some if note.holder_id}
    told = changes.of(people, since=past.EVER, memory=pins.MEMORY) if people else {}
    known = {pk: [(one.at, pins.worked(one.works)) for one in some] for pk, some in told.items()}
    found = _offences(last, lambda one: _against_hours(one, notes[one.pk], known))
    return tell(found, first=context.first)


def _against_hours(clock: Clock, notes: Sequence[ClockEvent], known: Known) -> str:
    kit, until = kits.kit_of(clock.kit_id), clock.ended_at or clock.started_at
    policy = kit.policy(clock.policy)
    used = recounts.worked(kit, policy, notes, lambda pk: known.get(pk, []), until=until)
    if used is None or clock.working_seconds is None:
        return ""
    kept, stored = used.total_seconds(), clock.working_seconds
    if abs(kept - stored) <= FOLLOWED:
        return ""
    return f"worked {stored} s, whoever had it {kept} s by the hours they were known to keep"


def _scores(context: Context) -> Found:
    """Leads whose score in SQL is not the sum of their parts as Python adds them."""
    leads = Lead.objects.order_by("-pk")[: context.replay]
    in_sql = dict(
        Lead.objects.filter(pk__in=[lead.pk for lead in leads])
        .annotate(total=score_sql.score(context.now))
        .values_list("pk", "total")
    )
    in_python = dict.fromkeys(in_sql, 0.0)
    shown: dict[int, list[Shown]] = defaultdict(list)
    for signal in Signal.objects.filter(lead__in=list(in_sql)):
        shown[signal.lead_id].append((signal.kind, signal.occurred_at))
    for row in ScorePart.objects.filter(lead__in=list(in_sql)):
        part = score_rows.part(row, shown[row.lead_id])
        in_python[row.lead_id] += part.present(context.now)
    return tell(
        (
            Offence(str(pk), f"scores {in_sql[pk]} in SQL, {in_python[pk]} by its parts")
            for pk in in_sql
            if abs(in_sql[pk] - in_python[pk]) > TOLERANCE * max(1.0, abs(in_python[pk]))
        ),
        first=context.first,
    )


INVARIANTS = (
    Invariant(
        "decision.replays",
        "The last decisions, made again from their records, pick the same rep",
        _decisions,
    ),
    Invariant(
        "clock.due_replays",
        "The last clocks, computed again from their start and kit, are due at the same time",
        _clocks,
    ),
    Invariant(
        "clock.due_of_other_zones",
        "What another release of the time zones computed is due at the same time by this one",
        _clocks_of_other_zones,
        Severity.WARNING,
    ),
    Invariant(
        "clock.adds_up",
        "The working time of the last clocks is the sum of their segments that ran",
        _sums,
    ),
    Invariant(
        "clock.keeps_to_hours",
        "The last clocks in their holders' hours counted what these were known to be",
        _kept_hours,
        Severity.WARNING,
    ),
    Invariant(
        "lead.score_replays",
        "The scores of the last leads are the same in SQL and by their parts",
        _scores,
    ),
)
