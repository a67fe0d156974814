"""Opportunities by API: listed, changed, and made or changed as another system knows them."""

from __future__ import annotations

import re
from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core import database
from core.errors import NotFound
from leads import selectors
from leads.models import ExternalReference, Opportunity
from lifecycle import deal_edits, deal_rights
from web.api import errors, opportunity_shown, paging, permissions
from web.api.accounts import Id
from web.api.bodies import Text
from web.api.documents import REFUSALS
from web.api.filters import MOST_ID, StrictFilters, TruthFilter
from web.api.opportunity_shown import OpportunityFull, OpportunityRow
from web.api.views import Door, StrictSerializer

OPPORTUNITY_ID = re.compile(r"[0-9]{1,18}")


class OpportunityChange(StrictSerializer):
    """What changes about an opportunity; what is left out stays."""

    name = Text(200)
    amount = serializers.DecimalField(
        max_digits=18, decimal_places=2, min_value=0, required=False, allow_null=True
    )
    currency = serializers.RegexField(r"^[A-Z]{3}\Z", required=False)
    expected_close = serializers.DateField(required=False, allow_null=True)
    rate = serializers.DecimalField(
        max_digits=18,
        decimal_places=8,
        required=False,
        help_text="What one unit of the currency is worth in the base currency, said by hand.",
    )
    owner = serializers.RegexField(Id, required=False, help_text="Whose it is from now on.")
    partner = serializers.RegexField(
        Id, required=False, allow_null=True, help_text="Id of a partner's account."
    )
    partner_role = serializers.ChoiceField(Opportunity.PartnerRole.choices, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The fields of the deal apart from what names it; ids are numbers inside."""
        values = {name: attrs.pop(name) for name in deal_edits.FIELDS if name in attrs}
        for name in ("owner", "partner"):
            if values.get(name) is not None:
                values[name] = int(values[name])
        return {**attrs, "values": values}


class OpportunityBody(OpportunityChange):
    """An opportunity as another system knows it; `lead` where it is new here."""

    system = Text(80, required=True, allow_blank=False)
    external_id = Text(200, required=True, allow_blank=False)
    url = serializers.URLField(max_length=500, required=False, allow_blank=True)
    lead = serializers.RegexField(Id, required=False, help_text="An SQL whose owner you are.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ids are opaque texts outside and numbers inside."""
        found = super().validate(attrs)
        lead = found.pop("lead", None)
        return found | ({"lead_id": int(lead)} if lead else {})


class OpportunityFilters(django_filters.FilterSet):  # type: ignore[misc]
    """The filters of the list of opportunities."""

    status = django_filters.ChoiceFilter(choices=Opportunity.Status.choices)
    account = django_filters.NumberFilter(field_name="account_id", min_value=1, max_value=MOST_ID)
    owner = django_filters.NumberFilter(field_name="owner_id", min_value=1, max_value=MOST_ID)
    stage = django_filters.CharFilter(field_name="sales_stage", max_length=60)
    partner = django_filters.NumberFilter(field_name="partner_id", min_value=1, max_value=MOST_ID)
    overdue = TruthFilter(method="late", label="Whether it is open past its expected close (UTC).")
    system = django_filters.CharFilter(max_length=80, method="called")
    external_id = django_filters.CharFilter(max_length=200, method="called")

    class Meta:
        model = Opportunity
        fields: tuple[str, ...] = ()

    def late(self, rows: QuerySet[Opportunity], name: str, value: object) -> QuerySet[Opportunity]:
        """As the list of the console has it: open, and expected to end before today."""
        found = selectors.overdue(database.now().date())
        return rows.filter(found) if value else rows.exclude(found)

    def called(self, rows: QuerySet[Opportunity], name: str, value: str) -> QuerySet[Opportunity]:
        """By what another system calls it."""
        data = self.form.cleaned_data
        found = ExternalReference.objects.filter(kind="OPPORTUNITY")
        if data.get("system"):
            found = found.filter(system=data["system"].casefold())
        if data.get("external_id"):
            found = found.filter(value=data["external_id"])
        return rows.filter(pk__in=found.values("opportunity_id"))


class OpportunityDoor(Door):
    """Doors to deals: those of leads the caller may see, and their own."""

    door = permissions.LEADS

    def get_queryset(self) -> QuerySet[Opportunity]:
        """With what belongs to them."""
        return opportunity_shown.beside(deal_rights.visible_to(self.caller))

    def opportunity(self) -> Opportunity:
        """The deal of the address. Raises NotFound alike for missing and hidden ones."""
        text = self.kwargs["opportunity_id"]
        found = None
        if OPPORTUNITY_ID.fullmatch(text):
            found = self.get_queryset().filter(pk=int(text)).first()
        if found is None:
            raise NotFound(errors.NO_SUCH_THING)
        return found


class OpportunityListView(OpportunityDoor):
    """Deals, newest first."""

    queryset = Opportunity.objects.none()  # for the description, which nobody asks
    serializer_class = OpportunityBody
    pagination_class = paging.KeysetPages
    filter_backends = (StrictFilters,)
    filterset_class = OpportunityFilters
    keyset = ("created_at", "id")

    @extend_schema(operation_id="list_opportunities", responses=OpportunityRow(many=True))
    def get(self, request: Request) -> Response:
        """List opportunities, newest first, page by page."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(OpportunityRow(page, many=True).data)

    @extend_schema(
        operation_id="put_opportunity",
        request=OpportunityBody,
        responses={200: OpportunityFull, 201: OpportunityFull, **REFUSALS},
    )
    def post(self, request: Request) -> Response:
        """Change the opportunity another system calls so, or open it for a lead."""
        self.refuse_unknown(request, set())
        pk, new = deal_edits.put(by=self.caller, **self.body(request))
        return Response(opportunity_shown.full(pk), status=201 if new else 200)


class OpportunityView(OpportunityDoor):
    """One deal."""

    serializer_class = OpportunityChange

    @extend_schema(operation_id="get_opportunity", responses={200: OpportunityFull, **REFUSALS})
    def get(self, request: Request, opportunity_id: str) -> Response:
        """Show one opportunity."""
        self.refuse_unknown(request, set())
        return Response(OpportunityFull(self.opportunity()).data)

    @extend_schema(
        operation_id="change_opportunity",
        request=OpportunityChange,
        responses={200: OpportunityFull, **REFUSALS},
    )
    def patch(self, request: Request, opportunity_id: str) -> Response:
        """Change what is said of it: name, worth, expected close, owner, partner."""
        self.refuse_unknown(request, set())
        pk = self.opportunity().pk
        deal_edits.revise(opportunity_id=pk, by=self.caller, **self.body(request))
        return Response(opportunity_shown.full(pk))
