"""What buyers allow, whom lists forbid, and the data of a person given out or erased."""

from __future__ import annotations

import json
from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import database
from core.errors import DomainError
from core.texts import _
from leads import selectors
from leads.models import Lead
from lifecycle import contacting
from lifecycle.contacting import Listed
from lifecycle.privacy import exporting, subject
from people.models import User
from web.console import pages, permission_page, privacy_page, suppression_page
from web.console.permission_page import PermissionForm
from web.console.privacy_page import EraseForm
from web.console.suppression_page import SuppressionForm


@require_http_methods(["GET", "POST"])
@pages.page
def of_lead(request: HttpRequest, lead_id: int) -> HttpResponseBase:
    """What one buyer said, and writing down more of it."""
    reader, now, status = pages.reader(request), database.now(), 200
    lead = _lead(request, lead_id)
    form = PermissionForm(request.POST or None)
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                messages.success(request, form.run(lead, by=reader, now=now))
                return pages.moved(request, reverse("console:lead-permission", args=[lead.pk]))
            except DomainError as refusal:
                form.refuse(refusal)
                status = refusal.status
    page = permission_page.build(lead, now=now, zone=timezone.get_current_timezone())
    return pages.render(
        request, "console/lead_permission.html", current="leads", now=now, status=status,
        permission=page, form=form,
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@pages.page
def suppressions(request: HttpRequest) -> HttpResponseBase:
    """The list, and adding to it."""
    reader, now, status = pages.reader(request), database.now(), 200
    contacting.require_reader(reader)
    if request.method == "POST":
        contacting.require_keeper(reader)
    form = SuppressionForm(request.POST or None, request.FILES or None)
    done = None
    if request.method == "POST":
        status, done = _added(form, reader, now) if form.is_valid() else (422, None)
        if done is not None and not done.faults:
            messages.success(request, suppression_page.sentence(done))
            return pages.moved(request, reverse("console:suppressions"))
    before = request.GET.get("before", "")
    page = suppression_page.build(
        asked=request.GET.get("q", "").strip()[:320], now=now, zone=timezone.get_current_timezone(),
        before=int(before) if before.isascii() and before.isdigit() and len(before) < 18 else None,
    )  # fmt: skip
    return pages.render(
        request, "console/suppressions.html", current="", now=now, status=status,
        suppressions=page, form=form, done=done,
    )  # fmt: skip


@require_POST
@pages.page
def lift(request: HttpRequest, suppression_id: int) -> HttpResponseBase:
    """One entry counts no more."""
    try:
        row = contacting.lift(suppression_id=suppression_id, by=pages.reader(request))
        messages.success(
            request,
            _("{hint} may be contacted again; the entry stays on record.").format(hint=row.hint),
        )
    except DomainError as refusal:
        messages.error(request, refusal.message)
    return pages.moved(request, reverse("console:suppressions"))


@require_http_methods(["GET", "POST"])
@pages.page
def privacy(request: HttpRequest, person_id: int) -> HttpResponseBase:
    """What is kept about a person; sent, it erases them."""
    reader, now, status = pages.reader(request), database.now(), 200
    subject.require_keeper(reader)
    page = privacy_page.build(person_id)
    form = EraseForm(*((request.POST,) if request.method == "POST" else ()), person=page.id)
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                done = form.run(by=reader, now=now)
                messages.success(request, privacy_page.erased(done))
                return pages.moved(request, reverse("console:person-privacy", args=[page.id]))
            except DomainError as refusal:
                form.refuse(refusal)
                status = refusal.status
    return pages.render(
        request, "console/privacy.html", current="leads", now=now, status=status, who=page,
        form=form,
    )  # fmt: skip


@require_GET
@pages.page
def export(request: HttpRequest, person_id: int) -> HttpResponseBase:
    """Everything about a person as one file."""
    document = exporting.export(person_id=person_id, by=pages.reader(request))
    text = json.dumps(document, cls=exporting.Encoder, ensure_ascii=False, indent=2)
    name = f'attachment; filename="person-{document["person"]}.json"'
    headers = {"Content-Disposition": name}
    return HttpResponse(text, content_type="application/json", headers=headers)


def _added(form: SuppressionForm, reader: User, now: datetime) -> tuple[int, Listed | None]:
    try:
        done = form.run(by=reader, now=now)
    except DomainError as refusal:
        form.refuse(refusal)
        return refusal.status, None
    return (422 if done.faults else 303), done


def _lead(request: HttpRequest, lead_id: int) -> Lead:
    leads = selectors.visible_to(pages.reader(request)).select_related("person", "account")
    lead = leads.filter(pk=lead_id).first()
    if lead is None:
        raise Http404
    return lead
