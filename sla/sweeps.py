"""What is due now. A sweep costs what is due, never what is open.

It locks leads, then re-reads their clocks, so it cannot deadlock against people's actions, and
two workers never take the same lead.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from core import database
from governance import selectors as kits
from leads.ledger import Ledger
from leads.models import Lead
from sla import selectors, services
from sla.models import Clock, ClockState


@dataclass(frozen=True, slots=True)
class Swept:
    """How many clocks one pass warned about and how many it found breached."""

    warned: int = 0
    breached: int = 0

    @property
    def total(self) -> int:
        """Everything this pass did."""
        return self.warned + self.breached


def warn_and_breach(*, now: dt.datetime | None = None, limit: int = 500) -> Swept:
    """One pass: up to `limit` leads with a warning or a breach due, in one transaction.

    `now` is the database clock read once the leads are locked, unless given. Run it again until
    it finds nothing.
    """
    with transaction.atomic():
        kit = kits.active_kit()
        leads = _take(now or database.now(), limit)
        if not leads:
            return Swept()
        at = now or database.now()
        ledger = Ledger(kit=kit, now=at, actor="sweep")
        running = selectors.open_by_lead(leads)
        warned = breached = 0
        for lead_id, lead in leads.items():
            for clock in running[lead_id]:
                if clock.state != ClockState.RUNNING or clock.breached_at is not None:
                    continue
                if clock.warned_at is None and clock.warn_at <= at:
                    services.warn(clock, lead, ledger=ledger)
                    warned += 1
                if clock.due_at < at:
                    services.breach(clock, lead, ledger=ledger)
                    breached += 1
        ledger.flush()
        return Swept(warned, breached)


def _take(at: dt.datetime, limit: int) -> dict[int, Lead]:
    """Lock up to `limit` leads that have something due, skipping those somebody else holds."""
    due = Clock.objects.filter(state=ClockState.RUNNING, breached_at__isnull=True).filter(
        Q(due_at__lt=at) | Q(warn_at__lte=at, warned_at__isnull=True)
    )
    ids = list(due.order_by("due_at").values_list("lead_id", flat=True)[:limit])
    rows = Lead.objects.filter(pk__in=ids).order_by("pk")
    return {row.pk: row for row in rows.select_for_update(skip_locked=True, no_key=True)}
