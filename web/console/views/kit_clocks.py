"""Which open clocks a version would move, before it is published."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET

from core import database
from web import csv_files
from web.console import draft_clocks_page, kit_links, pages, recalculate_page


@require_GET
@pages.page
def show(request: HttpRequest, number: int) -> HttpResponseBase:
    """Every open clock that would be due, or warn, at another time if the version were in force."""
    reader, now = pages.reader(request), database.now()
    only = recalculate_page.read(request.GET.dict())
    version = kit_links.version(number, reader=reader, now=now)
    page = draft_clocks_page.build(version, reader, only, now=now)
    return pages.render(request, "console/kit_clocks.html", current="kit", now=now, clocks=page)


@require_GET
@pages.page
def download(request: HttpRequest, number: int) -> HttpResponseBase:
    """The same clocks as CSV."""
    reader, now = pages.reader(request), database.now()
    only = recalculate_page.read(request.GET.dict())
    version = kit_links.version(number, reader=reader, now=now)
    rows = draft_clocks_page.export(version, reader, only, now=now)
    return csv_files.stream(f"clocks-kit-v{version.number}.csv", rows)
