"""The ledger of a pool's turns for people: what each was entitled to, got, and is owed. Reads only.

Who may see whose figures is decided here, so that pages, files and the API show the same.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.db.models import (
    Case,
    Count,
    F,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)

from core import errors, reading, steps
from core.errors import FieldError
from leads.models import EventKind, Lead, LeadEvent
from people.models import User
from routing import entitlement, next_turn, pool_rights, turn_sums
from routing.entitlement import Account, Level, Share
from routing.models import CreditEntry, Pool, PoolMember
from routing.next_turn import Next
from routing.strategies import Considered

PERIODS = (("7", "Last 7 days"), ("30", "Last 30 days"), ("90", "Last 90 days"),
           ("month", "This month"), ("start", "Since the start"))  # fmt: skip
USUAL = "30"
BEGINNING = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Period:
    """From `since` until now."""

    key: str
    label: str
    since: dt.datetime

    @property
    def is_all(self) -> bool:
        """Whether it begins with the ledger."""
        return self.key == "start"


def period(key: str, *, now: dt.datetime, zone: dt.tzinfo) -> Period:
    """A period by its key, thirty days without one; months begin in the zone. InvalidInput."""
    labels = dict(PERIODS)
    key = key or USUAL
    if key not in labels:
        message = f"There is no period “{key[:20]}”; use one of {', '.join(labels)}."
        raise errors.InvalidInput(message, errors=[FieldError("period", message, "choice")])
    since = BEGINNING
    if key == "month":
        first = now.astimezone(zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        since = first.astimezone(dt.UTC)
    elif key != "start":
        since = now - dt.timedelta(days=int(key))
    return Period(key, labels[key], since)


@dataclass(frozen=True, slots=True)
class Line:
    """One member; `standing` is how they would fare in the pick that comes next."""

    user: int
    name: str
    weight: int
    active: bool
    share: Share
    account: Account
    owed: Fraction
    """Leads the pool owes them; below nought they owe it."""
    standing: Considered | None


@dataclass(frozen=True, slots=True)
class PoolLedger:
    """One pool over a period, as far as the reader may see it."""

    pool: Pool
    period: Period
    turns: int
    given_back: int
    weights: int
    lines: tuple[Line, ...]
    sees_team: bool
    own: Line | None
    next: Next | None


@dataclass(frozen=True, slots=True)
class Queued:
    """How many leads wait in a pool's queue, and since when the oldest does."""

    count: int = 0
    for_people: int = 0
    """Of them those that routing leaves there until somebody claims them."""
    oldest_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """One pool of the list."""

    pool: Pool
    members: int
    at_work: int | None
    can_take: int | None
    queued: Queued
    spread: tuple[Fraction, Fraction] | None
    """The lowest and the highest of what members are owed, in leads; for who sees all of them."""
    own: Fraction | None
    """What the reader is owed, where they are a member."""


def standings(reader: User, *, now: dt.datetime) -> tuple[Standing, ...]:
    """The pools this person may open, in eight queries at most."""
    pools = list(pool_rights.visible_to(reader).select_related("manager"))
    by_pool: dict[int, list[PoolMember]] = defaultdict(list)
    for one in PoolMember.objects.filter(pool__in=pools, active=True):
        by_pool[one.pool_id].append(one)
    coming = next_turn.of([pool.key for pool in pools], now=now)
    queued = waiting([pool.key for pool in pools])
    return tuple(_standing(one, by_pool[one.pk], reader, coming, queued) for one in pools)


def waiting(keys: Collection[str]) -> dict[str, Queued]:
    """By pool what waits in its queue; nothing of those in which nothing does. One query."""
    queued = LeadEvent.objects.filter(lead=OuterRef("pk"), kind=EventKind.QUEUED).order_by()
    since = Subquery(queued.values("lead").values_list(Max("at")))
    rows = Lead.objects.filter(queue__in=keys, quarantined_at__isnull=True).order_by()
    counted = (
        rows.annotate(queued_at=since)
        .values("queue")
        .annotate(
            count=Count("pk"),
            for_people=Count("pk", filter=Q(route_at__isnull=True)),
            oldest=Min("queued_at"),
        )
    )
    return {one["queue"]: Queued(one["count"], one["for_people"], one["oldest"]) for one in counted}


def _standing(
    pool: Pool,
    members: Sequence[PoolMember],
    reader: User,
    coming: Mapping[str, Next],
    queued: Mapping[str, Queued],
) -> Standing:
    stand = _level(pool, members)
    owed = {one.user_id: stand.owes(one.credit, one.weight) for one in members}
    sees = pool_rights.sees_team(reader, pool, is_member=reader.pk in owed)
    now = coming.get(pool.key)
    return Standing(
        pool=pool,
        members=len(members),
        at_work=now.at_work if now is not None else None,
        can_take=now.can_take if now is not None else None,
        queued=queued.get(pool.key, Queued()),
        spread=(min(owed.values()), max(owed.values())) if sees and owed else None,
        own=owed.get(reader.pk),
    )


