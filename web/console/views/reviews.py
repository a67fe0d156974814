"""Governance reviews: the list, one review, its figures."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_GET

from core import database
from web.console import pages, review_page


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
    """One review: where it stands and its findings."""
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
