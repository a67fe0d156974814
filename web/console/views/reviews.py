"""Governance reviews: the list, one review, its figures, its findings, its signing, its pack."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import database
from core.errors import DomainError, NotFound
from core.texts import _
from reports.models import ReviewSignature
from reports.reviews import closing, findings, holding, packs, selectors
from web.console import pages, review_page
from web.console.review_forms import DoneForm, FindingForm


@require_GET
@pages.page
def index(request: HttpRequest) -> HttpResponseBase:
    """The reviews this reader may read."""
    now, zone = database.now(), timezone.get_current_timezone()
    page = review_page.listed(pages.reader(request), now=now, zone=zone)
    return pages.render(request, "console/reviews.html", current="reviews", now=now, reviews=page)


@require_GET
@pages.page
def show(request: HttpRequest, month: str) -> HttpResponseBase:
    """One review: where it stands, its findings, who signed."""
    now, zone = database.now(), timezone.get_current_timezone()
    page = review_page.build(pages.reader(request), month, now=now, zone=zone)
    return pages.render(request, "console/review.html", current="reviews", now=now, review=page)


@require_GET
@pages.page
def figures(request: HttpRequest, month: str) -> HttpResponseBase:
    """The figures of one review, as it saw them."""
    now, zone = database.now(), timezone.get_current_timezone()
    page = review_page.figures(pages.reader(request), month, now=now, zone=zone)
    return pages.render(
        request, "console/review_figures.html", current="reviews", now=now, review=page
    )


@require_http_methods(["GET", "POST"])
@pages.page
def add(request: HttpRequest, month: str) -> HttpResponseBase:
    """A finding added by hand; the address may name the line of a table that shows it."""
    reader, now = pages.reader(request), database.now()
    review = selectors.one(month, reader)
    findings.require_of(review, reader)
    place = (request.GET.get("section", ""), request.GET.get("row", ""))
    form = FindingForm(
        *_sent(request), review=review, finding=None, reader=reader, now=now, place=place
    )
    status = pages.run(request, form) if request.method == "POST" else 200
    if status == 303:
        return pages.moved(request, _url(month))
    return pages.render(
        request, "console/review_finding_new.html", current="reviews", now=now, status=status,
        review={"number": review.number, "url": _url(month)}, form=form,
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@pages.page
def finding(request: HttpRequest, month: str, place: int) -> HttpResponseBase:
    """One finding: its story, deciding on it, reporting it as done."""
    reader, now = pages.reader(request), database.now()
    review = selectors.of_finding(month, place, reader)
    found = holding.finding_of(review, place)
    if request.method == "POST":
        findings.require_touches(found, reader)
    reports = request.POST.get("act") == "done"
    common: dict[str, Any] = {"review": review, "finding": found, "reader": reader, "now": now}
    form = FindingForm(*(() if reports else _sent(request)), **common)
    done = DoneForm(*(_sent(request) if reports else ()), **common)
    status = pages.run(request, done if reports else form) if request.method == "POST" else 200
    if status == 303:
        return pages.moved(request, request.path if reports else _url(month))
    page = review_page.finding(reader, review, place, now=now, zone=timezone.get_current_timezone())
    return pages.render(
        request, "console/review_finding.html", current="reviews", now=now, status=status,
        review=page, form=form, done=done,
    )  # fmt: skip


@require_POST
@pages.page
def act(request: HttpRequest, month: str, act: str) -> HttpResponseBase:
    """Ask for signatures, take the review back, sign."""
    if act not in ACTS:
        raise NotFound(_("There is no such act."))
    reader = pages.reader(request)
    selectors.one(month, reader)
    try:
        messages.success(request, ACTS[act](request, month))
    except DomainError as refusal:
        messages.error(request, refusal.message)
    return pages.moved(request, _url(month))


@require_GET
@pages.page
def pack_html(request: HttpRequest, month: str) -> HttpResponseBase:
    """The pack of a closed review as one file."""
    reader = pages.reader(request)
    made = packs.html_for(selectors.one(month, reader), reader)
    return _file(made, "text/html; charset=utf-8")


@require_GET
@pages.page
def pack_pdf(request: HttpRequest, month: str) -> HttpResponseBase:
    """The same as PDF."""
    reader = pages.reader(request)
    return _file(packs.pdf_for(selectors.one(month, reader), reader), "application/pdf")


def _file(made: packs.File, kind: str) -> HttpResponse:
    answer = HttpResponse(made.content, content_type=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="{made.name}"'
    return answer


def _sent(request: HttpRequest) -> tuple[object, ...]:
    return (request.POST,) if request.method == "POST" else ()


def _url(month: str) -> str:
    return reverse("console:review", args=[month])


def _submit(request: HttpRequest, month: str) -> str:
    closing.submit(month, by=pages.reader(request), now=database.now())
    return _("Sales and Marketing are asked to sign.")


def _back(request: HttpRequest, month: str) -> str:
    closing.take_back(month, by=pages.reader(request), now=database.now())
    return _("It can be worked on again.")


def _sign(party: str) -> Callable[[HttpRequest, str], str]:
    def sign(request: HttpRequest, month: str) -> str:
        seen = request.POST.get("seen", "")
        made = closing.sign(month, party, by=pages.reader(request), seen=seen, now=database.now())
        return _("Signed for {party}.").format(party=made.get_party_display())

    return sign


ACTS: Mapping[str, Callable[[HttpRequest, str], str]] = {
    "submit": _submit,
    "back": _back,
    **{f"sign-{one.lower()}": _sign(one) for one in ReviewSignature.Party.values},
}
