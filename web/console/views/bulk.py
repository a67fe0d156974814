"""The same step on many leads: choose and preview, do it, see how far it is, cancel, undo."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import database, errors
from core.errors import DomainError, NotAllowed
from core.texts import _
from governance import selectors as kits
from lifecycle import bulk_acting
from web.console import bulk_page, pages
from web.console.bulk_form import BulkForm
from web.console.views.found import number

THEN = {"cancel": bulk_acting.cancel, "undo": bulk_acting.undo}


@require_http_methods(["GET", "POST"])
@pages.page
def choose(request: HttpRequest) -> HttpResponseBase:
    """What would come of a step on the chosen leads; sent without preview, it is taken."""
    reader, now = pages.reader(request), database.now()
    if not bulk_page.may(reader):
        raise errors.NotAllowed(_("Only who works leads, and RevOps, act on them."))
    sent = request.POST if request.method == "POST" else request.GET
    chosen = bulk_page.choose(reader, sent, now=now)
    form = BulkForm(sent if "verb" in sent else None, kit=kits.active_kit())
    shown, status = None, 200
    if form.is_bound and form.is_valid():
        try:
            if request.method == "POST" and "preview" not in sent:
                act = bulk_page.confirm(chosen, form, reader)
                return pages.moved(request, reverse("console:lead-bulk", args=[act.pk]))
            shown = bulk_page.preview(chosen, form, reader)
        except NotAllowed:
            raise
        except DomainError as refusal:
            _tell(form, refusal)
            status = refusal.status
    return pages.render(
        request, "console/bulk.html", current="leads", now=now, chosen=chosen, form=form,
        shown=shown, earlier=bulk_page.earlier(reader), status=422 if form.errors else status,
    )  # fmt: skip


def _tell(form: BulkForm, refusal: DomainError) -> None:
    names = {"reason": "cause"}
    for fault in refusal.errors:
        field = names.get(fault.field, fault.field)
        if field == "value" and form.picks:
            field = "picked"
        form.add_error(field if field in form.fields else None, fault.message)


@require_GET
@pages.page
def show(request: HttpRequest, act_id: int) -> HttpResponseBase:
    """One act: how far it is, and what became of each lead."""
    now, zone = database.now(), timezone.get_current_timezone()
    after = number(request, "after") or 0
    page = bulk_page.build(act_id, pages.reader(request), after=after, now=now, zone=zone)
    return pages.render(
        request, "console/bulk_act.html", current="leads", now=now, piece="progress", act=page
    )


@require_POST
@pages.page
def then(request: HttpRequest, act_id: int, name: str) -> HttpResponseBase:
    """Cancel what is left, or take back what nothing followed on."""
    if name not in THEN:
        raise Http404
    try:
        act_id = THEN[name](act_id, by=pages.reader(request)).pk
    except errors.TooLate as refusal:
        messages.error(request, refusal.message)
    return pages.moved(request, reverse("console:lead-bulk", args=[act_id]))
