"""What escalated to whoever asks and is open still, as their console lists it."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from lifecycle import escalations
from lifecycle.escalations import Escalation
from web.api.bodies import Instant
from web.api.documents import REFUSALS
from web.api.shown import Document, Who
from web.api.views import Door

MOST = 200
"""So many are listed, the first due of them."""


class EscalationRow(Document):
    """One clock of which a level told the caller to see to it."""

    clock = serializers.CharField()
    lead = serializers.CharField()
    policy = serializers.CharField()
    level = serializers.CharField(help_text="The level that told them last, as its kit calls it.")
    since = Instant()
    due_at = Instant()
    holder = Who(allow_null=True)
    contacts = serializers.IntegerField(help_text="Logged since the clock began.")
    last_contact_at = Instant(allow_null=True)
    seen_at = Instant(allow_null=True, help_text="When the caller marked or opened it.")


class Escalations(Document):
    """The first due of them, and how many there are."""

    count = serializers.IntegerField(help_text="Counted up to 1,000.")
    results = EscalationRow(many=True)


COUNTED = 1_000


class EscalationListView(Door):
    """The escalations of the caller."""

    serializer_class = Escalations

    @extend_schema(operation_id="list_escalations", responses={200: Escalations, **REFUSALS})
    def get(self, request: Request) -> Response:
        """List what escalated to the caller and is open, the first due first."""
        self.refuse_unknown(request, set())
        found = [_row(one) for one in escalations.of(self.caller, most=MOST)]
        count = escalations.count(self.caller, most=COUNTED)
        return Response(Escalations({"count": count, "results": found}).data)


def _row(one: Escalation) -> dict[str, Any]:
    return {
        "clock": str(one.clock.pk),
        "lead": str(one.clock.lead_id),
        "policy": one.clock.policy,
        "level": one.level,
        "since": one.since,
        "due_at": one.clock.due_at,
        "holder": one.clock.holder,
        "contacts": one.tried.count if one.tried else 0,
        "last_contact_at": one.tried.last.at if one.tried else None,
        "seen_at": one.seen_at,
    }
