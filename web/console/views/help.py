"""The guide, for whoever is logged in: contents, search, pages."""

from __future__ import annotations

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET

from core import database
from web.console import help_docs, help_search, help_topics, pages


@require_GET
@pages.page
def index(request: HttpRequest) -> HttpResponseBase:
    """What the guide has, or what of it fits."""
    asked = request.GET.get("q", "").strip()[:200]
    sections = [
        (title, [found for name in names if (found := help_docs.page(name)) is not None])
        for title, names in help_topics.SECTIONS
    ]
    return pages.render(
        request, "console/help.html", current="", now=database.now(), asked=asked,
        hits=help_search.find(asked), sections=sections,
    )  # fmt: skip


@require_GET
@pages.page
def show(request: HttpRequest, name: str) -> HttpResponseBase:
    """One page of the guide."""
    page = help_docs.page(name)
    if page is None:
        raise Http404
    return pages.render(
        request, "console/help_page.html", current="", now=database.now(), page=page
    )
