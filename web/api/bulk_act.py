"""The same step, field or next step for many leads: preview, act, how far it is, cancel, undo."""

from __future__ import annotations

import re
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.errors import NotFound
from leads import own_fields
from lifecycle import bulk_acting
from lifecycle.models import BulkAct
from web.api import bodies, errors, permissions, shown
from web.api.act_steps import OfActs
from web.api.bulk_reassign import Count
from web.api.documents import REFUSALS
from web.api.views import Door, StrictSerializer

ACT_ID = re.compile(r"[0-9]{1,18}")
VERBS = [one for one in BulkAct.Verb.choices if one[0] != BulkAct.Verb.UNDO]
GIVEN = ("field", "value", "at", "kind")

STATES = [*BulkAct.State.choices, ("PREVIEW", "Preview")]


class BulkActBody(StrictSerializer):
    """Which leads, and what is done with each of them."""

    leads = serializers.ListField(
        child=serializers.RegexField(r"^[0-9]{1,18}\Z"),
        min_length=1,
        max_length=bulk_acting.MOST,
    )
    do = serializers.ChoiceField(VERBS, help_text="A step, a field, or the next step.")
    reason = bodies.Text(60, help_text="Of steps that need one: its key in the kit.")
    note = bodies.Text(bulk_acting.LONGEST_NOTE, help_text="Stands with each lead.")
    field = bodies.Text(120, help_text="Of SET: its name, such as person.country.")
    value = bodies.Text(own_fields.LONGEST, help_text="Of SET: what it is set to.")
    at = bodies.Instant(required=False, help_text="Of NEXT_STEP: when.")
    kind = bodies.Text(14, help_text="Of NEXT_STEP: which kind of contact; any if empty.")
    preview = bodies.Truth(default=False, help_text="Only say what would come of it.")


class BulkActDocument(shown.Document):
    """An act and how far it is; `id` is null of a preview."""

    id = serializers.CharField(allow_null=True)
    do = serializers.ChoiceField(BulkAct.Verb.choices)
    state = serializers.ChoiceField(STATES)
    total = serializers.IntegerField()
    done = serializers.IntegerField(help_text="Dealt with, whether anything came of it or not.")
    went = serializers.IntegerField(help_text="Leads with which it was, or would be, done.")
    left = Count(many=True)
    undoes = serializers.CharField(allow_null=True)
    undone_by = serializers.CharField(allow_null=True)


def _document(act: BulkAct) -> dict[str, Any]:
    found = bulk_acting.result(act)
    return {
        "id": str(act.pk),
        "do": act.verb,
        "state": act.state,
        "total": act.total,
        "done": act.done,
        "went": found.going,
        "left": [{"what": why, "leads": count} for why, count in found.left.most_common()],
        "undoes": str(act.undoes_id) if act.undoes_id else None,
        "undone_by": str(found.undone_by) if found.undone_by else None,
    }


class BulkActView(Door):
    """Do the same with many leads, each by itself; large acts are left to the worker."""

    serializer_class = BulkActBody

    @extend_schema(
        operation_id="bulk_act",
        summary="Take one step, or set one field or the next step, on many leads.",
        request=BulkActBody,
        responses={200: BulkActDocument, 202: BulkActDocument, **REFUSALS},
    )
    def post(self, request: Request) -> Response:
        """200 where all is dealt with (or previewed), 202 where the worker has it."""
        self.refuse_unknown(request, set())
        said = self.body(request)
        leads = [int(one) for one in said["leads"]]
        meant: dict[str, Any] = {
            "by": self.caller,
            "cause": said.get("reason", ""),
            "note": said.get("note", ""),
            "given": {name: said.get(name) for name in GIVEN},
        }
        if said["preview"]:
            return Response(_previewed(leads, said["do"], meant))
        act = bulk_acting.submit(leads, said["do"], **meant)
        waits = act.state in bulk_acting.OPEN
        return Response(_document(act), status=202 if waits else 200)


def _previewed(leads: list[int], verb: str, meant: dict[str, Any]) -> dict[str, Any]:
    found = bulk_acting.preview(leads, verb, **meant)
    return {
        "id": None,
        "do": verb,
        "state": "PREVIEW",
        "total": found.total,
        "done": found.total,
        "went": found.going,
        "left": [{"what": why, "leads": count} for why, count in found.stays.most_common()],
        "undoes": None,
        "undone_by": None,
    }


class BulkActStatusView(Door):
    """One act."""

    serializer_class = BulkActDocument

    @extend_schema(
        operation_id="bulk_act_status",
        summary="How far an act is, and which leads it left and why.",
        responses={200: BulkActDocument, **REFUSALS},
    )
    def get(self, request: Request, act_id: str) -> Response:
        """People see their own acts, managers those of their teams, RevOps all."""
        self.refuse_unknown(request, set())
        return Response(_document(bulk_acting.seen(_id(act_id), self.caller)))


def _id(text: str) -> int:
    if not ACT_ID.fullmatch(text):
        raise NotFound(errors.NO_SUCH_THING)
    return int(text)


_ACTS = OfActs("bulk_act", "BulkAct", permissions.LEADS, _id, _document, BulkActDocument)
CancelView = _ACTS.step("cancel", bulk_acting.cancel, "Leave the rest of an act as it is.")
UndoView = _ACTS.step("undo", bulk_acting.undo, "Take one's own act back where nothing followed.")
