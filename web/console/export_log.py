"""Who exported what from the list of leads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl

from django.db.models import Q
from django.urls import reverse

from core import errors
from core.texts import _
from people.models import Role, User
from web.console import keyset, lead_columns
from web.models import LeadExport

PAGE = 50


@dataclass(frozen=True, slots=True)
class Row:
    """One download."""

    by: str
    role: str
    form: str
    leads: int
    filters: str
    columns: str
    begun_at: datetime
    ended: bool


@dataclass(frozen=True, slots=True)
class Log:
    """One page of it, the newest first."""

    rows: tuple[Row, ...]
    next_url: str


def may_read(reader: User) -> bool:
    """Whether somebody looks after who takes data away."""
    return reader.is_superuser or reader.plays(Role.REVOPS, Role.AUDITOR)


def build(reader: User, *, before: str) -> Log:
    """One page. Raises NotAllowed for all but RevOps, InvalidInput for a page that is none."""
    if not may_read(reader):
        raise errors.NotAllowed(_("Only RevOps and auditors see who exported leads."))
    rows = LeadExport.objects.select_related("by").order_by("-begun_at", "-pk")
    place = keyset.read(before)
    if place is not None:
        at, pk = place
        rows = rows.filter(Q(begun_at__lt=at) | Q(begun_at=at, pk__lt=pk))
    found = list(rows[: PAGE + 1])
    last = found[PAGE - 1] if len(found) > PAGE else None
    following = keyset.write(last.begun_at, last.pk) if last else ""
    url = f"{reverse('console:lead-exports')}?before={following}" if following else ""
    return Log(tuple(_row(one) for one in found[:PAGE]), url)


def _row(one: LeadExport) -> Row:
    filters = [f"{name}: {value}" for name, value in parse_qsl(one.query)]
    if one.searched:
        filters.append(_("a search"))
    labels = [lead_columns.BY_KEY[key].label for key in one.columns if key in lead_columns.BY_KEY]
    return Row(
        str(one.by),
        one.by.roles_in_words,
        one.get_form_display(),
        one.leads,
        ", ".join(filters) or _("All leads they see"),
        ", ".join(labels),
        one.begun_at,
        one.ended_at is not None,
    )
