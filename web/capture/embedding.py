"""A form inside the pages of another site: who may frame it, and how the frame speaks to them."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse

from leads import visiting
from web.capture import sources
from web.capture.hosted import PublicForm

CARRIED = ("embed", "landing")
"""Parameters that every page within a frame keeps."""


@dataclass(frozen=True, slots=True)
class Frame:
    """How a page is shown: within a frame or by itself; `parent` is the origin around it."""

    embedded: bool
    parent: str
    query: str


def frame_of(request: HttpRequest, public: PublicForm) -> Frame:
    """Whether the page is asked for as an embedded one, and by which of the allowed sites."""
    embedded = request.GET.get("embed") == "1"
    around = request.GET.get("landing") or request.headers.get("Referer", "")
    origin = sources.origin_of(sources.address(around))
    kept = {name: request.GET[name] for name in CARRIED if request.GET.get(name)}
    return Frame(
        embedded=embedded,
        parent=origin if embedded and origin in public.origins else "",
        query=f"?{urlencode(kept)}" if embedded else "",
    )


def visitor_of(request: HttpRequest, public: PublicForm) -> str:
    """The id of the browser whose owner fills it in; empty for none.

    Believed only within a frame that the browser says one of the form's sites has asked for: a
    link to the form, whoever wrote it, names nobody's browser.
    """
    said = request.GET.get("visitor", "")
    asked_by = sources.origin_of(sources.address(request.headers.get("Referer", "")))
    believed = request.GET.get("embed") == "1" and asked_by in public.origins
    return said if believed and visiting.is_id(said) else ""


def guarded(answer: HttpResponse, public: PublicForm) -> HttpResponse:
    """The answer, to be framed by exactly the sites of this form, and by none where it has none."""
    policy: dict[str, list[str]] = {"frame-ancestors": list(public.origins) or ["'none'"]}
    if public.onward:
        # Browsers hold the redirect after a form against this, too.
        policy["form-action"] = ["'self'", sources.origin_of(public.onward)]
    answer._csp_replace = policy  # type: ignore[attr-defined]
    if public.origins:
        answer.xframe_options_exempt = True
    return answer
