"""What other systems call the leads whose records they brought over, kept beside the leads."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from leads import references
from leads.models import ExternalReference, Touch
from leads.references import Kind, Reference
from lifecycle.gathering import Arrival


def record(arrivals: Sequence[Arrival], *, now: dt.datetime) -> None:
    """Keep the ids and addresses: one statement more, two with addresses, none without ids."""
    rows: dict[Reference, int] = {}
    for arrival in arrivals:
        called = references.of_touch(arrival.touch.idempotency_scope, arrival.touch.payload)
        if called is not None and arrival.case is not None:
            rows[called] = arrival.case.lead.pk
    if rows:
        references.keep(Kind.LEAD, rows, now=now)


def forget(touches: Iterable[Touch], others: Iterable[Touch], *, since: dt.datetime) -> None:
    """Ids that only these touches gave their leads since then, and none of the others."""
    gone = _keys(touches) - _keys(others)
    if not gone:
        return
    rows = ExternalReference.objects.filter(
        lead_id__in={lead for lead, _, _ in gone}, created_at__gte=since
    )
    known = rows.values_list("pk", "lead_id", "system", "value")
    lost = [pk for pk, *key in known if tuple(key) in gone]
    ExternalReference.objects.filter(pk__in=lost).delete()


def _keys(touches: Iterable[Touch]) -> set[tuple[int, str, str]]:
    said = ((one, references.of_touch(one.idempotency_scope, one.payload)) for one in touches)
    return {(one.lead_id or 0, *called.key) for one, called in said if called is not None}
