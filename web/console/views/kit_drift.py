"""The drift monitor: what left its limits after which publication, and acknowledging it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from core import database
from core.errors import InvalidInput
from core.texts import _
from reports.drift import alarms
from web.console import drift_page, pages
from web.console.drift_alarms import Attempt


@require_GET
@pages.page
def show(request: HttpRequest) -> HttpResponseBase:
    """Alarms, and every figure of the last publications."""
    return _shown(request)


@require_POST
@pages.page
def acknowledge(request: HttpRequest, alarm_id: int) -> HttpResponseBase:
    """RevOps has seen an alarm; a note that will not do comes back beside it."""
    note = request.POST.get("note", "")
    try:
        alarms.acknowledge(alarm_id, by=pages.reader(request), note=note, now=database.now())
    except InvalidInput as refusal:
        return _shown(request, Attempt(alarm_id, note, refusal.message), status=422)
    messages.success(request, _("Alarm acknowledged."))
    return pages.moved(request, reverse("console:kit-drift"))


def _shown(
    request: HttpRequest, attempt: Attempt | None = None, *, status: int = 200
) -> HttpResponseBase:
    now = database.now()
    page = drift_page.build(
        pages.reader(request), now=now, zone=timezone.get_current_timezone(), attempt=attempt
    )
    return pages.render(
        request, "console/kit_drift.html", current="kit", now=now, status=status, drift=page
    )
