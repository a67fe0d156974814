"""The seals of the log, to be kept and compared elsewhere."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET

from core import database
from lifecycle.sealing import heads
from web.console import pages


@require_GET
@pages.page
def show(request: HttpRequest) -> HttpResponseBase:
    """The newest seals with their digests."""
    now = database.now()
    found = heads.look(by=pages.reader(request), now=now)
    return pages.render(request, "console/seals.html", current="", now=now, heads=found)
