"""Handing on many leads in one act: preview, act, how far it is, cancel, undo."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core import database
from core.errors import NotFound
from lifecycle import bulk_handing
from lifecycle.handing_rows import Want
from lifecycle.models import Reassignment
from routing.models import Override
from web.api import bodies, permissions, shown
from web.api.act_steps import OfActs
from web.api.documents import REFUSALS
from web.api.views import Door, StrictSerializer

WAYS = ("PERSON", "ANEW", "POOL")
ACT_ID = re.compile(r"[0-9]{1,18}")


class BulkBody(StrictSerializer):
    """Which leads, and where they go."""

    leads = serializers.ListField(
        child=serializers.RegexField(r"^[0-9]{1,18}\Z"),
        min_length=1,
        max_length=bulk_handing.MOST,
    )
    way = serializers.ChoiceField(WAYS, help_text="To a person, by the rules anew, to a pool.")
    to = serializers.RegexField(r"^[0-9]{1,18}\Z", required=False, help_text="Of PERSON: who.")
    pool = bodies.Text(60, help_text="Of POOL: its key.")
    reason = bodies.Text(500, help_text="Why; needed unless it is only previewed.")
    why = serializers.ChoiceField(Override.Why.choices, required=False, help_text="It counts as.")
    preview = bodies.Truth(default=False, help_text="Only say where they would go; nothing moves.")


class Count(serializers.Serializer[Any]):
    """How many."""

    what = serializers.CharField(help_text="A user's id, a pool's key, or why they stay.")
    leads = serializers.IntegerField()


class ActDocument(shown.Document):
    """An act, how far it is, and where its leads went so far; `id` is null of a preview."""

    id = serializers.CharField(allow_null=True)
    way = serializers.ChoiceField(Reassignment.Way.choices)
    state = serializers.ChoiceField([*Reassignment.State.choices, ("PREVIEW", "Preview")])
    total = serializers.IntegerField()
    done = serializers.IntegerField(help_text="Dealt with, moved or not; previews deal 500.")
    reason = serializers.CharField()
    undoes = serializers.CharField(allow_null=True)
    undone_by = serializers.CharField(allow_null=True)
    to_users = Count(many=True)
    to_queues = Count(many=True)
    stayed = Count(many=True)


def _counts(counted: Counter[Any]) -> list[dict[str, Any]]:
    return [{"what": str(what), "leads": count} for what, count in counted.most_common()]


def _document(act: Reassignment) -> dict[str, Any]:
    result = bulk_handing.result(act)
    return {
        "id": str(act.pk),
        "way": act.way,
        "state": act.state,
        "total": act.total,
        "done": act.done,
        "reason": act.reason,
        "undoes": str(act.undoes_id) if act.undoes_id else None,
        "undone_by": result.undone_by and str(result.undone_by),
        "to_users": _counts(result.users),
        "to_queues": _counts(result.queues),
        "stayed": _counts(result.stays),
    }


class BulkReassignView(Door):
    """Hand on many leads; large acts are left to the worker."""

    door = permissions.HANDING
    serializer_class = BulkBody

    @extend_schema(
        operation_id="bulk_reassign",
        summary="Hand on many leads in one act.",
        request=BulkBody,
        responses={200: ActDocument, 202: ActDocument, **REFUSALS},
    )
    def post(self, request: Request) -> Response:
        """200 where all is done (or previewed), 202 where the worker has it."""
        self.refuse_unknown(request, set())
        given = self.body(request)
        want = Want(given["way"], int(given["to"]) if given.get("to") else None,
                    given.get("pool", ""))  # fmt: skip
        leads = [int(one) for one in given["leads"]]
        if given["preview"]:
            return Response(_previewed(leads, want, self))
        act = bulk_handing.submit(
            leads,
            want,
            by=self.caller,
            reason=given.get("reason", ""),
            counts_as=given.get("why", Override.Why.OTHER),
        )
        waits = act.state in bulk_handing.OPEN
        return Response(_document(act), status=202 if waits else 200)


def _previewed(leads: list[int], want: Want, door: Door) -> dict[str, Any]:
    found = bulk_handing.preview(leads, want, by=door.caller, now=database.now())
    return {
        "id": None,
        "way": want.way,
        "state": "PREVIEW",
        "total": found.total,
        "done": found.looked_at,
        "reason": "",
        "undoes": None,
        "undone_by": None,
        "to_users": _counts(found.users),
        "to_queues": _counts(found.queues),
        "stayed": _counts(found.stays),
    }


class ActView(Door):
    """One act."""

    door = permissions.HANDING
    serializer_class = ActDocument

    @extend_schema(
        operation_id="bulk_reassign_status",
        summary="How far an act is, and where its leads went.",
        responses={200: ActDocument, **REFUSALS},
    )
    def get(self, request: Request, act_id: str) -> Response:
        """RevOps sees all, managers their own and those of leavers of their teams."""
        self.refuse_unknown(request, set())
        return Response(_document(bulk_handing.seen(_id(act_id), self.caller)))


def _id(text: str) -> int:
    if not ACT_ID.fullmatch(text):
        raise NotFound("There is no such act, or none you may see.")
    return int(text)


_ACTS = OfActs("bulk_reassign", "Bulk", permissions.HANDING, _id, _document, ActDocument)
CancelView = _ACTS.step("cancel", bulk_handing.cancel, "Leave the rest of an act as it is.")
UndoView = _ACTS.step("undo", bulk_handing.undo, "Give back what nothing followed on.")
