"""Metrics: each as a page, and the leads behind each of its figures."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET

from core import database
from core.errors import NotFound
from reports.metrics import catalogue
from web.console import metric_leads, metric_page, metric_restated, pages
from web.console.metric_page import Asked


def show(request: HttpRequest, name: str) -> HttpResponseBase:
    """The number, its course and its lines; called for reports that are metrics."""
    now = database.now()
    asked = metric_page.read(name, request.GET.dict(), now=now)
    page = metric_page.build(pages.reader(request), asked, now=now)
    return pages.render(request, "console/metric.html", current="reports", now=now, metric=page)


@require_GET
@pages.page
def leads(request: HttpRequest, name: str) -> HttpResponseBase:
    """The leads that a figure counts."""
    query, now = request.GET.dict(), database.now()
    page = metric_leads.build(pages.reader(request), _asked(request, name), query)
    return pages.render(request, "console/metric_leads.html", current="reports", now=now, page=page)


@require_GET
@pages.page
def leads_csv(request: HttpRequest, name: str) -> HttpResponseBase:
    """The same as a file."""
    query, now = request.GET.dict(), database.now()
    return metric_leads.send(pages.reader(request), _asked(request, name), query, now=now)


@require_GET
@pages.page
def restated(request: HttpRequest, name: str) -> HttpResponseBase:
    """The metric as it was told on a day, and each lead that counts otherwise since."""
    now = database.now()
    metric = _asked(request, name).metric
    page = metric_restated.build(pages.reader(request), metric, request.GET.dict(), now=now)
    return pages.render(
        request, "console/metric_restated.html", current="reports", now=now, page=page
    )


def _asked(request: HttpRequest, name: str) -> Asked:
    if not metric_page.is_metric(name):
        known = ", ".join(catalogue.ALL)
        raise NotFound(f"There is no metric “{name[:40]}”; there are: {known}.")
    return metric_page.read(name, request.GET.dict(), now=database.now())
