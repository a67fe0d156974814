"""Inviting people, and the door they come in by."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from allauth.core.internal import ratelimit
from django.contrib import messages
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from core import database
from core.errors import DomainError
from core.texts import _
from people import inviting
from people.invitation_rows import Row
from web import errors
from web.console import invitation_page, pages
from web.console.invitation_forms import ComeInForm, InviteForm

ACTS = {
    "resend": (inviting.resend, "A new mail goes to {0}; the link before ends."),
    "withdraw": (inviting.withdraw, "The invitation of {0} is withdrawn."),
}
LIMITS = {"come_in": "30/m/ip"}


@require_http_methods(["GET", "POST"])
@pages.page
def index(request: HttpRequest) -> HttpResponseBase:
    """Who was invited; sent, the people are looked at first, then invited."""
    reader = pages.reader(request)
    invitation_page.require(reader)
    if request.method == "GET":
        return _page(request, InviteForm(initial={"role": "SDR"}))
    form = InviteForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form, status=422)
    rows = form.rows(by=reader)
    good, bad = [one for one in rows if not one.faults], [one for one in rows if one.faults]
    if "invite" not in request.POST or not good:
        return _page(request, form.keeping(form.cleaned_data["both"]), rows=rows)
    made = inviting.invite(good, by=reader, now=database.now())
    people = _("1 person is") if len(made) == 1 else _("{made} people are").format(made=len(made))
    messages.success(request, _("{people} invited; the mails go out now.").format(people=people))
    if bad:
        return _page(request, form.keeping("\n".join(one.line for one in bad)), rows=bad, left=True)
    return pages.moved(request, reverse("console:invitations"))


def _page(
    request: HttpRequest, form: InviteForm, *, rows: list[Row] | None = None, status: int = 200,
    **more: Any,
) -> HttpResponseBase:  # fmt: skip
    now = database.now()
    return pages.render(
        request, "console/invitations.html", current="team", now=now, status=status, form=form,
        rows=rows, good=sum(not one.faults for one in rows or ()),
        lines=invitation_page.lines(now=now), **more,
    )  # fmt: skip


@require_POST
@pages.page
def act(request: HttpRequest, invitation_id: int, name: str) -> HttpResponseBase:
    """Send the mail anew, or withdraw the invitation."""
    if name not in ACTS:
        raise Http404
    run, said = ACTS[name]
    try:
        row = run(invitation_id, by=pages.reader(request), now=database.now())
        messages.success(request, said.format(row.name or row.email))
    except DomainError as refusal:
        if refusal.status == 403:
            raise
        messages.error(request, refusal.message)
    return pages.moved(request, reverse("console:invitations"))


@require_http_methods(["GET", "POST"])
def come_in(request: HttpRequest, token: str) -> HttpResponseBase:
    """The page behind the link of an invitation; it says the same of every link that is over."""
    if not ratelimit.consume(
        request, app="people", action="come_in", config=LIMITS, limit_get=True
    ):
        return errors.too_many_requests(request)
    now = database.now()
    invitation = inviting.of_token(token, now=now)
    if invitation is None:
        return errors.refuse(request, 410, code="invitation_over", detail=inviting.GONE)
    form = ComeInForm(request.POST or None, invitation=invitation)
    if not form.is_valid():
        shown = {"form": form, "invitation": invitation}
        return render(request, "account/come_in.html", shown, status=422 if form.is_bound else 200)
    try:
        user = inviting.accept(token, **form.cleaned_data, now=now)
    except DomainError as refusal:
        return errors.refuse(request, 410, code="invitation_over", detail=refusal.message)
    login = Login(user=user, redirect_url="/", email=user.email)
    answer: HttpResponseBase = perform_password_login(request, {"email": user.email}, login)
    return answer
