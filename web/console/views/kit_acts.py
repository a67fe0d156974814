"""Bringing the kit in force to leads that were there before it: preview, confirmation, result."""

from __future__ import annotations

from typing import Protocol

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from core import database
from core.errors import DomainError, NotAllowed
from core.texts import _
from lifecycle import applying, rescoring
from lifecycle.models import KitApplication
from web import csv_files
from web.console import (
    application_page,
    kit_answers,
    pages,
    recalculate_page,
    requalify_page,
    rescore_page,
)
from web.console.kit_answers import Answer


class Confirm(Protocol):
    """Does what an answer confirms."""

    def __call__(self, answer: Answer) -> KitApplication: ...


@require_http_methods(["GET", "POST"])
@pages.page
def recalculate(request: HttpRequest) -> HttpResponseBase:
    """Running clocks that would be due at another time."""
    reader, only = pages.reader(request), recalculate_page.read(request.GET.dict())
    done, answer, status = _answered(
        request, lambda answer: recalculate_page.confirm(reader, only, answer)
    )
    if done is not None:
        return pages.moved(request, reverse("console:kit-application", args=[done.pk]))
    now, zone = database.now(), timezone.get_current_timezone()
    page = recalculate_page.build(reader, only, answer, now=now, zone=zone)
    return pages.render(
        request, "console/kit_recalculate.html", current="kit", now=now, clocks=page, status=status
    )


@require_GET
@pages.page
def recalculate_csv(request: HttpRequest) -> HttpResponseBase:
    """The same clocks as CSV."""
    only = recalculate_page.read(request.GET.dict())
    rows = recalculate_page.export(pages.reader(request), only, now=database.now())
    return csv_files.stream("recalculate.csv", rows)


@require_http_methods(["GET", "POST"])
@pages.page
def requalify(request: HttpRequest) -> HttpResponseBase:
    """Leads that the criteria in force would move."""
    reader, only = pages.reader(request), requalify_page.read(request.GET.dict())
    done, answer, status = _answered(
        request, lambda answer: requalify_page.confirm(reader, only, answer)
    )
    if done is not None:
        return pages.moved(request, reverse("console:kit-application", args=[done.pk]))
    now, zone = database.now(), timezone.get_current_timezone()
    page = requalify_page.build(reader, only, answer, now=now, zone=zone)
    return pages.render(
        request, "console/kit_requalify.html", current="kit", now=now, leads=page, status=status
    )


@require_GET
@pages.page
def requalify_csv(request: HttpRequest) -> HttpResponseBase:
    """The same leads as CSV."""
    only = requalify_page.read(request.GET.dict())
    rows = requalify_page.export(pages.reader(request), only, now=database.now())
    return csv_files.stream("requalify.csv", rows)


@require_http_methods(["GET", "POST"])
@pages.page
def rescore(request: HttpRequest) -> HttpResponseBase:
    """What the score rules in force would make of the leads that are there."""
    reader = pages.reader(request)
    done, answer, status = _answered(
        request, lambda answer: rescoring.apply(by=reader, reason=answer.reason)
    )
    if done is not None:
        return pages.moved(request, reverse("console:kit-application", args=[done.pk]))
    now, zone = database.now(), timezone.get_current_timezone()
    page = rescore_page.build(reader, answer, now=now, zone=zone)
    return pages.render(
        request, "console/kit_rescore.html", current="kit", now=now, scores=page, status=status
    )


@require_GET
@pages.page
def application(request: HttpRequest, application_id: int) -> HttpResponseBase:
    """How far an application is, and what it did."""
    now, zone = database.now(), timezone.get_current_timezone()
    page = application_page.build(application_id, pages.reader(request), now=now, zone=zone)
    return pages.render(
        request, "console/kit_application.html", current="kit", now=now, piece="progress",
        application=page,
    )  # fmt: skip


def _answered(request: HttpRequest, confirm: Confirm) -> tuple[KitApplication | None, Answer, int]:
    """What was done, or the answer with why it was not and the status of that."""
    if request.method != "POST":
        return None, Answer(), 200
    answer = kit_answers.read(request.POST)
    try:
        done = confirm(answer)
    except NotAllowed:
        raise
    except DomainError as refusal:
        return None, answer.refused(refusal), refusal.status
    if done.state == KitApplication.State.WAITING:
        messages.success(request, _("The worker has it now; this page tells how far it is."))
    else:
        of = (
            "leads"
            if done.act in applying.OF_BLOCKS
            else _("of {total}").format(total=f"{done.total:,}")
        )
        messages.success(
            request, _("Done: {changed} {of} changed.").format(changed=f"{done.changed:,}", of=of)
        )
    return done, answer, 303
