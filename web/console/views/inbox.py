"""The inbox: what is mine, by when."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from core import database
from core.errors import DomainError, NotFound
from core.texts import _
from lifecycle import claiming
from web.console import claim_words, inbox, pages


@require_GET
@pages.page
def show(request: HttpRequest) -> HttpResponseBase:
    """The whole inbox, its rows alone when it refreshes, or the lead in hand alone."""
    reader, now, zone = pages.reader(request), database.now(), timezone.get_current_timezone()
    text = request.GET.get("lead", "")
    lead_id = int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None
    if pages.wants_piece(request) and request.headers.get("HX-Target", "").endswith("pane"):
        pane = inbox.pane(reader, lead_id, now=now, zone=zone).read()
        if pane is None:
            raise NotFound(_("This lead is not there, or not yours to see."))
        shown = {"pane": pane}
        return pages.render(
            request, "console/inbox.html", current="inbox", now=now, piece="pane", inbox=shown
        )
    page = inbox.build(reader, now=now, zone=zone, lead_id=lead_id).read()
    return pages.render(
        request, "console/inbox.html", current="inbox", now=now, piece="rows", inbox=page
    )


@require_POST
@pages.page
def claim(request: HttpRequest, queue: str) -> HttpResponseBase:
    """Take the lead that has waited longest in a queue of one's pools."""
    reader = pages.reader(request)
    try:
        lead = claiming.take_next(queue, by=reader)
    except DomainError as refusal:
        messages.error(request, refusal.message)
        return pages.moved(request, reverse("console:inbox"))
    messages.success(request, claim_words.taken(lead.person.name, reader))
    return pages.moved(request, f"{reverse('console:inbox')}?lead={lead.pk}")
