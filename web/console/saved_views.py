"""Filters of the list of leads and of reports under a name: one's own, the team's, everybody's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlencode

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.urls import reverse

from core import errors
from core.errors import FieldError
from core.texts import _
from leads import cleansing
from people.models import Role, User
from reports import registry
from web.console import metric_page
from web.models import SavedFilter

Share = SavedFilter.Share
LEADS = SavedFilter.LEADS
SHOWN = 60
LONGEST = 80
KEPT = timedelta(days=1)
"""So long one that was deleted can be had back."""


@dataclass(frozen=True, slots=True)
class Saved:
    """One as its page offers it."""

    id: int
    name: str
    url: str
    of: str
    """The report it is of; empty for the list of leads."""
    whose: str
    share: str
    may_change: bool
    page: str
    query: str


def visible_to(reader: User) -> QuerySet[SavedFilter]:
    """One's own, those shared by somebody of the same team, and those for everybody."""
    seen = Q(owner=reader) | Q(share=Share.ALL)
    if reader.team_id is not None:
        seen |= Q(share=Share.TEAM, owner__team=reader.team_id)
    return SavedFilter.objects.filter(seen, deleted_at=None)


def of(reader: User, page: str) -> tuple[Saved, ...]:
    """What the reader may open of one page, by name. One query."""
    return _said(visible_to(reader).filter(page=page), reader)


def of_reports(reader: User) -> tuple[Saved, ...]:
    """What the reader may open of all reports, by name. One query."""
    return _said(visible_to(reader).exclude(page=LEADS), reader)


def called(reader: User, words: Sequence[str], *, most: int) -> tuple[Saved, ...]:
    """What the reader may open of anything whose name has all of these words. One query."""
    rows = visible_to(reader)
    for word in words:
        rows = rows.filter(name__icontains=word)
    return _said(rows, reader)[:most]


def _said(rows: QuerySet[SavedFilter], reader: User) -> tuple[Saved, ...]:
    names = report_names()
    return tuple(
        Saved(
            row.pk,
            row.name,
            url(row),
            names.get(row.page, ""),
            "" if row.owner_id == reader.pk else str(row.owner),
            row.share,
            _may_change(row, reader),
            row.page,
            row.query,
        )
        for row in rows.select_related("owner").order_by("name", "pk")[:SHOWN]
        if row.page == LEADS or row.page in names
    )


def report_names() -> dict[str, str]:
    """What each report is called, by what comes after /reports/."""
    return {one.key: one.name for one in registry.all()}


def url(row: SavedFilter) -> str:
    """Where it opens."""
    of_leads = row.page == LEADS
    address = reverse("console:leads") if of_leads else reverse("console:report", args=[row.page])
    return f"{address}?{row.query}" if row.query else address


def save(reader: User, sent: Mapping[str, str], *, now: datetime) -> SavedFilter:
    """Keep a page as it is shown under a `name`: `page`, and its `query` as in the address.

    Of leads, what was searched for is left out: it may be somebody's name, and erasing would not
    find it. Raises InvalidInput, also where the name is taken or the query is none of that page.
    """
    page = sent.get("page") or LEADS
    parts = [
        (key, value) for key, value in parse_qsl(sent.get("query", "")) if key not in ("q", "after")
    ]
    _require_known(page, dict(parts), now=now)
    row = SavedFilter(
        owner=reader, name=_name(sent.get("name", "")), page=page,
        query=urlencode(parts)[:1_000], share=_share(sent.get("share", "")), created_at=now,
    )  # fmt: skip
    _write(row)
    return row


def _require_known(page: str, query: Mapping[str, str], *, now: datetime) -> None:
    if page != LEADS and page not in report_names():
        fault = FieldError("page", _("There is no such report."))
        raise errors.InvalidInput(fault.message, errors=[fault])
    if metric_page.is_metric(page):
        metric_page.read(page, query, now=now)


def edit(reader: User, filter_id: int, *, name: str, share: str) -> None:
    """Call it otherwise, or share it otherwise. Raises NotFound, NotAllowed, InvalidInput."""
    row = _own(reader, filter_id)
    row.name, row.share = _name(name), _share(share)
    _write(row)


def delete(reader: User, filter_id: int, *, now: datetime) -> None:
    """Keep it no longer; for a day `restore` has it back. Raises NotFound, NotAllowed."""
    row = _own(reader, filter_id)
    row.deleted_at = now
    row.save(update_fields=["deleted_at"])
    SavedFilter.objects.filter(owner=row.owner_id, deleted_at__lt=now - KEPT).delete()


def restore(reader: User, filter_id: int) -> None:
    """Have back what was deleted. Raises NotFound, NotAllowed, InvalidInput: its name is taken."""
    row = SavedFilter.objects.exclude(deleted_at=None).filter(pk=filter_id).first()
    if row is None or not (_may_change(row, reader)):
        raise errors.NotFound(_("There is nothing to have back any more."))
    row.deleted_at = None
    _write(row)


def _own(reader: User, filter_id: int) -> SavedFilter:
    row = visible_to(reader).filter(pk=filter_id).first()
    if row is None:
        raise errors.NotFound(_("There is no such filter, or none you may see."))
    if not _may_change(row, reader):
        raise errors.NotAllowed(
            _("Only {owner} and RevOps change this filter.").format(owner=row.owner)
        )
    return row


def _may_change(row: SavedFilter, reader: User) -> bool:
    return row.owner_id == reader.pk or reader.is_superuser or reader.plays(Role.REVOPS)


def _write(row: SavedFilter) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        fault = FieldError("name", _("There is one of this name already; choose another."))
        raise errors.InvalidInput(fault.message, errors=[fault]) from None


def _name(text: str) -> str:
    name = cleansing.clean_text(text, LONGEST, field="name").strip()
    if not name:
        fault = FieldError("name", _("Give it a name."))
        raise errors.InvalidInput(fault.message, errors=[fault])
    return name


def _share(text: str) -> str:
    return text if text in Share.values else Share.OWN.value
