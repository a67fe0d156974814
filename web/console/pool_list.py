"""The pools a reader may open, each with how it stands now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from core.texts import _
from people.models import User
from routing import answering, fairness
from routing.fairness import Standing
from web.console import fairness_words, words


@dataclass(frozen=True, slots=True)
class Row:
    """One pool."""

    url: str
    label: str
    strategy: str
    manager: str
    fault: str
    members: int
    can_take: int | None
    at_work: int | None
    waiting: int
    """For room: what routing gives out as soon as somebody can take it."""
    for_people: int
    oldest_at: datetime | None
    spread: str
    own: str


def build(reader: User, *, now: datetime) -> tuple[Row, ...]:
    """The list, in a fixed number of queries."""
    return tuple(_row(one) for one in fairness.standings(reader, now=now))


def _row(one: Standing) -> Row:
    pool = one.pool
    low, high = one.spread or (None, None)
    return Row(
        url=reverse("console:pool", args=[pool.key]),
        label=pool.label,
        strategy=pool.get_strategy_display(),
        manager=str(pool.manager) if pool.manager else "",
        fault=answering.fault(pool.manager),
        members=one.members,
        can_take=one.can_take,
        at_work=one.at_work,
        waiting=one.queued.count - one.queued.for_people,
        for_people=one.queued.for_people,
        oldest_at=one.queued.oldest_at,
        spread=words.DASH
        if low is None or high is None
        else _("{signed} to {signed2}").format(
            signed=fairness_words.signed(low), signed2=fairness_words.signed(high)
        ),
        own=fairness_words.owes(one.own) if one.own is not None else "",
    )
