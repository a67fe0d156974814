"""What people and systems do with an opportunity: move it on, win it, lose it, take that back."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from lifecycle import deal_closing, deal_moving
from lifecycle.deal_closing import Outcome
from web.api import opportunity_shown
from web.api.bodies import Empty, Lose, Text, Win
from web.api.documents import REFUSALS
from web.api.opportunities import OpportunityDoor
from web.api.opportunity_shown import OpportunityFull
from web.api.views import StrictSerializer

ANSWER: dict[Any, Any] = {200: OpportunityFull, **REFUSALS}


class ToStage(StrictSerializer):
    """The sales stage it goes to; `version` is the one you saw, another by now is refused."""

    stage = Text(60, required=True, allow_blank=False)
    version = serializers.IntegerField(required=False, min_value=0)


class StageView(OpportunityDoor):
    """Another sales stage."""

    serializer_class = ToStage

    @extend_schema(operation_id="move_opportunity", request=ToStage, responses=ANSWER)
    def post(self, request: Request, opportunity_id: str) -> Response:
        """Put an open opportunity at a sales stage of the kit, forwards or back."""
        self.refuse_unknown(request, set())
        pk = self.opportunity().pk
        deal_moving.move(opportunity_id=pk, by=self.caller, **self.body(request))
        return Response(opportunity_shown.full(pk))


class ClosingView(OpportunityDoor):
    """The end of an opportunity; `step` says which."""

    step: ClassVar[str]

    def close(self, request: Request) -> Response:
        """Read how it ended, and end it with every lead on it."""
        self.refuse_unknown(request, set())
        pk, said = self.opportunity().pk, self.body(request)
        outcome = Outcome(self.step, **said)
        deal_closing.close(opportunity_id=pk, by=self.caller, outcome=outcome)
        return Response(opportunity_shown.full(pk))


class WinView(ClosingView):
    """Won."""

    step = deal_closing.WIN
    serializer_class = Win

    @extend_schema(operation_id="win_opportunity", request=Win, responses=ANSWER)
    def post(self, request: Request, opportunity_id: str) -> Response:
        """The opportunity is won, for every lead on it."""
        return self.close(request)


class LoseView(ClosingView):
    """Lost."""

    step = deal_closing.LOSE
    serializer_class = Lose

    @extend_schema(operation_id="lose_opportunity", request=Lose, responses=ANSWER)
    def post(self, request: Request, opportunity_id: str) -> Response:
        """The opportunity is lost, for every lead on it."""
        return self.close(request)


class UndoView(OpportunityDoor):
    """The last step, back."""

    serializer_class = Empty

    @extend_schema(operation_id="undo_opportunity", request=Empty, responses=ANSWER)
    def post(self, request: Request, opportunity_id: str) -> Response:
        """Take one's own last step back: a sales stage, or the end of the opportunity."""
        self.refuse_unknown(request, set())
        pk = self.opportunity().pk
        given: dict[str, Any] = self.body(request)
        deal_moving.undo(opportunity_id=pk, by=self.caller, **given)
        return Response(opportunity_shown.full(pk))
