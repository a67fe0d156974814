"""What is due now: warnings, breaches, escalations. A sweep costs what is due, never what is open.

It locks leads, then re-reads their clocks, so it cannot deadlock against people's actions, and
two workers never take the same lead.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from django.db import transaction
from django.db.models import Q

from core import database, isolation
from governance import selectors as kits
from leads.ledger import Ledger
from leads.models import Lead
from sla import selectors, services
from sla.models import Clock, ClockState

PARKED_FOR = dt.timedelta(minutes=10)
"""How long a lead on which a sweep fails is left alone; `manage.py verify` lists it meanwhile."""


@dataclass(frozen=True, slots=True)
class Swept:
    """How many clocks one pass warned about, found breached, and how many levels it told."""

    warned: int = 0
    breached: int = 0
    escalated: int = 0

    @property
    def total(self) -> int:
        """Everything this pass did."""
        return self.warned + self.breached + self.escalated

    def __add__(self, other: Swept) -> Swept:
        return Swept(
            self.warned + other.warned,
            self.breached + other.breached,
            self.escalated + other.escalated,
        )


@dataclass(frozen=True, slots=True)
class Come:
    """The level of an overdue clock has come that does something about its lead."""

    clock: Clock
    lead: Lead


Running: TypeAlias = Mapping[int, list[Clock]]
"""By lead the open clocks, kept up to date."""
Act: TypeAlias = Callable[[Sequence[Come], Running, Ledger], int]
_acts: list[Act] = []


def register(act: Act) -> None:
    """Have the levels that act carried out by `act`, which returns how many levels came.

    It is given locked leads whose clocks were read after that; whoever acted in time has ended
    theirs. Registering it again changes nothing.
    """
    if act not in _acts:
        _acts.append(act)


def warn_and_breach(*, now: dt.datetime | None = None, limit: int = 500) -> Swept:
    """One pass: up to `limit` leads with a warning, breach or escalation due, in one transaction.

    `now` is the database clock read once the leads are locked, unless given. Run it again until
    it finds nothing. A lead that fails is parked for a while with its error; the others go on.
    """
    kits.active_kit()  # raises while there is none: then nothing can be due
    ids = _due_ids(now or database.now(), limit)
    done = isolation.together_or_alone(
        ids,
        lambda some: _sweep(some, now),
        park=lambda one, error: _park(one, error, now or database.now()),
    )
    return sum(done, Swept())


@transaction.atomic
def _sweep(ids: Sequence[int], now: dt.datetime | None) -> Swept:
    kit = kits.active_kit()
    rows = Lead.objects.filter(pk__in=ids).order_by("pk")
    leads = {row.pk: row for row in rows.select_for_update(skip_locked=True, no_key=True)}
    if not leads:
        return Swept()
    at = now or database.now()
    ledger = Ledger(kit=kit, now=at, actor="sweep")
    swept = Swept()
    open_clocks = selectors.open_by_lead(leads)
    coming: list[Come] = []
    for lead_id, running in open_clocks.items():
        for clock in running:
            swept += _look(clock, leads[lead_id], at, ledger)
            if clock.state == ClockState.RUNNING and _is_due(clock, at):
                coming.append(Come(clock, leads[lead_id]))
    if coming:
        swept += Swept(escalated=sum(act(coming, open_clocks, ledger) for act in _acts))
    ledger.flush()
    return swept


def _look(clock: Clock, lead: Lead, at: dt.datetime, ledger: Ledger) -> Swept:
    """Warn about one clock, record its breach, tell the levels that have come, or leave it.

    Who was away for long tells every level it missed, in their order, up to one that acts.
    """
    if clock.state != ClockState.RUNNING:
        return Swept()
    warned = clock.breached_at is None and clock.warned_at is None and clock.warn_at <= at
    breached = clock.breached_at is None and clock.due_at < at
    if warned:
        services.warn(clock, lead, ledger=ledger)
    if breached:
        services.breach(clock, lead, ledger=ledger)
    escalated = 0
    while _is_due(clock, at) and not _acts_next(clock, ledger):
        services.escalate(clock, lead, ledger=ledger)
        escalated += 1
    return Swept(int(warned), int(breached), escalated)


def _is_due(clock: Clock, at: dt.datetime) -> bool:
    return clock.escalate_at is not None and clock.escalate_at <= at


def _acts_next(clock: Clock, ledger: Ledger) -> bool:
    level = services.ready_level(clock, ledger)
    return level is not None and bool(level.act)


def _due_ids(at: dt.datetime, limit: int) -> list[int]:
    """Leads with something due, the longest overdue first, each once."""
    running = Clock.objects.filter(
        Q(parked_until__isnull=True) | Q(parked_until__lte=at), state=ClockState.RUNNING
    )
    due = running.filter(
        Q(due_at__lt=at) | Q(warn_at__lte=at, warned_at__isnull=True), breached_at__isnull=True
    ).order_by("due_at")
    coming = running.filter(escalate_at__lte=at).order_by("escalate_at")
    found = [rows.values_list("lead_id", flat=True)[:limit] for rows in (due, coming)]
    return list(dict.fromkeys(itertools.chain(*found)))[:limit]


def _park(lead_id: int, error: Exception, at: dt.datetime) -> None:
    Clock.objects.filter(lead_id=lead_id, state=ClockState.RUNNING).update(
        parked_until=at + PARKED_FOR, parked_error=str(error)[:2_000]
    )
