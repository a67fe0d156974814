"""A version in shadow: the comparison, and starting and ending it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from core import database
from core.errors import DomainError, NotFound
from core.texts import _, lazy
from governance import shadow
from web.console import kit_links, pages, shadow_page

VERBS = {
    "start": (shadow.start, lazy("It judges live touchpoints in shadow from now on.")),
    "stop": (shadow.stop, lazy("It no longer runs in shadow.")),
}


@require_GET
@pages.page
def show(request: HttpRequest, number: int) -> HttpResponseBase:
    """What the version would have decided beside what was decided."""
    reader, now = pages.reader(request), database.now()
    if not kit_links.sees_drafts(reader, now=now):
        raise NotFound(_("There is no such kit version, or none you may see."))
    page = shadow_page.build(
        kit_links.version(number, reader=reader, now=now),
        reader=reader,
        kind=request.GET.get("differs", ""),
        now=now,
        zone=timezone.get_current_timezone(),
    )
    return pages.render(
        request, "console/kit_shadow.html", current="kit", now=now, piece="found", shadow=page
    )


@require_POST
@pages.page
def act(request: HttpRequest, number: int, verb: str) -> HttpResponseBase:
    """Start or end it."""
    reader, now = pages.reader(request), database.now()
    version = kit_links.version(number, reader=reader, now=now)
    if verb not in VERBS:
        raise NotFound(_("There is no such act."))
    do, done = VERBS[verb]
    try:
        do(version, by=reader, now=now)
        messages.success(request, done)
    except DomainError as refusal:
        messages.error(request, refusal.message)
    return pages.moved(request, kit_links.url("kit-shadow", number))
