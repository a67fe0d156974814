"""Sends who must have a second factor, and has none yet, to where it is set up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url

from people import second_factor
from web import errors, problems

WHY = "Your company asks for a second factor. Set it up, and you are in."
GUARDED = ("console", "admin")
"""The namespaces with pages of people; who brings no session, as machines do, passes."""


class Required:
    """Before every page of the console, the administration and the API's sessions."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        """One query, and only of those it is asked of."""
        if not settings.SECOND_FACTOR_FOR or settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return None
        if not _is_guarded(request) or not _lacks(request.user):
            return None
        return _sent_away(request)


def _is_guarded(request: HttpRequest) -> bool:
    match = request.resolver_match
    first = match.namespaces[0] if match and match.namespaces else ""
    return first in GUARDED or problems.wanted(request)


def _lacks(user: Any) -> bool:
    return bool(
        user.is_authenticated
        and second_factor.is_required(user)
        and not second_factor.is_set_up(user)
    )


def _sent_away(request: HttpRequest) -> HttpResponseBase:
    if problems.wanted(request):
        return errors.refuse(request, 403, code="second_factor_required", detail=WHY)
    there = resolve_url("mfa_activate_totp")
    if getattr(request, "htmx", False):
        return HttpResponse(status=204, headers={"HX-Redirect": there})
    messages.info(request, WHY)
    return HttpResponseRedirect(there)
