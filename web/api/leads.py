"""Reading leads: the list, one lead, and what belongs to it."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, cast

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core import database
from core.errors import NotFound
from governance import selectors as kits
from governance.kit import Kit
from leads import own_fields, path, quality_sql, score_rows, scoring, selectors
from leads.models import Lead, LeadEvent
from lifecycle import checklists, editing, sayings, self_sourcing
from routing import discretion, pool_rights
from sla.models import OPEN, Clock
from web import problems
from web.api import documents, edits, errors, paging, shown
from web.api.filters import LeadFilters, StrictFilters
from web.api.views import Door

LEAD_ID = re.compile(r"[0-9]{1,18}")
RELATED = ("person", "account", "owner")


def full(lead_id: int) -> dict[str, Any]:
    """One lead with its score at this instant and its open clocks."""
    lead = Lead.objects.select_related(*RELATED, "sourced_by", "opportunity__owner").get(pk=lead_id)
    kit = kits.active_kit()
    running = Clock.objects.filter(lead_id=lead_id, state__in=OPEN)
    context = {
        "path": path.of_lead(lead_id).steps,
        "score": _score(lead_id),
        "quality": quality_sql.of_lead(
            lead_id, kit.quality, now=database.now(), registry=kit.registry
        ),
        "own": _own(lead, kit),
        "checklist": checklists.kept(lead),
        "clocks": running.select_related("holder", "kit").order_by("due_at", "id"),
    }
    return dict(shown.LeadFull(lead, context=context).data)


def _own(lead: Lead, kit: Kit) -> dict[str, Any]:
    """The kit's own fields by key, as rules take them; numbers as JSON has them."""
    asked = own_fields.of_kit(kit)
    found = sayings.answers(asked, lead)
    known = {
        one.key: kit.registry.get(one.name).clean(found[one.key].value)
        for one in asked
        if one.key in found
    }
    plain = {key: float(one) if isinstance(one, Decimal) else one for key, one in known.items()}
    return dict.fromkeys((one.key for one in asked), None) | plain


def _score(lead_id: int) -> dict[str, Any]:
    """The score now, with each rule's share of it."""
    now = database.now()
    parts = score_rows.of_lead(lead_id)
    shares = [
        {"rule": part.rule, "category": part.category, "value": float(value)}
        for part, value in scoring.shared(parts, now)
    ]
    return {**scoring.points(parts, now).rounded(), "parts": shares}


class LeadDoor(Door):
    """Doors to leads: only those the caller may see exist at all."""

    def visible(self) -> QuerySet[Lead]:
        """The leads this caller may see."""
        return selectors.visible_to(self.caller)

    def lead_id(self) -> int:
        """The lead of the address. Raises NotFound alike for missing and hidden ones."""
        named = self.named()
        if not self.visible().filter(pk=named).exists():
            raise NotFound(errors.NO_SUCH_THING)
        return named

    def named(self) -> int:
        """The number in the address, of whatever lead. Raises NotFound for what is none."""
        text = self.kwargs["lead_id"]
        if not LEAD_ID.fullmatch(text):
            raise NotFound(errors.NO_SUCH_THING)
        return int(text)


class AddedLead(documents.Document):
    """What became of a buyer whom a rep added."""

    lead = serializers.CharField(allow_null=True, help_text="Null where it is not theirs to see.")
    mine = serializers.BooleanField(help_text="Whether it is the caller's now.")
    why_not = serializers.CharField(help_text="Why it is no new lead of theirs; empty if it is.")


class LeadListView(LeadDoor):
    """Leads, newest first; and a rep's way to add one."""

    queryset = Lead.objects.none()  # for the description, which nobody asks
    serializer_class = shown.LeadRow
    pagination_class = paging.KeysetPages
    filter_backends = (StrictFilters,)
    filterset_class = LeadFilters
    keyset = ("created_at", "id")

    def get_queryset(self) -> QuerySet[Lead]:
        """Only what this caller may see."""
        return selectors.listed_to(self.caller).select_related(*RELATED)

    @extend_schema(operation_id="list_leads", responses=shown.LeadRow(many=True))
    def get(self, request: Request) -> Response:
        """List leads, newest first, page by page."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(shown.LeadRow(page, many=True).data)

    @extend_schema(
        operation_id="add_lead",
        request=documents.Touch,
        responses={201: AddedLead, 200: AddedLead, 202: AddedLead, **documents.REFUSALS},
    )
    def post(self, request: Request) -> Response:
        """A rep adds a buyer they found. 201 theirs now, 200 known before, 202 decided later."""
        self.refuse_unknown(request, set())
        added = self_sourcing.add(cast("dict[str, Any]", request.data), by=self.caller)
        lead = added.lead
        seen = lead is not None and self.visible().filter(pk=lead.pk).exists()
        told = {
            "lead": str(lead.pk) if lead is not None and seen else None,
            "mine": added.mine,
            "why_not": added.why_not,
        }
        known = 200 if added.why_not else 201
        return Response(told, status=known if lead is not None else 202)


class LeadView(LeadDoor):
    """One lead."""

    serializer_class = shown.LeadFull

    @extend_schema(operation_id="get_lead", responses=shown.LeadFull)
    def get(self, request: Request, lead_id: str) -> Response:
        """Show one lead with its score at this instant and its open clocks."""
        self.refuse_unknown(request, set())
        return Response(full(self.lead_id()))

    @extend_schema(
        operation_id="edit_lead",
        request=edits.Edit,
        responses={200: shown.EditedLead, **documents.REFUSALS},
    )
    def patch(self, request: Request, lead_id: str) -> Response:
        """Change fields of the person and the company; null clears one. 422 names each fault."""
        self.refuse_unknown(request, set())
        known = self.lead_id()
        reader = edits.Edit(data=request.data)
        reader.is_valid(raise_exception=True)
        edited = editing.edit(lead_id=known, by=self.caller, **reader.validated_data)
        return Response({**full(known), "remarks": problems.listed(edited.remarks)})


class OfLead(LeadDoor):
    """Rows that belong to one lead, newest first."""

    pagination_class = paging.KeysetPages
    filter_backends = (StrictFilters,)

    def page(self) -> Response:
        """One page of the view's rows of a lead this caller may see."""
        rows = self.get_queryset().filter(lead_id=self.lead_id())
        page = self.paginate_queryset(self.filter_queryset(rows))
        rows_seen = self.seen(list(page or ()))
        return self.get_paginated_response(self.get_serializer(rows_seen, many=True).data)

    def seen(self, rows: list[Any]) -> list[Any]:
        """The rows as this caller may see them."""
        return rows


class TimelineView(OfLead):
    """A lead's log."""

    serializer_class = shown.EventRow
    keyset = ("sequence",)
    queryset = LeadEvent.objects.select_related("owner", "by", "kit")

    @extend_schema(operation_id="lead_timeline", responses=shown.EventRow(many=True))
    def get(self, request: Request, lead_id: str) -> Response:
        """List everything that changed a lead, newest first."""
        return self.page()

    def seen(self, rows: list[Any]) -> list[Any]:
        """Why rules gave it to somebody, without figures that are not for this caller."""
        sight = pool_rights.sight_of(self.caller)
        for one in rows:
            if one.because.get("why"):
                why = discretion.of_event(one.because, owner=one.owner_id, sight=sight)
                one.because = {**one.because, "why": why}
        return rows
