"""Reports: which there are, each as page and CSV; SLA attainment has a page of its own."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from core import database
from core.texts import _
from lifecycle.simulation import supposing
from reports import csv, declaration, registry, sla
from reports.declaration import Report
from web import xlsx_files
from web.console import (
    books,
    kit_links,
    metric_page,
    metric_tiles,
    pages,
    report_page,
    saved_views,
    sla_page,
)
from web.console import score_lab as lab
from web.console.views import metrics


@require_GET
@pages.page
def index(request: HttpRequest) -> HttpResponseBase:
    """Every metric with its number, and every report by name."""
    now = database.now()
    return pages.render(
        request,
        "console/reports.html",
        current="reports",
        now=now,
        tiles=metric_tiles.build(pages.reader(request), now=now),
        reports=[one for one in registry.all() if not metric_page.is_metric(one.key)],
        books=books.read_by(pages.reader(request)),
        saved=saved_views.of_reports(pages.reader(request)),
        here=request.get_full_path(),
    )


@require_GET
@pages.page
def sla_attainment(request: HttpRequest) -> HttpResponseBase:
    """SLA attainment of a period, cut four ways."""
    now, zone = database.now(), timezone.get_current_timezone()
    asked = sla_page.read(request.GET.dict(), now=now, zone=zone)
    page = sla_page.build(pages.reader(request), asked, now=now, zone=zone)
    return pages.render(request, "console/report_sla.html", current="reports", now=now, report=page)


@require_GET
@pages.page
def sla_csv(request: HttpRequest) -> HttpResponseBase:
    """One cut of the same report as CSV."""
    now, zone = database.now(), timezone.get_current_timezone()
    asked = sla_page.read(request.GET.dict(), now=now, zone=zone)
    report = sla.build(
        pages.reader(request), period=asked.period, by=request.GET.get("by", ""), only=asked.only,
        now=now,
    )  # fmt: skip
    return _file(report)


@require_GET
@pages.page
def score_lab(request: HttpRequest) -> HttpResponseBase:
    """What scores were worth, how leads are spread over them, and what if."""
    reader, now, zone = pages.reader(request), database.now(), timezone.get_current_timezone()
    asked = lab.read(request.GET.dict(), now=now, zone=zone)
    page = lab.build(reader, asked, now=now, zone=zone)
    return pages.render(request, "console/score_lab.html", current="reports", now=now, lab=page)


@require_POST
@pages.page
def draft_of_lab(request: HttpRequest) -> HttpResponseBase:
    """A draft in which a rule is worth more, and its simulation."""
    rule, more = request.POST.get("rule", ""), lab.points(request.POST.get("more", ""))
    run = supposing.worth_more(rule, more, by=pages.reader(request), now=database.now())
    messages.success(
        request,
        _("Kit v{number} is a draft that says so; it is being tried.").format(
            number=run.kit.number
        ),
    )
    return pages.moved(request, kit_links.url("kit-simulation", run.kit.number))


@require_GET
@pages.page
def show(request: HttpRequest, name: str) -> HttpResponseBase:
    """Any other report, as one table; metrics have a page of their own."""
    if metric_page.is_metric(name):
        return metrics.show(request, name)
    now, zone = database.now(), timezone.get_current_timezone()
    page = report_page.build(pages.reader(request), name, request.GET.dict(), now=now, zone=zone)
    return pages.render(request, "console/report.html", current="reports", now=now, report=page)


@require_GET
@pages.page
def download(request: HttpRequest, name: str) -> HttpResponseBase:
    """The same table as CSV."""
    return _file(_made(request, name))


@require_GET
@pages.page
def workbook(request: HttpRequest, name: str) -> HttpResponseBase:
    """The same table as a workbook."""
    made = _made(request, name)
    file_name = csv.file_name(made).removesuffix("csv") + "xlsx"
    return xlsx_files.stream(file_name, declaration.lines(made))


def _made(request: HttpRequest, name: str) -> Report:
    reader, query = pages.reader(request), request.GET.dict()
    now, zone = database.now(), timezone.get_current_timezone()
    if metric_page.is_metric(name):
        return metric_page.make(reader, metric_page.read(name, query, now=now), now=now)
    return report_page.make(reader, name, query, now=now, zone=zone)


def _file(report: Report) -> StreamingHttpResponse:
    name = _('attachment; filename="{file_name}"').format(file_name=csv.file_name(report))
    return StreamingHttpResponse(
        csv.stream(report),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": name},
    )
