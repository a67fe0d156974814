"""The first hour: the checklist, the questions that make a draft, the first key."""

from __future__ import annotations

import json
import shlex

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import database
from core.errors import DomainError, InvalidInput
from core.texts import _, lazy
from lifecycle import first_kit
from people import api_keys
from people.models import ApiKey
from web.console import kit_links, pages, set_up_page, words
from web.console.set_up_forms import CustomerForm, KeyForm

EXAMPLE = {
    "channel": "FORM",
    "person": {"first_name": lazy("Try"), "last_name": lazy("Out"), "email": "try.out@example.com"},
    "company": {"name": "Example Ltd", "domain": "example.com"},
}


@require_GET
@pages.page
def show(request: HttpRequest) -> HttpResponseBase:
    """All steps, with what each is for and where it stands."""
    reader = pages.reader(request)
    set_up_page.require(reader)
    return pages.render(
        request, "console/set_up.html", current="home", now=database.now(),
        set_up=set_up_page.build(reader),
    )  # fmt: skip


@require_POST
@pages.page
def dismiss(request: HttpRequest) -> HttpResponseBase:
    """Take the card off one's home."""
    reader = pages.reader(request)
    set_up_page.require(reader)
    set_up_page.dismiss(reader, now=database.now())
    messages.success(request, _("The checklist is off your home; Team leads to it."))
    return pages.moved(request, reverse("console:home"))


@require_http_methods(["GET", "POST"])
@pages.page
def customer(request: HttpRequest) -> HttpResponseBase:
    """The questions; answered, the draft that says so."""
    reader, now = pages.reader(request), database.now()
    set_up_page.require(reader)
    form = CustomerForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            made = first_kit.draft(form.customer(), by=reader, now=now)
        except DomainError as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, _said(made))
            return pages.moved(request, kit_links.url("kit-version", made.version.number))
    return pages.render(
        request, "console/set_up_customer.html", current="home", now=now, form=form,
        status=422 if form.is_bound else 200,
    )  # fmt: skip


def _said(made: first_kit.Drafted) -> str:
    count = words.plural(len(made.left_out), "example")
    told = (
        _(" {count} told of another customer and stayed out.").format(count=count)
        if made.left_out
        else ""
    )
    return _("Here is your draft.{told} Look through it, then submit it.").format(told=told)


@require_http_methods(["GET", "POST"])
@pages.page
def key(request: HttpRequest) -> HttpResponseBase:
    """Make a key for capture, and show it this once."""
    set_up_page.require(pages.reader(request))
    form, text = KeyForm(request.POST if request.method == "POST" else None), ""
    if form.is_valid():
        try:
            _rest, text = api_keys.make(
                form.cleaned_data["name"].strip(), scope=ApiKey.Scope.CAPTURE
            )
        except InvalidInput as refusal:
            form.add_error("name", refusal.message)
    return pages.render(
        request, "console/set_up_key.html", current="home", now=database.now(), form=form,
        key=text, command=_curl(text), status=422 if form.errors else 200,
    )  # fmt: skip


def _curl(text: str) -> str:
    """A command that hands over one example, ready for a terminal."""
    url = settings.BASE_URL.rstrip("/") + "/api/v1/capture/"
    parts = [
        "curl", url, "-H", _("Authorization: Api-Key {text}").format(text=text), "-H",
        _("Content-Type: application/json"), "-d", json.dumps(EXAMPLE),
    ]  # fmt: skip
    return shlex.join(parts)
