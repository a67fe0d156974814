"""Products by API: what is sold, and those of an opportunity."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from leads.models import Product
from lifecycle import deal_lines
from web.api import opportunity_shown, paging, permissions, shown
from web.api.bodies import Text
from web.api.documents import REFUSALS
from web.api.opportunities import OpportunityDoor
from web.api.opportunity_shown import OpportunityFull
from web.api.views import Door, StrictSerializer


class ProductRow(shown.Document):
    """What is sold."""

    key = serializers.CharField()
    name = serializers.CharField()
    active = serializers.BooleanField()
    list_price = serializers.DecimalField(max_digits=18, decimal_places=2, allow_null=True)
    currency = serializers.CharField()


class Line(StrictSerializer):
    """One product by its key or name, how many, and for how much together."""

    product = Text(120, required=True, allow_blank=False)
    quantity = serializers.IntegerField(
        required=False, min_value=1, max_value=deal_lines.MOST_OF_ONE
    )
    amount = serializers.DecimalField(
        max_digits=18, decimal_places=2, min_value=0, required=False, allow_null=True
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A line as the service takes it."""
        return {"said": deal_lines.Said(**attrs)}


class Lines(StrictSerializer):
    """All products of an opportunity; `version` is the one you saw, another by now is refused."""

    products = Line(many=True, required=True, max_length=deal_lines.MOST)  # type: ignore[call-arg]
    version = serializers.IntegerField(required=False, min_value=0)


class ProductListView(Door):
    """What is sold."""

    door = permissions.LEADS
    queryset = Product.objects.none()  # for the description, which nobody asks
    serializer_class = ProductRow
    pagination_class = paging.KeysetPages
    keyset = ("id",)

    @extend_schema(operation_id="list_products", responses=ProductRow(many=True))
    def get(self, request: Request) -> Response:
        """List the products, page by page; inactive ones are not offered any more."""
        page = self.paginate_queryset(Product.objects.all())
        return self.get_paginated_response(ProductRow(page, many=True).data)


class OpportunityProductsView(OpportunityDoor):
    """The products of one deal."""

    serializer_class = Lines

    @extend_schema(
        operation_id="put_opportunity_products",
        request=Lines,
        responses={200: OpportunityFull, **REFUSALS},
    )
    def post(self, request: Request, opportunity_id: str) -> Response:
        """Make these the products of an opportunity, all of them; an empty list takes them off."""
        self.refuse_unknown(request, set())
        pk, given = self.opportunity().pk, self.body(request)
        deal_lines.put(
            opportunity_id=pk,
            by=self.caller,
            products=[one["said"] for one in given["products"]],
            version=given.get("version"),
        )
        return Response(opportunity_shown.full(pk))
