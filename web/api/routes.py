"""Where a lead would go, for systems: the same answer as the page of the route preview."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core import database
from core.errors import FieldError, InvalidInput
from leads import selectors
from leads.models import Lead
from leads.stages import Stage
from lifecycle import preview_asking, previewing
from lifecycle.preview_asking import Asked, Side
from lifecycle.previewing import Preview
from people.models import User
from web.api import capture, documents, permissions
from web.api.bodies import Instant
from web.api.decision_shown import NamedCandidate, Tried, named_candidates, shown_tried
from web.api.views import Door, StrictSerializer

Document = serializers.Serializer[Any]


class PreviewBody(StrictSerializer):
    """Either a lead that is there, or a touch."""

    lead = serializers.CharField(required=False, help_text="Id of a lead that the caller sees.")
    touch = serializers.JSONField(required=False, help_text="A touch as capture takes it.")
    moment = serializers.ChoiceField(
        previewing.MOMENTS, required=False, help_text="Left out: that in which the lead is."
    )
    version = serializers.IntegerField(
        required=False, min_value=1, help_text="Number of a kit; left out: the one in force."
    )
    against = serializers.IntegerField(
        required=False, min_value=1, help_text="A second kit for the same lead."
    )
    at = Instant(required=False, help_text="Now or within a year; left out: now.")
    score = serializers.FloatField(required=False, help_text="In place of the lead's own.")


class PreviewPerson(Document):
    """A user of ours."""

    id = serializers.CharField()
    name = serializers.CharField()


class PreviewClock(Document):
    """A clock that would run."""

    policy = serializers.CharField()
    due_at = Instant()


class RoutePreview(Document):
    """The route under one kit. `routed` false: rules would not be asked, and `why_not` says why."""

    kit_version = serializers.IntegerField()
    kit_status = serializers.CharField()
    refusal = serializers.CharField(help_text="Why this kit has no answer; else empty.")
    at = Instant(allow_null=True)
    lead = serializers.CharField(allow_null=True, help_text="The lead it is, if it is there.")
    stage = serializers.CharField()
    score = serializers.FloatField(allow_null=True)
    routed = serializers.BooleanField()
    why_not = serializers.CharField()
    owner = PreviewPerson(allow_null=True)
    queue = serializers.CharField(allow_null=True)
    moment = serializers.CharField()
    rule = serializers.CharField(allow_null=True)
    target = serializers.CharField(allow_null=True)
    pool = serializers.CharField(allow_null=True)
    picked = PreviewPerson(allow_null=True)
    because = serializers.CharField()
    chance_percent = serializers.IntegerField()
    next_try_at = Instant(allow_null=True)
    kept_for = PreviewPerson(allow_null=True)
    tried = Tried(many=True)
    candidates = NamedCandidate(many=True)
    facts = serializers.DictField()
    clocks = PreviewClock(many=True)


class RoutePreviews(Document):
    """One route, or two side by side and in what they differ."""

    previews = RoutePreview(many=True)
    differs = serializers.ListField(child=serializers.CharField())


COMPARED = ("owner", "queue", "rule", "pool", "stage", "score")


class RoutePreviewView(Door):
    """The route a lead would take."""

    door = permissions.QUESTIONS
    serializer_class = PreviewBody

    @extend_schema(
        operation_id="preview_route",
        request=PreviewBody,
        responses={200: RoutePreviews, **documents.REFUSALS},
    )
    def post(self, request: Request) -> Response:
        """Tell where a lead would go, by every rule that is tried. Nothing is written."""
        self.refuse_unknown(request, set())
        body = self.body(request)
        asked = Asked(
            lead=_lead(body, by=self.caller),
            touch=body.get("touch"),
            scope=capture.scope_of(request),
            versions=[body.get("version"), *([body["against"]] if "against" in body else [])],
            moment=body.get("moment", ""),
            at=body.get("at"),
            score=body.get("score"),
        )
        told = _told(preview_asking.ask(asked, by=self.caller, now=database.now()))
        return Response(RoutePreviews(told).data)


def _lead(body: dict[str, Any], *, by: User) -> Lead | None:
    if ("lead" in body) == ("touch" in body):
        fault = FieldError("lead", "Name a lead, or send a touch: one of the two.", "required")
        raise InvalidInput(fault.message, errors=[fault])
    if "lead" not in body:
        return None
    text = body["lead"]
    rows = selectors.visible_to(by).exclude(stage=Stage.MERGED.value)
    is_id = text.isascii() and text.isdigit() and len(text) < 19
    found = rows.filter(pk=int(text)).first() if is_id else None
    if found is None:
        fault = FieldError("lead", "There is no such lead, or none you may see.", "unknown")
        raise InvalidInput(fault.message, errors=[fault])
    return found


def _told(sides: list[Side]) -> dict[str, Any]:
    previews = [one.preview for one in sides if one.preview is not None]
    ids = {
        pk for one in previews for pk in (one.owner_id, one.kept_for, *_whom(one)) if pk is not None
    }
    people = {
        user.pk: {"id": str(user.pk), "name": str(user)} for user in User.objects.filter(pk__in=ids)
    }
    told = [_side(one, people) for one in sides]
    differs = [name for name in COMPARED if any(one[name] != told[0][name] for one in told)]
    return {"previews": told, "differs": differs}


def _whom(preview: Preview) -> tuple[int | None, ...]:
    """Who would be picked, and of whom."""
    made = preview.decision
    if made is None:
        return ()
    return made.picked_id, *(one["user"] for one in made.candidates)


def _side(side: Side, people: dict[int, dict[str, str]]) -> dict[str, Any]:
    preview = side.preview
    made = preview.decision if preview is not None else None
    names = {int(pk): person["name"] for pk, person in people.items()}
    rule = next((one for one in made.tried if one["matched"]), None) if made is not None else None
    return {
        "kit_version": side.version.number,
        "kit_status": side.version.status,
        "refusal": side.refusal,
        **_lead_of(preview, people),
        "rule": rule["rule"] if rule else None,
        "target": made.target if made else None,
        "pool": made.pool if made else None,
        "picked": people.get(made.picked_id or 0) if made else None,
        "because": made.because if made else "",
        "tried": shown_tried(made.tried) if made else [],
        "candidates": named_candidates(made.candidates, names) if made else [],
        "facts": made.facts if made else {},
    }


def _lead_of(preview: Preview | None, people: dict[int, dict[str, str]]) -> dict[str, Any]:
    if preview is None:
        return dict.fromkeys(
            ("at", "lead", "score", "owner", "queue", "next_try_at", "kept_for")
        ) | {
            "stage": "", "routed": False, "why_not": "", "moment": "", "chance_percent": 0,
            "clocks": [],
        }  # fmt: skip
    return {
        "at": preview.wanted.at,
        "lead": str(preview.lead.pk) if preview.is_stored else None,
        "stage": preview.lead.stage,
        "score": preview.score,
        "routed": preview.is_routed,
        "why_not": preview.why_not,
        "owner": people.get(preview.owner_id or 0),
        "queue": preview.waits_in or None,
        "moment": preview.moment,
        "chance_percent": preview.chance,
        "next_try_at": preview.route_at,
        "kept_for": people.get(preview.kept_for or 0),
        "clocks": [{"policy": key, "due_at": at} for key, at in preview.clocks],
    }
