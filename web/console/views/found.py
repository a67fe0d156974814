"""Finding and hearing: search, notices."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from core import database
from lifecycle import worked_by
from web.console import notices_page, pages, search_page
from web.console import palette as console_palette


@require_GET
@pages.page
def search(request: HttpRequest) -> HttpResponseBase:
    """People, companies and opportunities that fit."""
    asked = request.GET.get("q", "").strip()[:200]
    reader = pages.reader(request)
    return pages.render(
        request, "console/search.html", current="", now=database.now(), search=asked,
        found=search_page.build(reader, asked), elsewhere=worked_by.tell(asked, reader=reader),
    )  # fmt: skip


@require_GET
@pages.page
def palette(request: HttpRequest) -> HttpResponseBase:
    """What the palette offers for what is typed; the search page where it is opened by itself."""
    asked = request.GET.get("q", "").strip()[:200]
    if not pages.wants_piece(request):
        return pages.moved(request, pages.asking(reverse("console:search"), {"q": [asked]}))
    shown = console_palette.build(
        pages.reader(request), asked, recent=request.GET.get("recent", "")[:1_000]
    )
    return render(request, "console/palette.html", {"palette": shown})


@require_GET
@pages.page
def notices(request: HttpRequest) -> HttpResponseBase:
    """One's notices."""
    shown = notices_page.build(
        pages.reader(request),
        before=number(request, "before"),
        only_unread=request.GET.get("unread") == "1",
    )
    return pages.render(
        request, "console/notices.html", current="", now=database.now(), notices=shown
    )


@require_GET
@pages.page
def open_notice(request: HttpRequest, notice_id: int) -> HttpResponseBase:
    """Go where one of one's notices leads; it is read by that."""
    page = notices_page.opened(pages.reader(request), notice_id, now=database.now())
    return pages.moved(request, page)


@require_POST
@pages.page
def read_notices(request: HttpRequest) -> HttpResponseBase:
    """Mark them all as read."""
    notices_page.mark_read(pages.reader(request), now=database.now())
    return pages.moved(request, reverse("console:notices"))


def number(request: HttpRequest, name: str) -> int | None:
    """A whole number of the address, or None where it is none."""
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None
