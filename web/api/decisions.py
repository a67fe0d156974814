"""Decision records: the list, one in full, its replay, and what would have been."""

from __future__ import annotations

import re
from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.errors import FieldError, NotFound
from people.models import User
from routing import decision_search, decision_seen, pool_rights, rule_words
from routing.models import Decision
from routing.redeciding import Supposed
from web.api import decision_shown as shown
from web.api import documents, errors, paging, permissions
from web.api.filters import MOST_ID, BadFilter, StrictFilters, TruthFilter
from web.api.leads import OfLead
from web.api.shown import Who
from web.api.views import Door

DECISION_ID = re.compile(r"[0-9]{1,18}")
MOST_KIT = 2**31 - 1


class DecisionFilters(django_filters.FilterSet):  # type: ignore[misc]
    """The filters of the list; the console's list has the same."""

    picked = django_filters.CharFilter(max_length=18, label="Who got it: a user's id, or `me`.")
    pool = django_filters.CharFilter(max_length=60)
    rule = django_filters.CharFilter(max_length=60, label="Key of the rule that decided.")
    moment = django_filters.ChoiceFilter(choices=tuple(rule_words.DECIDED_AT.items()))
    outcome = django_filters.ChoiceFilter(choices=decision_search.OUTCOMES)
    overridden = TruthFilter(label="By a person; what was taken back overrides nothing.")
    since = django_filters.IsoDateTimeFilter(label="From this instant on.")
    until = django_filters.IsoDateTimeFilter(label="Before this instant.")
    kit = django_filters.NumberFilter(min_value=1, max_value=MOST_KIT, label="Number of the kit.")
    lead = django_filters.NumberFilter(min_value=1, max_value=MOST_ID)

    class Meta:
        model = Decision
        fields: tuple[str, ...] = ()

    def filter_queryset(self, queryset: QuerySet[Decision]) -> QuerySet[Decision]:
        """By the search that the console uses."""
        told: dict[str, Any] = dict(self.form.cleaned_data)
        told["picked"] = self._user(told.pop("picked", ""))
        for name in ("kit", "lead"):
            told[name] = int(told[name]) if told[name] is not None else None
        return decision_search.narrow(queryset, decision_search.Wanted(**told))

    def _user(self, text: str) -> int | None:
        if text == "me":
            return int(self.request.user.pk)
        if text and not (text.isascii() and text.isdigit()):
            message = "Give a user's id, or `me`."
            raise BadFilter(f"picked: {message}", errors=[FieldError("picked", message)])
        return int(text) if text else None


class DecisionDoor(Door):
    """Doors to decisions: only those about leads the caller may see exist at all."""

    def decision(self) -> Decision:
        """The one of the address. Raises NotFound alike for missing and hidden ones."""
        text = self.kwargs["decision_id"]
        seen = decision_search.in_full(decision_search.visible_to(self.caller))
        row = seen.filter(pk=int(text)).first() if DECISION_ID.fullmatch(text) else None
        if row is None:
            raise NotFound(errors.NO_SUCH_THING)
        return row


class DecisionListView(DecisionDoor):
    """Decisions, newest first."""

    queryset = Decision.objects.none()  # for the description, which nobody asks
    serializer_class = shown.DecisionRow
    pagination_class = paging.KeysetPages
    filter_backends = (StrictFilters,)
    filterset_class = DecisionFilters
    keyset = ("at", "id")

    def get_queryset(self) -> QuerySet[Decision]:
        """Only what this caller may see."""
        return decision_search.for_lists(decision_search.listed_to(self.caller))

    @extend_schema(operation_id="list_decisions", responses=shown.DecisionRow(many=True))
    def get(self, request: Request) -> Response:
        """List decisions, newest first, page by page; one in full has the candidates."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        sight = pool_rights.sight_of(self.caller)
        rows = [decision_seen.in_list(one, sight) for one in page or ()]
        return self.get_paginated_response(shown.DecisionRow(rows, many=True).data)


class OfLeadView(OfLead):
    """Why a lead went where it went."""

    serializer_class = shown.DecisionFull
    keyset = ("at", "id")
    queryset = decision_search.in_full(Decision.objects.all())

    @extend_schema(operation_id="lead_decisions", responses=shown.DecisionFull(many=True))
    def get(self, request: Request, lead_id: str) -> Response:
        """List the decision records of a lead with all candidates, newest first."""
        return self.page()

    def seen(self, rows: list[Any]) -> list[Any]:
        """Of colleagues what this caller may see."""
        sight = pool_rights.sight_of(self.caller)
        return [decision_seen.in_full(one, sight) for one in rows]


class DecisionView(DecisionDoor):
    """One record."""

    serializer_class = shown.DecisionWhole

    @extend_schema(
        operation_id="get_decision", responses={200: shown.DecisionWhole, **documents.REFUSALS}
    )
    def get(self, request: Request, decision_id: str) -> Response:
        """Show everything one decision was made from."""
        self.refuse_unknown(request, set())
        row = decision_seen.in_full(self.decision(), pool_rights.sight_of(self.caller))
        return Response(shown.DecisionWhole(row).data)


class ReplayView(DecisionDoor):
    """One record, made again."""

    serializer_class = shown.Replayed

    @extend_schema(
        operation_id="replay_decision", responses={200: shown.Replayed, **documents.REFUSALS}
    )
    def get(self, request: Request, decision_id: str) -> Response:
        """Make the decision again from its record alone, and say whether it comes out the same."""
        self.refuse_unknown(request, set())
        row = self.decision()
        again = decision_seen.replayed(row, pool_rights.sight_of(self.caller))
        told = {
            "decision": str(row.pk),
            "same": again.is_same,
            "picked": None if again.user is None else str(again.user),
            "recorded": None if row.picked_id is None else str(row.picked_id),
            "differs": again.differs,
            "fault": again.fault,
        }
        return Response(told)


class WhatIfView(DecisionDoor):
    """What would have come of a decision; nothing is changed."""

    door = permissions.QUESTIONS
    serializer_class = shown.Question

    @extend_schema(
        operation_id="suppose_decision",
        request=shown.Question,
        responses={200: shown.WhatIf, **documents.REFUSALS},
    )
    def post(self, request: Request, decision_id: str) -> Response:
        """Say who would have got the lead, had somebody been at work, under their caps, not there.

        The function that decided answers, from the record alone.
        """
        self.refuse_unknown(request, set())
        row = self.decision()
        asked = [
            Supposed(**{**one, "user": int(one["user"])}) for one in self.body(request)["suppose"]
        ]
        sight = pool_rights.sight_of(self.caller)
        return Response(_told(row, decision_seen.suppose(row, asked, sight)))


def _told(row: Decision, answer: decision_seen.Answer) -> dict[str, Any]:
    made, told = answer.made, answer.row
    picked = User.objects.filter(pk=made.user).first() if made.user else None
    return {
        "same": not made.unknown and made.user == row.picked_id,
        "picked": Who(picked).data if picked else None,
        "because": told.because if told else "",
        "target": told.target if told else "",
        "rule": made.match.rule if made.match else "",
        "pool": told.pool if told else "",
        "tried": shown.shown_tried(told.tried) if told else [],
        "candidates": shown.shown_candidates(told.candidates) if told else [],
        "unknown": made.unknown,
    }
