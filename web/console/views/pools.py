"""Pools and their ledgers of turns."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_GET

from core import database
from web import csv_files
from web.console import pages, pool_list, pool_page


@require_GET
@pages.page
def index(request: HttpRequest) -> HttpResponseBase:
    """Every pool the reader may open."""
    now = database.now()
    rows = pool_list.build(pages.reader(request), now=now)
    return pages.render(request, "console/pools.html", current="pools", now=now, pools=rows)


@require_GET
@pages.page
def show(request: HttpRequest, key: str) -> HttpResponseBase:
    """The ledger of one pool."""
    now, zone = database.now(), timezone.get_current_timezone()
    page = pool_page.build(pages.reader(request), key, request.GET.dict(), now=now, zone=zone)
    return pages.render(request, "console/pool.html", current="pools", now=now, ledger=page)


@require_GET
@pages.page
def download(request: HttpRequest, key: str) -> HttpResponseBase:
    """The same as CSV."""
    now, zone = database.now(), timezone.get_current_timezone()
    name, rows = pool_page.export(
        pages.reader(request), key, request.GET.dict(), now=now, zone=zone
    )
    return csv_files.stream(name, rows)
