"""People who may be one: the queue, a pair side by side, merging, and the way back."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import database
from core.errors import DomainError
from core.texts import _
from leads.models import DuplicateSuggestion
from lifecycle import merging
from web.console import duplicate_list, duplicate_page, merged_words, pages, same_page


@require_GET
@pages.page
def index(request: HttpRequest) -> HttpResponseBase:
    """The queue, one page of it."""
    now = database.now()
    asked = duplicate_list.read(request.GET.dict())
    page = duplicate_list.build(pages.reader(request), asked, now=now)
    return pages.render(
        request, "console/duplicates.html", current="duplicates", now=now, duplicates=page,
        status=400 if asked.problems else 200,
    )  # fmt: skip


@require_GET
@pages.page
def show(request: HttpRequest, suggestion_id: int) -> HttpResponseBase:
    """Two people side by side; of those who are one by now, the lead that carries on."""
    one = duplicate_page.seen(suggestion_id, pages.reader(request))
    if url := duplicate_page.carries_on(one):
        messages.info(request, _("They are one person by now. “Merged from” says since when."))
        return pages.moved(request, url)
    return _side_by_side(request, one, request.GET.dict())


def _side_by_side(
    request: HttpRequest, one: DuplicateSuggestion, asked: Mapping[str, str]
) -> HttpResponseBase:
    now, zone = database.now(), timezone.get_current_timezone()
    page = duplicate_page.build(one, asked, reader=pages.reader(request), now=now, zone=zone)
    return pages.render(request, "console/duplicate.html", current="duplicates", now=now, pair=page)


@require_POST
@pages.page
def merge(request: HttpRequest, suggestion_id: int) -> HttpResponseBase:
    """Make them one; or show them again with the other one as the main record."""
    reader = pages.reader(request)
    one = duplicate_page.seen(suggestion_id, reader)
    if request.POST.get("turn") and not duplicate_page.carries_on(one):
        return _side_by_side(request, one, request.POST.dict())
    try:
        said, undo = duplicate_page.merge(one, request.POST.dict(), by=reader)
    except DomainError as refusal:
        messages.error(request, merged_words.refusal(refusal))
        return pages.moved(request, reverse("console:duplicate", args=[one.pk]))
    messages.success(request, said, extra_tags=undo)
    return pages.moved(request, same_page.after(reader, one))


@require_POST
@pages.page
def dismiss(request: HttpRequest) -> HttpResponseBase:
    """These pairs are two people each: one of them, or those that were ticked."""
    ids = [int(text) for text in request.POST.getlist("pair") if text.isdecimal()]
    back = reverse("console:duplicates")
    try:
        done = merging.dismiss_all(
            suggestion_ids=ids[: duplicate_list.PAGE], by=pages.reader(request)
        )
    except DomainError as refusal:
        messages.error(request, refusal.message if ids else _("Tick the pairs first."))
        return pages.moved(request, back)
    undo = f"{reverse('console:duplicates-reopen')}?pairs={','.join(map(str, done))}"
    messages.success(request, merged_words.dismissed(len(done)), extra_tags=undo if done else "")
    return pages.moved(request, back)


@require_POST
@pages.page
def reopen(request: HttpRequest) -> HttpResponseBase:
    """Take dismissals back: those of the address, or those that were ticked."""
    asked = [*request.GET.get("pairs", "").split(","), *request.POST.getlist("pair")]
    ids = [int(text) for text in asked if text.isdecimal() and len(text) < 19]
    count = merging.reopen(suggestion_ids=ids, by=pages.reader(request))
    messages.success(request, merged_words.reopened(count))
    return pages.moved(request, reverse("console:duplicates"))


@require_POST
@pages.page
def undo(request: HttpRequest, merge_id: int) -> HttpResponseBase:
    """Part two people again."""
    try:
        done = merging.unmerge(merge_id=merge_id, by=pages.reader(request))
        messages.success(request, merged_words.parted(done))
    except DomainError as refusal:
        messages.error(request, refusal.message)
    back = request.POST.get("next", "")
    return pages.moved(
        request, pages.inside(request, back, otherwise=reverse("console:duplicates"))
    )


@require_http_methods(["GET", "POST"])
@pages.page
def same_as(request: HttpRequest, lead_id: int) -> HttpResponseBase:
    """Say that a lead's buyer is somebody else's, too: look them up, then suggest or merge."""
    reader, now, problem = pages.reader(request), database.now(), ""
    lead = same_page.seen(lead_id, reader)
    if request.method == "POST":
        try:
            said, url = same_page.suggest(lead, request.POST.get("other", ""), by=reader)
            messages.success(request, said)
            return pages.moved(request, url)
        except DomainError as refusal:
            problem = refusal.message
    page = same_page.build(lead, request.GET.get("q", "").strip()[:200], reader, problem=problem)
    return pages.render(
        request, "console/same_as.html", current="leads", now=now, same=page,
        status=422 if problem else 200,
    )  # fmt: skip
