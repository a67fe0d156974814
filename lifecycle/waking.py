"""Leads that rest until a day, a behaviour or a score.

Who sends a lead to Nurture says when it is looked at again, or the reason of the kit does. Until
then only what the buyer does from now on counts. What was waited for lets all their behaviour
count again: whoever then meets the criteria is an MQL, in the next cycle. On the day a job judges
them; who does not qualify stays, and Marketing is told.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from core import database, errors, isolation
from core.errors import FieldError
from governance import selectors as kits
from governance.kit import Kit
from governance.terms import Reason
from leads import kit_checks, services
from leads.ledger import Ledger
from leads.models import EventKind, Lead, LeadEvent
from leads.stages import Stage
from lifecycle import acts, notices, permissions, reconsidering
from lifecycle.case import Case
from people.models import User

FURTHEST = dt.timedelta(days=732)
PARKED_FOR = dt.timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class WakeUp:
    """When a lead is looked at again, and what wakes it sooner; both may be empty."""

    at: dt.datetime | None = None
    on: str = ""

    def as_data(self) -> dict[str, Any]:
        """For events."""
        return {"at": self.at.isoformat() if self.at else None, "on": self.on}


def chosen(
    kit: Kit, reason: Reason | None, asked: WakeUp | None, *, now: dt.datetime
) -> WakeUp | None:
    """What was asked for, or else what the reason says; None for neither. Raises InvalidInput."""
    if asked is not None and (asked.at or asked.on):
        return checked(kit, asked, now=now)
    if reason is None or not (reason.wake_days or reason.wake_on):
        return None
    at = now + dt.timedelta(days=reason.wake_days) if reason.wake_days else None
    return WakeUp(at, reason.wake_on)


def checked(kit: Kit, asked: WakeUp, *, now: dt.datetime) -> WakeUp:
    """The same, if the day lies ahead and the kit knows what is waited for."""
    faults = []
    if asked.at is not None and not now < asked.at <= now + FURTHEST:
        faults.append(FieldError("wake_at", "Say a day ahead, within two years.", "range"))
    known = kit_checks.wakers(kit)
    if asked.on and asked.on not in known:
        faults.append(FieldError("wake_on", f"Choose one of: {', '.join(known)}.", "choice"))
    if faults:
        raise errors.InvalidInput(" ".join(one.message for one in faults), errors=faults)
    return asked


def rest(lead: Lead, wake: WakeUp | None, *, ledger: Ledger) -> None:
    """Keep on a nurtured lead what wakes it."""
    if wake is not None and lead.stage == Stage.NURTURE:
        lead.wake_at, lead.wake_on = wake.at, wake.on
        ledger.change(lead, "wake_at", "wake_on")


def change(
    *, lead_id: int, by: User, wake_at: dt.datetime | None = None, wake_on: str = "",
    now: dt.datetime | None = None,
) -> Lead:  # fmt: skip
    """Marketing, RevOps or a manager sets what wakes a nurtured lead; with neither nothing does.

    Raises InvalidInput for a day that is not ahead or what the kit does not know, and TooLate for
    who rests no more.
    """
    with acts.on(lead_id, by=by, now=now) as act:
        permissions.require_keeper(by)
        lead = act.lead
        if lead.stage != Stage.NURTURE:
            raise errors.TooLate("Only a nurtured lead rests.", state=services.state_of(lead))
        wake = checked(act.kit, WakeUp(wake_at, wake_on), now=act.now)
        was = WakeUp(lead.wake_at, lead.wake_on)
        if wake != was:
            lead.wake_at, lead.wake_on = wake.at, wake.on
            act.ledger.change(lead, "wake_at", "wake_on")
            because = {**wake.as_data(), "was": was.as_data()}
            act.ledger.event(lead, EventKind.WAKE_UP, because=because)
    return lead


def run(*, now: dt.datetime | None = None, limit: int = 100) -> int:
    """Look again at up to `limit` leads whose day has come; returns how many."""
    kits.active_kit()
    due = Lead.objects.filter(wake_at__lte=now or database.now(), stage=Stage.NURTURE)
    due = due.order_by("wake_at")
    ids = list(due.values_list("pk", flat=True)[:limit])
    return sum(isolation.together_or_alone(ids, lambda some: _run(some, now), park=_park))


@transaction.atomic
def _run(ids: Sequence[int], now: dt.datetime | None) -> int:
    kit, at = kits.active_kit(), now or database.now()
    rows = Lead.objects.filter(pk__in=ids, wake_at__lte=at, stage=Stage.NURTURE).order_by("pk")
    leads = list(rows.select_for_update(skip_locked=True, no_key=True))
    if not leads:
        return 0
    with acts.on_many(leads, by=None, now=at, kit=kit, actor="wake-up") as all_acts:
        cases = [act.case for act in all_acts]
        ledger = all_acts[0].ledger
        causes = {case.lead.pk: _due(case, ledger) for case in cases}
        reconsidering.reconsider(cases, ledger=ledger, causes=causes)
        for case in cases:
            if case.lead.stage == Stage.NURTURE:
                notices.tell_of(causes[case.lead.pk], ledger=ledger)
    return len(leads)


def _due(case: Case, ledger: Ledger) -> LeadEvent:
    """Its day has come: everything counts again, and nothing wakes it any more."""
    lead = case.lead
    because = {"due": True, **WakeUp(lead.wake_at, lead.wake_on).as_data()}
    lead.wake_at, lead.wake_on = None, ""
    ledger.change(lead, "wake_at", "wake_on")
    case.woken = "day"
    return ledger.event(lead, EventKind.WAKE_UP, because=because)


def _park(lead_id: int, error: Exception) -> None:
    """Leave a lead that fails alone for a while."""
    Lead.objects.filter(pk=lead_id, wake_at__isnull=False).update(
        wake_at=database.now() + PARKED_FOR
    )


def labels(kit: Kit) -> Mapping[str, str]:
    """What may wake a lead, in words."""
    signals = {f"signal:{key}": f"they show “{key.replace('_', ' ')}”" for key in kit.signals}
    bands = {f"band:{one.key}": f"their score is {one.label.lower()}" for one in kit.bands}
    return signals | bands
