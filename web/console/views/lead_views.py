"""The columns that people keep of the list of leads, and the log of its exports."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from core import database
from web.console import export_log, lead_columns, pages


@require_POST
@pages.page
def columns(request: HttpRequest) -> HttpResponseBase:
    """Keep the columns that were numbered; none is the default again."""
    keys = () if "reset" in request.POST else lead_columns.sent(
        (name.removeprefix("place-"), value) for name, value in request.POST.dict().items()
    )  # fmt: skip
    lead_columns.keep(pages.reader(request), keys)
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
