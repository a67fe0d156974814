"""Public forms. They read no session and set no cookie."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from core.errors import FieldError
from lifecycle import intake
from web.capture import limits, sources, tickets
from web.capture.forms import FORMS, PublicForm, place_of, touch
from web.capture.tickets import Ticket

HONEYPOT = "website"
EXPIRED = "This page was open for very long. Please send it once more; your answers are still here."
UNUSABLE = "We could not take this. Please check your answers."


@require_http_methods(["GET", "HEAD", "POST"])
def form(request: HttpRequest, key: str) -> HttpResponse:
    """The form; sent, it becomes one touch and leads to a page of thanks."""
    public = _public(key)
    if request.method != "POST":
        return _page(request, public, public.form(), _fresh_ticket(request, public))
    wait = limits.wait_seconds(request)
    if wait:
        return _busy(request, public, wait)
    bound = public.form(request.POST)
    text = request.POST.get("ticket", "")
    ticket = tickets.read(text, form=public.key)
    if ticket is None:
        bound.add_error(None, EXPIRED)
        return _page(request, public, bound, _fresh_ticket(request, public), status=400)
    if not bound.is_valid() or not _captured(request, public, bound, ticket):
        return _page(request, public, bound, text, status=422)
    return HttpResponseRedirect(reverse("form-thanks", args=[public.key]), status=303)


@require_safe
def thanks(request: HttpRequest, key: str) -> HttpResponse:
    """What anybody sees who sent the form, whatever became of it inside."""
    return render(request, "capture/thanks.html", {"public": _public(key)})


def _public(key: str) -> PublicForm:
    if key not in FORMS:
        raise Http404("There is no such form.")
    return FORMS[key]


def _captured(request: HttpRequest, public: PublicForm, bound: forms.Form, ticket: Ticket) -> bool:
    """Store what was sent; False when intake refuses it, with its faults beside the questions."""
    [answer] = intake.capture(
        [touch(public, bound.cleaned_data, ticket.source)],
        scope=f"form:{public.key}",
        keys=[ticket.key(bound.cleaned_data)],
        quarantine=ticket.hasty or bool(request.POST.get(HONEYPOT)),
    )
    for fault in answer.errors:
        _show(fault, bound)
    return not answer.errors


def _show(fault: FieldError, bound: forms.Form) -> None:
    place = place_of(fault.field)
    bound.add_error(place, fault.message if place else UNUSABLE)


def _fresh_ticket(request: HttpRequest, public: PublicForm) -> str:
    referrer = request.headers.get("Referer", "")
    page = request.build_absolute_uri(request.path)
    source = sources.read(request.GET, referrer=referrer, page=page)
    return tickets.issue(public.key, source)


def _page(
    request: HttpRequest, public: PublicForm, shown: forms.Form, ticket: str, *, status: int = 200
) -> HttpResponse:
    words: dict[str, Any] = {
        "public": public, "form": shown, "ticket": ticket, "honeypot": HONEYPOT,
    }  # fmt: skip
    for name, field in shown.fields.items():
        told = [f"{name}-error"] if name in shown.errors else []
        told += [f"{name}-help"] if field.help_text else []
        field.widget.attrs |= {"aria-describedby": " ".join(told)} if told else {}
        field.widget.attrs |= {"aria-invalid": "true"} if name in shown.errors else {}
    return render(request, "capture/form.html", words, status=status)


def _busy(request: HttpRequest, public: PublicForm, wait: int) -> HttpResponse:
    words = {"public": public, "minutes": -(-wait // 60)}
    answer = render(request, "capture/busy.html", words, status=429)
    answer.headers["Retry-After"] = str(wait)
    return answer
