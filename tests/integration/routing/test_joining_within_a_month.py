"""A month's cap of who joins within it counts from the day they joined."""

from __future__ import annotations

import datetime as dt

import pytest

from people.models import User
from routing.models import Assignment, PoolMember
from tests import factories

pytestmark = pytest.mark.django_db


def day(number: int) -> dt.datetime:
    """In the morning of a day of March, whose 31 days all are working days here."""
    return dt.datetime(2026, 3, number, 8, tzinfo=dt.UTC)


def member(name: str, *history: tuple[bool, dt.datetime]) -> User:
    """A rep with 14 a month in `dach` whose membership was, or was not, active since then."""
    rep = factories.rep(name, pools=["dach"])
    PoolMember.objects.filter(user=rep).update(month_cap=14)
    row = PoolMember.objects.get(user=rep)
    row.history.all().delete()
    model = row.history.model
    values = {one.attname: getattr(row, one.attname) for one in model.tracked_fields}
    for place, (active, at) in enumerate(history):
        told = values | {"active": active}
        model.objects.create(**told, history_date=at, history_type="~" if place else "+")
    return rep


def got(rep: User, *, on: int) -> int:
    """How many of twelve leads of that day they get."""
    factories.captures([factories.touch() for _ in range(12)], now=day(on))
    return Assignment.objects.filter(user=rep, started_at=day(on)).count()


def test_a_newcomer_gets_nothing_at_once_for_the_days_before() -> None:
    factories.company(reps=())
    anna = member("anna", (True, day(23)))
    assert [got(anna, on=number) for number in (23, 24, 25, 31)] == [1, 0, 1, 3]


def test_who_was_there_before_the_month_has_what_was_left_over() -> None:
    factories.company(reps=())
    assert got(member("anna", (True, day(1) - dt.timedelta(days=40))), on=23) == 11


def test_who_comes_back_begins_anew_beside_what_they_had_got() -> None:
    factories.company(reps=())
    early = dt.datetime(2026, 2, 1, tzinfo=dt.UTC)
    anna = member("anna", (True, early), (False, day(5)), (True, day(23)))
    assert got(anna, on=3) == 2
    assert [got(anna, on=number) for number in (23, 24, 25)] == [1, 0, 1]


def test_a_membership_without_a_history_counts_from_the_first() -> None:
    factories.company(reps=())
    assert got(member("anna"), on=23) == 11
