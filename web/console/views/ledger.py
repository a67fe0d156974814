"""Costs and quotas: the list, its CSV, one with its history, and every act on it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import database
from core.errors import DomainError
from core.texts import _, plural
from reports import cost_acts, ledger_rights
from web import csv_files, uploads
from web.console import ledger_entry, ledger_import, pages
from web.console.books import BOOKS, Book
from web.console.ledger_forms import LedgerForm


@require_GET
@pages.page
def index(request: HttpRequest, book: str) -> HttpResponseBase:
    """The list, one page of it, with totals by month."""
    now, reader, of = database.now(), pages.reader(request), BOOKS[book]
    asked = of.lists.read(request.GET.dict())
    shown = of.lists.build(reader, asked, now=now)
    return pages.render(
        request, "console/ledger.html", current="reports", now=now, book=of, ledger=shown,
        may_enter=of.may_enter(reader), list_url=_list_url(of),
        base_currency=settings.BASE_CURRENCY,
        status=400 if asked.problems else 200,
    )  # fmt: skip


@require_GET
@pages.page
def download(request: HttpRequest, book: str) -> HttpResponseBase:
    """The same entries as CSV, to be imported again."""
    of = BOOKS[book]
    asked = of.lists.read(request.GET.dict())
    if asked.problems:
        return index(request, book)
    reader = pages.reader(request)
    # Asked here, so that a refusal is a page and not half a file.
    of.lists.build(reader, asked, now=database.now())
    return csv_files.stream(f"{of.key}.csv", of.lists.export(reader, asked))


@require_http_methods(["GET", "POST"])
@pages.page
def enter(request: HttpRequest, book: str) -> HttpResponseBase:
    """The form of a new entry, and writing it down."""
    of, reader = BOOKS[book], pages.reader(request)
    _require_may_enter(of, reader)
    data = (request.POST,) if request.method == "POST" else ()
    form = of.enter(*data, reader=reader, given=request.GET.dict())
    return _answered(request, of, form, title=str(form.title), back=_list_url(of))


@require_GET
@pages.page
def show(request: HttpRequest, book: str, entry_id: int) -> HttpResponseBase:
    """One entry with its history."""
    now, reader, of = database.now(), pages.reader(request), BOOKS[book]
    rows = _rows(of, reader, entry_id)
    page = ledger_entry.build(
        rows, labels=of.labels, reader=reader, may_act=of.may_change(reader, rows[-1]), now=now
    )
    return pages.render(
        request, "console/ledger_entry.html", current="reports", now=now, book=of, entry=page,
        list_url=_list_url(of), correct_url=_act_url(of, entry_id, "correct"),
        withdraw_url=_act_url(of, entry_id, "withdraw"), undo_url=_act_url(of, entry_id, "undo"),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@pages.page
def act(request: HttpRequest, book: str, entry_id: int, action: str) -> HttpResponseBase:
    """The form of one act, and doing it; undoing is done at once."""
    of, reader = BOOKS[book], pages.reader(request)
    head = _rows(of, reader, entry_id)[-1]
    if action == "undo" and request.method == "POST":
        return _undone(request, of, entry_id)
    if action not in of.forms:
        raise Http404
    _require_may_enter(of, reader)
    data = (request.POST,) if request.method == "POST" else ()
    form = of.forms[action](*data, reader=reader, head=head)
    title = str(form.title).format(head.number)
    return _answered(request, of, form, title=title, back=_url(of, entry_id))


@require_http_methods(["GET", "POST"])
@pages.page
def bring(request: HttpRequest, book: str) -> HttpResponseBase:
    """A file: upload, what would become of its rows, take it in, its refused rows."""
    of, reader = BOOKS[book], pages.reader(request)
    _require_may_enter(of, reader)
    page, status = ledger_import.ImportPage(), 200
    given = request.POST.dict()
    try:
        if given.get("do") == "refused":
            rows = ledger_import.refused(of, given, by=reader)
            return csv_files.stream(f"{of.key}-refused.csv", rows)
        if request.method == "POST":
            page = _brought(request, of, given)
    except DomainError as refusal:
        page, status = ledger_import.ImportPage(problem=refusal.message), refusal.status
    return pages.render(
        request, "console/ledger_import.html", current="reports", now=database.now(), book=of,
        ledger=page, list_url=_list_url(of), status=status,
    )  # fmt: skip


@require_POST
@pages.page
def value(request: HttpRequest) -> HttpResponseBase:
    """Value the costs for which there was no rate."""
    found = cost_acts.value_unvalued(by=pages.reader(request))
    if found:
        messages.success(request, _("Valued: {count}.").format(count=plural(len(found), "cost")))
    else:
        messages.error(request, _("There is still no rate for any of them."))
    return pages.moved(request, reverse("console:costs"))


def _brought(request: HttpRequest, of: Book, given: dict[str, str]) -> ledger_import.ImportPage:
    """What a file would do, or what it did."""
    reader = pages.reader(request)
    if given.get("do") == "take":
        return ledger_import.take(of, given, by=reader)
    too_large = uploads.was_too_large(request)
    return ledger_import.upload(of, request.FILES.get("file"), by=reader, too_large=too_large)


def _answered(
    request: HttpRequest, of: Book, form: LedgerForm, *, title: str, back: str
) -> HttpResponseBase:
    """What was done, or the form."""
    status = 200
    if request.method == "POST":
        entry, status = form.run()
        if entry is not None:
            undo = _act_url(of, entry.number, "undo")
            messages.success(request, form.told(entry), extra_tags=undo)
            return pages.moved(request, _url(of, entry.number))
    return pages.render(
        request, "console/ledger_act.html", current="reports", now=database.now(), book=of,
        form=form, title=title, back=back, list_url=_list_url(of), status=status,
    )  # fmt: skip


def _undone(request: HttpRequest, of: Book, entry_id: int) -> HttpResponseBase:
    seen = request.POST.get("seen", "")
    try:
        of.undo(
            entry_id, by=pages.reader(request), seen=int(seen[:9]) if seen.isdecimal() else None
        )
        messages.success(request, _("Taken back."))
    except DomainError as refusal:
        if refusal.status == 403:
            raise
        messages.error(request, refusal.message)
    return pages.moved(request, _url(of, entry_id))


def _rows(of: Book, reader: Any, entry_id: int) -> list[Any]:
    """The rows of an entry that the reader sees. Raises Http404."""
    rows = of.rows(reader, entry_id)
    if not rows:
        raise Http404
    return rows


def _require_may_enter(of: Book, reader: Any) -> None:
    if of.key == "costs":
        ledger_rights.require_enters_costs(reader)
    else:
        ledger_rights.require_enters_quotas(reader)


def _list_url(of: Book) -> str:
    return reverse(f"console:{of.key}")


def _url(of: Book, number: int) -> str:
    return reverse(f"console:{of.one}", args=[number])


def _act_url(of: Book, number: int, action: str) -> str:
    return reverse(f"console:{of.one}-act", args=[number, action])
