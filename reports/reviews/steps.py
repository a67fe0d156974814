"""What the worker does about reviews."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from reports.reviews import opening


def reviews(now: dt.datetime | None, _until: float) -> Mapping[str, int]:
    """Open the review that is due; of several, missed in an outage, one in each pass."""
    return {"reviews_opened": opening.open_due(now)}
