"""What is agreed and whether it is kept: the kit, the team, the worker."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_GET

from core import database
from lifecycle import operations, queues
from lifecycle.sealing import heads
from people import inviting
from web.console import kit_page, pages, team_page


@require_GET
@pages.page
def kit(request: HttpRequest) -> HttpResponseBase:
    """The active kit in words; everybody may read it."""
    now = database.now()
    shown = kit_page.build(pages.reader(request), now=now, zone=timezone.get_current_timezone())
    return pages.render(
        request, "console/kit.html", current="kit", now=now, kit=shown,
        may_set_up=inviting.may_invite(pages.reader(request)),
    )  # fmt: skip


@require_GET
@pages.page
def team(request: HttpRequest) -> HttpResponseBase:
    """The team board, whole or refreshed."""
    now = database.now()
    reader = pages.reader(request)
    board = team_page.build(reader, now=now, zone=timezone.get_current_timezone())
    return pages.render(
        request, "console/team.html", current="team", now=now, piece="board", team=board,
        may_invite=inviting.may_invite(reader),
    )  # fmt: skip


@require_GET
@pages.page
def worker(request: HttpRequest) -> HttpResponseBase:
    """What the worker does and when it was last heard of."""
    now = database.now()
    return pages.render(
        request, "console/worker.html", current="", now=now, overdue=queues.overdue(now),
        operates=operations.looks(pages.reader(request)),
        compares=heads.may_read(pages.reader(request)),
    )  # fmt: skip
