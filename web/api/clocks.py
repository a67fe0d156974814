"""The clocks of a lead for systems: what met each, how sure that is, and where its time went."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core import database
from leads.models import Activity
from people.models import User
from sla import spent, split
from sla.models import Clock, ClockEvent, Proof
from sla.services import ACTIVITY
from sla.spent import Spent
from sla.split import Cause, Stretch
from web.api import paging, shown
from web.api.bodies import Instant
from web.api.leads import OfLead
from web.api.shown import Document, Who

MET = "MET"
LATE = "LATE"


class ClockEvidence(Document):
    """What met a clock: something done with the buyer, or an event of the lead's own log."""

    kind = serializers.CharField(help_text="`activity`, or the moment that stopped it.")
    id = serializers.CharField(allow_null=True, help_text="Of the activity, or of the event.")
    proof = serializers.ChoiceField(
        Proof.choices, allow_blank=True, help_text="Empty: it happened here, nobody reported it."
    )
    at = Instant(help_text="When it took place.")
    by = Who(allow_null=True)
    source = serializers.CharField(help_text="The system that reported it; else empty.")  # type: ignore[assignment]


class ClockStretch(Document):
    """Who held it from when to when, whether it ran, and how long they were at work."""

    since = Instant()
    until = Instant(allow_null=True, help_text="Null: still.")
    runs = serializers.BooleanField()
    pause = serializers.ChoiceField(ClockEvent.Cause.choices, allow_blank=True)
    holder = Who(allow_null=True, help_text="Null: it waited for somebody.")
    seconds_at_work = serializers.IntegerField(
        allow_null=True,
        help_text="Null where nobody held it, or it stood still; they add up to `split.rep`.",
    )


class ClockSplit(Document):
    """Whole seconds by cause; they add up to the total."""

    total = serializers.IntegerField()
    intake = serializers.IntegerField(help_text="Until we heard of it.")
    routing = serializers.IntegerField(help_text="From then until the clock ran.")
    promised = serializers.IntegerField(
        help_text="Until the instant that was promised, where it counts from one."
    )
    queue = serializers.IntegerField(help_text="Nobody held the lead.")
    off_shift = serializers.IntegerField(help_text="Whoever held it was not at work.")
    rep = serializers.IntegerField(help_text="Whoever held it was at work.")
    customer = serializers.IntegerField(help_text="It stood still, waiting for the buyer.")


class ClockFull(shown.ClockRow):
    """One obligation on a lead with its evidence and its course, up to its end or now."""

    scope = serializers.CharField()
    event_at = Instant(allow_null=True, help_text="When what started it happened, if before.")
    received_at = Instant(allow_null=True, help_text="When that was heard of.")
    promised_at = Instant(
        allow_null=True, help_text="What was promised, where its time counts from that."
    )
    effective_at = Instant(
        allow_null=True, help_text="An earlier stop, proven after it had stopped; decides."
    )
    outcome = serializers.ChoiceField(
        [MET, LATE], allow_null=True, help_text="Null unless it was stopped."
    )
    void = serializers.BooleanField(help_text="Undone or recalculated; another runs for it.")
    working_seconds = serializers.FloatField(allow_null=True)
    proven_by = ClockEvidence(allow_null=True)
    segments = ClockStretch(many=True)
    split = ClockSplit()


class ClocksView(OfLead):
    """The obligations on a lead."""

    serializer_class = ClockFull
    pagination_class = paging.KeysetPages
    keyset = ("started_at", "id")
    queryset = Clock.objects.select_related("holder", "kit", "stopped_by", "pin")

    @extend_schema(operation_id="lead_clocks", responses=ClockFull(many=True))
    def get(self, request: Request, lead_id: str) -> Response:
        """List the clocks of a lead, running and ended, newest first, with where time went."""
        return self.page()

    def seen(self, rows: list[Clock]) -> list[Any]:
        """The rows with evidence, segments and split. Seven queries for all of them."""
        now = database.now()
        told = spent.read(rows, now=now)
        done = [one.evidence_id for one in rows if one.evidence == ACTIVITY and one.evidence_id]
        activities = Activity.objects.select_related("by").in_bulk(done)
        holders = {one.segment.holder for c in told.values() for one in c.stretches}
        names = User.objects.in_bulk([pk for pk in holders if pk is not None])
        for clock in rows:
            full: Any = clock
            full.outcome = (MET if clock.is_met else LATE) if clock.is_stopped else None
            full.proven_by = _evidence(clock, activities)
            full.segments = _segments(told[clock.pk], names)
            full.split = _split(told[clock.pk])
        return rows


def _evidence(clock: Clock, activities: Mapping[int, Activity]) -> dict[str, Any] | None:
    if not clock.is_stopped:
        return None
    row = activities.get(clock.evidence_id or 0) if clock.evidence == ACTIVITY else None
    return {
        "kind": clock.evidence,
        "id": str(clock.evidence_id) if clock.evidence_id else None,
        "proof": clock.proof,
        "at": row.at if row is not None else clock.stopped_at,
        "by": row.by if row is not None else clock.stopped_by,
        "source": row.source if row is not None else "",
    }


def _segments(whole: Spent, names: Mapping[int, User]) -> list[dict[str, Any]]:
    """Their seconds at work add up to those of the split."""
    cells = split.in_seconds(whole.split, whole.stretches, whole.before)
    return [
        _stretch(one, seconds.get(Cause.REP), names)
        for one, seconds in zip(whole.stretches, cells, strict=True)
    ]


def _stretch(one: Stretch, at_work: int | None, names: Mapping[int, User]) -> dict[str, Any]:
    return {
        "since": one.segment.since,
        "until": one.segment.until,
        "runs": one.segment.runs,
        "pause": one.segment.cause,
        "holder": names.get(one.segment.holder or 0),
        "seconds_at_work": at_work,
    }


def _split(whole: Spent) -> dict[str, int]:
    seconds = {cause.value.lower(): count for cause, count in whole.split.seconds.items()}
    return {"total": whole.split.total, **seconds}
