"""How a page is answered: whole with its frame, or only the piece that htmx asked for."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any, Protocol, cast
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render as django_render
from django.utils.http import url_has_allowed_host_and_scheme

from core import database
from core.errors import DomainError, NotAllowed, NotFound
from core.texts import _, lazy
from governance.selectors import NoActiveKit
from people import inviting, roles
from people.models import User
from web import errors
from web.console import frame, help_topics

View = Callable[..., HttpResponseBase]

NO_KIT = lazy("No kit is in force yet: leads are kept and wait. RevOps sets the company up.")
SIGNED_OUT = lazy(
    "You are signed out; nothing was sent. Log in, then try again: what you typed is here."
)
OF_ONESELF = frozenset({"mail-address", "time-act", "tour", "notices-read", "notice-choices"})
"""Pages on which people change what is theirs alone."""


def page(view: View) -> View:
    """A page of the console: for people who are logged in; refusals become pages too."""

    @functools.wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return _to_login(request)
        try:
            _require_may_send(request)
            return view(request, *args, **kwargs)
        except NoActiveKit:
            return _without_kit(request)
        except DomainError as refusal:
            return _refused(request, refusal)
        except Http404:
            return _refused(request, NotFound(_("There is nothing here, or nothing you may see.")))

    return wrapped


def _require_may_send(request: HttpRequest) -> None:
    """Who only audits sends nothing but what concerns themselves, whatever a page would allow."""
    match = request.resolver_match
    theirs = match is not None and match.url_name in OF_ONESELF
    if request.method == "POST" and not theirs and roles.only_audits(reader(request)):
        raise NotAllowed(_("Auditors read everything and change nothing."))


def signed_out(request: HttpRequest) -> HttpResponse:
    """What a piece of a page hears whose reader is logged in no more."""
    shown = {"refusal": NotAllowed(SIGNED_OUT)}
    return django_render(request, "console/_refused.html", shown, status=HTTPStatus.UNAUTHORIZED)


def _to_login(request: HttpRequest) -> HttpResponseBase:
    """A whole page goes to the log-in and comes back; a piece says so and leaves what was typed."""
    if getattr(request, "htmx", False):
        return signed_out(request)
    return redirect_to_login(request.get_full_path())


def _refused(request: HttpRequest, refusal: DomainError) -> HttpResponse:
    """A piece that cannot be shown says why in its place; a page says it on a page."""
    if wants_piece(request):
        shown = {"refusal": refusal}
        return django_render(request, "console/_refused.html", shown, status=refusal.status)
    return errors.refuse(request, refusal.status, code=refusal.code, detail=refusal.message)


def _without_kit(request: HttpRequest) -> HttpResponse:
    """Before the first kit: a page that is empty, with the way to a kit for who may set up.

    What was asked to be done is refused: 409, for trying again later does not help by itself.
    """
    if wants_piece(request) or request.method != "GET" or "." in request.path:
        return _refused(request, DomainError(NO_KIT, code=NoActiveKit.code))
    return render(
        request, "console/no_kit.html", current="", now=database.now(),
        may_set_up=inviting.may_invite(reader(request)),
    )  # fmt: skip


class Runs(Protocol):
    """A form that does one thing, and takes the refusal of it."""

    def is_valid(self) -> bool: ...
    def run(self) -> str: ...
    def refuse(self, refusal: DomainError) -> None: ...


def run(request: HttpRequest, form: Runs) -> int:
    """Do what was sent and tell it; 303 once it is done, else the status of the page that says
    why not.
    """
    if not form.is_valid():
        return HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        messages.success(request, form.run())
    except DomainError as refusal:
        form.refuse(refusal)
        return refusal.status
    return HTTPStatus.SEE_OTHER


def moved(request: HttpRequest, url: str) -> HttpResponse:
    """After something was done: go there, whether a browser or htmx asked."""
    if getattr(request, "htmx", False):
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return HttpResponse(status=303, headers={"Location": url})


def done(request: HttpRequest, url: str) -> HttpResponse:
    """After something was done: go there; a page that goes on by itself gets the toasts alone."""
    if request.headers.get("X-In-Place"):
        return django_render(request, "console/_toasts.html")
    return moved(request, url)


def inside(request: HttpRequest, url: str, *, otherwise: str) -> str:
    """The address if it is one of ours, so that nobody is sent away by a forged link."""
    host = {request.get_host()}
    ours = url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=host)
    return url if ours else otherwise


def asking(url: str, values: Mapping[str, Sequence[object]]) -> str:
    """The address with these values added to its query."""
    query = urlencode(values, doseq=True)
    return f"{url}{'&' if '?' in url else '?'}{query}" if query else url


def reader(request: HttpRequest) -> User:
    """Who is logged in; pages of the console are for them only."""
    return cast("User", request.user)


def wants_piece(request: HttpRequest) -> bool:
    """Whether htmx asks for one piece of the page rather than for the page."""
    return bool(getattr(request, "htmx", False)) and (
        request.headers.get("HX-Request-Type", "partial") != "full"
    )


def render(
    request: HttpRequest,
    template: str,
    *,
    current: str,
    now: datetime,
    piece: str = "",
    status: int = 200,
    search: str = "",
    **context: Any,
) -> HttpResponse:
    """The page, or its named piece when htmx asks and there is one."""
    shown: dict[str, Any] = {"now": now, **context}
    if piece and wants_piece(request):
        return django_render(request, f"{template}#{piece}", shown, status=status)
    match = request.resolver_match
    shown["frame"] = frame.build(
        reader(request), current=current, now=now, search=search,
        page=(match.url_name or "") if match is not None else "",
    )  # fmt: skip
    shown["help_url"] = help_topics.of(request)
    return django_render(request, template, shown, status=status)
