"""How one is mailed of notices; RevOps also how everybody is who chose nothing."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from core import database
from core.errors import DomainError
from lifecycle import operations
from people.models import User
from web.console import pages
from web.console.notice_form import NoticeForm


@require_http_methods(["GET", "HEAD", "POST"])
@pages.page
def mine(request: HttpRequest) -> HttpResponseBase:
    """One's own choice."""
    reader = pages.reader(request)
    return _answer(request, user=reader, name="console:notice-choices")


@require_http_methods(["GET", "HEAD", "POST"])
@pages.page
def of_company(request: HttpRequest) -> HttpResponseBase:
    """What holds for who chose nothing."""
    operations.require_operator(pages.reader(request))
    return _answer(request, user=None, name="console:notice-choices-company")


def _answer(request: HttpRequest, *, user: User | None, name: str) -> HttpResponseBase:
    reader, status = pages.reader(request), 200
    form = NoticeForm(request.POST if request.method == "POST" else None, user=user, by=reader)
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                messages.success(request, form.run())
                return pages.moved(request, reverse(name))
            except DomainError as refusal:
                form.refuse(refusal)
                status = refusal.status
    return pages.render(
        request,
        "console/notice_choices.html",
        current="",
        now=database.now(),
        status=status,
        form=form,
        mine=user is not None,
        operates=operations.operates(reader),
    )
