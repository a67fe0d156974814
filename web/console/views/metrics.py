"""Metrics: each as a page, and the leads behind each of its figures."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from core import database
from core.errors import NotFound
from reports import declared_acts
from reports.metrics import catalogue
from web.console import metric_declared, metric_leads, metric_page, metric_restated, pages
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


@require_http_methods(["GET", "POST"])
@pages.page
def declared(request: HttpRequest, name: str) -> HttpResponseBase:
    """Between what a metric usually lies and who answers for it, and changing both."""
    reader, metric, status = pages.reader(request), declared_acts.metric_of(name), 200
    shown: dict[str, Any] = {
        "benchmark": metric_declared.BenchmarkForm(reader=reader, metric=metric),
        "owner": metric_declared.OwnerForm(reader=reader, metric=metric, initial=None),
    }
    if request.method == "POST":
        declared_acts.require_may(reader)
        act = request.POST.get("act", "")
        form = metric_declared.form_of(act, request.POST, reader, metric)
        status = pages.run(request, form)
        if status == 303:
            return pages.moved(request, reverse("console:metric-declared", args=[name]))
        shown[act if act in shown else "benchmark"] = form
    page = metric_declared.build(reader, metric, now=database.now())
    return pages.render(
        request, "console/metric_declared.html", current="reports", now=database.now(),
        status=status, page=page, benchmark=shown["benchmark"], owner=shown["owner"],
    )  # fmt: skip


def _asked(request: HttpRequest, name: str) -> Asked:
    if not metric_page.is_metric(name):
        known = ", ".join(catalogue.ALL)
        raise NotFound(f"There is no metric “{name[:40]}”; there are: {known}.")
    return metric_page.read(name, request.GET.dict(), now=database.now())
