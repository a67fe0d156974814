"""Opportunities: the list, its CSV, one with its way, and every act on it."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET, require_http_methods

from core import database
from governance import selectors as kits
from leads.models import Opportunity
from web import csv_files
from web.console import deal_forms, deal_list, deal_page, pages


@require_GET
@pages.page
def index(request: HttpRequest) -> HttpResponseBase:
    """The list, one page of it."""
    now, asked = database.now(), deal_list.read(request.GET.dict())
    shown = deal_list.build(pages.reader(request), asked, kit=kits.active_or_none(), now=now)
    return pages.render(
        request, "console/opportunities.html", current="opportunities", now=now, deals=shown,
        status=400 if asked.problems else 200,
    )  # fmt: skip


@require_GET
@pages.page
def download(request: HttpRequest) -> HttpResponseBase:
    """The same opportunities as CSV."""
    asked = deal_list.read(request.GET.dict())
    if asked.problems:
        return index(request)
    reader = pages.reader(request)
    rows = deal_list.export(reader, asked, kit=kits.active_or_none(), now=database.now())
    return csv_files.stream("opportunities.csv", rows)


@require_GET
@pages.page
def show(request: HttpRequest, deal_id: int) -> HttpResponseBase:
    """One opportunity."""
    now, reader = database.now(), pages.reader(request)
    page = deal_page.build(_seen(request, deal_id), reader=reader, kit=kits.active_kit(), now=now)
    return pages.render(
        request, "console/opportunity.html", current="opportunities", now=now, deal=page
    )


@require_http_methods(["GET", "POST"])
@pages.page
def act(request: HttpRequest, deal_id: int, action: str) -> HttpResponseBase:
    """The form of one act, and doing it."""
    if action not in deal_forms.FORMS:
        raise Http404
    deal, reader = _seen(request, deal_id), pages.reader(request)
    data = (request.POST,) if request.method == "POST" else ()
    form = deal_forms.FORMS[action](*data, deal=deal, kit=kits.active_kit(), reader=reader)
    status = 200
    if request.method == "POST":
        said, status = form.run()
        if said:
            messages.success(request, said)
            return pages.moved(request, deal_page.url_of(deal))
    return pages.render(
        request, "console/opportunity_act.html", current="opportunities", now=database.now(),
        form=form, deal=deal, title=form.title.format(deal.name), status=status,
    )  # fmt: skip


def _seen(request: HttpRequest, deal_id: int) -> Opportunity:
    deal = deal_page.load(pages.reader(request), deal_id)
    if deal is None:
        raise Http404
    return deal
