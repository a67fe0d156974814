"""Finding and hearing: search, notices, accounts."""

from __future__ import annotations

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from core import database
from web.console import account_page, notices_page, pages, search_page


@require_GET
@pages.page
def search(request: HttpRequest) -> HttpResponseBase:
    """People and companies that fit."""
    asked = request.GET.get("q", "").strip()[:200]
    found = search_page.build(pages.reader(request), asked)
    return pages.render(
        request, "console/search.html", current="", now=database.now(), found=found, search=asked
    )


@require_GET
@pages.page
def notices(request: HttpRequest) -> HttpResponseBase:
    """One's notices."""
    shown = notices_page.build(pages.reader(request), before=number(request, "before"))
    return pages.render(
        request, "console/notices.html", current="", now=database.now(), notices=shown
    )


@require_POST
@pages.page
def read_notices(request: HttpRequest) -> HttpResponseBase:
    """Mark them all as read."""
    notices_page.mark_read(pages.reader(request), now=database.now())
    return pages.moved(request, reverse("console:notices"))


@require_GET
@pages.page
def accounts(request: HttpRequest) -> HttpResponseBase:
    """The list of accounts."""
    asked = request.GET.get("q", "").strip()[:200]
    shown = account_page.listed(pages.reader(request), q=asked, after=number(request, "after"))
    return pages.render(
        request, "console/accounts.html", current="accounts", now=database.now(), accounts=shown
    )


@require_GET
@pages.page
def account(request: HttpRequest, account_id: int) -> HttpResponseBase:
    """One account with its leads."""
    now = database.now()
    shown = account_page.build(pages.reader(request), account_id, now=now)
    if shown is None:
        raise Http404
    return pages.render(request, "console/account.html", current="accounts", now=now, account=shown)


def number(request: HttpRequest, name: str) -> int | None:
    """A whole number of the address, or None where it is none."""
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None
