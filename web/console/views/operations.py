"""How the machinery is, and what waits there for people."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from core import database
from core.errors import DomainError
from lifecycle import operations
from web.console import operations_page, pages


@require_GET
@pages.page
def show(request: HttpRequest) -> HttpResponseBase:
    """Workers, clocks, queue, schedules, failures, parked things."""
    operations.require_looker(pages.reader(request))
    now = database.now()
    page = operations_page.build(now)
    return pages.render(request, "console/operations.html", current="", now=now, operations=page)


@require_POST
@pages.page
def act(request: HttpRequest) -> HttpResponseBase:
    """Try one thing again, or discard it."""
    verb, what = request.POST.get("verb", ""), request.POST.get("what", "")
    try:
        messages.success(request, operations_page.run(verb, what, by=pages.reader(request)))
    except DomainError as refusal:
        messages.error(request, refusal.message)
    return pages.moved(request, reverse("console:operations"))
