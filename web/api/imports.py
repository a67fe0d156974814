"""Files of leads and accounts by API: upload, dry run, import, result, undo. For RevOps.

POST imports/ ─▶ check/ ─▶ start/ ─▶ rows/, result/ ─▶ undo/
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, ClassVar, cast

from django.conf import settings
from django.db.models import QuerySet
from django.http import QueryDict
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from core.errors import NotFound
from leads.models import Channel
from lifecycle import import_requests
from lifecycle.importing import files, results
from lifecycle.models import ImportRow, ImportRun, ImportVerdict
from web import result_files, uploads
from web.api import bodies, errors, paging, shown
from web.api import permissions as doors
from web.api.documents import REFUSALS
from web.api.views import Door, StrictSerializer

RUN_ID = re.compile(r"[0-9]{1,18}")
VERDICT = OpenApiParameter("verdict", str, enum=ImportVerdict.values)


class UploadBody(StrictSerializer):
    """A file with a line of headings: CSV, TSV or XLSX."""

    file = serializers.FileField()
    subject = serializers.ChoiceField(ImportRun.Subject.choices, default="LEADS")


class Mapping(serializers.JSONField):
    """A mapping as an object, or a preset's name."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "mapping": "Give a mapping as an object, or the name of a preset."
    }

    def to_internal_value(self, data: Any) -> Any:
        """Nothing else."""
        if not isinstance(data, dict | str):
            self.fail("mapping")
        return data


