"""When somebody works: the page and its forms, for themselves and for their manager."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from core import database
from core.errors import DomainError
from people.models import User
from web.console import pages, time_forms, time_page
from web.console.time_forms import TimeForm


@require_GET
@pages.page
def show(request: HttpRequest, user_id: int | None = None) -> HttpResponseBase:
    """One's own time, or that of somebody one keeps it for."""
    of = time_page.person(pages.reader(request), user_id)
    return _page(request, of, {}, leave=request.GET.get("leave", ""))


@require_POST
@pages.page
def act(request: HttpRequest, user_id: int, act: str) -> HttpResponseBase:
    """Send one of the forms; refused, the page shows it again with what is wrong."""
    reader, now = pages.reader(request), database.now()
    of = time_page.person(reader, user_id)
    if act not in time_forms.FORMS:
        raise Http404
    form = time_forms.FORMS[act](request.POST, request.FILES, of=of, reader=reader, now=now)
    status = 422
    if form.is_valid():
        try:
            messages.success(request, form.run())
            back = reverse("console:time" if of.pk == reader.pk else "console:time-of",
                           args=[] if of.pk == reader.pk else [of.pk])  # fmt: skip
            return pages.moved(
                request, pages.inside(request, request.POST.get("next", ""), otherwise=back)
            )
        except DomainError as refusal:
            form.refuse(refusal)
            status = refusal.status
    return _page(request, of, {act.replace("-", "_"): form}, status=status)


def _page(
    request: HttpRequest,
    of: User,
    given: dict[str, TimeForm],
    *,
    status: int = 200,
    leave: str = "",
) -> HttpResponseBase:
    reader, now = pages.reader(request), database.now()
    return pages.render(
        request,
        "console/time.html",
        current="",
        now=now,
        status=status,
        time=time_page.build(reader, of, now=now, zone=reader.zone),
        forms={**time_page.forms(of, reader, now=now, leave=leave), **given},
    )
