"""What is due now. A sweep costs what is due, never what is open.

It locks leads, then re-reads their clocks, so it cannot deadlock against people's actions, and
two workers never take the same lead.
"""

from __future__ import annotations

import datetime as dt
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
    """How many clocks one pass warned about and how many it found breached."""

    warned: int = 0
    breached: int = 0

    @property
    def total(self) -> int:
        """Everything this pass did."""
        return self.warned + self.breached

    def __add__(self, other: Swept) -> Swept:
        return Swept(self.warned + other.warned, self.breached + other.breached)


def warn_and_breach(*, now: dt.datetime | None = None, limit: int = 500) -> Swept:
    """One pass: up to `limit` leads with a warning or a breach due, in one transaction.

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
    """Warn about one clock, or record its breach, or leave it."""
    if clock.state != ClockState.RUNNING or clock.breached_at is not None:
        return Swept()
    warned = clock.warned_at is None and clock.warn_at <= at
    breached = clock.due_at < at
    if warned:
        services.warn(clock, lead, ledger=ledger)
    if breached:
        services.breach(clock, lead, ledger=ledger)
    return Swept(int(warned), int(breached))


def _due_ids(at: dt.datetime, limit: int) -> list[int]:
    """Leads with something due, the longest overdue first, each once."""
    due = (
        Clock.objects.filter(state=ClockState.RUNNING, breached_at__isnull=True)
        .filter(Q(due_at__lt=at) | Q(warn_at__lte=at, warned_at__isnull=True))
        .filter(Q(parked_until__isnull=True) | Q(parked_until__lte=at))
    )
    return list(dict.fromkeys(due.order_by("due_at").values_list("lead_id", flat=True)[:limit]))


def _park(lead_id: int, error: Exception, at: dt.datetime) -> None:
    Clock.objects.filter(lead_id=lead_id, state=ClockState.RUNNING).update(
        parked_until=at + PARKED_FOR, parked_error=str(error)[:2_000]
    )
