"""One version of the kit, and every act on it."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from core import database
from core.errors import DomainError
from governance import texts
from governance.models import KitStatus, KitVersion
from web.console import kit_acts, kit_links, kit_page, kit_side, pages, version_case, version_page
from web.console.kit_forms import KitForm


@require_GET
@pages.page
def show(request: HttpRequest, number: int) -> HttpResponseBase:
    """Where the version stands, what it changes, and what may be done with it."""
    reader, now = pages.reader(request), database.now()
    version = kit_links.version(number, reader=reader, now=now)
    page = version_page.build(version, reader=reader, now=now, zone=timezone.get_current_timezone())
    return pages.render(request, "console/kit_version.html", current="kit", now=now, version=page)


@require_GET
@pages.page
def text(request: HttpRequest, number: int) -> HttpResponseBase:
    """The whole text of any version in words."""
    reader, now = pages.reader(request), database.now()
    version = kit_links.version(number, reader=reader, now=now)
    told = kit_page.text(texts.compiled(version), now=now)
    return pages.render(
        request, "console/kit_text.html", current="kit", now=now, version=version, text=told,
        tone=kit_side.TONES[KitStatus(version.status)],
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@pages.page
def act(request: HttpRequest, number: int, name: str) -> HttpResponseBase:
    """The form of one act, and doing it."""
    reader, now = pages.reader(request), database.now()
    case = version_case.build(
        kit_links.version(number, reader=reader, now=now), reader=reader, now=now
    )
    if name not in kit_acts.FORMS:
        raise Http404
    data = (request.POST,) if request.method == "POST" else ()
    form = kit_acts.FORMS[name](*data, case=case, asked=request.GET.get("party", ""))
    status = 200
    if request.method == "POST":
        version, status = _done(request, form)
        if version:
            return pages.moved(request, kit_links.url("kit-version", version.number))
    return pages.render(
        request, "console/kit_act.html", current="kit", now=now, piece="form",
        form=form, sheet=kit_acts.sheet(form, name), status=status,
    )  # fmt: skip


def _done(request: HttpRequest, form: KitForm) -> tuple[KitVersion | None, int]:
    """The version to go on with, or none and why not as a status."""
    if not form.is_valid():
        return None, 422
    try:
        said, version = form.run()
    except DomainError as refusal:
        form.refuse(refusal)
        return None, refusal.status
    messages.success(request, said)
    return version, 303
