"""What people keep of the list of leads: filters by name, columns; and the log of its exports."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from core import database
from core.errors import InvalidInput
from core.texts import _
from web.console import export_log, lead_columns, pages, saved_filters


@require_POST
@pages.page
def columns(request: HttpRequest) -> HttpResponseBase:
    """Keep the columns that were numbered; none is the default again."""
    keys = () if "reset" in request.POST else lead_columns.sent(
        (name.removeprefix("place-"), value) for name, value in request.POST.dict().items()
    )  # fmt: skip
    lead_columns.keep(pages.reader(request), keys)
    return pages.moved(request, _list(request))


@require_POST
@pages.page
def save(request: HttpRequest) -> HttpResponseBase:
    """Keep the filters of the list under a name."""
    sent, reader = request.POST, pages.reader(request)
    try:
        row = saved_filters.save(
            reader, name=sent.get("name", ""), query=sent.get("query", ""),
            share=sent.get("share", ""), now=database.now(),
        )  # fmt: skip
    except InvalidInput as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("Saved as “{name}”.").format(name=row.name))
    return pages.moved(request, _list(request))


@require_POST
@pages.page
def change(request: HttpRequest, filter_id: int) -> HttpResponseBase:
    """Call a saved filter otherwise, share it otherwise, or delete it."""
    sent, reader = request.POST, pages.reader(request)
    try:
        if "delete" in sent:
            saved_filters.delete(reader, filter_id)
            messages.success(request, _("Deleted."))
        else:
            saved_filters.edit(
                reader, filter_id, name=sent.get("name", ""), share=sent.get("share", "")
            )
            messages.success(request, _("Changed."))
    except InvalidInput as refusal:
        messages.error(request, refusal.message)
    return pages.moved(request, _list(request))


@require_GET
@pages.page
def exports(request: HttpRequest) -> HttpResponseBase:
    """Who exported what, for RevOps."""
    shown = export_log.build(pages.reader(request), before=request.GET.get("before", ""))
    return pages.render(
        request, "console/lead_exports.html", current="leads", now=database.now(), log=shown
    )


def _list(request: HttpRequest) -> str:
    """Back to the list as it was filtered."""
    query = request.POST.get("query", "")[:1_000]
    address = reverse("console:leads")
    return pages.inside(request, f"{address}?{query}" if query else address, otherwise=address)
