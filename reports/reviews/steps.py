"""What the worker does about reviews."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db import transaction

from core import database
from leads.models import Outbox
from reports.facts import keeping
from reports.reviews import months, opening, telling

PATIENCE = dt.timedelta(hours=6)
"""So long after the end of a month its review waits for facts that are still being made."""


def reviews(now: dt.datetime | None, _until: float) -> Mapping[str, int]:
    """Open the review that is due; of several, missed in an outage, one in each pass. Owners of
    findings that are past their day are told.
    """
    at = now or database.now()
    due = opening.due_months(now=at)[:1]
    opened = sum(opening.open_month(month, now=at) is not None for month in due if _may(month, at))
    with transaction.atomic():
        reminded = telling.remind(now=at)
    return {"reviews_opened": opened, "findings_overdue": reminded}


def _may(month: dt.date, now: dt.datetime) -> bool:
    """Whether the KPIs of a month can be counted: its facts are kept, or were long enough in
    coming.
    """
    if now >= months.period(month).end + PATIENCE:
        return True
    waiting = Outbox.objects.filter(consumer=keeping.CONSUMER, done_at=None, attempts=0)
    return keeping.is_built() and not waiting.exists()
