"""Who could take leads in the past: shifts, leave, absence as they were; members of today."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from lifecycle.simulation import staff
from people import availability
from people.models import Leave, Shift, User
from routing.models import PoolMember
from tests import factories
from tests.factories import DAY, HOUR, NOW, Company
from tests.simulating import SINCE, UNTIL

pytestmark = pytest.mark.django_db

NIGHT = dt.time(22)


@pytest.fixture
def company() -> Company:
    return factories.company(now=SINCE - DAY)


def works(rep: User, at: dt.datetime) -> bool:
    hours = staff.read([rep.pk], since=SINCE, until=UNTIL).at(at)
    return availability.is_available(hours[rep.pk], at)


def at(row: Any, when: dt.datetime) -> Any:
    """Changes of this row are recorded as of then."""
    row._history_date = when
    return row


def test_somebody_away_today_worked_last_week(company: Company) -> None:
    rep = company.reps[0]
    rep.away_until = NOW + 9 * DAY
    at(rep, NOW + 2 * DAY).save()
    assert [works(rep, NOW + n * DAY) for n in (0, 1, 2, 5, 9)] == [
        True, True, False, False, True
    ]  # fmt: skip


def test_somebody_who_left_gets_leads_until_then(company: Company) -> None:
    rep = company.reps[0]
    rep.is_active = False
    at(rep, NOW + DAY).save()
    assert [works(rep, NOW), works(rep, NOW + 2 * DAY)] == [True, False]


def test_leave_counts_though_it_is_over(company: Company) -> None:
    rep = company.reps[0]
    Leave.objects.create(user=rep, starts_at=NOW, ends_at=NOW + DAY)
    assert [works(rep, NOW - HOUR), works(rep, NOW + HOUR), works(rep, NOW + DAY)] == [
        True, False, True
    ]  # fmt: skip


def test_shifts_are_those_of_the_day(company: Company) -> None:
    """From always at work to nights only, then to nothing."""
    rep = factories.rep("nora", shifts=())
    made = []
    for day in range(7):
        shift = Shift(user=rep, weekday=day, starts=dt.time(0), ends=dt.time(0))
        at(shift, SINCE - DAY).save()
        made.append(shift)
    for shift in made:
        shift.starts = NIGHT
        at(shift, NOW + DAY).save()
    for shift in made:
        at(shift, NOW + 3 * DAY).delete()
    assert not Shift.objects.filter(user=rep).exists()
    assert [works(rep, NOW), works(rep, NOW + 2 * DAY)] == [True, False]
    assert works(rep, (NOW + 2 * DAY).replace(hour=23))
    assert not works(rep, (NOW + 4 * DAY).replace(hour=23))


def test_shifts_without_a_record_count_as_they_are(company: Company) -> None:
    rep = company.reps[0]
    assert Shift.objects.filter(user=rep).count() == 7
    assert not Shift.history.filter(user=rep).exists()
    assert works(rep, NOW)


def test_a_day_added_since_was_not_worked_before(company: Company) -> None:
    rep = factories.rep("nora", shifts=())
    for day, made in ((NOW.weekday(), SINCE - DAY), (NOW.weekday() + 1, NOW + 2 * DAY)):
        shift = Shift(user=rep, weekday=day, starts=dt.time(0), ends=dt.time(0))
        at(shift, made).save()
    assert [works(rep, NOW + n * DAY) for n in (0, 1, 7, 8)] == [True, False, True, True]


def test_who_began_since_counts_with_the_shifts_they_have(company: Company) -> None:
    """As a member of today: entered day by day, yet looked at once."""
    rep = factories.rep("nora", shifts=())
    for day in range(5):
        shift = Shift(user=rep, weekday=day, starts=dt.time(0), ends=dt.time(0))
        at(shift, NOW + 5 * DAY + day * dt.timedelta(seconds=10)).save()
    found = staff.read([rep.pk], since=SINCE, until=UNTIL)
    assert [works(rep, NOW + n * DAY) for n in range(7)] == [True] * 4 + [False, False, True]
    assert found.changes_after(NOW) == NOW + 5 * DAY + dt.timedelta(seconds=40)
    assert found.changes_after(NOW + 6 * DAY) is None


def test_members_are_those_of_today_without_credit(company: Company) -> None:
    anna, ben = company.reps
    PoolMember.objects.filter(user=anna).update(credit=5, weight=3)
    PoolMember.objects.filter(user=ben).update(active=False)
    (member,) = staff.pools().members["dach"]
    assert (member.user_id, member.weight, member.credit) == (anna.pk, 3, 0)


def test_what_reps_hold_beside_the_replay(company: Company) -> None:
    mine, other = factories.captures([factories.touch(), factories.touch()])
    held, usual = staff.holds(since=SINCE, until=UNTIL, without=frozenset({mine.pk}))
    assert [(one.user, one.since, one.until) for one in held] == [(other.owner_id, NOW, None)]
    assert usual == staff.USUAL_HOLD
    factories.work(other, to="LOST", now=NOW + 3 * HOUR)
    held, usual = staff.holds(since=SINCE, until=UNTIL, without=frozenset())
    assert usual == 3 * HOUR
