"""Deputies of signers: who, when, naming and ending."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from core import database
from core.errors import DomainError, NotFound
from core.texts import _
from governance import deputies, signing
from web.console import deputies_page, kit_links, pages
from web.console.deputies_page import DeputyForm


@require_http_methods(["GET", "POST"])
@pages.page
def show(request: HttpRequest) -> HttpResponseBase:
    """Everybody's deputies, and naming one's own."""
    reader, now = pages.reader(request), database.now()
    if not kit_links.sees_drafts(reader, now=now):
        raise NotFound(_("Deputies are shown to those who write or sign kits."))
    posted = request.method == "POST"
    if posted:
        signing.require_may_publish(reader)
    form = DeputyForm(*((request.POST,) if posted else ()), reader=reader, now=now)
    status = pages.run(request, form) if posted else 200
    if status == 303:
        return pages.moved(request, kit_links.url("kit-deputies"))
    page = deputies_page.build(reader, now=now, zone=timezone.get_current_timezone())
    return pages.render(
        request, "console/kit_deputies.html", current="kit", now=now, status=status,
        deputies=page, form=form,
    )  # fmt: skip


@require_POST
@pages.page
def end(request: HttpRequest, deputy_id: int) -> HttpResponseBase:
    """A deputy's time is over from now on."""
    try:
        row = deputies.end(deputy_id, by=pages.reader(request), now=database.now())
        messages.success(
            request,
            _("{deputy} no longer signs for {signer}.").format(
                deputy=row.deputy, signer=row.signer
            ),
        )
    except DomainError as refusal:
        messages.error(request, refusal.message)
    return pages.moved(request, kit_links.url("kit-deputies"))
