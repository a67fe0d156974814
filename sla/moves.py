"""Deadlines of clocks that count in the hours of whoever holds them: pinned, handed on, moved.

What has counted so far stays; what is left is due in the hours that count from now on. A deadline
that has passed moves no more, but what goes on counting does so in the hours that hold.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from core import worktime
from governance import selectors as kits
from governance.kit import Kit
from governance.terms import Policy
from leads.ledger import Ledger
from leads.models import EventKind, Lead, LeadEvent
from sla import clock as clocks
from sla import course, notes, pins, selectors
from sla.clock import Due
from sla.course import Stretch
from sla.hours import ZERO, Hours, changed
from sla.models import Clock, ClockEvent, ClockState, HoursPin
from sla.pins import Pins

HANDED = "HANDED"
HOURS = "HOURS"
"""Why a deadline moved, as its event says it: another holder, or other hours of the same."""
_MICROSECOND = dt.timedelta(microseconds=1)


def hours(clock: Clock, kit: Kit | None = None) -> Hours:
    """What a clock counts: its pin's hours, else those of its policy, in its `kit` if at hand."""
    kit = kit or kits.kit_of(clock.kit_id)
    return clocks.counted(kit, kit.policy(clock.policy), pins.hours_of(clock.pin))


def due(
    kit: Kit, policy: Policy, since: dt.datetime, *, holder: int | None, ledger: Ledger
) -> tuple[Due, HoursPin | None]:
    """When a clock that counts from `since` is due, and the pin of its holder's hours.

    Where they never work so much its calendar counts, and the pin says so.
    """
    if not clocks.by_holder(policy) or holder is None:
        return clocks.due(kit, policy, since), None
    shared = ledger.once(Pins)
    pin = shared.of(holder)
    try:
        return clocks.due(kit, policy, since, pins.hours_of(pin)), pin
    except worktime.NoWorkingTime:
        never = shared.of_hours(shared.works(holder), falls_back=True)
        return clocks.due(kit, policy, since), never


def hand(clock: Clock, lead: Lead, *, ledger: Ledger, event: LeadEvent) -> None:
    """Somebody else holds it, or nobody: what is left is due in their hours.

    What the same act started is theirs from the start.
    """
    kit = ledger.kit if clock.kit_id == ledger.kit.id else kits.kit_of(clock.kit_id)  # a draft's
    policy = kit.policy(clock.policy)
    if not clocks.by_holder(policy):
        return
    clock.changes = ()  # of whoever had it
    if clock.breached_at is not None:
        pin = None if clock.holder_id is None else ledger.once(Pins).of(clock.holder_id)
        _count_on(clock, pin, ledger)
        notes.write(clock, ClockEvent.Kind.MOVED, ledger.now, ledger=ledger, event=event)
        return
    first = clock.unwritten
    if first is not None and first.kind == ClockEvent.Kind.STARTED and ledger.is_new(first):
        since = clock.promised_at or clock.started_at
        found, clock.pin = due(kit, policy, since, holder=clock.holder_id, ledger=ledger)
        clock.warn_at, clock.due_at = found.warn_at, found.due_at
        first.due_at, first.pin = clock.due_at, clock.pin
        return
    was, before, pin, works = hours(clock, kit), clock.due_at, None, None
    if clock.holder_id is not None:
        works = ledger.once(Pins).works(clock.holder_id)
        pin = ledger.once(Pins).of_hours(works)
    since = max(ledger.now, clock.promised_at or ledger.now)
    left, warn = was.elapsed(since, clock.due_at), was.elapsed(since, clock.warn_at)
    _set(clock, pin, works, since, left, warn, ledger=ledger)
    _note(clock, lead, HANDED, before, ledger.now, ledger=ledger, event=event)


def follow(clock: Clock, lead: Lead, *, ledger: Ledger) -> bool:
    """Move the deadline of a clock whose holder works otherwise than its pin says.

    From when on their hours were known to be others, where that was read with the clock, else from
    now on. One that has passed stays, and only what goes on counting changes. What comes to it by
    then has to come first: that is the sweep's. Returns whether anything changed.
    """
    moved = False
    while clock.changes and clock.changes[0][0] <= ledger.now:
        if comes_by(clock) <= clock.changes[0][0]:
            return moved
        moved = follow_next(clock, lead, ledger=ledger) or moved
    if clock.holder_id is None or clock.pin is None:
        return moved
    works = ledger.once(Pins).works(clock.holder_id)
    return _follow(clock, lead, works, ledger.now, ledger) or moved


def follow_next(clock: Clock, lead: Lead, *, ledger: Ledger) -> bool:
    """The same for the first of its changes that were read, which is taken off."""
    (at, works), *clock.changes = clock.changes
    return _follow(clock, lead, works, at, ledger)


def comes_by(clock: Clock) -> dt.datetime:
    """When its warning, its deadline or the end of its pause comes, whichever is still to come."""
    if clock.state != ClockState.RUNNING:
        return clock.resume_at or course.LAST
    if clock.breached_at is not None:
        return course.LAST
    return clock.due_at if clock.warned_at is not None else min(clock.warn_at, clock.due_at)


