"""Refusals outside the API's views: a problem document or a page, as the address asks."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from urllib.parse import urlsplit, urlunsplit

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template import loader

from core.errors import FieldError
from web import problems
from web.console import pages

START, LOG_IN = "To your first page", "To the log-in"
PLAIN = {
    400: ("That cannot be read", START),
    403: ("Not allowed", START),
    404: ("Not here", START),
    405: ("That cannot be done here", START),
    409: ("Not done", START),
    410: ("No longer valid", LOG_IN),
    411: ("That cannot be read", START),
    413: ("Too large", START),
    422: ("That cannot be used as it is", START),
    429: ("A moment, please", LOG_IN),
    500: ("That did not work", START),
    503: ("Back in a moment", START),
}
"""What a page of refusal is headed, and where its reader can go from there. The first page of
who is not logged in is the log-in."""


def refuse(
    request: HttpRequest,
    status: int,
    *,
    code: str,
    detail: str,
    faults: Iterable[FieldError] = (),
    headers: dict[str, str] | None = None,
    back: str = "",
) -> HttpResponse:
    """One refusal in the caller's language: problem+json under /api/, else a plain page.

    `back` is an address of ours to repeat it from. The page reads neither session nor database, so
    that it works when those do not.
    """
    if problems.wanted(request):
        return problems.response(status, code=code, detail=detail, errors=faults, headers=headers)
    heading, way = PLAIN.get(status, ("That cannot be done as it was asked", START))
    words = {"heading": heading, "detail": detail, "way": way, "back": back}
    page = loader.render_to_string("web/refusal.html", words)
    return HttpResponse(page, status=status, headers=headers)


def outage(request: HttpRequest) -> HttpResponse:
    """The database does not answer in time: nothing was changed, try again."""
    return refuse(
        request,
        503,
        code="database_unavailable",
        detail="The database is not available or too busy right now. Nothing was changed; "
        f"please try again in {problems.RETRY_SECONDS} seconds.",
        headers={"Retry-After": str(problems.RETRY_SECONDS)},
    )


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400 raised by Django itself, for example by a wrong Host header."""
    return refuse(
        request, 400, code="bad_request", detail="The request cannot be understood as it is."
    )


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403 outside the API."""
    detail = str(exception) or "You may not do this."
    return refuse(request, 403, code="not_allowed", detail=detail)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404 outside the API's views; says nothing about what exists."""
    return refuse(request, 404, code="not_found", detail="There is nothing at this address.")


def too_many_requests(request: HttpRequest) -> HttpResponse:
    """429 of the log-in and its neighbours, which count by the minute."""
    return refuse(
        request,
        429,
        code="too_many_requests",
        detail="Too many attempts from here in a short time. Nothing was changed; wait a minute, "
        "then try again.",
        headers={"Retry-After": "60"},
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """The last resort. Outages met before any view are told apart from our own faults."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return outage(request)
    return refuse(
        request,
        500,
        code="server_error",
        detail="Something went wrong on our side. It has been recorded; please try again.",
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose token is missing or old; a piece sent by who is signed out hears that first."""
    if getattr(request, "htmx", False) and not request.user.is_authenticated:
        return pages.signed_out(request)
    return refuse(
        request,
        403,
        code="form_expired",
        detail="Nothing was changed. This page was open for too long, or you logged in anew since. "
        "Load the page anew and repeat it.",
        back=_came_from(request),
    )


def _came_from(request: HttpRequest) -> str:
    """The page of ours on which the form stood, as far as the browser says."""
    parts = urlsplit(request.headers.get("Referer", ""))
    if parts.netloc != request.get_host() or not parts.path.startswith("/"):
        return ""
    return urlunsplit(("", "", "/" + parts.path.lstrip("/"), parts.query, ""))
