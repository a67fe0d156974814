"""Leads: the list, its CSV, one lead with its story, and every action on it."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from core import database, steps
from core.errors import DomainError
from governance import selectors as kits
from leads import selectors
from leads.models import Lead
from lifecycle import claims, corresponding
from web.console import (
    as_of,
    clock_page,
    colleagues,
    forms,
    lead_export,
    lead_list,
    lead_page,
    merged_page,
    overtaken,
    pages,
    score_page,
    sheets,
    timeline,
)

LEAD = "console/lead_detail.html"


@require_GET
@pages.page
def index(request: HttpRequest) -> HttpResponseBase:
    """The list, one page of it."""
    now = database.now()
    asked = lead_list.read(request.GET.dict())
    page = lead_list.build(pages.reader(request), asked, now=now)
    return pages.render(
        request, "console/leads.html", current="leads", now=now, leads=page,
        status=400 if asked.problems else 200, search=asked.given.get("q", ""),
    )  # fmt: skip


@require_GET
@pages.page
def download(request: HttpRequest) -> HttpResponseBase:
    """The same leads as a file, CSV or workbook as the address ends."""
    asked, form = lead_list.read(request.GET.dict()), request.path.rpartition(".")[2].upper()
    if asked.problems:
        return index(request)
    return lead_export.send(pages.reader(request), asked, form, now=database.now())


@require_GET
@pages.page
def show(request: HttpRequest, lead_id: int) -> HttpResponseBase:
    """One lead, or its timeline alone when that is filtered."""
    reader, now, zone = pages.reader(request), database.now(), timezone.get_current_timezone()
    lead = _seen(request, lead_id)
    before = request.GET.get("before", "")
    story = timeline.of_lead(
        lead_id, reader=reader, now=now, zone=zone, kind=request.GET.get("kind", ""),
        before=int(before) if before.isascii() and before.isdigit() and len(before) < 10 else None,
    )  # fmt: skip
    if pages.wants_piece(request):
        return pages.render(
            request, LEAD, current="leads", now=now, piece="story", story=story.read()
        )
    page = lead_page.build(lead, reader=reader, now=now, zone=zone)
    others, mails = colleagues.of(lead, reader), corresponding.pending(lead_id, reader)
    merged = merged_page.of_lead(lead, reader=reader, now=now)
    steps.ask(story, page, others, mails, merged)
    return pages.render(
        request, LEAD, current="leads", now=now, story=story.found, lead=page.found,
        slider=as_of.slider(lead), others=others.found, mails=mails, merged=merged.found,
    )  # fmt: skip


@require_GET
@pages.page
def at(request: HttpRequest, lead_id: int) -> HttpResponseBase:
    """A lead as it stood at a past instant or event; read only."""
    now, zone = database.now(), timezone.get_current_timezone()
    asked = {name: request.GET.get(name, "")[:40] for name in ("step", "kind")}
    page = as_of.build(
        _seen(request, lead_id), asked=request.GET.get("at", "")[:40], **asked,
        reader=pages.reader(request), now=now, zone=zone,
    ).read()  # fmt: skip
    return pages.render(
        request, "console/lead_as_of.html", current="leads", now=now, piece="story", lead=page,
        story=page.story, status=400 if page.problem else 200,
    )  # fmt: skip


@require_GET
@pages.page
def clock(request: HttpRequest, lead_id: int, clock_id: int) -> HttpResponseBase:
    """One clock of a lead, and where its time went."""
    now, zone = database.now(), timezone.get_current_timezone()
    page = clock_page.build(_seen(request, lead_id), clock_id, now=now, zone=zone)
    if page is None:
        raise Http404
    return pages.render(request, "console/clock.html", current="leads", now=now, clock=page)


@require_GET
@pages.page
def score(request: HttpRequest, lead_id: int) -> HttpResponseBase:
    """What a lead's score is made of, by now or at a past instant."""
    now, zone = database.now(), timezone.get_current_timezone()
    asked = request.GET.get("at", "")[:40]
    page = score_page.build(_seen(request, lead_id), asked=asked, now=now, zone=zone)
    return pages.render(
        request, "console/score.html", current="leads", now=now, score=page,
        status=400 if page.problem else 200,
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@pages.page
def act(request: HttpRequest, lead_id: int, action: str) -> HttpResponseBase:
    """The form of one action, and doing it."""
    if action not in forms.FORMS:
        raise Http404
    lead = _seen(request, lead_id, action)
    data = (request.POST,) if request.method == "POST" else ()
    form = forms.FORMS[action](
        *data, lead=lead, kit=kits.active_kit(), reader=pages.reader(request)
    )
    form.prefill(request.GET.dict())
    status = 200
    if request.method == "POST":
        said, status = _done(form)
        if said:
            undo = form.undo_at or (str(lead_id) if form.undoable else "")
            messages.success(request, said, extra_tags=undo)
            return pages.done(request, sheets.back(request, lead))
    return pages.render(
        request, "console/action.html", current="leads", now=database.now(), piece="form",
        form=form, sheet=sheets.of(request, form, action), status=status,
    )  # fmt: skip


def _seen(request: HttpRequest, lead_id: int, action: str = "") -> Lead:
    lead = lead_page.load(selectors.visible_to(pages.reader(request)), lead_id)
    if lead is None and action == "claim":
        claims.require_waiting(lead_id, by=pages.reader(request))
    if lead is None:
        raise Http404
    return lead


def _done(form: forms.ActionForm) -> tuple[str, int]:
    """What was done in words, or nothing and why not as a status."""
    if not form.is_valid():
        return "", 422
    try:
        return form.run(), 303
    except DomainError as refusal:
        form.refuse(refusal, told=overtaken.told(refusal, form.lead.pk, form.reader))
        return "", refusal.status