def _follow(clock: Clock, lead: Lead, works: Hours | None, at: dt.datetime, ledger: Ledger) -> bool:
    """Its holder is known to work so from an instant on."""
    running, overdue = clock.state == ClockState.RUNNING, clock.breached_at is not None
    comes_first = clock.due_at if running else clock.resume_at or at
    if clock.pin is None or (comes_first <= at and not overdue):
        return False
    shared, was = ledger.once(Pins), pins.known_hours(clock.pin)
    if not changed(was, works, now=at):
        return False
    before, pin = clock.due_at, shared.after(works, was, at=at)
    if overdue:
        _count_on(clock, pin, ledger)
    elif running:
        since, left, warn = _rest(clock, pin, at, ledger)
        if left <= ZERO:  # leave taken back that has passed: nobody is late at once for it
            pin = shared.after(works, was or _last_own(clock, ledger), at=at, kept=True)
            since, left, warn = _rest(clock, pin, at, ledger)
        _set(clock, pin, works, since, left, warn, ledger=ledger)
    else:
        _set(clock, pin, works, at, ZERO, ZERO, ledger=ledger)
    _note(clock, lead, HOURS, before, at, ledger=ledger, event=None)
    return True


def _last_own(clock: Clock, ledger: Ledger) -> Hours | None:
    """The last hours of its holder that a running clock counted, where they had some."""
    last = stretches(clock, selectors.course_of(clock, ledger))[-1]
    return next((one.hours for one in reversed(last.pieces) if one.hours.own), None)


def _rest(
    clock: Clock, pin: HoursPin, at: dt.datetime, ledger: Ledger
) -> tuple[dt.datetime, dt.timedelta, dt.timedelta]:
    """From when on a running clock counts by a pin, what is left then, and to its warning."""
    policy = selectors.policy_of(clock)
    told = stretches(clock, selectors.course_of(clock, ledger))
    new = told[-1].then(at, _counted(clock, pin))
    since = new.pieces[-1].since
    left = new.left - new.worked(since)
    return since, left, left - (policy.allowance - clocks.warning(policy))


def stretches(clock: Clock, past: Sequence[ClockEvent]) -> tuple[Stretch, ...]:
    """How a clock used its allowance, by its notes with their pins."""
    kit = kits.kit_of(clock.kit_id)
    policy = kit.policy(clock.policy)
    return course.of(
        past,
        allowance=policy.allowance,
        hours=lambda note: clocks.counted(kit, policy, pins.hours_of(note.pin)),  # type: ignore[attr-defined]
        promised_at=clock.promised_at,
        breached_at=clock.breached_at,
    )


def _counted(clock: Clock, pin: HoursPin | None) -> Hours:
    kit = kits.kit_of(clock.kit_id)
    return clocks.counted(kit, kit.policy(clock.policy), pins.hours_of(pin))


def _count_on(clock: Clock, pin: HoursPin | None, ledger: Ledger) -> None:
    """What counts from now on of a clock whose deadline has passed, which stays."""
    clock.pin = pin
    ledger.change(clock, "pin")


def _set(
    clock: Clock,
    pin: HoursPin | None,
    works: Hours | None,
    since: dt.datetime,
    left: dt.timedelta,
    warn: dt.timedelta,
    *,
    ledger: Ledger,
) -> None:
    """Pin it, and have it due when so much has passed `since`; a pause has kept what is left."""
    if clock.resume_at is not None:
        since = max(clock.resume_at, clock.promised_at or clock.resume_at)
        left = (clock.left_us or 0) * _MICROSECOND
        warn = (clock.left_warn_us or 0) * _MICROSECOND
    try:
        due_at = _counted(clock, pin).add(since, left)
    except worktime.NoWorkingTime:
        pin = ledger.once(Pins).of_hours(works, falls_back=True)
        due_at = _counted(clock, pin).add(since, left)
    clock.pin, clock.due_at = pin, due_at
    if clock.warned_at is None:
        counted = _counted(clock, pin)
        clock.warn_at = counted.add(since, warn) if warn > ZERO else min(clock.warn_at, since)
    ledger.change(clock, "pin", "due_at", "warn_at")


def _note(
    clock: Clock,
    lead: Lead,
    cause: str,
    was: dt.datetime,
    at: dt.datetime,
    *,
    ledger: Ledger,
    event: LeadEvent | None,
) -> None:
    """What moved it and from where; an event of its own tells of it where it did move."""
    if clock.due_at != was or event is None:
        because = {
            **notes.because(clock),
            "cause": cause,
            "was": was.isoformat(),
            "clocks": [clock.obligation],
        }
        quiet = clock.due_at == was
        event = ledger.event(
            lead, EventKind.MOVED, because=because, cause=event, at=at, quiet=quiet
        )
    notes.write(clock, ClockEvent.Kind.MOVED, at, ledger=ledger, event=event)
