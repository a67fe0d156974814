"""Clocks that stand still: while the customer is waited for, while their holder is on leave.

A pause moves the deadline by the open time that passes in it, neither more nor less. It says at
once when it ends at the latest, so the deadline is known then; ending earlier moves it back.
"""

from __future__ import annotations

import datetime as dt

from leads.ledger import Ledger
from leads.models import EventKind, Lead, LeadEvent
from sla import clock as clocks
from sla import moves, notes, selectors
from sla.models import Clock, ClockEvent, ClockState

CUSTOMER = ClockEvent.Cause.CUSTOMER
LEAVE = ClockEvent.Cause.LEAVE
_MICROSECOND = dt.timedelta(microseconds=1)


def may_pause(clock: Clock, cause: ClockEvent.Cause, at: dt.datetime) -> bool:
    """Whether this clock pauses for that: running, not missed at `at`, and its policy says so."""
    return (
        clock.state == ClockState.RUNNING
        and clock.breached_at is None
        and at <= clock.due_at
        and cause.value in selectors.policy_of(clock).pauses_for
        # Where the holder's own hours count, their leave is no open time anyhow.
        and not (cause == LEAVE and clocks.by_holder(selectors.policy_of(clock)))
    )


def pause(
    clock: Clock,
    cause: ClockEvent.Cause,
    *,
    at: dt.datetime,
    until: dt.datetime,
    ledger: Ledger,
    event: LeadEvent,
) -> None:
    """Let a clock that may pause stand still from `at`, for now until `until`, which is later.

    A warning that fell due before has been given, or is not repeated afterwards.
    """
    hours = moves.hours(clock)
    since = max(at, clock.promised_at or at)
    clock.left_us = hours.elapsed(since, clock.due_at) // _MICROSECOND
    clock.left_warn_us = hours.elapsed(since, clock.warn_at) // _MICROSECOND
    clock.state, clock.paused_at, clock.paused_for = ClockState.PAUSED, at, cause.value
    _expect(clock, until, ledger=ledger)
    ledger.change(clock, "state", "paused_at", "paused_for", "left_us", "left_warn_us")
    notes.write(clock, ClockEvent.Kind.PAUSED, at, ledger=ledger, event=event, cause=cause.value)


def prolong(clock: Clock, until: dt.datetime, *, ledger: Ledger, event: LeadEvent) -> None:
    """A pause lasts until another instant than it said."""
    _expect(clock, until, ledger=ledger)
    notes.write(clock, ClockEvent.Kind.MOVED, ledger.now, ledger=ledger, event=event)


def wake(clock: Clock, at: dt.datetime, *, ledger: Ledger, event: LeadEvent) -> dt.datetime | None:
    """A paused clock runs again from `at`, or from when its pause was over before that.

    Returns since when; None where it was not paused.
    """
    if clock.paused_at is None:
        return None
    since = max(clock.paused_at, min(at, clock.resume_at or at))
    _expect(clock, since, ledger=ledger)
    clock.state, clock.paused_for = ClockState.RUNNING, ""
    clock.paused_at = clock.resume_at = clock.left_us = clock.left_warn_us = None
    ledger.change(clock, "state", "paused_at", "paused_for", "resume_at", "left_us", "left_warn_us")
    notes.write(clock, ClockEvent.Kind.RESUMED, since, ledger=ledger, event=event)
    return since


def wake_in_time(clock: Clock, lead: Lead, ledger: Ledger) -> None:
    """A pause whose time is over ends, stamped with that instant."""
    if clock.resume_at is None:
        return
    because = {**notes.because(clock), "why": "over"}
    event = ledger.event(lead, EventKind.RESUMED, because=because, at=clock.resume_at)
    wake(clock, ledger.now, ledger=ledger, event=event)


def _expect(clock: Clock, until: dt.datetime, *, ledger: Ledger) -> None:
    """The deadline, and a warning to come, if the pause ends at `until`."""
    hours = moves.hours(clock)
    clock.resume_at, since = until, max(until, clock.promised_at or until)
    clock.due_at = hours.add(since, (clock.left_us or 0) * _MICROSECOND)
    if clock.left_warn_us is not None and clock.left_warn_us >= 0 and clock.warned_at is None:
        clock.warn_at = hours.add(since, clock.left_warn_us * _MICROSECOND)
    ledger.change(clock, "resume_at", "due_at", "warn_at")
