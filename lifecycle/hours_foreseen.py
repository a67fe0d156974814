"""What other hours of somebody would do to the deadlines that count in them. Writes nothing."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from governance import selectors as kits
from leads.ledger import Ledger
from leads.models import Lead
from lifecycle import gathering
from people import day_hours, working_time
from people.models import Shift
from sla import moves
from sla import selectors as clocks
from sla.models import Clock, ClockState
from sla.pins import Pins

A_DAY = dt.timedelta(days=1)
FEW_MINUTES = 4 * 60
"""Who works less a week than this keeps no deadline that counts in their hours."""
LOOKED_AT = 2_000
"""Leads, at most."""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """How long the week is, and of the open deadlines those that move by more than a day."""

    minutes: int
    moved: int
    latest: dt.datetime | None

    @property
    def is_grave(self) -> bool:
        """Whether nobody should save them unawares. Who works at no time has no hours to keep."""
        return self.moved > 0 or 0 < self.minutes < FEW_MINUTES

    def told(self, zone: dt.tzinfo) -> str:
        """The same as a part of a sentence; instants in this zone."""
        parts = []
        if 0 < self.minutes < FEW_MINUTES:
            parts.append(f"come to {a_week(self.minutes)}")
        if self.latest is not None:
            at = self.latest.astimezone(zone)
            noun = "open SLA" if self.moved == 1 else "open SLAs"
            until = f"the last of them to {at.day} {at:%b %Y, %H:%M}"
            parts.append(f"move {self.moved:,} {noun} by more than a day, {until}")
        return ", and ".join(parts)


def a_week(minutes: int) -> str:
    """So many minutes of a week in words."""
    return f"{minutes // 60}:{minutes % 60:02} hours a week"


def of(user_id: int, *, now: dt.datetime) -> Foreseen:
    """What the hours do that stand in this transaction, whether or not they are kept."""
    minutes = day_hours.total(working_time.week_of(Shift.objects.filter(user=user_id)))
    due = _moved(user_id, now)
    return Foreseen(minutes, len(due), max(due, default=None))


def _moved(user_id: int, now: dt.datetime) -> list[dt.datetime]:
    """When those would be due that move by more than a day: as `own_hours` will move them."""
    held = Clock.objects.filter(
        holder=user_id, state=ClockState.RUNNING, pin__isnull=False, breached_at__isnull=True
    )
    rows = list(Lead.objects.filter(pk__in=held.values("lead")).order_by("pk")[:LOOKED_AT])
    if not rows:
        return []
    ledger = Ledger(kit=kits.active_kit(), now=now, actor="hours")
    ledger.once(Pins).read({user_id})
    cases = list(gathering.open_cases(rows).values())
    mine = [
        (case.lead, clock)
        for case in cases
        for clock in case.clocks
        if clock.holder_id == user_id and clock.pin_id and clock.state == ClockState.RUNNING
    ]
    pasts = clocks.notes_of(clock.pk for _, clock in mine)
    found = []
    for lead, clock in mine:
        before, clock.past = clock.due_at, pasts[clock.pk]
        moves.follow(clock, lead, ledger=ledger)
        if abs(clock.due_at - before) > A_DAY:
            found.append(clock.due_at)
    return found
