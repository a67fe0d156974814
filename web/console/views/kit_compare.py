"""Any two versions of the kit, compared in words."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET

from core import database
from core.errors import InvalidInput
from core.texts import _
from web.console import compare_page, kit_links, pages


@require_GET
@pages.page
def choose(request: HttpRequest) -> HttpResponseBase:
    """Go to the comparison that the form names."""
    numbers = [request.GET.get(name, "").removeprefix("v") for name in ("before", "after")]
    if not all(one.isascii() and one.isdigit() and len(one) <= 9 for one in numbers):
        raise InvalidInput(_("Choose two versions by their numbers, for example 1 and 2."))
    return redirect("console:kit-compare", *map(int, numbers))


@require_GET
@pages.page
def show(request: HttpRequest, before: int, after: int) -> HttpResponseBase:
    """What differs from one version to the other."""
    reader, now = pages.reader(request), database.now()
    old, new = (kit_links.version(one, reader=reader, now=now) for one in (before, after))
    page = compare_page.build(
        old, new, reader=reader, now=now, zone=timezone.get_current_timezone()
    )
    return pages.render(
        request, "console/kit_compare.html", current="kit", now=now, comparison=page
    )
