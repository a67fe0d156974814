"""Imports: upload, mapping, check, import for good, result."""

from __future__ import annotations

from types import ModuleType

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import database
from core.errors import DomainError, NotAllowed, NotFound, TooLate
from lifecycle.importing import runs
from lifecycle.models import ImportRun
from web import result_files, uploads
from web.console import (
    import_account_mapping,
    import_list,
    import_mapping,
    import_page,
    import_undo,
    pages,
)


@require_http_methods(["GET", "POST"])
@pages.page
def index(request: HttpRequest) -> HttpResponseBase:
    """Every import, and the upload of another one."""
    reader, problem, status = pages.reader(request), "", 200
    asked = request.GET.dict() | request.POST.dict()
    if request.method == "POST":
        file, too_large = request.FILES.get("file"), uploads.was_too_large(request)
        try:
            run = import_list.upload(reader, file, asked, too_large=too_large)
            return pages.moved(request, reverse("console:import-run", args=[run.pk]))
        except NotAllowed:
            raise
        except DomainError as refusal:
            problem, status = refusal.message, refusal.status
    now, zone = database.now(), timezone.get_current_timezone()
    page = import_list.build(reader, asked, problem=problem, now=now, zone=zone)
    return pages.render(
        request, "console/imports.html", current="import", now=now, status=status, imports=page
    )


@require_GET
@pages.page
def show(request: HttpRequest, run_id: int) -> HttpResponseBase:
    """One import: its mapping while it waits for one, else how far it is."""
    run = import_page.seen(run_id, pages.reader(request))
    if run.state == ImportRun.State.UPLOADED and run.file_until is not None:
        return _mapping(request, run, None)
    now, zone = database.now(), timezone.get_current_timezone()
    reader = pages.reader(request)
    page = import_page.build(run, reader, request.GET.dict(), now=now, zone=zone)
    if pages.wants_piece(request) and not page.is_working:
        return pages.moved(request, page.url)
    return pages.render(
        request, "console/import_run.html", current="import", now=now, piece="progress", run=page
    )


@require_POST
@pages.page
def act(request: HttpRequest, run_id: int, name: str) -> HttpResponseBase:
    """Check, start, cancel, go on, map anew."""
    reader = pages.reader(request)
    run = import_page.seen(run_id, reader)
    try:
        if name == "check":
            _mapper(run).check(run, reader, request.POST.dict())
        else:
            messages.success(request, import_page.act(run_id, reader, name))
    except NotFound:
        raise
    except DomainError as refusal:
        if name == "check" and run.state == ImportRun.State.UPLOADED:
            return _mapping(request, run, refusal)
        messages.error(request, refusal.message)
    return pages.moved(request, reverse("console:import-run", args=[run_id]))


@require_http_methods(["GET", "POST"])
@pages.page
def undo(request: HttpRequest, run_id: int) -> HttpResponseBase:
    """What undoing would do; posted, it is done."""
    reader = pages.reader(request)
    run = import_page.seen(run_id, reader)
    try:
        if request.method == "POST":
            messages.success(request, import_undo.run(run_id, reader, request.POST.dict()))
            return pages.moved(request, reverse("console:import-run", args=[run_id]))
        page = import_undo.build(run, reader, request.GET.dict())
    except TooLate as refusal:
        messages.error(request, refusal.message)
        return pages.moved(request, reverse("console:import-run", args=[run_id]))
    now = database.now()
    return pages.render(request, "console/import_undo.html", current="import", now=now, undo=page)


@require_GET
@pages.page
def download(request: HttpRequest, run_id: int) -> HttpResponseBase:
    """The file with what became of each row, written as it was; formula-safe."""
    reader = pages.reader(request)
    run = import_page.seen(run_id, reader)
    result = import_page.export(run, reader, request.GET.get("verdict", ""))
    stem = run.name.rpartition(".")[0] or run.name
    return result_files.send(f"{stem.encode('ascii', 'replace').decode()}-result", result)


def _mapping(request: HttpRequest, run: ImportRun, refusal: DomainError | None) -> HttpResponseBase:
    """The mapping page; after a refusal with what was given."""
    given = request.POST.dict() if refusal is not None else {}
    wanted = import_mapping.asked(given or request.GET.dict())
    reader = pages.reader(request)
    mapper = _mapper(run)
    page = mapper.build(run, reader, wanted, given=given, fault=refusal)
    now = database.now()
    return pages.render(
        request, mapper.TEMPLATE, current="import", now=now,
        status=refusal.status if refusal else 200, run=run, mapping=page,
    )  # fmt: skip


def _mapper(run: ImportRun) -> ModuleType:
    return import_account_mapping if runs.of_accounts(run) else import_mapping
