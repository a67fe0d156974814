"""A calendar of any version of the kit, looked at."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET

from core import database
from web.console import calendar_page, kit_links, pages


@require_GET
@pages.page
def show(request: HttpRequest, number: int, key: str) -> HttpResponseBase:
    """Its next thirty days, and when so much work would end."""
    reader, now = pages.reader(request), database.now()
    version = kit_links.version(number, reader=reader, now=now)
    page = calendar_page.build(version, key, request.GET.dict(), now=now)
    return pages.render(request, "console/kit_calendar.html", current="kit", now=now, calendar=page)
