"""One clock: what was promised, where its time went, who held it, what ended it. Nine queries."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from django.db.models import prefetch_related_objects

from core.texts import _, lazy
from governance import selectors as kits
from leads.models import Lead
from sla import course, pins, spent, split
from sla.models import OPEN, Clock, ClockEvent
from sla.split import Cause
from web.console import clock_evidence, clock_moves, kit_time, people_names, todo, told_words, words
from web.console.clock_evidence import Uncounted
from web.console.todo import Obligation

CAUSES = {
    Cause.INTAKE: (lazy("On its way to us"), lazy("From what the buyer did until we heard of it.")),
    Cause.ROUTING: (lazy("Being taken in"), lazy("From when we heard of it until the clock ran.")),
    Cause.PROMISED: (
        lazy("Until the promised time"),
        lazy("Nobody was late: it counts from then on."),
    ),
    Cause.QUEUE: (lazy("Waiting for somebody"), lazy("Nobody held the lead.")),
    Cause.OFF_SHIFT: (
        lazy("Off shift"),
        lazy("Whoever held it was not at work: shifts, holidays, leave."),
    ),
    Cause.REP: (lazy("With somebody at work"), lazy("Whoever held it was at work.")),
    Cause.CUSTOMER: (lazy("Waiting for the customer"), lazy("The clock stood still.")),
}
PAUSES = {
    "CUSTOMER": lazy("stood still, waiting for the customer"),
    "LEAVE": lazy("stood still, on leave"),
}
UNTIL, AT_WORK = lazy(" until the promised time"), lazy(" of it at work")
FROM_CAUSE = lazy("from what the buyer did")
FROM_PROMISE = lazy("from when it was promised")
UNDONE = lazy("Undone; another clock runs in its place, or none is owed")
Kind = ClockEvent.Kind
TOLD = (Kind.WARNED, Kind.BREACHED, Kind.ESCALATED)
"""What people are told of."""
NOTICED = timedelta(minutes=1)
"""From so long on it is said when people were told of what had come before."""


@dataclass(frozen=True, slots=True)
class Part:
    """One cause: how long, which share, and what it means."""

    label: str
    seconds: int
    length: str
    share: str
    means: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """Who had it from when to when, whether the clock ran, and how much of it they were at work."""

    since: datetime
    until: datetime | None
    length: str
    who: str
    course: str


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened to the clock."""

    at: datetime
    text: str
    told: tuple[str, ...] = ()
    """Who was told of it, and how."""


@dataclass(frozen=True, slots=True)
class ClockPage:
    """Everything the page says."""

    id: int
    lead: int
    name: str
    drawn: Obligation
    prose: str
    promise: str
    kit: int
    promised_at: datetime | None
    since_what: str
    total: str
    since_start: str
    counted: str
    hours: str
    levels: str
    next_level: str
    seconds: int
    parts: tuple[Part, ...]
    stretches: tuple[Stretch, ...]
    steps: tuple[Step, ...]
    ended: str
    uncounted: tuple[Uncounted, ...]


def build(lead: Lead, clock_id: int, *, now: datetime, zone: tzinfo) -> ClockPage | None:
    """The page of a clock of this lead, which its reader may see; None where it has no such one."""
    beside = ("kit", "stopped_by", "pin")
    clock = Clock.objects.filter(lead=lead, pk=clock_id).select_related(*beside).first()
    if clock is None:
        return None
    whole = spent.read([clock], now=now)[clock.pk]
    cells = split.in_seconds(whole.split, whole.stretches, whole.before)
    lasted = [sum(one.values()) for one in cells]
    notes = whole.notes
    prefetch_related_objects(notes, "event")
    names = people_names.of(one.holder_id for one in notes if one.holder_id)
    policy = todo.policy_of(clock)
    return ClockPage(
        id=clock.pk,
        lead=lead.pk,
        name=lead.person.name,
        drawn=todo.describe(clock, now=now, zone=zone),
        prose=policy.prose if policy else "",
        promise=todo.allowance(clock),
        kit=clock.kit.number or 0,
        promised_at=clock.promised_at,
        since_what=FROM_PROMISE if clock.promised_at else FROM_CAUSE,
        total=words.to_the_second(whole.split.total),
        since_start=_since_start(whole.split.total, sum(lasted)),
        counted=_counted(clock, whole, cells, now),
        hours=_whose(clock, names),
        levels=kit_time.levels_on(kits.kit_of(clock.kit_id), policy) if policy else "",
        next_level=_next_level(clock, now=now, zone=zone),
        seconds=whole.split.total,
        parts=_parts(whole.split),
        stretches=_stretches(whole.stretches, cells, names),
        steps=_steps(clock, notes, names, now=now, zone=zone),
        ended=clock_evidence.ended(clock, now=now, zone=zone),
        uncounted=clock_evidence.uncounted(clock, now=now, zone=zone),
    )


def _parts(whole: split.Split) -> tuple[Part, ...]:
    return tuple(
        Part(
            label,
            whole.seconds[cause],
            words.to_the_second(whole.seconds[cause]),
            words.percent(whole.seconds[cause], whole.total),
            means,
        )
        for cause, (label, means) in CAUSES.items()
        if whole.seconds[cause]
    )


