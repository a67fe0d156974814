"""Public forms. They read no session and set no cookie."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from core.errors import FieldError
from lifecycle import intake
from web.capture import embedding, forms, hosted, limits, sources, tickets
from web.capture.forms import Answers
from web.capture.hosted import PublicForm
from web.capture.tickets import Ticket

HONEYPOT = "website"
EXPIRED = "This page was open for very long. Please send it once more; your answers are still here."
UNUSABLE = "We could not take this. Please check your answers."
SCRIPT_SECONDS = 300


@require_http_methods(["GET", "HEAD", "POST"])
def form(request: HttpRequest, key: str) -> HttpResponse:
    """The form; sent, it becomes one touch and leads to a page of thanks."""
    public = hosted.find(key)
    if request.method != "POST":
        return _page(request, public, forms.build(public), _fresh_ticket(request, public))
    wait = limits.wait_seconds(request, public)
    if wait:
        return _busy(request, public, wait)
    text = request.POST.get("ticket", "")
    ticket = tickets.read(text, form=public.key, soonest=public.min_seconds)
    shown = hosted.as_shown(public, ticket.asked if ticket else None)
    bound = forms.build(shown, request.POST)
    if ticket is None:
        bound.add_error(None, EXPIRED)
        return _page(request, public, bound, _fresh_ticket(request, public), status=400)
    if not bound.is_valid() or not _captured(request, shown, bound, ticket):
        return _page(request, public, bound, text, status=422)
    return _sent(request, public)


@require_safe
def thanks(request: HttpRequest, key: str) -> HttpResponse:
    """What anybody sees who sent the form, whatever became of it inside."""
    public = hosted.find(key)
    return _shown(request, public, "thanks", {})


@require_safe
def script(request: HttpRequest, key: str) -> HttpResponse:
    """The script that puts the form into another site's page."""
    hosted.find(key)
    answer = HttpResponse(_script(), content_type="text/javascript; charset=utf-8")
    answer.headers["Cache-Control"] = f"public, max-age={SCRIPT_SECONDS}"
    return answer


@functools.cache
def _script() -> str:
    return (Path(settings.BASE_DIR) / "static" / "js" / "embed.js").read_text(encoding="utf-8")


def _captured(request: HttpRequest, shown: PublicForm, bound: Answers, ticket: Ticket) -> bool:
    """Store what was sent; False when intake refuses it, with its faults beside the questions."""
    why = _suspicion(request, shown, ticket)
    [answer] = intake.capture(
        [{**forms.touch(shown, bound.cleaned_data, ticket.source), "visitor": ticket.visitor}],
        scope=f"form:{shown.key}",
        keys=[ticket.key(bound.cleaned_data)],
        quarantine=bool(why),
        why=why,
    )
    for fault in answer.errors:
        _show(fault, shown, bound)
    return not answer.errors


def _suspicion(request: HttpRequest, public: PublicForm, ticket: Ticket) -> str:
    """Why a machine may have sent it, for those who look at suspected spam; usually nothing."""
    trap = "A field that people do not see was filled in." if request.POST.get(HONEYPOT) else ""
    fast = f"It came back within {public.min_seconds} seconds." if ticket.hasty else ""
    told = " ".join(filter(None, (trap, fast)))
    return f"Form “{public.key}”: {told}" if told else ""


def _sent(request: HttpRequest, public: PublicForm) -> HttpResponse:
    frame = embedding.frame_of(request, public)
    thanked = reverse("form-thanks", args=[public.key]) + frame.query
    # Within a frame our page of thanks asks the page around it to go on.
    onward = "" if frame.embedded else public.onward
    return embedding.guarded(HttpResponseRedirect(onward or thanked, status=303), public)


def _show(fault: FieldError, shown: PublicForm, bound: Answers) -> None:
    place = forms.place_of(fault.field, shown)
    bound.add_error(place, fault.message if place else UNUSABLE)


def _fresh_ticket(request: HttpRequest, public: PublicForm) -> str:
    source = sources.read(
        request.GET,
        referrer=request.headers.get("Referer", ""),
        page=request.build_absolute_uri(request.path),
        own=public.origins,
    )
    visitor = embedding.visitor_of(request, public)
    return tickets.issue(public.key, source, asked=hosted.shape(public), visitor=visitor)


def _page(
    request: HttpRequest, public: PublicForm, shown: Answers, ticket: str, *, status: int = 200
) -> HttpResponse:
    words: dict[str, Any] = {"form": shown, "ticket": ticket, "honeypot": HONEYPOT}
    for name, field in shown.fields.items():
        told = [f"{name}-error"] if name in shown.errors else []
        told += [f"{name}-help"] if field.help_text else []
        field.widget.attrs |= {"aria-describedby": " ".join(told)} if told else {}
        field.widget.attrs |= {"aria-invalid": "true"} if name in shown.errors else {}
    return _shown(request, public, "form", words, status=status)


def _busy(request: HttpRequest, public: PublicForm, wait: int) -> HttpResponse:
    answer = _shown(request, public, "busy", {"minutes": -(-wait // 60)}, status=429)
    answer.headers["Retry-After"] = str(wait)
    return answer


def _shown(
    request: HttpRequest, public: PublicForm, page: str, words: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    words |= {"public": public, "frame": embedding.frame_of(request, public)}
    answer = render(request, f"capture/{page}.html", words, status=status)
    return embedding.guarded(answer, public)
