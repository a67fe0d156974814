"""What is due now: warnings, breaches, escalations. A sweep costs what is due, never what is open.

It locks leads, then re-reads their clocks, so it cannot deadlock against people's actions, and
two workers never take the same lead.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

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
    for lead_id, running in selectors.open_by_lead(leads).items():
        for clock in running:
            swept += _look(clock, leads[lead_id], at, ledger)
    ledger.flush()
    return swept


def _look(clock: Clock, lead: Lead, at: dt.datetime, ledger: Ledger) -> Swept:
    """Warn about one clock, record its breach, tell the levels that have come, or leave it.

    Who was away for long tells every level it missed, in their order.
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
    while clock.escalate_at is not None and clock.escalate_at <= at:
        services.escalate(clock, lead, ledger=ledger)
        escalated += 1
    return Swept(int(warned), int(breached), escalated)


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
