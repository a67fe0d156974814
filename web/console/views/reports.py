"""Reports: which there are, and the first of them."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET

from core import database
from web.console import pages


@require_GET
@pages.page
def index(request: HttpRequest) -> HttpResponseBase:
    """Every report by name."""
    return pages.render(request, "console/reports.html", current="reports", now=database.now())
