"""Other views of the team: the board of who holds what, and the wall."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_GET

from core import database
from web.console import board_page, pages, wall_page


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
