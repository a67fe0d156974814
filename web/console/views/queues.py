"""The queues at intake: what waits for people, and what they do about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import database
from core.errors import DomainError
from lifecycle import permissions, queues
from web import csv_files
from web.console import pages, queue_acts, queue_page, touch_page
from web.console.touch_page import MendForm


@require_GET
@pages.page
def index(request: HttpRequest) -> HttpResponseBase:
    """Every queue with its count."""
    reader = pages.reader(request)
    permissions.require_queue_reader(reader)
    counts = queues.counts()
    shown = queue_page.overview(counts)
    gave_up = queue_page.gave_up(counts, administers=reader.is_staff)
    return pages.render(
        request, "console/queues.html", current="queues", now=database.now(), queues=shown,
        gave_up=gave_up,
    )  # fmt: skip


@require_GET
@pages.page
def show(request: HttpRequest, name: str) -> HttpResponseBase:
    """One queue, one page of it."""
    permissions.require_queue_reader(pages.reader(request))
    now = database.now()
    page = queue_page.build(
        name, queues.counts(), left=_left(request), after=request.GET.get("after", ""), now=now
    )
    page = replace(page, ticked=frozenset(_ids(request.GET.getlist("ticked"))))
    return pages.render(request, "console/queue.html", current="queues", now=now, queue=page)


@require_GET
@pages.page
def download(request: HttpRequest, name: str) -> HttpResponseBase:
    """The same as CSV."""
    permissions.require_queue_reader(pages.reader(request))
    rows = queue_page.export(name, left=_left(request), now=database.now())
    return csv_files.stream(f"{name}.csv", rows)


@require_POST
@pages.page
def act(request: HttpRequest, name: str) -> HttpResponseBase:
    """Do something with the rows that are ticked, or with the one whose button was pressed."""
    only = request.GET.get("only", "")
    ids = _ids([only] if only else request.POST.getlist("id"))
    ticked: dict[str, list[int]] = {}
    verb = request.GET.get("verb", "") or request.POST.get("verb", "")
    try:
        said = queue_acts.Said(request.POST.get("words", ""), request.POST.get("reason", ""))
        done = queue_acts.run(name, verb, ids, by=pages.reader(request), said=said)
        messages.success(request, done)
    except DomainError as refusal:
        messages.error(request, refusal.message)
        ticked = {"ticked": ids[: queue_page.PAGE]}
    back = pages.inside(request, request.POST.get("next", ""), otherwise=reverse("console:queues"))
    return pages.moved(request, pages.asking(back, ticked))


@require_http_methods(["GET", "POST"])
@pages.page
def touch(request: HttpRequest, touch_id: int) -> HttpResponseBase:
    """One touch with its payload, and mending it."""
    permissions.require_queue_reader(pages.reader(request))
    if request.method == "POST":
        permissions.require_keeper(pages.reader(request))
    found = touch_page.load(touch_id)
    now, status = database.now(), 200
    if request.method != "POST":
        form = MendForm.shown(found, now=now)
    else:
        form = MendForm(found, request.POST)
        said, status = _mended(request, form)
        if said:
            messages.success(request, said)
            return pages.moved(request, reverse("console:queue", args=["exceptions"]))
    return pages.render(
        request, "console/queue_touch.html", current="queues", now=now, form=form,
        touch=touch_page.build(found), status=status,
    )  # fmt: skip


def _mended(request: HttpRequest, form: MendForm) -> tuple[str, int]:
    """What was done in words, or nothing and why not as a status."""
    if not form.is_valid():
        return "", 422
    try:
        return queue_acts.tried(form.run(pages.reader(request))), 303
    except DomainError as refusal:
        form.refuse(refusal)
        return "", refusal.status


def _ids(given: Sequence[str]) -> list[int]:
    return [int(one) for one in given if one.isascii() and one.isdigit() and len(one) <= 18]


def _left(request: HttpRequest) -> bool:
    return request.GET.get("left") == "1"
