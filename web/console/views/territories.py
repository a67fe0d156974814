"""Territories, who holds them from when on, and realigning them."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import database
from core.errors import DomainError, NotAllowed
from core.texts import _, lazy
from lifecycle.realigning import planning, undoing, working
from web import csv_files
from web.console import (
    pages,
    realign_form,
    realign_preview,
    realignment_page,
    territory_list,
)

VERBS = {
    "cancel": (planning.cancel, lazy("It is called off.")),
    "undo": (undoing.begin, lazy("It is being undone.")),
}


@require_GET
@pages.page
def index(request: HttpRequest) -> HttpResponseBase:
    """All territories, and who holds a place."""
    now = database.now()
    page = territory_list.build(pages.reader(request), request.GET.dict(), now=now)
    return pages.render(
        request, "console/territories.html", current="territories", now=now, territories=page
    )


@require_http_methods(["GET", "POST"])
@pages.page
def realign(request: HttpRequest) -> HttpResponseBase:
    """The form; sent, the preview; confirmed, the realignment."""
    reader, now, refusal = pages.reader(request), database.now(), None
    planning.require_may(reader)
    if request.method == "POST":
        try:
            return _answered(request)
        except NotAllowed:
            raise
        except DomainError as error:
            refusal = error
    form = realign_form.build(request.POST, now=now, refusal=refusal)
    return pages.render(
        request, "console/realign.html", current="territories", now=now, form=form,
        status=refusal.status if refusal is not None else 200,
    )  # fmt: skip


def _answered(request: HttpRequest) -> HttpResponseBase:
    reader, now, sent = pages.reader(request), database.now(), request.POST
    wanted = realign_form.read(sent, request.FILES.get("file"), now=now)
    if sent.get("do") == "file":
        rows = realign_preview.export(reader, wanted, now=now)
        return csv_files.stream("realignment.csv", rows)
    if sent.get("do") == "confirm":
        act = planning.submit(wanted, by=reader, reason=sent.get("reason", ""),
                              seen=sent.get("seen", ""))  # fmt: skip
        working.at_once(act.pk)
        messages.success(request, _("It is set; this page tells how far it is."))
        return pages.moved(request, reverse("console:realignment", args=[act.pk]))
    page = realign_preview.build(reader, wanted, now=now)
    return pages.render(
        request, "console/realign_preview.html", current="territories", now=now, preview=page
    )


@require_GET
@pages.page
def realignment(request: HttpRequest, act_id: int) -> HttpResponseBase:
    """How far one is, and what it did."""
    now, zone = database.now(), timezone.get_current_timezone()
    page = realignment_page.build(
        act_id, pages.reader(request), request.GET.dict(), now=now, zone=zone
    )
    return pages.render(
        request, "console/realignment.html", current="territories", now=now, piece="progress",
        act=page,
    )  # fmt: skip


@require_GET
@pages.page
def download(request: HttpRequest, act_id: int) -> HttpResponseBase:
    """All its rows as CSV."""
    rows = realignment_page.export(act_id, pages.reader(request))
    return csv_files.stream(f"realignment-{act_id}.csv", rows)


@require_POST
@pages.page
def act(request: HttpRequest, act_id: int, verb: str) -> HttpResponseBase:
    """Call it off, or undo it."""
    if verb not in VERBS:
        raise Http404
    do, said = VERBS[verb]
    try:
        do(act_id, by=pages.reader(request))
        working.at_once(act_id)
        messages.success(request, said)
    except NotAllowed:
        raise
    except DomainError as refusal:
        messages.error(request, refusal.message)
    return pages.moved(request, reverse("console:realignment", args=[act_id]))
