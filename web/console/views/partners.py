"""Partners: registering companies for them, withdrawing, and deciding conflicts."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import database
from core.errors import DomainError
from core.texts import _
from leads.models import PartnerExtension
from lifecycle import partner_extending, partnering
from web.console import account_list, account_page, pages, partner_card, partner_forms, partner_page


@require_http_methods(["GET", "POST"])
@pages.page
def register(request: HttpRequest, account_id: int) -> HttpResponseBase:
    """The form that registers a company for a partner, from either's page."""
    reader = pages.reader(request)
    account = account_page.load(reader, account_id)
    if account is None:
        raise Http404
    partner_page.require_registrar(reader, account)
    data = (request.POST,) if request.method == "POST" else ()
    form = partner_forms.RegisterForm(*data, account=account, reader=reader)
    if request.method == "POST" and form.is_valid() and (done := form.run()):
        partner_page.tell(request, done)
        return pages.moved(request, reverse("console:account", args=[account_id]))
    return pages.render(
        request, "console/partner_register.html", current="accounts", now=database.now(),
        form=form, name=account_list.name(account), account_id=account_id,
        status=422 if request.method == "POST" else 200,
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@pages.page
def withdraw(request: HttpRequest, registration_id: int) -> HttpResponseBase:
    """Ending a registration before its time: asks why."""
    reader = pages.reader(request)
    row = partner_page.registration(reader, registration_id)
    if row is None:
        raise Http404
    form = partner_forms.WithdrawForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and form.run(row, reader):
        messages.success(
            request,
            _("{called} has no registration of it any more.").format(called=row.partner.called),
        )
        return pages.moved(request, partner_page.back_url(row, reader))
    return pages.render(
        request, "console/partner_withdraw.html", current="accounts", now=database.now(),
        form=form, row=row, back_url=partner_page.back_url(row, reader),
        status=422 if request.method == "POST" else 200,
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@pages.page
def extend(request: HttpRequest, registration_id: int) -> HttpResponseBase:
    """A later end for a registration in force: asks until when and why."""
    reader, now = pages.reader(request), database.now()
    row = partner_page.registration(reader, registration_id)
    if row is None:
        raise Http404
    data = (request.POST,) if request.method == "POST" else ()
    form = partner_forms.ExtendForm(*data, row=row, reader=reader, now=now)
    if request.method == "POST" and form.is_valid() and (made := form.run()):
        undo = reverse("console:partner-extension-undo", args=[made.pk])
        until = partner_card.last_day(made.until_after, reader.zone)
        messages.success(request, _("Extended until {until}.").format(until=until), extra_tags=undo)
        return pages.moved(request, partner_page.back_url(row, reader))
    return pages.render(
        request, "console/partner_extend.html", current="partner-conflicts", now=now, form=form,
        page=partner_page.extending(row, reader, now=now),
        status=422 if request.method == "POST" else 200,
    )  # fmt: skip


@require_POST
@pages.page
def undo_extension(request: HttpRequest, extension_id: int) -> HttpResponseBase:
    """Take an extension back."""
    reader = pages.reader(request)
    made = PartnerExtension.objects.filter(pk=extension_id).first()
    row = partner_page.registration(reader, made.registration_id) if made is not None else None
    if row is None:
        raise Http404
    try:
        partner_extending.undo(extension_id=extension_id, by=reader)
        messages.success(request, _("The extension is taken back."))
    except DomainError as refusal:
        messages.error(request, refusal.message)
    return pages.moved(request, partner_page.back_url(row, reader))


@require_GET
@pages.page
def conflicts(request: HttpRequest) -> HttpResponseBase:
    """The queue, one page of it."""
    now = database.now()
    page = partner_page.build(pages.reader(request), request.GET.dict(), now=now)
    return pages.render(
        request, "console/partner_conflicts.html", current="partner-conflicts", now=now,
        conflicts=page, status=400 if page.problems else 200,
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@pages.page
def conflict(request: HttpRequest, conflict_id: int) -> HttpResponseBase:
    """One conflict, and deciding it."""
    now, reader = database.now(), pages.reader(request)
    one = partner_page.seen(reader, conflict_id)
    if one is None:
        raise Http404
    data = (request.POST,) if request.method == "POST" else ()
    form = partner_forms.DecideForm(*data, conflict=one)
    if request.method == "POST" and form.is_valid() and form.run(reader):
        undo = reverse("console:partner-undo", args=[one.pk])
        messages.success(request, _("Decided; both managers are told."), extra_tags=undo)
        return pages.moved(request, reverse("console:partner-conflict", args=[one.pk]))
    return pages.render(
        request, "console/partner_conflict.html", current="partner-conflicts", now=now, form=form,
        page=partner_page.show(one, reader, now=now),
        status=422 if request.method == "POST" else 200,
    )  # fmt: skip


@require_POST
@pages.page
def undo(request: HttpRequest, conflict_id: int) -> HttpResponseBase:
    """Take a decision back."""
    reader = pages.reader(request)
    if partner_page.seen(reader, conflict_id) is None:
        raise Http404
    try:
        partnering.undo(conflict_id=conflict_id, by=reader)
        messages.success(request, _("The conflict is open again."))
    except DomainError as refusal:
        messages.error(request, refusal.message)
    return pages.moved(request, reverse("console:partner-conflict", args=[conflict_id]))
