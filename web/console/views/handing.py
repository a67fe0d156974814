"""Handing on many leads: choose and preview, do it, see how far it is, cancel, undo."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import database
from core.errors import DomainError, NotAllowed, TooLate
from lifecycle import bulk_handing
from web.console import handing_page, pages, reassignment_page
from web.console.handing_page import HandingForm

THEN = {"cancel": bulk_handing.cancel, "undo": bulk_handing.undo}


@require_http_methods(["GET", "POST"])
@pages.page
def choose(request: HttpRequest) -> HttpResponseBase:
    """Where the chosen leads would go; sent with a reason, they do."""
    reader, now = pages.reader(request), database.now()
    sent = request.POST if request.method == "POST" else request.GET
    chosen = handing_page.choose(reader, sent, now=now)
    form, shown, status = HandingForm(sent if "way" in sent else None, now=now), None, 200
    if form.is_bound and form.is_valid():
        try:
            if request.method == "POST" and "preview" not in sent:
                act = handing_page.confirm(chosen, form, reader)
                return pages.moved(request, reverse("console:reassignment", args=[act.pk]))
            shown = handing_page.preview(chosen, form, reader, now=now)
        except NotAllowed:
            raise
        except DomainError as refusal:
            for fault in refusal.errors:
                form.add_error(fault.field if fault.field in form.fields else None, fault.message)
            status = refusal.status
    return pages.render(
        request, "console/handing.html", current="leads", now=now, chosen=chosen, form=form,
        shown=shown, status=422 if form.errors else status,
    )  # fmt: skip


@require_GET
@pages.page
def index(request: HttpRequest) -> HttpResponseBase:
    """All acts this reader may see."""
    now, zone = database.now(), timezone.get_current_timezone()
    acts = reassignment_page.acts(
        pages.reader(request), before=_number(request, "before"), now=now, zone=zone
    )
    return pages.render(request, "console/reassignments.html", current="leads", now=now, acts=acts)


@require_GET
@pages.page
def show(request: HttpRequest, act_id: int) -> HttpResponseBase:
    """One act: how far it is, and what went where."""
    now, zone = database.now(), timezone.get_current_timezone()
    after = _number(request, "after") or 0
    page = reassignment_page.build(act_id, pages.reader(request), after=after, now=now, zone=zone)
    return pages.render(
        request, "console/reassignment.html", current="leads", now=now, piece="progress", act=page
    )


@require_POST
@pages.page
def then(request: HttpRequest, act_id: int, name: str) -> HttpResponseBase:
    """Cancel what is left, or give back what nothing followed on."""
    if name not in THEN:
        raise Http404
    try:
        act = THEN[name](act_id, by=pages.reader(request))
    except TooLate as refusal:
        messages.error(request, refusal.message)
        return pages.moved(request, reverse("console:reassignment", args=[act_id]))
    return pages.moved(request, reverse("console:reassignment", args=[act.pk]))


def _number(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
