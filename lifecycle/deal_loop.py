"""What an end of an opportunity says of its beginning: the source, who sourced it, who had it when.

Kept in the step that ends it, so that reports need not tell it again: ids, keys and instants only.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q

from leads.models import (
    EventKind,
    Lead,
    LeadEvent,
    Opportunity,
    OpportunityStep,
    Touch,
    TouchStatus,
)
from lifecycle import detours

DAY = dt.timedelta(days=1)
OWNING = (EventKind.ASSIGNED, EventKind.QUEUED, EventKind.RELEASED)
MERGING = ("merge", "unmerge")


def of(leads: Sequence[Lead], *, until: dt.datetime) -> dict[str, Any]:
    """The first lead of an opportunity, where it came from, who had it at which stage.

    Empty for an opportunity without leads. Three queries.
    """
    if not leads:
        return {}
    first = min(leads, key=lambda one: (one.created_at, one.pk))
    merged = Lead.objects.filter(merged_into=first).values_list("pk", flat=True)
    touches = Touch.objects.filter(lead_id__in=[first.pk, *merged])
    standing = touches.exclude(status=TouchStatus.WITHDRAWN).order_by("occurred_at", "pk")
    touch = standing.values_list("pk", "occurred_at").first()
    touch_id, at = touch if touch is not None else (None, first.created_at)
    return {
        "lead": first.pk,
        "category": first.category,
        "campaign": first.campaign,
        "channel": first.channel,
        "first_touch": touch_id,
        "first_touch_at": at.isoformat(),
        "sourced_by": first.sourced_by_id,
        "owners": owners(first.pk),
        "days": round(max(until - at, dt.timedelta()) / DAY, 2),
    }


def owners(lead_id: int) -> dict[str, int | None]:
    """Who had a lead last at each stage of its present cycle; nobody is None.

    Steps that were taken back never were, nor were those by which an exclusion or another lead
    had it out for a time.
    """
    steps = detours.lasting().filter(lead=lead_id).exclude(transition__in=MERGING)
    counts = Q(kind__in=OWNING) | Q(pk__in=steps.values("pk"))
    rows = LeadEvent.objects.filter(counts, lead=lead_id).order_by("sequence")
    found: dict[str, int | None] = {}
    stage, owner = "", None
    for kind, to_stage, who, transition in rows.values_list(
        "kind", "to_stage", "owner_id", "transition"
    ):
        if kind == EventKind.STAGE:
            found = {} if transition == "reopen" else found
            stage = to_stage
        else:
            owner = who
        if kind != EventKind.RELEASED:
            found[stage] = owner
    return found


@dataclass(frozen=True, slots=True)
class Closed:
    """One opportunity that ended, for reports. Money is in the base currency, None is unknown."""

    opportunity: int
    status: str
    at: dt.datetime
    value: Decimal | None
    owner: int
    account: int | None
    partner: int | None
    partner_role: str
    reason: str
    category: str
    campaign: str
    sourced_by: int | None
    first_touch_at: dt.datetime | None
    days: float | None


def closed_between(begin: dt.datetime, end: dt.datetime) -> Iterator[Closed]:
    """The opportunities that ended from `begin` until before `end` and stand so. Three queries.

    Of ends that another system told, the first lead says where the opportunity came from.
    """
    rows = Opportunity.objects.filter(closed_at__gte=begin, closed_at__lt=end)
    deals = list(rows.order_by("closed_at", "pk"))
    told = _told(one.pk for one in deals)
    for deal in deals:
        loop = told.get(deal.pk, {})
        since = loop.get("first_touch_at")
        yield Closed(
            opportunity=deal.pk,
            status=deal.status,
            at=deal.closed_at or end,
            value=deal.amount_base,
            owner=deal.owner_id,
            account=deal.account_id,
            partner=deal.partner_id,
            partner_role=deal.partner_role,
            reason=deal.reason,
            category=loop.get("category", ""),
            campaign=loop.get("campaign", ""),
            sourced_by=loop.get("sourced_by"),
            first_touch_at=dt.datetime.fromisoformat(since) if since else None,
            days=loop.get("days"),
        )


def _told(deals: Iterable[int]) -> dict[int, dict[str, Any]]:
    ids = list(deals)
    ends = OpportunityStep.objects.filter(opportunity_id__in=ids, kind__in=["WON", "LOST"])
    rows = ends.order_by("sequence").values_list("opportunity_id", "because", "at")
    found = {deal: told.get("loop") or {"at": at} for deal, told, at in rows}
    untold = [deal for deal in ids if "at" in found.get(deal, {"at": None})]
    for lead in Lead.objects.filter(opportunity_id__in=untold).order_by("-created_at", "-pk"):
        deal = lead.opportunity_id or 0
        found[deal] = _by_itself(lead, found.get(deal, {}).get("at"))
    return found


def _by_itself(lead: Lead, ended: dt.datetime | None) -> dict[str, Any]:
    return {
        "category": lead.category,
        "campaign": lead.campaign,
        "sourced_by": lead.sourced_by_id,
        "first_touch_at": lead.created_at.isoformat(),
        "days": round((ended - lead.created_at) / DAY, 2) if ended is not None else None,
        "at": ended,
    }
