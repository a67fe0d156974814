"""Other views of the team: the board of who holds what, and the wall."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import database
from core.errors import NotAllowed
from core.texts import _
from lifecycle import escalations as told
from web.console import board_page, escalation_list, pages, roster_page, wall_page
from web.console.roster_form import PersonLeaveForm


@require_GET
@pages.page
def board(request: HttpRequest) -> HttpResponseBase:
    """A column of leads per rep, whole or refreshed."""
    now, zone = database.now(), timezone.get_current_timezone()
    page = board_page.build(pages.reader(request), now=now, zone=zone)
    return pages.render(
        request, "console/board.html", current="team", now=now, piece="board", board=page
    )


@require_GET
@pages.page
def wall(request: HttpRequest) -> HttpResponseBase:
    """The SLA wall, whole or refreshed."""
    now, zone = database.now(), timezone.get_current_timezone()
    page = wall_page.build(pages.reader(request), now=now, zone=zone)
    return pages.render(
        request, "console/wall.html", current="team", now=now, piece="wall", wall=page
    )


@require_GET
@pages.page
def escalations(request: HttpRequest) -> HttpResponseBase:
    """What escalated to the reader and is open still, whole or refreshed."""
    now, zone = database.now(), timezone.get_current_timezone()
    back = reverse("console:escalations")
    page = escalation_list.build(pages.reader(request), back=back, now=now, zone=zone)
    return pages.render(
        request, "console/escalations.html", current="team", now=now, piece="list",
        escalations=page, back=back,
    )  # fmt: skip


@require_POST
@pages.page
def seen(request: HttpRequest, clock_id: int) -> HttpResponseBase:
    """The reader has seen what escalated to them; it counts no more, and stays on the list."""
    told.see(pages.reader(request), clock_id, now=database.now())
    back = reverse("console:escalations")
    return pages.moved(request, pages.inside(request, request.POST.get("next", ""), otherwise=back))


@require_http_methods(["GET", "POST"])
@pages.page
def calendar(request: HttpRequest) -> HttpResponseBase:
    """A month of who is there, and entering leave for one's people."""
    now, zone, reader = database.now(), timezone.get_current_timezone(), pages.reader(request)
    first = roster_page.first_of(request.GET.get("month", ""), now.astimezone(zone).date())
    sent = (request.POST,) if request.method == "POST" else ()
    kept = roster_page.kept_by(reader)
    form = PersonLeaveForm(kept, *sent, reader=reader, now=now) if kept else None
    status = 200
    if sent:
        status = _entered(request, form)
        if status == 303 and form is not None:
            month = f"{form.cleaned_data['first']:%Y-%m}"
            return pages.moved(request, pages.asking(reverse("console:roster"), {"month": [month]}))
    page = roster_page.build(reader, first, now=now, zone=zone)
    return pages.render(
        request, "console/roster.html", current="team", now=now, status=status, roster=page,
        form=form,
    )  # fmt: skip


def _entered(request: HttpRequest, form: PersonLeaveForm | None) -> int:
    """Enter what was sent; 303 once it is done, else the status of the page that says why not."""
    if form is None:
        raise NotAllowed(
            _("Only managers and RevOps enter leave for others; yours is on your page.")
        )
    return pages.run(request, form)
