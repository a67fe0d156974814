"""Lists and reports kept under a name: kept, called or shared otherwise, deleted and had back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_POST

from core import database
from core.errors import InvalidInput
from core.texts import _
from web.console import pages, saved_views


@require_POST
@pages.page
def keep(request: HttpRequest) -> HttpResponseBase:
    """Keep a page as it is shown under a name."""
    try:
        row = saved_views.save(pages.reader(request), request.POST.dict(), now=database.now())
    except InvalidInput as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("Saved as “{name}”.").format(name=row.name))
    return pages.moved(request, _back(request))


@require_POST
@pages.page
def change(request: HttpRequest, filter_id: int) -> HttpResponseBase:
    """Call it otherwise, share it otherwise, or delete it."""
    sent, reader = request.POST, pages.reader(request)
    try:
        if "delete" in sent:
            saved_views.delete(reader, filter_id, now=database.now())
            undo = reverse("console:saved-restore", args=[filter_id])
            messages.success(request, _("Deleted."), extra_tags=undo)
        else:
            saved_views.edit(
                reader, filter_id, name=sent.get("name", ""), share=sent.get("share", "")
            )
            messages.success(request, _("Changed."))
    except InvalidInput as refusal:
        messages.error(request, refusal.message)
    return pages.moved(request, _back(request))


@require_POST
@pages.page
def restore(request: HttpRequest, filter_id: int) -> HttpResponseBase:
    """Have back what was deleted."""
    try:
        saved_views.restore(pages.reader(request), filter_id)
    except InvalidInput as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("It is back."))
    return pages.moved(request, _back(request))


def _back(request: HttpRequest) -> str:
    """The page as it was."""
    address = reverse("console:reports")
    return pages.inside(request, request.POST.get("next", "")[:1_200], otherwise=address)
