"""Adding a lead by hand, with a word of warning where the buyer is known."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from core import database
from core.texts import _
from governance import selectors as kits
from lifecycle import permissions
from web.console import adding, pages


@require_http_methods(["GET", "POST"])
@pages.page
def add(request: HttpRequest) -> HttpResponseBase:
    """The form, and taking in what it holds."""
    reader, status = pages.reader(request), 200
    permissions.require_rep(reader)
    data = (request.POST,) if request.method == "POST" else ()
    form = adding.AddLead(*data, kit=kits.active_kit(), reader=reader)
    if data:
        status = 409 if form.is_valid() and not form.is_new() else 422
        added = form.run() if form.is_valid() and status == 422 else None
        if added is not None:
            who = added.lead.person.name if added.lead is not None else _("The lead")
            said = (
                f"{who}: {added.why_not}"
                if added.why_not
                else _("Added {who} as SAL; it is yours.").format(who=who)
            )
            undo = str(added.lead.pk) if added.lead and not added.why_not else ""
            messages.success(request, said, extra_tags=undo)
            home = reverse("console:inbox")
            found = f"{home}?lead={added.lead.pk}" if added.mine and added.lead else home
            return pages.moved(request, found)
    return pages.render(
        request, "console/lead_add.html", current="leads", now=database.now(), piece="form",
        form=form, alike=form.alike, seen=form.told, status=status,
    )  # fmt: skip


@require_POST
@pages.page
def alike(request: HttpRequest) -> HttpResponseBase:
    """Whom the buyer may be, by what was typed so far; asked for while somebody types."""
    reader = pages.reader(request)
    permissions.require_rep(reader)
    found = adding.look(request.POST, reader=reader)
    return pages.render(
        request, "console/lead_add.html", current="leads", now=database.now(), piece="alike",
        form=adding.AddLead(request.POST, kit=kits.active_kit(), reader=reader),
        alike=adding.of(found, reader=reader), seen=adding.told(found),
    )  # fmt: skip
