"""Taking the next lead of a queue, whoever else takes one at the same moment."""

from __future__ import annotations

import datetime as dt

from core import errors
from leads import selectors
from leads.models import Lead
from lifecycle import actions
from people.models import User

MOST_BEATEN = 20
"""So often somebody may be second before they are told to try again."""


def take_next(queue: str, *, by: User, now: dt.datetime | None = None) -> Lead:
    """Give this person the lead they see that has waited longest; who is beaten gets the next.

    Raises NotFound where nothing waits any more, and what `actions.claim` raises.
    """
    tried: list[int] = []
    while True:
        waiting = selectors.visible_to(by).filter(queue=queue, quarantined_at__isnull=True)
        oldest = waiting.exclude(pk__in=tried).order_by("entered_stage_at", "pk")
        lead_id = oldest.values_list("pk", flat=True).first()
        if lead_id is None:
            raise errors.NotFound("Nothing waits in this queue any more.")
        try:
            return actions.claim(lead_id=lead_id, by=by, now=now)
        except errors.TooLate:
            tried.append(lead_id)
            if len(tried) >= MOST_BEATEN:
                raise
