"""One way to keep field history: big ids, and who did it read from the request or given."""

from __future__ import annotations

from typing import Any

from django.db import models
from simple_history.models import HistoricalRecords


def records(
    *,
    excluded: tuple[str, ...] = (),
    unindexed: tuple[str, ...] = (),
    inherit: bool = False,
) -> HistoricalRecords:
    """The history of a model; `excluded` names hot columns that are kept elsewhere as events.

    `unindexed` columns get no index: history is read by its row, never by these.
    """
    options: dict[str, Any] = {
        "history_id_field": models.BigAutoField(),
        "excluded_fields": list(excluded),
        "no_db_index": list(unindexed),
        "inherit": inherit,
    }
    return HistoricalRecords(**options)
