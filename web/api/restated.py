"""A KPI as it was told at the end of a day, restated, and as it stands; and why they differ."""

from __future__ import annotations

import datetime as dt
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core import database
from core.errors import FieldError, NotFound
from leads import selectors as leads
from reports import declaration, periods
from reports.facts import company_days
from reports.metrics import catalogue, explained, restating
from reports.metrics.explained import Explained
from web.api import shown
from web.api.bodies import Instant
from web.api.filters import BadFilter
from web.api.shown import Document
from web.api.views import Door


class Told(Document):
    """What was written down after that day of what had happened by then, or took a step back."""

    event = serializers.CharField()
    kind = serializers.CharField()
    transition = serializers.CharField(allow_blank=True)
    at = Instant(help_text="When it was true.")
    recorded_at = Instant()
    actor = serializers.CharField()


class RestatedLead(Document):
    """One lead that counts otherwise: what it added to each column, and what it adds."""

    lead = serializers.CharField()
    before = serializers.DictField(child=serializers.FloatField())
    after = serializers.DictField(child=serializers.FloatField())
    because = Told(many=True)


class Restated(Document):
    """The three reports, and the leads that make the first two differ."""

    at = Instant(help_text="The end of the day.")
    frozen = shown.Report(help_text="By what was known then of what had happened.")
    restated = shown.Report(help_text="What had happened by then, by all that is known today.")
    today = shown.Report(help_text="As it stands.")
    leads = RestatedLead(many=True)
    hidden = serializers.IntegerField(help_text="Further leads that the caller may not open.")


class RestatedView(Door):
    """A KPI as it was told at the end of a day."""

    serializer_class = Restated

    @extend_schema(
        operation_id="get_report_as_told",
        parameters=[
            OpenApiParameter("from", str, description="First day of the company, or instant."),
            OpenApiParameter("to", str, description="Last day, included; or instant, excluded."),
            OpenApiParameter("by", str, description="Slice to break it down by; see the list."),
            OpenApiParameter("at", dt.date, description="The day; without it the last one."),
        ],
        responses=Restated,
    )
    def get(self, request: Request, name: str) -> Response:
        """Hold a KPI as it was told at the end of a day against what is known today.

        Only of what the log of leads alone makes (422 of others); 422 where more than 20,000 leads
        have gone on since.
        """
        self.refuse_unknown(request, {"from", "to", "by", "at"})
        metric = catalogue.ALL.get(name)
        if metric is None:
            known = ", ".join(catalogue.ALL)
            raise NotFound(f"There is no KPI “{name[:40]}”; there are: {known}.")
        asked, now = request.query_params, database.now()
        period = periods.read(
            asked.get("from", ""), asked.get("to", ""), now=now, zone=company_days.zone()
        )
        day = _day(asked.get("at", ""), period, now)
        at = min(company_days.begin(day + company_days.DAY), now)
        found = restating.compare(
            metric, self.caller, period=period, at=at, by=asked.get("by", ""), now=now
        )
        rows = explained.rows(metric, found.rows)
        ids = [one.lead for one in rows]
        seen = set(leads.visible_to(self.caller).filter(pk__in=ids).values_list("pk", flat=True))
        return Response({
            "at": at.isoformat(),
            **{key: declaration.as_data(getattr(found, key))
               for key in ("frozen", "restated", "today")},
            "leads": [_data(one) for one in rows if one.lead in seen],
            "hidden": len(rows) - len(seen),
        })  # fmt: skip


def _day(text: str, period: periods.Period, now: dt.datetime) -> dt.date:
    """The day; without one the last of the period. Raises BadFilter."""
    today = company_days.of(now)
    if not text:
        return min(company_days.of(period.end - dt.timedelta.resolution), today)
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        day = dt.date.max
    if not day.year >= 1970 or day > today:
        fault = FieldError("at", "Write a day that has been, such as 2026-03-31.", "date")
        raise BadFilter(f"at: {fault.message}", errors=[fault])
    return day


def _data(one: Explained) -> dict[str, Any]:
    return {
        "lead": str(one.lead),
        "before": dict(one.before),
        "after": dict(one.after),
        "because": [
            {
                "event": str(told.event),
                "kind": told.kind,
                "transition": told.transition,
                "at": told.at.isoformat(),
                "recorded_at": told.recorded_at.isoformat(),
                "actor": told.actor,
            }
            for told in one.because
        ],
    }
