"""Whom rules mean in a replay: owners, holders and territories as they were at each instant.

Who holds a lead is what the replay itself gave out; what was held before the window, or beside its
leads, is read. Named reps are those of today.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.db.models import Q

from lifecycle.simulation import charted
from lifecycle.simulation.charted import Charted
from lifecycle.simulation.course import Ties
from people import roles
from people.models import Role, User
from routing import named, rules, targets
from routing.models import Assignment
from routing.named import Asking, Meant
from routing.rules import Rule
from routing.targets import Named

Slot = tuple[str, int]


@dataclass(slots=True)
class Span:
    """Somebody holds a lead from an instant to another; None: still."""

    lead: int
    user: int
    since: dt.datetime
    until: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What is read once for both versions."""

    users: Mapping[str, int] = field(default_factory=dict)
    aes: frozenset[int] = frozenset()
    areas: Charted = ()
    spans: Sequence[tuple[Ties, Span]] = ()
    sticky: bool = False
    """Whether anything hangs on who holds leads; else nobody keeps books of it."""
    everybody: frozenset[int] = frozenset()
    """Who may be meant, as far as it can be known beforehand."""


NOTHING = Known()


class Holding:
    """Whom rules mean at an instant of one version's replay."""

    def __init__(self, known: Known) -> None:
        self._known = known
        self._spans: dict[Slot, list[Span]] = defaultdict(list)
        self._open: dict[int, list[Span]] = defaultdict(list)
        for ties, span in known.spans:
            self._note(ties, replace(span))

    def of(self, asking: Asking, rule: Rule, *, at: dt.datetime, without: int | None) -> Named:
        """As `routing.named.Meant`, at that instant."""
        if rule.target == targets.CURRENT_OWNER:
            return self._holder(asking, at, without)
        areas = charted.at(self._known.areas, at)
        return Meant(dict(self._known.users), {}, areas).of(asking, rule)

    def begin(self, ties: Ties, lead: int, user: int, at: dt.datetime) -> None:
        """They hold the lead from now on."""
        if self._known.sticky:
            self._note(ties, Span(lead, user, at))

    def end(self, lead: int, at: dt.datetime) -> None:
        """Nobody holds it any more."""
        for span in self._open.pop(lead, ()):
            span.until = at

    def _note(self, ties: Ties, span: Span) -> None:
        slots: list[Slot] = [(targets.BUYER, ties.person)]
        if ties.account is not None:
            slots.append((targets.ACCOUNT, ties.account))
        for slot in slots:
            self._spans[slot].append(span)
        if span.until is None:
            self._open[span.lead].append(span)

    def _holder(self, asking: Asking, at: dt.datetime, without: int | None) -> Named:
        slots: list[Slot] = [(targets.BUYER, asking.person)]
        if asking.account is not None:
            slots.append((targets.ACCOUNT, asking.account))
        for slot in slots:
            found = [one for one in self._spans.get(slot, ()) if self._counts(one, asking, at)]
            theirs = [one for one in found if one.user != without]
            if theirs:
                last = max(theirs, key=lambda one: _ended(one, at))
                return Named(last.user, slot[0])
        return Named()

    def _counts(self, span: Span, asking: Asking, at: dt.datetime) -> bool:
        lately = span.until is None or span.until > at - named.LATELY
        fits = asking.moment != rules.HANDOFF or span.user in self._known.aes
        return span.since <= at and lately and fits


def read(
    asked: Iterable[Asking], *, since: dt.datetime, until: dt.datetime, replayed: frozenset[int]
) -> Known:
    """All that these questions may need; nothing is asked where nothing is needed."""
    found = list(asked)
    meaning = {rule.target for one in found for rule in one.rules}
    if not meaning:
        return NOTHING
    names = {rule.rep for one in found for rule in one.rules if rule.target == targets.REP}
    users = dict(User.objects.filter(username__in=names).values_list("username", "pk"))
    sticky = targets.CURRENT_OWNER in meaning
    spans = _spans(found, since, until, replayed) if sticky else []
    lands = {one.place.country for one in found}
    areas = charted.read(lands, since=since, until=until) if targets.TERRITORY in meaning else []
    aes = User.objects.filter(roles.playing(Role.AE)).values_list("pk", flat=True) if sticky else []
    everybody = {
        *users.values(),
        *(one.account_owner for one in found if one.account_owner is not None),
        *(one.partner.user for one in found if one.partner.user is not None),
        *(span.user for _, span in spans),
        *(area.user for _, some in areas for area in some if area.user is not None),
    }
    return Known(users, frozenset(aes), areas, spans, sticky, frozenset(everybody))


def _ended(span: Span, at: dt.datetime) -> tuple[bool, dt.datetime, dt.datetime]:
    is_open = span.until is None or span.until > at
    return (is_open, span.since if is_open else span.until or span.since, span.since)


def _spans(
    asked: Sequence[Asking], since: dt.datetime, until: dt.datetime, replayed: frozenset[int]
) -> list[tuple[Ties, Span]]:
    """What was held before the window, and in it what is not replayed."""
    people = {one.person for one in asked}
    accounts = {one.account for one in asked if one.account is not None}
    theirs = Q(lead__person__in=people) | Q(lead__account__in=accounts)
    lately = Q(ended_at__isnull=True) | Q(ended_at__gt=since - named.LATELY)
    rows = Assignment.objects.filter(theirs, lately, started_at__lte=until)
    rows = rows.exclude(end_reason__in=named.UNHELD).order_by("pk")
    told = []
    for lead, person, account, user, began, ended in rows.values_list(
        "lead_id", "lead__person_id", "lead__account_id", "user_id", "started_at", "ended_at"
    ):
        span = Span(lead, user, began, ended)
        if lead in replayed:  # how it went on is the replay's to say
            if span.since > since:
                continue
            if span.until is not None and span.until > since:
                span.until = None
        told.append((Ties(person, account), span))
    return told
