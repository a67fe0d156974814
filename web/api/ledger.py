"""Costs and quotas: those that count, now or as known at an instant; many said at once."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from core.errors import FieldError, InvalidInput
from leads.models import SourceCategory
from reports import costs, ledger_rights, quotas
from reports.models import CostEntry, QuotaEntry
from reports.models.statement import Via
from reports.stated_files import cost_rows, quota_rows, taking
from reports.stated_files.plan import Line, Told, Verdict
from web import problems
from web.api import batches, errors, ledger_bodies, paging, parsers, permissions
from web.api.documents import REFUSALS
from web.api.filters import BadFilter
from web.api.ledger_bodies import StatedReceipts
from web.api.views import Door, StrictSerializer

MOST = 1_000
STATUS = {Verdict.NEW: 201, Verdict.REFUSED: 422}
"""What became of an item, as a status of HTTP; 200 where it was known, or is restated."""
PARAMETERS = [
    OpenApiParameter("from", dt.date, description="Only those with a day from here on."),
    OpenApiParameter("to", dt.date, description="Only those with a day up to here, included."),
    OpenApiParameter(
        "known", dt.datetime, description="As it was known at this instant; now unless said."
    ),
]
SOURCE = OpenApiParameter("source", str, enum=SourceCategory.values)


class _List(Door):
    """Those of a book that count."""

    pagination_class = paging.KeysetPages
    keyset = ("id",)

    def narrowed(self, request: Request, rows: Any) -> Any:
        """The rows of the days that were asked for."""
        asked = request.query_params
        first = _day("from", asked["from"]) if "from" in asked else dt.date.min
        last = _day("to", asked["to"]) if "to" in asked else dt.date.max
        return rows.filter(costs.touching(first, last)).select_related("by")


class CostListView(_List):
    """Costs."""

    door = permissions.COSTS
    queryset = CostEntry.objects.none()  # for the description, which nobody asks
    serializer_class = ledger_bodies.CostEntryRow

    @extend_schema(
        operation_id="list_costs",
        parameters=[*PARAMETERS, SOURCE],
        responses=ledger_bodies.CostEntryRow(many=True),
    )
    def get(self, request: Request) -> Response:
        """List what sources cost, the newest statement first; withdrawn ones are left out."""
        self.refuse_unknown(request, {"from", "to", "known", "source", *paging.KeysetPages.names})
        ledger_rights.require_reads_costs(self.caller)
        rows = self.narrowed(request, costs.entries_as_of(_known(request)))
        if "source" in request.query_params:
            rows = rows.filter(source=_source(request.query_params["source"]))
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(ledger_bodies.CostEntryRow(page, many=True).data)


class QuotaListView(_List):
    """Quotas."""

    door = permissions.SALES_QUOTAS
    queryset = QuotaEntry.objects.none()  # for the description, which nobody asks
    serializer_class = ledger_bodies.QuotaEntryRow

    @extend_schema(
        operation_id="list_quotas",
        parameters=PARAMETERS,
        responses=ledger_bodies.QuotaEntryRow(many=True),
    )
    def get(self, request: Request) -> Response:
        """List the quotas this caller sees, the newest statement first; withdrawn ones not."""
        self.refuse_unknown(request, {"from", "to", "known", *paging.KeysetPages.names})
        ledger_rights.require_reads_quotas(self.caller)
        rows = ledger_rights.visible_quotas(self.caller, quotas.entries_as_of(_known(request)))
        page = self.paginate_queryset(self.narrowed(request, rows).select_related("rep", "team"))
        return self.get_paginated_response(ledger_bodies.QuotaEntryRow(page, many=True).data)


class _Batch(Door):
    """Many said at once; a bad one is refused alone."""

    item_list: ClassVar[str]
    item: ClassVar[type[StrictSerializer]]
    kept: ClassVar[tuple[str, ...]]
    body_limit = parsers.BATCH_LIMIT

    def taken(self, request: Request) -> Response:
        """Take in what the body says, and answer each item."""
        self.refuse_unknown(request, set())
        taking.require_may(self.item_list, self.caller)
        document: Any = request.data
        manner = tuple(ledger_bodies.Manner().fields)
        items = batches.items(document, self.item_list, most=MOST, beside=manner)
        how = ledger_bodies.Manner(data={name: document[name] for name in document
                                         if name != self.item_list})  # fmt: skip
        how.is_valid(raise_exception=True)
        rows = [self._told(place, item) for place, item in enumerate(items, start=1)]
        given = how.validated_data
        if given.get("dry_run"):
            plan, entries = taking.look(self.item_list, rows, by=self.caller), {}
        else:
            done = taking.take(
                self.item_list, rows, by=self.caller, via=Via.API, reason=given.get("reason", "")
            )
            plan, entries = done.plan, done.entries or {}
        return Response({"receipts": [_receipt(line, entries) for line in plan.lines]})

    def _told(self, place: int, item: Any) -> Told[Any]:
        """What one item says, or why it is refused."""
        if faults := tuple(parsers.faults(item)):
            return Told(place, place, None, faults)
        reader = self.item(data=item)
        try:
            reader.is_valid(raise_exception=True)
        except InvalidInput as refusal:
            return Told(place, place, None, tuple(refusal.errors))
        except ValidationError as wrong:
            return Told(place, place, None, tuple(errors.field_errors(wrong.detail)))
        given = reader.validated_data
        silent = frozenset(name for name in self.kept if name not in item)
        return Told(place, place, given["said"], entry=given["entry"], silent=silent)


class CostBatchView(_Batch):
    """Many costs."""

    door = permissions.COSTS
    serializer_class = ledger_bodies.CostBatch
    item_list = taking.COSTS
    item = ledger_bodies.CostSaid
    kept = cost_rows.KEPT

    @extend_schema(
        operation_id="cost_batch",
        request=ledger_bodies.CostBatch,
        responses={200: StatedReceipts, **REFUSALS},
    )
    def post(self, request: Request) -> Response:
        """Enter or restate up to 1000 costs: by entry, external id, or days, source and label.

        One answer each, in the same order. The same again changes nothing; what says otherwise
        is a further row with your reason, and the row before stays.
        """
        return self.taken(request)


class QuotaBatchView(_Batch):
    """Many quotas."""

    door = permissions.SALES_QUOTAS
    serializer_class = ledger_bodies.QuotaBatch
    item_list = taking.QUOTAS
    item = ledger_bodies.QuotaSaid
    kept = quota_rows.KEPT

    @extend_schema(
        operation_id="quota_batch",
        request=ledger_bodies.QuotaBatch,
        responses={200: StatedReceipts, **REFUSALS},
    )
    def post(self, request: Request) -> Response:
        """Set or restate up to 1000 quotas: by entry, external id, or whose and which days.

        One answer each, in the same order. The same again changes nothing; what says otherwise
        is a further row with your reason, and the row before stays.
        """
        return self.taken(request)


def _receipt(line: Line[Any], entries: dict[int, int]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "status": STATUS.get(line.verdict, 200), "outcome": line.verdict.value
    }  # fmt: skip
    if line.verdict is Verdict.REFUSED:
        return {**told, "errors": problems.listed(list(line.faults))}
    number = entries.get(line.row, line.number)
    return {
        **told,
        **({"entry": str(number)} if number is not None else {}),
        "changed": [name for name, *_ in line.changes],
    }


def _known(request: Request) -> dt.datetime | None:
    """The instant as of which one asks."""
    text = request.query_params.get("known")
    if text is None:
        return None
    try:
        reader = ledger_bodies.Known(data={"known": text})
        reader.is_valid(raise_exception=True)
    except serializers.ValidationError:
        told = "Give an ISO 8601 instant with its zone, such as 2026-05-04T09:30:00Z."
        raise BadFilter(f"known: {told}", errors=[FieldError("known", told)]) from None
    known: dt.datetime = reader.validated_data["known"]
    return known


def _day(name: str, text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        told = "Give a day such as 2026-10-31."
        raise BadFilter(f"{name}: {told}", errors=[FieldError(name, told)]) from None


def _source(text: str) -> str:
    if text not in SourceCategory.values:
        told = f"Use one of {', '.join(SourceCategory.values)}."
        raise BadFilter(f"source: {told}", errors=[FieldError("source", told, "choice")])
    return text