def _stretches(
    stretches: Sequence[split.Stretch],
    cells: Sequence[Mapping[Cause, int]],
    names: Mapping[int, str],
) -> tuple[Stretch, ...]:
    """Who had it when; `cells` are the seconds of each by cause, as the sum by cause has them."""
    found = []
    for stretch, seconds in zip(stretches, cells, strict=True):
        one, lasted = stretch.segment, words.to_the_second(sum(seconds.values()))
        who = names.get(one.holder, "") if one.holder is not None else _("Nobody")
        told = PAUSES.get(one.cause, _("stood still")) if not one.runs else "ran"
        spans = [
            f"{words.to_the_second(seconds[cause])}{of}"
            for cause, of in ((Cause.PROMISED, UNTIL), (Cause.REP, AT_WORK))
            if cause in seconds
        ]
        told = ", ".join((told, *spans))
        found.append(Stretch(one.since, one.until, lasted, who, told))
    return tuple(found)


def _since_start(total: int, lasted: int) -> str:
    """What the stretches add up to, and what is missing of the whole."""
    told = _("{to_the_second} since it started").format(to_the_second=words.to_the_second(lasted))
    return (
        _("{told}, {to_the_second} before").format(
            told=told, to_the_second=words.to_the_second(total - lasted)
        )
        if total > lasted
        else told
    )


def _counted(
    clock: Clock, whole: spent.Spent, cells: Sequence[Mapping[Cause, int]], now: datetime
) -> str:
    """How much of the promise was used: open time that counts.

    Rounded as the tables round the same span: time at work, or all since it counts.
    """
    exact = clock.working_seconds
    if exact is None and whole.counted:
        exact = course.worked(whole.counted, now).total_seconds()
    if exact is None:
        return words.DASH
    counting = sum(sum(one.values()) - one.get(Cause.PROMISED, 0) for one in cells)
    shown = (whole.split.seconds[Cause.REP], counting)
    same = (one for one in shown if abs(one - exact) < 1)
    return words.to_the_second(next(same, round(exact)))


def _whose(clock: Clock, names: Mapping[int, str]) -> str:
    """Whose working hours count, where its policy counts those of its holder."""
    if clock.pin is None:
        return ""
    name = names.get(clock.holder_id or 0, "somebody")
    if pins.hours_of(clock.pin) is not None:
        return _("Those of {name}").format(name=name)
    return _("Of its calendar: {name} has none in which it could be done").format(name=name)


def _next_level(clock: Clock, *, now: datetime, zone: tzinfo) -> str:
    """The level that comes next on an overdue clock, and when; empty where none does."""
    if not clock.escalation or clock.state not in OPEN:
        return ""
    level = kits.kit_of(clock.kit_id).escalations.get(clock.escalation)
    label = level.label if level else clock.escalation
    if clock.escalate_at is not None:
        return f"{label}: {words.moment(clock.escalate_at, now=now, zone=zone)}"
    return _("{label}: never, its time does not come within ten years").format(label=label)


def _steps(
    clock: Clock,
    notes: Sequence[ClockEvent],
    names: Mapping[int, str],
    *,
    now: datetime,
    zone: tzinfo,
) -> tuple[Step, ...]:
    """What happened, in the order in which it became true."""
    kit = kits.kit_of(clock.kit_id)
    promised = clock.promised_at
    moment = functools.partial(words.moment, now=now, zone=zone)

    counts = (
        _("; counts from {promised}, as promised").format(promised=moment(promised))
        if promised
        else ""
    )

    def told(note: ClockEvent) -> str:
        holder = names.get(note.holder_id, "") if note.holder_id else "nobody"
        due = _("; due {due_at}").format(due_at=moment(note.due_at)) if note.due_at else ""
        level = kit.escalations.get(note.level)
        texts = {
            Kind.STARTED: _("Started, held by {holder}{counts}{due}").format(
                holder=holder, counts=counts, due=due
            ),
            Kind.HANDED: _("Handed to {holder}").format(holder=holder),
            Kind.WARNED: _("Warned"),
            Kind.BREACHED: _("The deadline passed"),
            Kind.ESCALATED: _("Escalated: {label}").format(
                label=level.label if level else note.level
            ),
            Kind.PAUSED: _("Stood still: {get_cause_display}").format(
                get_cause_display=note.get_cause_display().lower()
            ),
            Kind.RESUMED: _("Ran on{due}").format(due=due),
            Kind.MOVED: clock_moves.moved(note, notes, holder, now=now, zone=zone),
            Kind.JOINED: _("Asked for once more"),
            Kind.STOPPED: _("Met") if note.at <= clock.due_at else _("Done, late"),
            Kind.CANCELLED: _("No longer owed"),
            Kind.VOIDED: clock_moves.REPLACED if clock_moves.is_anew(note) else UNDONE,
            Kind.CORRECTED: _("Evidence of an earlier time came: since then it is done"),
        }
        return texts[Kind(note.kind)]

    order = sorted(notes, key=lambda note: (note.at, note.pk))
    heard = told_words.of_events((note.event_id for note in notes if note.kind in TOLD), moment)
    steps = []
    for note in order:
        people = heard.get(note.event_id) if note.kind in TOLD else None
        late = people is not None and people.at - note.at >= NOTICED
        when = (
            _("; due {at}, told {at2}").format(at=moment(note.at), at2=moment(people.at))
            if people and late
            else ""
        )
        steps.append(Step(note.at, told(note) + when, people.lines if people else ()))
    if anew := clock_moves.anew(notes, kit.number):
        steps.append(Step(*anew))
    return tuple(sorted(steps, key=lambda step: step.at))
