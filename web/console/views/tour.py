"""Going on with the guided tour, and ending it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_POST

from core import database
from core.errors import NotFound
from core.texts import _
from people import tours
from web.console import pages, tour, tour_steps


@require_POST
@pages.page
def go(request: HttpRequest) -> HttpResponseBase:
    """Go to a step, by its number; without one the tour ends."""
    reader, asked = pages.reader(request), request.POST.get("step", "")
    if not tour_steps.of(reader):
        raise NotFound(_("There is no tour here."))
    if asked.isascii() and asked.isdigit() and int(asked[:3]) > 0:
        step = min(int(asked[:3]), len(tour_steps.of(reader)))
        tours.go(reader, step)
        return pages.moved(request, tour.address(reader, step))
    tours.end(reader, now=database.now())
    messages.success(request, _("The tour is over. It is in your menu, should you want it again."))
    back = request.POST.get("next", "")
    return pages.moved(request, pages.inside(request, back, otherwise=reverse("console:start")))
