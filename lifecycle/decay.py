"""Scores that fade across a threshold: only leads near a crossing are ever looked at.

No row is rewritten on a schedule. `Lead.decays_at` is the earliest instant at which the lead *can*
leave its band; when it comes, the score is computed, and the next such instant stored.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction

from core import database, isolation
from governance import selectors as kits
from leads.models import Lead
from leads.stages import Stage
from lifecycle import acts, notices, ownership
from lifecycle.acts import Act

PARKED_FOR = dt.timedelta(minutes=10)


def run(*, now: dt.datetime | None = None, limit: int = 200) -> int:
    """Re-band up to `limit` leads whose score can have crossed a threshold; returns how many.

    An MQL that nobody owns and whose score fell below the kit's floor is recycled. A lead is
    never taken from an owner.
    """
    kits.active_kit()  # raises while there is none: then nothing can fade
    due = Lead.objects.filter(decays_at__lte=now or database.now()).order_by("decays_at")
    ids = list(due.values_list("pk", flat=True)[:limit])
    return sum(isolation.together_or_alone(ids, lambda some: _run(some, now), park=_park))


@transaction.atomic
def _run(ids: Sequence[int], now: dt.datetime | None) -> int:
    kit = kits.active_kit()
    rows = Lead.objects.filter(pk__in=ids).order_by("pk")
    leads = list(rows.select_for_update(skip_locked=True, no_key=True))
    if not leads:
        return 0
    at = now or database.now()
    with acts.on_many(leads, by=None, now=at, kit=kit, actor="decay") as all_acts:
        for act in all_acts:
            _recycle_if_faded(act)
            act.case.rescore(kit, at, ledger=act.ledger)
    return len(leads)


def _park(lead_id: int, error: Exception) -> None:
    """Leave a lead that fails alone for a while; `manage.py verify` warns of those overdue."""
    Lead.objects.filter(pk=lead_id).update(decays_at=database.now() + PARKED_FOR)


def _recycle_if_faded(act: Act) -> None:
    lead = act.lead
    if lead.stage != Stage.MQL or lead.owner_id is not None:
        return
    score = act.case.appraise(act.kit, act.now)
    if score.total >= act.kit.general.recycle_below:
        return
    event = act.move(
        "recycle", because={"reason": "", "decayed": True, "score": round(score.total, 1)}
    )
    ownership.let_go(act.case, ledger=act.ledger, why="recycle", cause=event)
    notices.tell_of(event, ledger=act.ledger)
