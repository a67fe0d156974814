"""Reports for systems: what there is, and each as JSON or CSV."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core import database
from core.errors import FieldError
from reports import csv, declaration, declared, periods, registry
from reports.declaration import Declaration
from reports.facts import company_days
from reports.metrics import catalogue
from web.api import shown, slice_values
from web.api.filters import BadFilter
from web.api.views import Door

FORMATS = ("json", "csv")
PARAMETERS = [
    OpenApiParameter(
        "from", str, description="First day, or instant. Days are UTC days, of KPIs the company's."
    ),
    OpenApiParameter("to", str, description="Last day, included; or instant, excluded."),
    OpenApiParameter("by", str, description="Slice to break it down by; see the list."),
    OpenApiParameter("format", str, enum=FORMATS),
]


class ReportListView(Door):
    """Which reports there are."""

    serializer_class = shown.ReportDeclaration

    @extend_schema(operation_id="list_reports", responses=shown.ReportDeclaration(many=True))
    def get(self, request: Request) -> Response:
        """List the reports: what each means, its slices and columns."""
        self.refuse_unknown(request, set())
        return Response([_declared(one) for one in registry.all()])


class ReportView(Door):
    """One report, over the leads this caller may see."""

    serializer_class = shown.Report

    @extend_schema(
        operation_id="get_report",
        parameters=PARAMETERS,
        responses={(200, "application/json"): shown.Report, (200, "text/csv"): OpenApiTypes.STR},
    )
    def get(self, request: Request, name: str) -> HttpResponseBase:
        """Make one report; without a period, of the last thirty days.

        Any of its slices keeps to one value, as `channel=FORM`.
        """
        slices = {one.key for one in registry.get(name).slices} - {"by"}
        self.refuse_unknown(request, {"from", "to", "by", "format"} | slices)
        asked = request.query_params
        only = {
            key: slice_values.require_possible(key, asked[key])
            for key in sorted(slices)
            if key in asked
        }
        shape = asked.get("format", "json")
        if shape not in FORMATS:
            fault = FieldError("format", "Ask for json or csv.", "choice")
            raise BadFilter(f"format: {fault.message}", errors=[fault])
        now = database.now()
        zone = company_days.zone() if name in catalogue.ALL else dt.UTC
        period = periods.read(asked.get("from", ""), asked.get("to", ""), now=now, zone=zone)
        made = registry.build(
            name, self.caller, period=period, by=asked.get("by", ""), only=only, now=now
        )
        if shape == "json":
            return Response({**declaration.as_data(made), "metric": _metric(name, only)})
        attachment = f'attachment; filename="{csv.file_name(made)}"'
        answer = StreamingHttpResponse(csv.stream(made), content_type="text/csv; charset=utf-8")
        answer.headers["Content-Disposition"] = attachment
        return answer


def _metric(name: str, only: Mapping[str, str]) -> dict[str, Any] | None:
    """What is said of a KPI beside its report."""
    metric = catalogue.ALL.get(name)
    if metric is None:
        return None
    owner = declared.owner(metric, declared.history(metric)[:1])
    line = declared.fitting(declared.in_force(metric, declared.lines(metric)), only)
    told = line and {
        "low": line.low, "high": line.high, "source": line.source, "dated": line.at.isoformat()
    }  # fmt: skip
    return {
        "version": metric.version,
        "better": metric.better.value,
        "headline": metric.headline.key,
        "owner": str(owner.person) if owner.person else None,
        "nobody": owner.gone,
        "benchmark": told,
    }


def _declared(one: Declaration) -> dict[str, Any]:
    return dict(shown.ReportDeclaration(one).data)
