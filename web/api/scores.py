"""The score of one lead in full, now or as it was."""

from __future__ import annotations

import datetime as dt
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core import database, errors
from core.errors import FieldError
from leads import score_shown
from leads.models import Lead
from leads.score_shown import Whole
from leads.score_told import Told
from web.api import documents
from web.api.leads import LeadDoor

NO_INSTANT = "Give an ISO 8601 instant with its zone, such as 2026-05-04T09:30:00Z."


class ScoreView(LeadDoor):
    """One lead's score."""

    serializer_class = documents.ScoreTold

    @extend_schema(
        operation_id="lead_score",
        parameters=[OpenApiParameter("at", OpenApiTypes.DATETIME, description="A past instant.")],
        responses={200: documents.ScoreTold, **documents.REFUSALS},
    )
    def get(self, request: Request, lead_id: str) -> Response:
        """Tell what a lead's score is made of, rule by rule with its evidence; `at`, as it was."""
        self.refuse_unknown(request, {"at"})
        known, now = self.lead_id(), database.now()
        at = _instant(request.query_params.get("at", ""), now)
        whole = score_shown.of_lead(Lead.objects.get(pk=known), now=now, at=at)
        return Response(_document(whole))


def _instant(text: str, now: dt.datetime) -> dt.datetime | None:
    """The instant asked for; None for now. Raises InvalidInput for what is none, or lies ahead."""
    if not text:
        return None
    try:
        at = dt.datetime.fromisoformat(text.replace(" ", "+"))  # a plus sign left unescaped
        if at.tzinfo is None:
            raise ValueError
        at = at.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        raise errors.InvalidInput(NO_INSTANT, errors=[FieldError("at", NO_INSTANT)]) from None
    if at > now:
        ahead = "This lies in the future; scores are told of now and of the past."
        raise errors.InvalidInput(ahead, errors=[FieldError("at", ahead)])
    return at


def _document(whole: Whole) -> dict[str, Any]:
    return {
        "at": whole.at,
        **whole.sums,
        "band": whole.band,
        "kit_version": whole.kit.number if whole.kit is not None else None,
        "parts": [_rule(one) for one in whole.told],
    }


def _rule(told: Told) -> dict[str, Any]:
    part = told.part
    return {
        "rule": part.rule,
        "name": told.rule.label if told.rule is not None else "",
        "category": part.category,
        "value": float(told.points),
        "since": part.at,
        "points": told.rule.points if told.rule is not None else part.value,
        "half_life_days": part.half_life_days,
        "cap": part.cap,
        "within_days": part.within_days,
        "capped": float(told.capped),
        "evidence": [
            {
                "signal": str(one.seen.id),
                "kind": one.seen.kind,
                "at": one.seen.at,
                "touch": None if one.seen.touch is None else str(one.seen.touch),
                "value": float(one.points),
            }
            for one in told.evidence
        ],
    }
