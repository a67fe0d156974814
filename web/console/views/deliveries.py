"""What was mailed and sent, for RevOps."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from core import database
from core.errors import DomainError
from lifecycle import operations
from web.console import delivery_page, pages


@require_GET
@pages.page
def index(request: HttpRequest) -> HttpResponseBase:
    """The log, one page of it."""
    operations.require_looker(pages.reader(request))
    now = database.now()
    page = delivery_page.build(request.GET.dict(), now=now)
    return pages.render(request, "console/deliveries.html", current="", now=now, deliveries=page)


@require_POST
@pages.page
def again(request: HttpRequest) -> HttpResponseBase:
    """Send one thing again, or all that was given up."""
    way, what = request.POST.get("way", ""), request.POST.get("what", "")
    by, now = pages.reader(request), database.now()
    operations.require_operator(by)
    try:
        messages.success(request, delivery_page.send_again(way, what, by=by, now=now))
    except DomainError as refusal:
        messages.error(request, refusal.message)
    back = reverse("console:deliveries")
    return pages.moved(request, pages.inside(request, request.POST.get("next", ""), otherwise=back))
