"""Other views of the team: the board of who holds what, and the wall."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from core import database
from lifecycle import escalations as told
from web.console import board_page, escalation_list, pages, wall_page


@require_GET
@pages.page
def board(request: HttpRequest) -> HttpResponseBase:
    """A column of leads per rep, whole or refreshed."""
    now, zone = database.now(), timezone.get_current_timezone()
    page = board_page.build(pages.reader(request), now=now, zone=zone)
    return pages.render(
        request, "console/board.html", current="team", now=now, piece="board", board=page
    )


@require_GET
@pages.page
def wall(request: HttpRequest) -> HttpResponseBase:
    """The SLA wall, whole or refreshed."""
    now, zone = database.now(), timezone.get_current_timezone()
    page = wall_page.build(pages.reader(request), now=now, zone=zone)
    return pages.render(
        request, "console/wall.html", current="team", now=now, piece="wall", wall=page
    )


@require_GET
@pages.page
def escalations(request: HttpRequest) -> HttpResponseBase:
    """What escalated to the reader and is open still, whole or refreshed."""
    now, zone = database.now(), timezone.get_current_timezone()
    back = reverse("console:escalations")
    page = escalation_list.build(pages.reader(request), back=back, now=now, zone=zone)
    return pages.render(
        request, "console/escalations.html", current="team", now=now, piece="list",
        escalations=page, back=back,
    )  # fmt: skip


@require_POST
@pages.page
def seen(request: HttpRequest, clock_id: int) -> HttpResponseBase:
    """The reader has seen what escalated to them; it counts no more, and stays on the list."""
    told.see(pages.reader(request), clock_id, now=database.now())
    back = reverse("console:escalations")
    return pages.moved(request, pages.inside(request, request.POST.get("next", ""), otherwise=back))
