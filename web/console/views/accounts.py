"""Accounts: the list, one account, and saying how it stands to us."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from core import database
from core.errors import NotAllowed
from leads.models import Account
from lifecycle import accounts as acts
from web.console import account_form, account_list, account_page, pages
from web.console.views import found


@require_GET
@pages.page
def index(request: HttpRequest) -> HttpResponseBase:
    """The list of accounts."""
    shown = account_list.listed(
        pages.reader(request),
        q=request.GET.get("q", "").replace("\0", "").strip()[:200],
        status=request.GET.get("status", ""),
        owner=request.GET.get("owner", ""),
        after=found.number(request, "after"),
    )
    return pages.render(
        request, "console/accounts.html", current="accounts", now=database.now(), accounts=shown
    )


@require_GET
@pages.page
def show(request: HttpRequest, account_id: int) -> HttpResponseBase:
    """One account with its people, leads and history."""
    now, reader = database.now(), pages.reader(request)
    page = account_page.build(_seen(request, account_id), reader=reader, now=now)
    return pages.render(request, "console/account.html", current="accounts", now=now, account=page)


@require_http_methods(["GET", "POST"])
@pages.page
def edit(request: HttpRequest, account_id: int) -> HttpResponseBase:
    """The form of an account, and saying it."""
    account, reader = _seen(request, account_id), pages.reader(request)
    if not acts.may_edit(reader):
        raise NotAllowed("Only RevOps and managers say how a company stands to us.")
    data = (request.POST,) if request.method == "POST" else ()
    form = account_form.AccountForm(*data, account=account, reader=reader)
    if request.method == "POST" and form.is_valid() and form.run():
        messages.success(request, f"{account_list.name(account)} is saved.")
        return pages.moved(request, reverse("console:account", args=[account_id]))
    return pages.render(
        request, "console/account_edit.html", current="accounts", now=database.now(),
        form=form, name=account_list.name(account), account_id=account_id,
        status=422 if request.method == "POST" else 200,
    )  # fmt: skip


def _seen(request: HttpRequest, account_id: int) -> Account:
    account = account_page.load(pages.reader(request), account_id)
    if account is None:
        raise Http404
    return account
