"""Who holds what: a column of leads per rep, the first due on top, and what waits for an owner."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Q, QuerySet
from django.urls import reverse

from leads import selectors, stages
from leads.models import Lead
from lifecycle import handing_rights
from people.models import User
from web.console import addresses, team_page
from web.console.team_page import Rep

SHOWN = 10
"""Leads of a column; the rest are in the list of leads."""
COLUMNS = 40
"""Reps on the board; those of a larger company choose a team in the list of leads."""


@dataclass(frozen=True, slots=True)
class Card:
    """One lead."""

    id: int
    url: str
    name: str
    company: str
    stage: str
    due_at: datetime | None
    reassign_url: str
    """Empty where the reader may not hand it on."""


@dataclass(frozen=True, slots=True)
class Column:
    """The first leads of a rep; `rep` is None for those that have no owner."""

    rep: Rep | None
    cards: tuple[Card, ...]
    more_url: str
    has_more: bool


@dataclass(frozen=True, slots=True)
class Board:
    """The page."""

    columns: tuple[Column, ...]
    left_out: int
    moves: bool
    """Whether the reader hands leads on at all."""
    none_waits: str


def build(reader: User, *, now: datetime, zone: tzinfo) -> Board:
    """The whole board; the number of queries does not depend on how much there is."""
    reps = team_page.reps_of(reader, now=now, zone=zone)
    shown, moves = reps[:COLUMNS], handing_rights.may(reader)
    held = _held(reader, [rep.id for rep in shown], moves=moves)
    waiting = _waiting(reader, moves=moves)
    address = reverse("console:leads")
    columns = [Column(rep, *_cut(held[rep.id], f"{address}?owner={rep.id}")) for rep in shown]
    first = Column(None, *_cut(waiting, f"{address}?owner=none"))
    return Board((first, *columns), len(reps) - len(shown), moves, team_page.none_waits(reader))


def _cut(cards: list[Card], url: str) -> tuple[tuple[Card, ...], str, bool]:
    return tuple(cards[:SHOWN]), url, len(cards) > SHOWN


def _open(reader: User) -> QuerySet[Lead]:
    closed = [stage.value for stage in stages.CLOSED]
    return selectors.visible_to(reader).exclude(stage__in=closed)


def _held(reader: User, ids: list[int], *, moves: bool) -> Mapping[int, list[Card]]:
    """The first of each rep, each column by its own index, then read. Two queries."""
    order = [F("next_due_at").asc(nulls_last=True), F("pk").asc()]
    theirs = _open(reader).filter(owner=OuterRef("pk")).order_by(*order).values("pk")[: SHOWN + 1]
    columns = User.objects.filter(pk__in=ids).values_list(ArraySubquery(theirs), flat=True)
    found: dict[int, list[Card]] = defaultdict(list)
    first = [pk for column in columns for pk in column]
    for lead in _first(Lead.objects.filter(pk__in=first), order):
        found[lead.owner_id or 0].append(_card(lead, moves=moves))
    return found


def _waiting(reader: User, *, moves: bool) -> list[Card]:
    order = [F("next_due_at").asc(nulls_last=True), F("entered_stage_at").asc()]
    leads = _open(reader).filter(~Q(queue=""), owner__isnull=True, quarantined_at__isnull=True)
    return [_card(lead, moves=moves) for lead in _first(leads, order)[: SHOWN + 1]]


def _first(leads: QuerySet[Lead], order: Iterable[object]) -> QuerySet[Lead]:
    return leads.select_related("person", "account").order_by(*order)  # type: ignore[arg-type]


def _card(lead: Lead, *, moves: bool) -> Card:
    account = lead.account
    form = addresses.of_action(lead.pk, "reassign")
    return Card(
        lead.pk,
        addresses.of_lead(lead.pk),
        lead.person.name,
        (account.name or account.domain or "") if account else "",
        lead.stage,
        lead.next_due_at,
        f"{form}?next={reverse('console:board')}" if moves else "",
    )
