"""Filters of the list of leads under a name: one's own, the team's, everybody's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl, urlencode

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.urls import reverse

from core import errors
from core.errors import FieldError
from core.texts import _
from leads import cleansing
from people.models import Role, User
from web.models import SavedFilter

Share = SavedFilter.Share
SHOWN = 60
LONGEST = 80


@dataclass(frozen=True, slots=True)
class Saved:
    """One as the list offers it."""

    id: int
    name: str
    url: str
    whose: str
    share: str
    may_change: bool


def visible_to(reader: User) -> QuerySet[SavedFilter]:
    """One's own, those shared by somebody of the same team, and those for everybody."""
    seen = Q(owner=reader) | Q(share=Share.ALL)
    if reader.team_id is not None:
        seen |= Q(share=Share.TEAM, owner__team=reader.team_id)
    return SavedFilter.objects.filter(seen)


def of(reader: User) -> tuple[Saved, ...]:
    """What the reader may open, by name. One query."""
    rows = visible_to(reader).select_related("owner").order_by("name", "pk")[:SHOWN]
    return tuple(
        Saved(
            row.pk,
            row.name,
            f"{reverse('console:leads')}?{row.query}",
            "" if row.owner_id == reader.pk else str(row.owner),
            row.share,
            _may_change(row, reader),
        )
        for row in rows
    )


def save(reader: User, *, name: str, query: str, share: str, now: datetime) -> SavedFilter:
    """Keep this part of an address under a name. Raises InvalidInput, also where the name is taken.

    What was searched for is left out: it may be somebody's name, and erasing would not find it.
    """
    parts = [(key, value) for key, value in parse_qsl(query) if key not in ("q", "after")]
    row = SavedFilter(
        owner=reader, name=_name(name), query=urlencode(parts)[:1_000], share=_share(share),
        created_at=now,
    )  # fmt: skip
    _write(row)
    return row


def edit(reader: User, filter_id: int, *, name: str, share: str) -> None:
    """Call it otherwise, or share it otherwise. Raises NotFound, NotAllowed, InvalidInput."""
    row = _own(reader, filter_id)
    row.name, row.share = _name(name), _share(share)
    _write(row)


def delete(reader: User, filter_id: int) -> None:
    """Keep it no longer. Raises NotFound, NotAllowed."""
    _own(reader, filter_id).delete()


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
        fault = FieldError("name", _("There is a filter of this name already; choose another."))
        raise errors.InvalidInput(fault.message, errors=[fault]) from None


def _name(text: str) -> str:
    name = cleansing.clean_text(text, LONGEST, field="name").strip()
    if not name:
        fault = FieldError("name", _("Give the filter a name."))
        raise errors.InvalidInput(fault.message, errors=[fault])
    return name


def _share(text: str) -> str:
    return text if text in Share.values else Share.OWN.value
