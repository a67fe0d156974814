"""Where a lead would go. Nothing is done: a touch is posted so that no address tells of it."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from core import database
from core.errors import InvalidInput
from governance import selectors as kits
from leads.models import Lead
from lifecycle import preview_asking
from lifecycle.preview_asking import Asked
from web.console import pages, route_form, route_page
from web.console.route_form import Circumstances, Touch
from web.console.route_page import Answer


@require_http_methods(["GET", "POST"])
@pages.page
def preview(request: HttpRequest) -> HttpResponseBase:
    """The forms, and the route of what they ask for."""
    reader, now = pages.reader(request), database.now()
    posted = request.method == "POST"
    if posted:
        preview_asking.require_paster(reader)
    lead = None if posted else route_page.seen(reader, request.GET.get("lead", ""))
    versions = preview_asking.offered(reader, now=now)
    asks = Circumstances(*([request.GET] if request.GET else []), versions=versions)
    data, signals = [request.POST] if posted else [], [*kits.active_kit().signals]
    pasted = Touch(*data, versions=versions, signals=signals)
    form = pasted if posted else asks
    answer = _answer(request, form, lead) if posted or lead is not None else None
    return pages.render(
        request, "console/routes.html", current="kit", now=now, answer=answer, asks=asks,
        pasted=pasted, groups=route_form.groups(pasted),
        routes=route_page.build(reader, request.GET.dict(), lead),
        status=422 if form.is_bound and not form.is_valid() else 200,
    )  # fmt: skip


def _answer(request: HttpRequest, form: Circumstances, lead: Lead | None) -> Answer | None:
    if not form.is_valid():
        return None
    given, reader, now = form.cleaned_data, pages.reader(request), database.now()
    asked = Asked(
        lead=lead,
        touch=form.touch if isinstance(form, Touch) else None,
        versions=form.numbers,
        moment=given["moment"],
        at=given["at"],
        score=given["score"],
    )
    try:
        sides = preview_asking.ask(asked, by=reader, now=now)
    except InvalidInput as refusal:
        form.refuse(refusal)
        return None
    return route_page.answer(sides, lead, now=now, zone=timezone.get_current_timezone())