class CheckBody(StrictSerializer):
    """How the rows are read, and how they come."""

    mapping = Mapping(
        required=False,
        help_text="A mapping (docs/howto/import-leads.md, for accounts accounts.md) or a preset's "
        "name. Left out: as a table with these headings was mapped last, else as it is guessed.",
    )
    system = bodies.Text(40, help_text="Whose ids these are, in small letters.")
    sheet = bodies.Text(80, help_text="Of a workbook.")
    encoding = bodies.Text(20, help_text="Of a text whose letters are guessed wrong.")
    channel = serializers.ChoiceField(Channel.choices, required=False)
    live = bodies.Truth(
        default=False, help_text="The rows come in now: qualified, routed; else as history."
    )
    pool = bodies.Text(60, help_text="Rows in now wait for the reps of this pool.")
    rows_a_day = serializers.IntegerField(
        required=False, min_value=1, help_text="So many for each rep of the pool."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """As the lifecycle names it."""
        mapping = attrs.pop("mapping", None)
        return {**attrs, "wanted": mapping}


class UndoBody(StrictSerializer):
    """Why it is taken back."""

    reason = bodies.Text(500)


class ImportDocument(shown.Document):
    """An import: how far it is, and what became of its rows so far."""

    id = serializers.CharField(source="pk")
    name = serializers.CharField()
    subject = serializers.ChoiceField(ImportRun.Subject.choices)
    state = serializers.ChoiceField(ImportRun.State.choices)
    dry_run = serializers.BooleanField(help_text="Whether the numbers are those of the check.")
    by = shown.Who(allow_null=True)
    total = serializers.IntegerField(allow_null=True, help_text="Rows, once they are counted.")
    done = serializers.IntegerField()
    verdicts = serializers.DictField(
        child=serializers.IntegerField(), source="tallies", help_text="Rows by verdict."
    )
    remarked = serializers.IntegerField(help_text="Rows with remarks.")
    notes = serializers.ListField(child=serializers.CharField(), help_text="Of the whole file.")
    error = serializers.CharField()
    mapping = serializers.DictField()
    channel = serializers.CharField()
    live = serializers.BooleanField()
    uploaded_at = bodies.Instant()
    finished_at = bodies.Instant(allow_null=True)
    file_until = bodies.Instant(allow_null=True, help_text="When the file itself is deleted.")
    undone_at = bodies.Instant(allow_null=True)
    undone = serializers.DictField(source="undo_tallies", help_text="What went and what stays.")


class Uploaded(ImportDocument):
    """A new import, its columns, and how they would be mapped unless you say otherwise."""

    headings = serializers.ListField(child=serializers.CharField())
    sheets = serializers.ListField(child=serializers.CharField())
    proposal = serializers.DictField()


class RowError(shown.Document):
    """One reason why a row is not in."""

    field = serializers.CharField(help_text="Dotted path of a touch; empty of the whole row.")
    message = serializers.CharField(help_text="In the headings of the file, without its values.")


class RowDocument(shown.Document):
    """What became of one row."""

    row = serializers.IntegerField(source="number")
    line = serializers.IntegerField(help_text="Line of the file, or row of the sheet.")
    verdict = serializers.ChoiceField(ImportVerdict.choices)
    lead = serializers.CharField(source="came_to", allow_null=True)
    account = serializers.CharField(source="account_id", allow_null=True)
    reasons = serializers.ListField(child=serializers.CharField(), source="faults")
    faults = RowError(
        many=True, source="placed_faults", help_text="The reasons, each with what it is about."
    )
    remarks = serializers.ListField(child=serializers.CharField())


class ImportDoor(Door):
    """Doors to imports."""

    door = doors.IMPORTS

    def run_id(self) -> int:
        """The import of the address. Raises NotAllowed, NotFound."""
        text = self.kwargs["import_id"]
        if not RUN_ID.fullmatch(text):
            import_requests.require(self.caller)
            raise NotFound(errors.NO_SUCH_THING)
        return int(text)

    def run(self) -> ImportRun:
        """The same, read."""
        return import_requests.one(self.run_id(), by=self.caller)


@extend_schema_view(
    get=extend_schema(operation_id="list_imports", responses=ImportDocument(many=True)),
    post=extend_schema(
        operation_id="upload_import",
        request={"multipart/form-data": UploadBody},
        responses={201: Uploaded, **REFUSALS},
    ),
)
class ImportListView(ImportDoor):
    """Imports, newest first."""

    serializer_class = UploadBody
    parser_classes = (MultiPartParser,)
    pagination_class = paging.KeysetPages
    keyset = ("id",)

    def get_queryset(self) -> QuerySet[ImportRun]:
        """All of them. Raises NotAllowed."""
        return import_requests.every(self.caller)

    def get(self, request: Request) -> Response:
        """List imports, newest first, page by page."""
        self.refuse_unknown(request, set(paging.KeysetPages.names))
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(ImportDocument(page, many=True).data)

    def post(self, request: Request) -> Response:
        """Keep a file to be checked; nothing is imported before you say so."""
        self.refuse_unknown(request, set())
        import_requests.require(self.caller)
        # This reads the file, as far as it is taken in.
        given = cast(QueryDict, request.data).dict()
        if uploads.was_too_large(request._request):
            raise files.too_large()
        reader = UploadBody(data=given)
        reader.is_valid(raise_exception=True)
        file, subject = reader.validated_data["file"], reader.validated_data["subject"]
        run = import_requests.upload(
            file.chunks(), name=file.name or "table", subject=subject, by=self.caller
        )
        seen = import_requests.look(run, by=self.caller)
        told = {"headings": seen.headings, "sheets": seen.sheets, "proposal": seen.proposal}
        return Response({**ImportDocument(run).data, **told}, status=201)


class ImportView(ImportDoor):
    """One import."""

    serializer_class = ImportDocument

    @extend_schema(operation_id="get_import", responses={200: ImportDocument, **REFUSALS})
    def get(self, request: Request, import_id: str) -> Response:
        """Say how far it is."""
        self.refuse_unknown(request, set())
        return Response(ImportDocument(self.run()).data)


class ImportRowsView(ImportDoor):
    """What became of the rows, the last first."""

    serializer_class = RowDocument
    pagination_class = paging.KeysetPages
    keyset = ("number",)

    def get_queryset(self) -> QuerySet[ImportRow]:
        """Those of one verdict, or all."""
        verdict = self.request.query_params.get("verdict", "")
        return import_requests.rows(self.run_id(), by=self.caller, verdict=verdict)

    @extend_schema(
        operation_id="list_import_rows",
        parameters=[VERDICT],
        responses=RowDocument(many=True),
    )
    def get(self, request: Request, import_id: str) -> Response:
        """List rows with verdict, reasons and remarks, page by page."""
        self.refuse_unknown(request, {*paging.KeysetPages.names, "verdict"})
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(RowDocument(page, many=True).data)


class ImportResultView(ImportDoor):
    """The result file."""

    serializer_class = RowDocument

    @extend_schema(
        operation_id="get_import_result",
        parameters=[VERDICT],
        responses={
            (200, "text/csv"): OpenApiTypes.STR,
            (200, result_files.XLSX): OpenApiTypes.BINARY,
            **REFUSALS,
        },
    )
    def get(self, request: Request, import_id: str) -> HttpResponseBase:
        """The file's own columns and what became of each row, written as the file was."""
        self.refuse_unknown(request, {"verdict"})
        run = self.run()
        verdict = request.query_params.get("verdict", "")
        result = results.of(run, by=self.caller, verdict=verdict, base=settings.BASE_URL)
        return result_files.send(f"import-{run.pk}-result", result)


class ImportActView(ImportDoor):
    """One act on an import; the lifecycle does it."""

    act: ClassVar[Callable[..., ImportRun]]
    done_status: ClassVar[int] = 202

    def post(self, request: Request, import_id: str) -> Response:
        """Do it; the answer is the import as it then is."""
        self.refuse_unknown(request, set())
        run_id = self.run().pk
        type(self).act(run_id=run_id, by=self.caller, **self.body(request))
        return Response(ImportDocument(self.run()).data, status=self.done_status)


def _view(name: str, act: Callable[..., ImportRun], body: type[Any], summary: str) -> Any:
    described = extend_schema_view(
        post=extend_schema(
            operation_id=f"{name}_import",
            summary=summary,
            request=body,
            responses={202: ImportDocument, **REFUSALS},
        )
    )
    attributes = {
        "__doc__": summary,
        "__module__": __name__,
        "act": staticmethod(act),
        "serializer_class": body,
    }
    return described(
        type(f"{name.title().replace('_', '')}ImportView", (ImportActView,), attributes)
    )


VIEWS = {
    name: _view(name, act, body, summary)
    for name, act, body, summary in (
        ("check", import_requests.check, CheckBody, "Decide every row and write nothing."),
        ("start", import_requests.start, bodies.Empty, "Import for good what was checked."),
        ("cancel", import_requests.cancel, bodies.Empty, "Stop it; what is in stays in."),
        ("go_on", import_requests.go_on, bodies.Empty, "Take it up where it stopped."),
        ("undo", import_requests.undo, UndoBody, "Take an import of leads back."),
    )
}
"""Address of each act under an import. Most of the work is the worker's: look again."""
