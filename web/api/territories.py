"""Territories and their realignment, for systems.

GET territories/ · territories/holder/; GET, POST territories/realignments/ ─▶ GET …/{id}/ ─▶ undo/
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core import database
from core.errors import FieldError, InvalidInput, NotFound
from leads import cleansing, postal_codes
from lifecycle.models import RealignedRow, Realignment
from lifecycle.realigning import charting, planning, undoing, working
from lifecycle.realigning.charting import Asked
from lifecycle.realigning.planning import Preview, Wanted
from lifecycle.realigning.terms import Terms
from routing import realignment as pure
from routing import selectors
from routing.models import Territory
from routing.realignment import NOBODY, Holder
from routing.territories import Atlas, Place
from web.api import paging, permissions
from web.api.bodies import Instant, Text, Truth
from web.api.documents import REFUSALS
from web.api.views import Door, StrictSerializer

ACT_ID = re.compile(r"[0-9]{1,18}")
ON = OpenApiParameter("on", dt.date, description="A day of UTC; today unless given.")
Document = serializers.Serializer[Any]


class HolderRow(Document):
    """A rep or a pool; null both where nobody holds it."""

    user = serializers.CharField(allow_null=True)
    pool = serializers.CharField(allow_null=True)


class AreaRow(Document):
    """A country, or a part of it."""

    country = serializers.CharField()
    region = serializers.CharField()
    postal_prefix = serializers.CharField()


class TerritoryRow(Document):
    """A territory as it is on a day."""

    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    holder = HolderRow()
    areas = AreaRow(many=True)


class PlaceHolder(Document):
    """Whose a place is; null where it lies in no territory."""

    territory = serializers.CharField(allow_null=True)
    area = AreaRow(allow_null=True)
    holder = HolderRow()


class NewHolder(StrictSerializer):
    """Who holds a territory then: a user, a pool, or neither for nobody."""

    territory = Text(60, required=True, allow_blank=False)
    user = serializers.RegexField(r"^[0-9]{1,18}\Z", required=False, allow_null=True)
    pool = Text(60)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """One of the two."""
        if attrs.get("user") and attrs.get("pool"):
            raise serializers.ValidationError({"pool": "Name a user or a pool, not both."})
        user = int(attrs["user"]) if attrs.get("user") else None
        return {"territory": attrs["territory"], "holder": Holder(user, attrs.get("pool", ""))}


class NewArea(StrictSerializer):
    """An area and the territory it belongs to then; one that is not there yet is made."""

    territory = Text(60, required=True, allow_blank=False)
    country = Text(60, required=True, allow_blank=False)
    region = Text(80)
    postal_prefix = Text(16, trim_whitespace=False)


class TermsBody(StrictSerializer):
    """True: it goes to the new holder; false: it stays."""

    accounts = Truth(default=True)
    unaccepted = Truth(default=True)
    worked = Truth(default=False)
    opportunities = Truth(default=False)


class RealignBody(StrictSerializer):
    """What changes from a day on, and what goes along."""

    holders = NewHolder(many=True, required=False)
    areas = NewArea(many=True, required=False)
    terms = TermsBody(required=False)
    reason = Text(planning.LONGEST_REASON)
    preview = Truth(default=True)
    seen = Text(64, help_text="Of the preview; given, it is refused where it would differ by now.")

    def get_fields(self) -> dict[str, Any]:
        """With `from`, which Python keeps for itself."""
        return {"from": serializers.DateField(), **super().get_fields()}


class CountRow(Document):
    """How many."""

    kind = serializers.ChoiceField(RealignedRow.Kind.choices)
    count = serializers.IntegerField()


class HandRow(CountRow):
    """How many of a kind go from whom to whom."""

    before = HolderRow()
    after = HolderRow()


class StayRow(CountRow):
    """How many of a kind stay, and why."""

    why = serializers.CharField()


class RealignPreview(Document):
    """What it would do now; nothing is written."""

    total = serializers.IntegerField()
    moves = HandRow(many=True)
    stays = StayRow(many=True)
    remarks = serializers.ListField(child=serializers.CharField())
    seen = serializers.CharField()


class StateRow(CountRow):
    """How many of a kind came to what."""

    state = serializers.ChoiceField(RealignedRow.State.choices)


class RealignmentRow(Document):
    """A realignment and how far it is."""

    id = serializers.CharField(source="pk")
    state = serializers.ChoiceField(Realignment.State.choices)
    effective_on = serializers.DateField()
    reason = serializers.CharField()
    requested_at = Instant()
    finished_at = Instant(allow_null=True)
    kept = serializers.ListField(child=serializers.CharField())
    counts = serializers.SerializerMethodField()

    @extend_schema(responses=StateRow(many=True))
    def get_counts(self, act: Realignment) -> list[dict[str, Any]]:
        """By kind and state."""
        known = self.context.get("counts")
        counts = planning.counts(act) if known is None else known.get(act.pk, {})
        return [
            {"kind": kind, "state": state, "count": count}
            for (kind, state), count in sorted(counts.items())
        ]


class TerritoryListView(Door):
    """Territories."""

    serializer_class = TerritoryRow

    @extend_schema(
        operation_id="list_territories", parameters=[ON], responses=TerritoryRow(many=True)
    )
    def get(self, request: Request) -> Response:
        """Every territory with its areas and holder on a day."""
        self.refuse_unknown(request, {"on"})
        chart = selectors.chart_on(_day(request))
        areas = defaultdict(list)
        for spot, key in chart.areas.items():
            areas[key].append(_area(spot))
        told = [
            {"key": one.key, "label": one.label, "areas": areas[one.key],
             "holder": _holder(chart.holders.get(one.key, NOBODY))}
            for one in Territory.objects.order_by("key")
        ]  # fmt: skip
        return Response(TerritoryRow(told, many=True).data)


class PlaceView(Door):
    """Who holds a place."""

    serializer_class = PlaceHolder

    @extend_schema(
        operation_id="territory_of_place",
        parameters=[
            OpenApiParameter("country", str, required=True),
            OpenApiParameter("region", str),
            OpenApiParameter("postal_code", str),
            ON,
        ],
        responses=PlaceHolder,
    )
    def get(self, request: Request) -> Response:
        """By the function that routes."""
        self.refuse_unknown(request, {"country", "region", "postal_code", "on"})
        given = request.query_params
        country = cleansing.country_code(given.get("country", "")[:60])
        if not country:
            raise _invalid("country", "Name a country, such as DE.")
        code = postal_codes.clean(given.get("postal_code", ""), country)
        place = Place(country, postal_codes.region(given.get("region", "")), code)
        area = Atlas(selectors.areas(_day(request))).of(place)
        told = {
            "territory": area.territory if area else None,
            "area": _area((area.country, area.region, area.postal_prefix)) if area else None,
            "holder": _holder(Holder(area.user, area.pool) if area else NOBODY),
        }
        return Response(PlaceHolder(told).data)


class RealignmentListView(Door):
    """Realignments."""

    door = permissions.HANDING
    serializer_class = RealignBody
    pagination_class = paging.KeysetPages
    keyset = ("requested_at", "id")

    @extend_schema(operation_id="list_realignments", responses=RealignmentRow(many=True))
    def get(self, request: Request) -> Response:
        """List the realignments, newest first."""
        self.refuse_unknown(request, set(paging.KeysetPages.names))
        page = self.paginate_queryset(planning.visible(self.caller)) or []
        told = {"counts": planning.counts_of(page)}
        return self.get_paginated_response(RealignmentRow(page, many=True, context=told).data)

    @extend_schema(
        operation_id="realign",
        request=RealignBody,
        responses={200: RealignPreview, 201: RealignmentRow, **REFUSALS},
    )
    def post(self, request: Request) -> Response:
        """Preview a realignment, or with `preview` false and a reason, confirm it."""
        self.refuse_unknown(request, set())
        body, now = self.body(request), database.now()
        planning.require_may(self.caller)
        wanted = _wanted(body)
        if body["preview"]:
            shown = planning.preview(wanted, by=self.caller, now=now)
            return Response(RealignPreview(_previewed(shown)).data)
        act = planning.submit(
            wanted, by=self.caller, reason=body.get("reason", ""), seen=body.get("seen") or None
        )
        working.at_once(act.pk)
        act.refresh_from_db()
        return Response(RealignmentRow(act).data, status=201)


class RealignmentView(Door):
    """One realignment."""

    door = permissions.HANDING
    serializer_class = RealignmentRow

    @extend_schema(operation_id="get_realignment", responses={200: RealignmentRow, **REFUSALS})
    def get(self, request: Request, act_id: str) -> Response:
        """How far it is, and what came of it."""
        self.refuse_unknown(request, set())
        return Response(RealignmentRow(planning.seen(_id(act_id), self.caller)).data)


class _ActView(Door):
    door = permissions.HANDING
    serializer_class = StrictSerializer
    do: Callable[..., Realignment]

    def post(self, request: Request, act_id: str) -> Response:
        """Do it; the realignment as it then is."""
        self.refuse_unknown(request, set())
        self.body(request)
        pk = _id(act_id)
        type(self).do(pk, by=self.caller)
        working.at_once(pk)
        return Response(RealignmentRow(planning.seen(pk, self.caller)).data)


@extend_schema_view(
    post=extend_schema(
        operation_id="cancel_realignment",
        request=None,
        responses={200: RealignmentRow, **REFUSALS},
    )
)
class CancelView(_ActView):
    """Call a realignment off."""

    do = planning.cancel


@extend_schema_view(
    post=extend_schema(
        operation_id="undo_realignment",
        request=None,
        responses={200: RealignmentRow, **REFUSALS},
    )
)
class UndoView(_ActView):
    """Take a realignment back, where nothing followed."""

    do = undoing.begin


def _wanted(body: dict[str, Any]) -> Wanted:
    holders: dict[str, Holder] = {}
    areas: dict[pure.Spot, str] = {}
    for one in body.get("holders", ()):
        if holders.setdefault(one["territory"], one["holder"]) != one["holder"]:
            raise _invalid("holders", f"“{one['territory']}” is there twice.")
    for one in body.get("areas", ()):
        country = cleansing.country_code(one["country"])
        if country is None:
            raise _invalid("areas", f"“{one['country']}” is no country; use a code such as DE.")
        region = postal_codes.region(one.get("region", ""))
        prefix = one.get("postal_prefix", "").upper()
        spot = country, region, prefix.strip() or prefix
        if areas.setdefault(spot, one["territory"]) != one["territory"]:
            raise _invalid("areas", f"{charting.called(spot)} is there twice.")
    terms = Terms(**body.get("terms", {}))
    return planning.want(Asked(holders, areas), body["from"], terms)


def _previewed(shown: Preview) -> dict[str, Any]:
    return {
        "total": shown.total,
        "moves": [
            {"kind": kind, "count": count, "before": _holder(Holder(user, "" if user else queue)),
             "after": _holder(Holder(to, pool))}
            for (kind, user, queue, to, pool), count in shown.between.most_common()
        ],
        "stays": [
            {"kind": kind, "count": count, "why": why}
            for (kind, why), count in shown.stays.most_common()
        ],
        "remarks": list(shown.remarks),
        "seen": shown.seen,
    }  # fmt: skip


def _area(spot: pure.Spot) -> dict[str, str]:
    return {"country": spot[0], "region": spot[1], "postal_prefix": spot[2]}


def _holder(one: Holder) -> dict[str, str | None]:
    return {"user": str(one.user) if one.user else None, "pool": one.pool or None}


def _day(request: Request) -> dt.date:
    text = request.query_params.get("on", "")
    if not text:
        return planning.today(database.now())
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise _invalid("on", "Give a day, such as 2026-12-01.") from None


def _id(text: str) -> int:
    if not ACT_ID.fullmatch(text):
        raise NotFound("There is no such realignment.")
    return int(text)


def _invalid(field: str, text: str) -> InvalidInput:
    return InvalidInput(text, errors=[FieldError(field, text)])
