"""The parts of a draft: the list, the form of one, and adding, moving, removing."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from core import database
from core.texts import _
from governance import editing
from governance.models import KitStatus
from web.console import pages, part_pages
from web.console.part_pages import PartPage


@require_http_methods(["GET", "POST"])
@pages.page
def index(request: HttpRequest, number: int) -> HttpResponseBase:
    """Every part of a version by kind; a draft's parts are moved from here."""
    reader = pages.reader(request)
    version = part_pages.version_of(number, reader)
    if request.method == "POST":
        return pages.moved(request, part_pages.move(version, request.POST, reader))
    asked = request.GET
    return pages.render(
        request, "console/kit_part_list.html", current="kit", now=database.now(), version=version,
        sections=list(part_pages.sections(version)), moved=asked.get("moved", ""),
        upwards="up" in asked, may_edit=part_pages.may_edit(version, reader),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@pages.page
def edit(request: HttpRequest, number: int, kind: str, key: str) -> HttpResponseBase:
    """The form of one part, and saving it."""
    reader = pages.reader(request)
    version = part_pages.version_of(number, reader)
    part_pages.require_form(version, reader, sent=request.method == "POST")
    form = part_pages.form_of(request, version, editing.part_of(version, kind, key))
    back = _back(request, number)
    if request.method == "POST" and part_pages.saved(form, reader):
        words = "saved" if form.changed_data else _("is as it was; nothing was changed")
        messages.success(request, f"{editing.words_of(kind).capitalize()} “{key}” {words}.")
        return pages.moved(request, back)
    return _shown(request, part_pages.page_of(request, version, form, back=back))


@require_http_methods(["GET", "POST"])
@pages.page
def add(request: HttpRequest, number: int, kind: str) -> HttpResponseBase:
    """The form of a new part, and adding it."""
    reader = pages.reader(request)
    version = part_pages.version_of(number, reader)
    part_pages.require_form(version, reader, sent=request.method == "POST")
    form = part_pages.form_of(request, version, editing.model_of(kind)(kit=version))
    back = _back(request, number)
    if request.method == "POST" and part_pages.saved(form, reader):
        said = _("Added {words_of} “{key}” to kit v{number}.").format(
            words_of=editing.words_of(kind), key=form.instance.key, number=number
        )
        messages.success(request, said)
        return pages.moved(request, back)
    return _shown(request, part_pages.page_of(request, version, form, back=back))


@require_POST
@pages.page
def remove(request: HttpRequest, number: int, kind: str, key: str) -> HttpResponseBase:
    """Take one part out of a draft."""
    reader = pages.reader(request)
    version = part_pages.version_of(number, reader)
    messages.success(request, part_pages.remove(version, kind, key, reader))
    return pages.moved(request, reverse("console:kit-parts", args=[number]))


def _shown(request: HttpRequest, page: PartPage) -> HttpResponseBase:
    """The page of a form; a form that was refused says so by its status."""
    refused = page.form.is_bound and not part_pages.acted(page.form)
    why = 422 if page.version.status == KitStatus.DRAFT else 409
    return pages.render(
        request, "console/kit_part.html", current="kit", now=database.now(), part=page,
        status=why if refused else 200,
    )  # fmt: skip


def _back(request: HttpRequest, number: int) -> str:
    """Where the reader came from; else the page of the version."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    return pages.inside(request, asked, otherwise=reverse("console:kit-version", args=[number]))
