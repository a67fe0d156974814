"""What the worker does about reviews."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db import transaction

from core import database
from reports.reviews import opening, telling


def reviews(now: dt.datetime | None, _until: float) -> Mapping[str, int]:
    """Open the review that is due; of several, missed in an outage, one in each pass. Owners of
    findings that are past their day are told.
    """
    at = now or database.now()
    opened = opening.open_due(at)
    with transaction.atomic():
        reminded = telling.remind(now=at)
    return {"reviews_opened": opened, "findings_overdue": reminded}
