"""Customers by API: listed, shown, changed, renewed, churned, and that taken back."""

from __future__ import annotations

import re
from typing import Any

import django_filters
from django.conf import settings
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.errors import NotFound
from leads.models import Customer
from lifecycle import customers
from web.api import errors, paging, permissions, shown
from web.api.accounts import Id
from web.api.bodies import Empty, Instant, Text
from web.api.documents import REFUSALS
from web.api.filters import MOST_ID, StrictFilters
from web.api.views import Door, StrictSerializer

CUSTOMER_ID = re.compile(r"[0-9]{1,18}")
WORTH: dict[str, Any] = {"max_digits": 18, "decimal_places": 2, "allow_null": True}
STATUSES = [one for one in Customer.Status.choices if one[0] != "WITHDRAWN"]


class CustomerChange(StrictSerializer):
    """What changes about a customer; what is left out stays, null empties."""

    cs_owner = serializers.RegexField(
        Id, required=False, allow_null=True, help_text="Id of who looks after it."
    )
    renewal_date = serializers.DateField(required=False, allow_null=True)
    value_base = serializers.DecimalField(required=False, min_value=0, **WORTH)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ids are numbers inside."""
        owner = attrs.get("cs_owner")
        return {"values": {**attrs, **({"cs_owner": int(owner)} if owner else {})}}


class Renewal(StrictSerializer):
    """Until when it stays now, and what it brings from now on."""

    renewal_date = serializers.DateField()
    value_base = serializers.DecimalField(required=False, min_value=0, **WORTH)


class Churn(StrictSerializer):
    """Why the customer left, and when; now unless said."""

    reason = Text(60, required=True, allow_blank=False)
    note = Text(500)
    at = Instant(required=False)


class CustomerRow(shown.Document):
    """A company as a customer."""

    id = serializers.CharField(source="pk")
    account = serializers.CharField(source="account_id")
    name = serializers.CharField(source="account.called")
    status = serializers.ChoiceField(STATUSES)
    since = Instant()
    cs_owner = shown.Who(allow_null=True)
    renewal_date = serializers.DateField(allow_null=True)
    value_base = serializers.DecimalField(**WORTH)
    base_currency = serializers.SerializerMethodField()
    churned_at = Instant(allow_null=True)
    churn_reason = serializers.CharField()
    churn_note = serializers.CharField()

    def get_base_currency(self, customer: Customer) -> str:
        """The currency of `value_base`."""
        return settings.BASE_CURRENCY


class CustomerFilters(django_filters.FilterSet):  # type: ignore[misc]
    """The filters of the list of customers."""

    status = django_filters.ChoiceFilter(choices=STATUSES)
    account = django_filters.NumberFilter(field_name="account_id", min_value=1, max_value=MOST_ID)
    cs_owner = django_filters.NumberFilter(field_name="cs_owner_id", min_value=1, max_value=MOST_ID)
    renewal_before = django_filters.DateFilter(field_name="renewal_date", lookup_expr="lt")

    class Meta:
        model = Customer
        fields: tuple[str, ...] = ()


class CustomerDoor(Door):
    """Doors to customers: those the caller may see."""

    door = permissions.LEADS

    def get_queryset(self) -> QuerySet[Customer]:
        """With what belongs to them."""
        return customers.visible_to(self.caller).select_related("account", "cs_owner")

    def customer(self) -> Customer:
        """The customer of the address. Raises NotFound alike for missing and hidden ones."""
        text = self.kwargs["customer_id"]
        known = CUSTOMER_ID.fullmatch(text) is not None
        found = self.get_queryset().filter(pk=int(text)).first() if known else None
        if found is None:
            raise NotFound(errors.NO_SUCH_THING)
        return found

    def answer(self) -> Response:
        """The customer as it is now."""
        return Response(CustomerRow(self.customer()).data)


class CustomerListView(CustomerDoor):
    """Customers, the newest first."""

    queryset = Customer.objects.none()  # for the description, which nobody asks
    serializer_class = CustomerRow
    pagination_class = paging.KeysetPages
    filter_backends = (StrictFilters,)
    filterset_class = CustomerFilters
    keyset = ("since", "id")

    @extend_schema(operation_id="list_customers", responses=CustomerRow(many=True))
    def get(self, request: Request) -> Response:
        """List customers, newest first, page by page."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(CustomerRow(page, many=True).data)


class CustomerView(CustomerDoor):
    """One customer."""

    serializer_class = CustomerChange

    @extend_schema(operation_id="get_customer", responses={200: CustomerRow, **REFUSALS})
    def get(self, request: Request, customer_id: str) -> Response:
        """Show one customer."""
        self.refuse_unknown(request, set())
        return self.answer()

    @extend_schema(
        operation_id="change_customer",
        request=CustomerChange,
        responses={200: CustomerRow, **REFUSALS},
    )
    def patch(self, request: Request, customer_id: str) -> Response:
        """Say who looks after it, when it renews, what it brings."""
        self.refuse_unknown(request, set())
        pk = self.customer().pk
        customers.revise(customer_id=pk, by=self.caller, **self.body(request))
        return self.answer()


class RenewView(CustomerDoor):
    """The next renewal."""

    serializer_class = Renewal

    @extend_schema(
        operation_id="renew_customer", request=Renewal, responses={200: CustomerRow, **REFUSALS}
    )
    def post(self, request: Request, customer_id: str) -> Response:
        """The customer stays until the next renewal."""
        self.refuse_unknown(request, set())
        pk = self.customer().pk
        customers.renew(customer_id=pk, by=self.caller, **self.body(request))
        return self.answer()


class ChurnView(CustomerDoor):
    """The end."""

    serializer_class = Churn

    @extend_schema(
        operation_id="churn_customer", request=Churn, responses={200: CustomerRow, **REFUSALS}
    )
    def post(self, request: Request, customer_id: str) -> Response:
        """The customer has left, for a reason of the kit."""
        self.refuse_unknown(request, set())
        pk = self.customer().pk
        customers.churn(customer_id=pk, by=self.caller, **self.body(request))
        return self.answer()


class UndoView(CustomerDoor):
    """The last step, back."""

    serializer_class = Empty

    @extend_schema(
        operation_id="undo_customer", request=Empty, responses={200: CustomerRow, **REFUSALS}
    )
    def post(self, request: Request, customer_id: str) -> Response:
        """Take one's own last step back: a change, a renewal, a churn."""
        self.refuse_unknown(request, set())
        pk = self.customer().pk
        customers.undo(customer_id=pk, by=self.caller, **self.body(request))
        return self.answer()
