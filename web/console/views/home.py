"""Where somebody's day begins, and the numbers that must be nought."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET

from core import database
from web.console import home_page, pages, set_up_page, starts, watch_words
from web.console.views import inbox


@require_GET
@pages.page
def start(request: HttpRequest) -> HttpResponseBase:
    """The reader's first page: the inbox of who works leads, the team, or a home."""
    name = starts.of(pages.reader(request))
    if name == "inbox":
        answer: HttpResponseBase = inbox.show(request)
        return answer
    return redirect(f"console:{name}")


@require_GET
@pages.page
def show(request: HttpRequest) -> HttpResponseBase:
    """What waits for the reader, and what must be nought; whole or refreshed."""
    now = database.now()
    reader = pages.reader(request)
    page = home_page.build(reader, now=now, zone=timezone.get_current_timezone()).read()
    set_up = None if pages.wants_piece(request) else set_up_page.card(reader)
    return pages.render(
        request, "console/home.html", current="home", now=now, piece="home", home=page,
        set_up=set_up,
    )  # fmt: skip


@require_GET
@pages.page
def watched(request: HttpRequest, key: str) -> HttpResponseBase:
    """One number as of this instant, with the rows it counts."""
    now = database.now()
    page = watch_words.page(pages.reader(request), key, now=now)
    return pages.render(request, "console/watched.html", current="", now=now, watched=page)
