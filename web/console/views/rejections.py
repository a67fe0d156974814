"""Rejections: what can be contested, what is disputed, what was decided."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET

from core import database
from web import csv_files
from web.console import pages, rejection_list


@require_GET
@pages.page
def index(request: HttpRequest) -> HttpResponseBase:
    """The list, one page of it."""
    reader, now = pages.reader(request), database.now()
    asked = rejection_list.read(request.GET.dict())
    page = rejection_list.build(reader, asked, now=now)
    return pages.render(
        request, "console/rejections.html", current="rejections", now=now, rejections=page,
        status=400 if asked.problems else 200,
    )  # fmt: skip


@require_GET
@pages.page
def download(request: HttpRequest) -> HttpResponseBase:
    """The same as CSV."""
    asked = rejection_list.read(request.GET.dict())
    if asked.problems:
        return index(request)
    rows = rejection_list.export(pages.reader(request), asked, now=database.now())
    return csv_files.stream("rejections.csv", rows)
