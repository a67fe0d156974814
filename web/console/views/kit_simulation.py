"""What a version of the kit would have done with the leads of the last days."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from core import database
from core.errors import FieldError, InvalidInput, NotFound
from core.texts import _
from lifecycle.simulation import runs
from web import csv_files
from web.console import (
    kit_links,
    pages,
    simulation_lead,
    simulation_leads,
    simulation_page,
)


@require_GET
@pages.page
def show(request: HttpRequest, number: int) -> HttpResponseBase:
    """The run, live while it lasts, and the newest report."""
    reader, now, zone = pages.reader(request), database.now(), timezone.get_current_timezone()
    version = simulation_page.require_sight(reader, number, now=now)
    page = simulation_page.build(version, reader=reader, now=now, zone=zone)
    if pages.wants_piece(request) and not page.run.is_open:
        return pages.moved(request, page.url)
    found = None
    if page.shown is not None and not pages.wants_piece(request):
        found = simulation_leads.build(
            page.shown, number, request.GET.dict(), reader=reader, now=now, zone=zone
        )
    return pages.render(
        request, "console/kit_simulation.html", current="kit", now=now, piece="run",
        simulation=page, leads=found,
    )  # fmt: skip


@require_POST
@pages.page
def start(request: HttpRequest, number: int) -> HttpResponseBase:
    """Ask the worker for a run."""
    reader, now = pages.reader(request), database.now()
    version = simulation_page.require_sight(reader, number, now=now)
    asked = request.POST.get("days") or str(runs.USUAL_DAYS)
    if not (asked.isascii() and asked.isdigit() and len(asked) <= 4):
        fault = FieldError("days", _("Choose a number of days."))
        raise InvalidInput(fault.message, errors=[fault])
    runs.request(version, by=reader, now=now, days=int(asked))
    return pages.moved(request, kit_links.url("kit-simulation", number))


@require_POST
@pages.page
def cancel(request: HttpRequest, number: int) -> HttpResponseBase:
    """Give the unfinished run up."""
    reader, now = pages.reader(request), database.now()
    version = simulation_page.require_sight(reader, number, now=now)
    for run in version.simulations.filter(state__in=runs.UNFINISHED):
        runs.cancel(run, by=reader, now=now)
        messages.success(request, _("The run was cancelled."))
    return pages.moved(request, kit_links.url("kit-simulation", number))


@require_GET
@pages.page
def lead(request: HttpRequest, number: int, lead_id: int) -> HttpResponseBase:
    """One lead under both versions."""
    reader, now, zone = pages.reader(request), database.now(), timezone.get_current_timezone()
    version = simulation_page.require_sight(reader, number, now=now)
    run = simulation_page.shown_run(version)
    if run is None:
        raise NotFound(_("This version was not simulated yet."))
    page = simulation_lead.build(run, number, lead_id, reader=reader, now=now, zone=zone)
    return pages.render(
        request, "console/kit_simulation_lead.html", current="kit", now=now, page=page
    )


@require_GET
@pages.page
def download(request: HttpRequest, number: int) -> HttpResponseBase:
    """The leads that fare otherwise as CSV."""
    reader, now = pages.reader(request), database.now()
    version = simulation_page.require_sight(reader, number, now=now)
    run = simulation_page.shown_run(version)
    if run is None:
        raise NotFound(_("This version was not simulated yet."))
    rows = simulation_leads.export(run, request.GET.dict(), reader=reader)
    return csv_files.stream(f"kit-v{number}-simulation-{run.until:%Y-%m-%d}.csv", rows)
