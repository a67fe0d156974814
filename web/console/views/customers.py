"""Customers: the list by renewal, and what people do with one."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from core import database
from governance import selectors as kits
from lifecycle import customers
from web.console import customer_card, customer_forms, pages, retention_page


@require_GET
@pages.page
def index(request: HttpRequest) -> HttpResponseBase:
    """The list, the next renewal first."""
    now, kit, reader = database.now(), kits.active_or_none(), pages.reader(request)
    shown = customer_card.listed(reader, request.GET.dict(), kit=kit, now=now)
    return pages.render(
        request, "console/customers.html", current="accounts", now=now, customers=shown,
        counts_all=retention_page.may_read(reader), status=400 if shown.problems else 200,
    )  # fmt: skip


@require_GET
@pages.page
def retention(request: HttpRequest) -> HttpResponseBase:
    """How long customers stay, by the month they were won in."""
    now = database.now()
    page = retention_page.build(pages.reader(request), now=now)
    return pages.render(
        request, "console/customer_retention.html", current="accounts", now=now, retention=page
    )


@require_http_methods(["GET", "POST"])
@pages.page
def act(request: HttpRequest, customer_id: int, action: str) -> HttpResponseBase:
    """The form of one act, and doing it."""
    reader = pages.reader(request)
    rows = customers.visible_to(reader).select_related("account", "cs_owner")
    customer = rows.filter(pk=customer_id).first()
    if customer is None or action not in customer_forms.FORMS:
        raise Http404
    data = (request.POST,) if request.method == "POST" else ()
    form = customer_forms.FORMS[action](
        *data, customer=customer, kit=kits.active_kit(), reader=reader
    )
    said, status = form.run() if request.method == "POST" else ("", 200)
    if said:
        messages.success(request, said)
        return pages.moved(request, reverse("console:account", args=[customer.account_id]))
    return pages.render(
        request, "console/customer_act.html", current="accounts", now=database.now(), form=form,
        customer=customer, title=form.title.format(form.name), status=status,
    )  # fmt: skip
