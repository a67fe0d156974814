"""Reads of clocks."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db.models import prefetch_related_objects

from core import reading
from governance import selectors as kits
from governance.terms import Policy
from leads.ledger import Ledger
from sla.models import ENDED_AT, OPEN, Clock, ClockEvent, ClockState

# The states stand in the SQL itself: so the planner sees that the index of open clocks will do.
_STATES = ", ".join(f"'{state.value}'" for state in OPEN)
_OPEN_OF = f"WHERE lead_id = ANY(%s) AND state IN ({_STATES}) ORDER BY due_at, id"


def open_of(lead_ids: Sequence[int]) -> reading.Question[Clock]:
    """The question for the open clocks of these leads, earliest due first."""
    return reading.rows(Clock, _OPEN_OF, lead_ids)


def open_by_lead(lead_ids: Iterable[int]) -> dict[int, list[Clock]]:
    """The open clocks of each lead, earliest due first."""
    asked = open_of(list(lead_ids))
    reading.ask(asked)
    with_pins(asked.found)
    return by_lead(asked.found)


def by_lead(clocks: Iterable[Clock]) -> dict[int, list[Clock]]:
    """The clocks of each lead, in their order; none for a lead that is not there."""
    found: dict[int, list[Clock]] = defaultdict(list)
    for clock in clocks:
        found[clock.lead_id].append(clock)
    return found


def with_pins(clocks: Iterable[Clock]) -> None:
    """Read the pins of those that count in their holder's hours: one query, if there are any."""
    pinned = [clock for clock in clocks if clock.pin_id is not None]
    if pinned:
        prefetch_related_objects(pinned, "pin")


def course_of(clock: Clock, ledger: Ledger) -> list[ClockEvent]:
    """All notes of a clock, those of this act at the end; read now unless they are at hand."""
    if clock.past is None:
        is_written = clock.pk is not None and not ledger.is_new(clock)
        clock.past = notes_of([clock.pk])[clock.pk] if is_written else []
    return [*clock.past, *(one for one in ledger.added(ClockEvent) if one.clock is clock)]


def notes_of(clock_ids: Iterable[int]) -> dict[int, list[ClockEvent]]:
    """What happened to each of these clocks, in the order it was written.

    One query, and one for the pins where there are any.
    """
    found: dict[int, list[ClockEvent]] = defaultdict(list)
    rows = list(ClockEvent.objects.filter(clock__in=list(clock_ids)).order_by("pk"))
    pinned = [note for note in rows if note.pin_id is not None]
    if pinned:
        prefetch_related_objects(pinned, "pin")
    for note in rows:
        found[note.clock_id].append(note)
    return found


def stopped_since(lead_id: int, at: dt.datetime) -> list[Clock]:
    """The clocks of a lead that were stopped, by all that is known, at `at` or after. One query."""
    ended = Clock.objects.annotate(ended=ENDED_AT).filter(ended__gte=at)
    return list(ended.filter(lead=lead_id, state=ClockState.STOPPED, void=False).order_by("pk"))


def policy_of(clock: Clock) -> Policy:
    """The policy a clock pins, in the kit that started it."""
    return kits.kit_of(clock.kit_id).policy(clock.policy)
