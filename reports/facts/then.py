"""Facts as they were at an instant: by what was known then, or by what is known now of that time.

Two times are told apart: when something happened, and when it was written down. Only leads whose
log went on since can have been otherwise; their facts are made from the part of the log that
counts, put in place of those of today, and taken back again: nobody else ever sees them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from core import bulk, errors
from leads.models import LeadEvent
from reports.facts import keeping, reading
from reports.facts.cubes import Cube
from reports.models import LeadFact, PassFact, VisitFact

MOST = 20_000
"""So many leads may have gone on since, at most."""

MODELS = (LeadFact, PassFact, VisitFact)


class TooMuch(errors.InvalidInput):
    """More has happened since than can be taken back for one page."""

    code = "too_much_since"


def can_tell(cube: Cube) -> bool:
    """Whether facts of this kind can be told as of an instant: those that the log alone makes."""
    return cube.model in MODELS


def gone_on(since: dt.datetime) -> list[int]:
    """The leads of which something was written down after an instant. Raises TooMuch."""
    later = LeadEvent.objects.filter(recorded_at__gt=since, kind__in=reading.KINDS)
    found = list(later.order_by().values_list("lead_id", flat=True).distinct()[: MOST + 1])
    if len(found) > MOST:
        raise TooMuch(
            f"More than {MOST:,} leads have gone on since then: ask for a later instant, or read "
            "the review of that month, which kept its figures."
        )
    return sorted(found)


@contextmanager
def at(
    instant: dt.datetime, *, known: dt.datetime | None = None, of: Cube | None = None
) -> Iterator[list[int]]:
    """Within, facts of leads are those of an instant; gives the leads that have gone on since.

    By what was known at that instant, or later as `known` says: then what happened up to the
    instant counts, whenever it was written down. Sums by day are not: count fact by fact. `of` has
    only the facts of one cube made.
    """
    models = MODELS if of is None else (of.model,)
    with transaction.atomic():
        ids = gone_on(instant)
        read = reading.of(ids, known=known or instant)
        made = [row for lead in ids for row in keeping.of_lead(lead, read, until=instant)]
        for model in models:
            bulk.delete(model._default_manager.filter(lead_id__in=ids))
            bulk.copy([row for row in made if isinstance(row, model)])
        try:
            yield ids
        finally:
            transaction.set_rollback(True)
