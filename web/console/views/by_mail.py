"""Figures by mail: which mailings there are, one of them, the form, and what is done with it."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import database
from core.errors import InvalidInput, TooLate
from core.texts import _, plural
from people.models import User
from web.by_mail import acts
from web.console import mailing_page, pages
from web.console.mailing_form import MailingForm
from web.models import ReportMailing


@require_GET
@pages.page
def index(request: HttpRequest) -> HttpResponseBase:
    """All that one sees."""
    now = database.now()
    return pages.render(
        request, "console/mailings.html", current="reports", now=now,
        mailings=mailing_page.of(pages.reader(request), now=now),
    )  # fmt: skip


@require_GET
@pages.page
def show(request: HttpRequest, mailing_id: int) -> HttpResponseBase:
    """One of them."""
    reader = pages.reader(request)
    page = mailing_page.build(reader, acts.get(reader, mailing_id))
    return pages.render(
        request, "console/mailing.html", current="reports", now=database.now(), page=page
    )


@require_GET
@pages.page
def preview(request: HttpRequest, mailing_id: int) -> HttpResponseBase:
    """The mail as one would get it now."""
    reader, now = pages.reader(request), database.now()
    mailing = acts.get(reader, mailing_id)
    letter = mailing_page.preview(reader, mailing, now=now)
    return pages.render(
        request, "console/mailing_preview.html", current="reports", now=now,
        mailing=mailing, letter=letter,
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@pages.page
def new(request: HttpRequest) -> HttpResponseBase:
    """Make one."""
    return _form(request, None)


@require_http_methods(["GET", "POST"])
@pages.page
def edit(request: HttpRequest, mailing_id: int) -> HttpResponseBase:
    """Change one."""
    reader = pages.reader(request)
    mailing = acts.get(reader, mailing_id)
    acts.require_may(mailing, reader)
    return _form(request, mailing)


def _form(request: HttpRequest, mailing: ReportMailing | None) -> HttpResponseBase:
    reader, status = pages.reader(request), 200
    data = [request.POST] if request.method == "POST" else []
    form = MailingForm(*data, reader=reader, mailing=mailing, given=request.GET.dict())
    if data:
        status = pages.run(request, form)
        if status == 303 and form.mailing is not None:
            return pages.moved(request, _url(form.mailing.pk))
    return pages.render(
        request, "console/mailing_form.html", current="reports", now=database.now(),
        status=status, form=form, mailing=mailing,
    )  # fmt: skip


@require_POST
@pages.page
def act(request: HttpRequest, mailing_id: int, action: str) -> HttpResponseBase:
    """Do one thing with it."""
    reader = pages.reader(request)
    if action == "restore":
        return _restored(request, mailing_id)
    if action not in ACTS:
        raise Http404
    mailing = acts.get(reader, mailing_id)
    try:
        told = ACTS[action](mailing, reader)
    except TooLate as refusal:
        messages.error(request, refusal.message)
    else:
        undo = reverse("console:mailing-act", args=[mailing_id, "restore"])
        messages.success(request, told, extra_tags=undo if action == "delete" else "")
    away = action == "delete" or not acts.visible_to(reader).filter(pk=mailing_id).exists()
    return pages.moved(request, reverse("console:mailings") if away else _url(mailing_id))


def _restored(request: HttpRequest, mailing_id: int) -> HttpResponseBase:
    try:
        acts.restore(pages.reader(request), mailing_id, now=database.now())
    except InvalidInput as refusal:
        messages.error(request, refusal.message)
        return pages.moved(request, reverse("console:mailings"))
    messages.success(request, _("It is back."))
    return pages.moved(request, _url(mailing_id))


def _pause(mailing: ReportMailing, reader: User) -> str:
    acts.pause(mailing, reader)
    return _("Paused. Nothing is sent until it is resumed.")


def _resume(mailing: ReportMailing, reader: User) -> str:
    acts.resume(mailing, reader, now=database.now())
    return _("It goes on.")


def _delete(mailing: ReportMailing, reader: User) -> str:
    acts.delete(mailing, reader, now=database.now())
    return _("Deleted.")


def _stop(mailing: ReportMailing, reader: User) -> str:
    acts.stop(mailing, reader, now=database.now())
    return _("You get it no more.")


def _go_on(mailing: ReportMailing, reader: User) -> str:
    acts.go_on(mailing, reader)
    return _("You get it again.")


def _now(mailing: ReportMailing, reader: User) -> str:
    acts.send_now(mailing, reader, now=database.now())
    return _("It is on its way to {address}.").format(address=reader.email)


def _again(mailing: ReportMailing, reader: User) -> str:
    count = acts.send_again(mailing, reader, now=database.now())
    return plural(count, "mail is tried again.", "mails are tried again.")


ACTS: dict[str, Callable[[ReportMailing, User], str]] = {
    "pause": _pause,
    "resume": _resume,
    "delete": _delete,
    "stop": _stop,
    "go-on": _go_on,
    "now": _now,
    "again": _again,
}


def _url(mailing_id: int) -> str:
    return reverse("console:mailing", args=[mailing_id])
