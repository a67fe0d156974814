"""People who may be one: the queue, and deciding on a pair."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.errors import FieldError, InvalidInput, NotFound
from leads.models import DuplicateSuggestion
from lifecycle import merge_rights, merging
from web.api import bodies, errors, paging, permissions, shown
from web.api.documents import REFUSALS
from web.api.filters import StrictFilters
from web.api.leads import LEAD_ID
from web.api.views import Door


class DuplicatePair(shown.Document):
    """Two people who may be one, and what was decided."""

    id = serializers.CharField(source="pk")
    status = serializers.ChoiceField(DuplicateSuggestion.Status.choices)
    source = serializers.ChoiceField(  # type: ignore[assignment]
        DuplicateSuggestion.Source.choices
    )
    score = serializers.IntegerField(help_text="How alike, 0 to 100.")
    reasons = serializers.ListField(child=serializers.DictField())
    first = shown.Buyer(help_text="The one known longer.")
    second = shown.Buyer()
    suggested_at = bodies.Instant()
    decided_at = bodies.Instant(allow_null=True)
    decided_by = shown.Who(allow_null=True)


class Merged(shown.Document):
    """A merge that stands."""

    id = serializers.CharField(source="pk")
    winner = serializers.CharField(source="winner_id", help_text="Id of the person who stays.")
    loser = serializers.CharField(source="loser_id")
    at = bodies.Instant()


class PairDoor(Door):
    """Doors to pairs; who decides on duplicates sees all of them."""

    door = permissions.MERGES

    def pair(self) -> DuplicateSuggestion:
        """The pair of the address. Raises NotFound alike for missing and odd ones."""
        text = self.kwargs["pair_id"]
        found = None
        if LEAD_ID.fullmatch(text):
            found = DuplicateSuggestion.objects.filter(pk=int(text)).first()
        if found is None:
            raise NotFound(errors.NO_SUCH_THING)
        return found


class DuplicateListView(PairDoor):
    """Pairs, newest first."""

    queryset = DuplicateSuggestion.objects.none()  # for the description, which nobody asks
    serializer_class = DuplicatePair
    pagination_class = paging.KeysetPages
    filter_backends = (StrictFilters,)
    filterset_fields = ("status", "source")
    keyset = ("id",)

    def get_queryset(self) -> QuerySet[DuplicateSuggestion]:
        """All of them. Raises NotAllowed for those who neither decide nor audit."""
        merge_rights.require_looker(self.caller)
        return DuplicateSuggestion.objects.select_related("first", "second", "decided_by")

    @extend_schema(operation_id="list_duplicates", responses=DuplicatePair(many=True))
    def get(self, request: Request) -> Response:
        """List pairs of people who may be one, newest first, page by page."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(DuplicatePair(page, many=True).data)


class MergePairView(PairDoor):
    """Making a pair one person."""

    serializer_class = bodies.MergePair

    @extend_schema(
        operation_id="merge_duplicate",
        request=bodies.MergePair,
        responses={200: Merged, **REFUSALS},
    )
    def post(self, request: Request, pair_id: str) -> Response:
        """Make the two one person; the older row stays unless `winner` names the other."""
        self.refuse_unknown(request, set())
        pair, told = self.pair(), self.body(request)
        winner, loser = _turned(pair, told.pop("winner", None))
        made = merging.merge(
            winner_id=winner, loser_id=loser, by=self.caller, suggestion_id=pair.pk, **told
        )
        return Response(Merged(made).data)


class DismissPairView(PairDoor):
    """Saying that a pair is two people."""

    serializer_class = bodies.Empty

    @extend_schema(
        operation_id="dismiss_duplicate",
        request=bodies.Empty,
        responses={200: DuplicatePair, **REFUSALS},
    )
    def post(self, request: Request, pair_id: str) -> Response:
        """They are two people; the pair is not suggested again."""
        self.refuse_unknown(request, set())
        pair = self.pair()
        self.body(request)
        merging.dismiss(suggestion_id=pair.pk, by=self.caller)
        return Response(DuplicatePair(self.pair()).data)


def _turned(pair: DuplicateSuggestion, winner: Any) -> tuple[int, int]:
    if winner is None or int(winner) == pair.first_id:
        return pair.first_id, pair.second_id
    if int(winner) == pair.second_id:
        return pair.second_id, pair.first_id
    fault = FieldError("winner", "Name one of the two.", "unknown")
    raise InvalidInput("The winner is neither of the two.", errors=[fault])