@steps.in_steps
def of_person(user: User) -> steps.Story[tuple[tuple[Pool, Fraction | None], ...]]:
    """The pools somebody shares or leads, with what each owes them where they share. One query."""
    mine = PoolMember.objects.filter(user=user, active=True).values("pool")
    active = Q(members__active=True)
    own = active & Q(members__user=user)
    rows = (
        Pool.objects.filter(Q(pk__in=mine) | Q(manager=user))
        .annotate(
            credits=Sum("members__credit", filter=active),
            weights=Sum("members__weight", filter=active),
            sharing=Count("members", filter=active),
            credit=Max("members__credit", filter=own),
            weight=Max("members__weight", filter=own),
        )
        .order_by("label", "pk")
    )
    yield [rows]
    return tuple(
        (
            pool,
            Level(pool.credits, pool.weights, pool.sharing, pool.by_weight).owes(
                pool.credit, pool.weight
            )
            if pool.credit is not None
            else None,
        )
        for pool in rows
    )


def pool_of(key: str, reader: User) -> Pool:
    """The pool of this key. Raises NotFound where it is not there, or not theirs to see."""
    pool = pool_rights.visible_to(reader).select_related("manager").filter(key=key).first()
    if pool is None:
        raise errors.NotFound("There is no such pool, or its ledger is not yours to see.")
    return pool


def ledger(pool: Pool, reader: User, *, period: Period, now: dt.datetime) -> PoolLedger:
    """The whole ledger of one pool, in a fixed number of queries however many turns it has."""
    rows, booked = (
        PoolMember.objects.filter(pool=pool).select_related("user"),
        _booked(pool, period),
    )
    reading.ask(rows, booked)
    members = list(rows)
    active = [one for one in members if one.active]
    is_member = any(one.user_id == reader.pk for one in active)
    sees = pool_rights.sees_team(reader, pool, is_member=is_member)
    tallies, sums = turn_sums.tallies(pool, since=period.since), _entries(booked)
    coming = next_turn.of([pool.key], now=now).get(pool.key)
    shares = entitlement.shares(tallies)
    stand = _level(pool, active)
    of_user = {one.candidate.user: one for one in coming.pick.considered} if coming else {}
    lines = [
        _line(one, shares.get(one.user_id, Share()), sums[one.user_id], period, stand,
              of_user.get(one.user_id))
        for one in members
    ]  # fmt: skip
    shown = [one for one in lines if one.active or one.share.received or one.account.credit]
    shown.sort(key=lambda one: (not one.active, one.name.casefold(), one.user))
    own = next((one for one in lines if one.user == reader.pk), None)
    return PoolLedger(
        pool=pool,
        period=period,
        turns=sum(one.received for one in shares.values()),
        given_back=sum(one.given_back for one in shares.values()),
        weights=stand.weights,
        lines=tuple(shown) if sees else tuple(filter(None, [own])),
        sees_team=sees,
        own=own,
        next=coming,
    )


def entries(
    pool: Pool, reader: User, *, since: dt.datetime, sees_team: bool
) -> QuerySet[CreditEntry]:
    """What changed the ledger beside picks, newest first: everybody's, or the reader's own where
    they do not see the whole team's.
    """
    rows = CreditEntry.objects.filter(pool=pool, at__gte=since)
    if not sees_team:
        rows = rows.filter(user=reader)
    return rows.select_related("user", "by", "decision").order_by("-pk")


def _line(
    member: PoolMember,
    share: Share,
    sums: Mapping[str, int],
    period: Period,
    stand: Level,
    standing: Considered | None,
) -> Line:
    return Line(
        user=member.user_id,
        name=str(member.user),
        weight=member.weight,
        active=member.active,
        share=share,
        account=entitlement.account(share, sums, credit=member.credit, since_start=period.is_all),
        owed=stand.owes(member.credit, member.weight),
        standing=standing,
    )


def _level(pool: Pool, active: Sequence[PoolMember]) -> Level:
    return entitlement.level(((one.credit, one.weight) for one in active), by_weight=pool.by_weight)


def _booked(pool: Pool, period: Period) -> QuerySet[CreditEntry, tuple[int, str, int]]:
    rows = CreditEntry.objects.filter(pool=pool, at__gte=period.since).order_by()
    # Of a turn only a return is booked otherwise: what people set belongs to no decision.
    again = When(
        why=CreditEntry.Why.CORRECTED,
        decision__isnull=False,
        then=Value(entitlement.COUNTED_AGAIN),
    )
    rows = rows.annotate(booked=Case(again, default=F("why")))
    return rows.values_list("user_id", "booked").annotate(Sum("change"))


def _entries(rows: Iterable[tuple[int, str, int]]) -> dict[int, dict[str, int]]:
    """By user and by what they were booked as, what entries of the period come to."""
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for user, booked, change in rows:
        found[user][booked] = change
    return found
