"""Decision records: the list, its CSV, one in full, its replay and what would have been."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET

from core import database
from core.texts import _
from routing import pool_rights
from web import csv_files
from web.console import decision_list, decision_page, pages, raw_decision


@require_GET
@pages.page
def index(request: HttpRequest) -> HttpResponseBase:
    """The list, one page of it."""
    reader, now = pages.reader(request), database.now()
    asked = decision_list.read(request.GET.dict(), reader)
    return pages.render(
        request, "console/decisions.html", current="decisions", now=now,
        decisions=decision_list.build(reader, asked), status=400 if asked.problems else 200,
    )  # fmt: skip


@require_GET
@pages.page
def download(request: HttpRequest) -> HttpResponseBase:
    """The same decisions as CSV."""
    reader = pages.reader(request)
    asked = decision_list.read(request.GET.dict(), reader)
    if asked.problems:
        return index(request)
    return csv_files.stream("decisions.csv", decision_list.export(reader, asked))


@require_GET
@pages.page
def show(request: HttpRequest, decision_id: int) -> HttpResponseBase:
    """One record; made again, or supposed to have been otherwise, where the address asks so."""
    reader, now = pages.reader(request), database.now()
    row = decision_page.seen(decision_id, reader)
    page = decision_page.build(row, request.GET, reader=reader)
    return pages.render(
        request, "console/decision.html", current="decisions", now=now, decision=page,
    )  # fmt: skip


@require_GET
@pages.page
def raw(request: HttpRequest, decision_id: int) -> HttpResponseBase:
    """The record itself as a file."""
    reader = pages.reader(request)
    row = decision_page.seen(decision_id, reader)
    return JsonResponse(
        raw_decision.of(row, pool_rights.sight_of(reader)),
        json_dumps_params={"indent": 2, "ensure_ascii": False},
        headers={
            "Content-Disposition": _('attachment; filename="decision-{pk}.json"').format(pk=row.pk)
        },
    )
