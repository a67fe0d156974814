"""The queues at intake for systems: what waits, trying it again, letting it through."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response

from core.errors import InvalidInput, NotFound
from leads.models import DuplicateSuggestion, Lead, Touch
from lifecycle import actions, permissions, queues, set_aside
from lifecycle.set_aside import AT_ONCE
from web.api import bodies, errors, paging
from web.api import permissions as doors
from web.api.views import Door, StrictSerializer

WAITING: dict[str, tuple[Any, tuple[str, str]]] = {
    "exceptions": (queues.exceptions, ("received_at", "id")),
    "quarantine": (queues.quarantine, ("quarantined_at", "id")),
    "spam": (queues.spam, ("received_at", "id")),
    "duplicates": (queues.duplicates, ("suggested_at", "id")),
}
"""What waits in each queue, and the key of its pages."""


class QueueCount(serializers.Serializer[Any]):
    """One queue."""

    name = serializers.ChoiceField(queues.NAMES)
    waiting = serializers.IntegerField(help_text=f"At most {queues.COUNTED + 1}.")


class Waiting(serializers.Serializer[Any]):
    """One thing that waits: a touch, a lead, or a pair of people."""

    touch = serializers.CharField(allow_null=True)
    lead = serializers.CharField(allow_null=True)
    people = serializers.ListField(child=serializers.CharField(), help_text="Of duplicates.")
    why = serializers.CharField()
    attempts = serializers.IntegerField(allow_null=True)
    since = bodies.Instant()
    due_at = bodies.Instant(allow_null=True, help_text="Next try of a touch, clock of a lead.")
    payload = serializers.JSONField(allow_null=True, help_text="Of touches, as it came in.")


class Chosen(StrictSerializer):
    """Which of them; a reason is needed to let leads pass."""

    ids = serializers.ListField(
        child=serializers.RegexField(r"\A[0-9]{1,18}\Z"), min_length=1, max_length=AT_ONCE
    )
    reason = bodies.Text(set_aside.LONGEST_REASON)


class Outcome(serializers.Serializer[Any]):
    """What became of them."""

    advanced = serializers.IntegerField()
    failed = serializers.IntegerField()
    passed_over = serializers.IntegerField(help_text="Not there any more, or tried by others.")


class QueueDoor(Door):
    """Doors for those who keep the queues."""

    door = doors.QUEUES

    def keep(self) -> str:
        """The queue of the address, for who may do such a thing. Raises NotAllowed and NotFound."""
        reads = self.request.method in SAFE_METHODS
        (permissions.require_queue_reader if reads else permissions.require_keeper)(self.caller)
        name = str(self.kwargs.get("queue", ""))
        if name and name not in WAITING:
            raise NotFound(errors.NO_SUCH_THING)
        return name


class QueueListView(QueueDoor):
    """Every queue with how much waits there."""

    serializer_class = QueueCount

    @extend_schema(operation_id="list_queues", responses=QueueCount(many=True))
    def get(self, request: Request) -> Response:
        """List the queues."""
        self.refuse_unknown(request, set())
        self.keep()
        counts = queues.counts()
        return Response([{"name": name, "waiting": counts.of(name)} for name in queues.NAMES])


class QueueView(QueueDoor):
    """What waits in one queue, newest first."""

    serializer_class = Waiting
    pagination_class = paging.KeysetPages
    keyset: Sequence[str] = ("received_at", "id")

    @extend_schema(operation_id="list_queue", responses=Waiting(many=True))
    def get(self, request: Request, queue: str) -> Response:
        """Show what waits."""
        self.refuse_unknown(request, set(paging.KeysetPages.names))
        rows, self.keyset = WAITING[self.keep()]
        found: QuerySet[Any] = rows()
        page = self.paginate_queryset(found) or []
        return self.get_paginated_response(Waiting(map(_waiting, page), many=True).data)


class RetryView(QueueDoor):
    """Try parked touches again, now; each goes through once, whoever else tries."""

    serializer_class = Chosen

    @extend_schema(operation_id="retry_touches", request=Chosen, responses=Outcome)
    def post(self, request: Request, queue: str) -> Response:
        """For the exceptions."""
        self.refuse_unknown(request, set())
        if self.keep() != "exceptions":
            raise NotFound(errors.NO_SUCH_THING)
        ids = map(int, self.body(request)["ids"])
        return Response(Outcome(set_aside.retry(ids, by=self.caller)).data)


class ReleaseView(QueueDoor):
    """Let suspected spam through, or one lead pass out of quarantine."""

    serializer_class = Chosen
    most_leads: ClassVar[int] = 1

    @extend_schema(operation_id="release", request=Chosen, responses=Outcome)
    def post(self, request: Request, queue: str) -> Response:
        """For spam, any number; of leads one, with a reason."""
        self.refuse_unknown(request, set())
        queue, body = self.keep(), self.body(request)
        ids = [int(one) for one in body["ids"]]
        if queue == "spam":
            return Response(Outcome(set_aside.let_through(ids, by=self.caller)).data)
        if queue != "quarantine":
            raise NotFound(errors.NO_SUCH_THING)
        if len(ids) > self.most_leads:
            raise InvalidInput("Let leads pass one by one, each with its reason.")
        actions.release(lead_id=ids[0], by=self.caller, reason=body.get("reason", ""))
        return Response({"advanced": 1, "failed": 0, "passed_over": 0})


def _waiting(row: Touch | Lead | DuplicateSuggestion) -> dict[str, Any]:
    """Any of them in one shape."""
    nothing: dict[str, Any] = {
        "touch": None,
        "lead": None,
        "people": [],
        "attempts": None,
        "payload": None,
    }
    if isinstance(row, Touch):
        return {**nothing, "touch": row.pk, "why": row.last_error, "attempts": row.attempts,
                "since": row.received_at, "due_at": row.next_attempt_at,
                "payload": row.payload}  # fmt: skip
    if isinstance(row, Lead):
        return {**nothing, "lead": row.pk, "why": "Its record is too thin to go on.",
                "since": row.quarantined_at, "due_at": row.next_due_at}  # fmt: skip
    return {**nothing, "people": [row.first_id, row.second_id], "why": f"Alike by {row.score}.",
            "since": row.suggested_at, "due_at": None}  # fmt: skip
