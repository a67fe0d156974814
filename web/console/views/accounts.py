"""Accounts: the list, one account, and saying how it stands to us."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import database
from core.errors import DomainError, NotAllowed
from core.texts import _
from leads.models import Account
from lifecycle import accounts as acts
from lifecycle import taking_over
from web.console import account_form, account_list, account_page, pages, take_over_page
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
    page = account_page.build(_seen(request, account_id), reader=reader, now=now).read()
    return pages.render(request, "console/account.html", current="accounts", now=now, account=page)


@require_http_methods(["GET", "POST"])
@pages.page
def edit(request: HttpRequest, account_id: int) -> HttpResponseBase:
    """The form of an account, and saying it."""
    account, reader = _seen(request, account_id), pages.reader(request)
    if not acts.may_edit(reader):
        raise NotAllowed(_("Only RevOps and managers say how a company stands to us."))
    data = (request.POST,) if request.method == "POST" else ()
    parent = request.GET.get("parent", "").replace("\0", "")[:253]
    form = account_form.AccountForm(*data, account=account, reader=reader, parent=parent)
    if request.method == "POST" and form.is_valid() and form.run():
        messages.success(request, _("{name} is saved.").format(name=account_list.name(account)))
        return pages.moved(request, reverse("console:account", args=[account_id]))
    return pages.render(
        request, "console/account_edit.html", current="accounts", now=database.now(),
        form=form, name=account_list.name(account), account_id=account_id,
        status=422 if request.method == "POST" else 200,
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@pages.page
def take_over(request: HttpRequest, account_id: int) -> HttpResponseBase:
    """What making another account a part of this one would do, and doing it."""
    account, reader = _seen(request, account_id), pages.reader(request)
    if not acts.may_edit(reader):
        raise NotAllowed(_("Only RevOps and managers say how a company stands to us."))
    other = account_page.load(reader, found.number(request, "other") or 0)
    if other is None or other == account:
        raise Http404
    data = (request.POST,) if request.method == "POST" else ()
    form = take_over_page.TakeOverForm(*data, account=account, other=other, reader=reader)
    if request.method == "POST" and form.is_valid() and (said := form.run()):
        messages.success(request, said, extra_tags=form.undo_url)
        return pages.moved(request, reverse("console:account", args=[account_id]))
    return pages.render(
        request, "console/account_take_over.html", current="accounts", now=database.now(),
        form=form, page=take_over_page.build(account, other),
        status=422 if request.method == "POST" else 200,
    )  # fmt: skip


@require_POST
@pages.page
def part(request: HttpRequest, account_id: int, merge_id: int) -> HttpResponseBase:
    """An account that became a part of this one stands by itself again."""
    reader = pages.reader(request)
    try:
        done = taking_over.part(merge_id=merge_id, by=reader)
        name = done.before["account"]["name"] or done.before["account"]["domain"]
        messages.success(request, _("{name} is an account of its own again.").format(name=name))
    except DomainError as refusal:
        messages.error(request, refusal.message)
    return pages.moved(request, reverse("console:account", args=[account_id]))


def _seen(request: HttpRequest, account_id: int) -> Account:
    account = account_page.load(pages.reader(request), account_id)
    if account is None:
        raise Http404
    return account
