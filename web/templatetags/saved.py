"""The menu of what people keep of a page: `{% saved_menu page query %}`."""

from __future__ import annotations

from typing import Any

from django import template

from web.console import saved_views

register = template.Library()


@register.inclusion_tag("console/_saved_menu.html", takes_context=True)
def saved_menu(context: template.Context, page: str, query: str | None = None) -> dict[str, Any]:
    """What the reader keeps of this page, and a form to keep it as it is shown; `query` is that of
    the address unless given.
    """
    request = context["request"]
    return {
        "of_leads": page == saved_views.LEADS,
        "page": page,
        "query": request.GET.urlencode() if query is None else query,
        "saved": saved_views.of(request.user, page),
        "here": request.get_full_path(),
        "csrf_token": context.get("csrf_token"),
    }
