"""Leads that know more of their buyer: said so in their log, and judged again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q

from leads.ledger import Ledger
from leads.models import EventKind, Lead, LeadEvent
from leads.stages import CLOSED, Stage
from lifecycle import reconsidering
from lifecycle.case import Case

MOST_LEADS = 200
"""So many leads of a company are judged again at once; others when they are touched next."""


def locked(lead_id: int, account_id: int | None) -> list[Lead]:
    """The lead, and those of this company that are open or excluded; locked.

    The newest if there are too many.
    """
    ids = {lead_id}
    if account_id is not None:
        standing = ~Q(stage__in=sorted(CLOSED)) | ~Q(exclusion="")
        beside = Lead.objects.filter(standing, account_id=account_id)
        ids |= set(beside.order_by("-last_touch_at").values_list("pk", flat=True)[:MOST_LEADS])
    rows = Lead.objects.filter(pk__in=ids).exclude(stage=Stage.MERGED.value).order_by("pk")
    return list(rows.select_for_update(of=("self",), no_key=True))


def follow(
    cases: Sequence[Case],
    *,
    person_id: int,
    taken: Sequence[str],
    kind: EventKind,
    told: Mapping[str, Any],
    because: Mapping[str, Any],
    ledger: Ledger,
) -> None:
    """Give each lead that these fields concern its event, then judge those leads again.

    `told` goes into the events beside the fields' names, `because` into what follows from them.
    """
    events = tell(cases, person_id=person_id, taken=taken, kind=kind, told=told, ledger=ledger)
    moved = [case for case in cases if case.lead.pk in events]
    reconsidering.reconsider(moved, ledger=ledger, because=because, causes=events)


def tell(
    cases: Sequence[Case],
    *,
    person_id: int,
    taken: Sequence[str],
    kind: EventKind,
    told: Mapping[str, Any],
    ledger: Ledger,
) -> dict[int, LeadEvent]:
    """The events of the leads that these fields concern, by lead.

    What is of the person concerns that one's leads, what is of the company all of `cases`.
    """
    of_company = [name for name in taken if name.startswith("company.")]
    events = {}
    for case in cases:
        fields = list(taken) if case.buyer.person.pk == person_id else of_company
        if fields:
            events[case.lead.pk] = ledger.event(case.lead, kind, because={**told, "fields": fields})
    return events
