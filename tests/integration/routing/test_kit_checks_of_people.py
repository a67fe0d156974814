"""What is said against a kit because of the people there are, and what is not."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db.models import QuerySet
from pytest_django import DjangoAssertNumQueries

from governance import checks, selectors, services
from governance.findings import Finding, Severity
from governance.kit import Kit
from lifecycle.demo import company as demo
from people.models import Leave, Shift, User
from routing import kit_checks
from routing.models import Pool, PoolMember
from tests import remembered
from tests.kit_findings import Change, compiled, put

NOW = dt.datetime(2026, 3, 3, 10, 0, tzinfo=dt.UTC)


@pytest.fixture
def kit(db: None) -> Kit:
    """The demo company's people and kit."""
    remembered.once("demo company of 600", _made, now=NOW)
    return selectors.active_kit()


def _made() -> None:
    demo.make(since=NOW - dt.timedelta(days=90), now=NOW, leads=600)


def pool(key: str) -> Pool:
    return Pool.objects.get(key=key)


def members(key: str) -> QuerySet[PoolMember]:
    return PoolMember.objects.filter(pool__key=key)


def shifts(key: str) -> QuerySet[Shift]:
    return Shift.objects.filter(user__pool_memberships__pool__key=key)


def only(kit: Kit, at: dt.datetime = NOW) -> Finding:
    (found,) = checks.run(kit, at=at)
    return found


def test_nothing_is_said_against_the_demo_company_at_any_time(kit: Kit) -> None:
    for month in range(1, 13):
        assert checks.run(kit, at=NOW.replace(month=month)) == []


def test_a_pool_needs_an_active_manager_who_answers_for_what_waits_there(kit: Kit) -> None:
    Pool.objects.filter(key="inbound").update(manager=None)
    found = only(kit)
    assert (found.code, found.field) == ("no_fallback", "routing_rule.fallback.pool")
    assert found.severity is Severity.ERROR
    assert found.message == (
        "Of the pool “Everybody else”, nobody answers for the leads that wait there."
    )
    Pool.objects.filter(key="inbound").update(manager=User.objects.get(username="rita"))
    assert checks.run(kit, at=NOW) == []
    User.objects.filter(username="rita").update(is_active=False)
    assert "Rita Delacroix, who is inactive," in only(kit).message


def test_a_pool_that_is_not_there_is_named(kit: Kit) -> None:
    changed = compiled(put("routing_rule", "americas", pool="amerika"))
    found = only(changed)
    assert (found.code, found.field) == ("unresolved", "routing_rule.americas.pool")
    assert found.fix == "Did you mean “americas”?"


def test_a_pool_without_active_members_is_told(kit: Kit) -> None:
    members("americas").update(active=False)
    found = only(kit)
    assert (found.code, found.field) == ("empty_pool", "routing_rule.americas.pool")
    assert found.severity is Severity.WARNING
    members("americas").update(active=True)
    User.objects.filter(pool_memberships__pool__key="americas").update(is_active=False)
    assert only(kit).code == "empty_pool"


def test_a_pool_whose_members_can_never_be_picked_is_told(kit: Kit) -> None:
    members("americas").update(open_cap=0)
    assert (only(kit).code, only(kit).severity) == ("never_picked", Severity.WARNING)
    members("americas").update(open_cap=30)
    shifts("americas").all().delete()
    assert only(kit).code == "never_picked"


@pytest.mark.parametrize("name", ["open_cap", "day_cap", "week_cap", "month_cap"])
def test_a_cap_of_nought_is_told_in_whichever_pool_it_stands(kit: Kit, name: str) -> None:
    beside = Pool.objects.create(key="beside", label="Beside")
    for member in members("americas"):
        PoolMember.objects.create(pool=beside, user=member.user, **{name: 0})
    found = [one for one in checks.run(kit, at=NOW) if "Americas" in one.message]
    assert {one.code for one in found} == {"never_picked"}


@pytest.mark.parametrize(
    ("opens", "closes", "words"),
    [
        ("09:00", "19:00", "Mon–Fri 18:00–19:00 Europe/Berlin"),
        ("08:00", "17:00", "Mon–Fri 08:00–08:50 Europe/Berlin"),
    ],
)
def test_hours_that_nobody_of_a_pool_works_are_told_in_words(
    kit: Kit, opens: str, closes: str, words: str
) -> None:
    week = {day: [[opens, closes]] for day in ("mon", "tue", "wed", "thu", "fri")}
    changed = compiled(put("calendar", "office_hours", week=week))
    said = [one for one in checks.run(changed, at=NOW) if one.code == "unstaffed_hours"]
    (found,) = [one for one in said if one.field == "routing_rule.uk_nordics.pool"]
    assert words in found.message
    assert found.severity is Severity.WARNING
    # Who may be picked three days ahead covers every hour.
    assert "routing_rule.dach.pool" not in [one.field for one in said]


def test_a_day_without_anybody_is_told(kit: Kit) -> None:
    shifts("uk-nordics").filter(weekday=2).delete()
    found = only(kit)
    assert (found.code, found.field) == ("unstaffed_hours", "routing_rule.uk_nordics.pool")
    assert found.message == (
        "Nobody of the pool “UK, Ireland and the Nordics” works Wed 09:00–17:00 Europe/Berlin "
        "(“Office hours”), Tue 18:00–Thu 08:50 Europe/Berlin (“Weekdays round the clock”), "
        "though its clocks promise those hours."
    )


def test_leave_and_holidays_end_by_themselves_and_are_no_gap(kit: Kit) -> None:
    for one in members("uk-nordics"):
        Leave.objects.create(user=one.user, starts_at=NOW, ends_at=NOW + dt.timedelta(days=9))
        one.user.away_until = NOW + dt.timedelta(days=1)
        one.user.save(update_fields=["away_until"])
    assert checks.run(kit, at=NOW) == []


def test_before_the_first_kit_nothing_is_asked_of_people(db: None) -> None:
    assert checks.run(compiled(), at=NOW) == []
    Pool.objects.create(key="dach", label="DACH")
    unknown = {one.field for one in checks.run(compiled(), at=NOW)}
    assert unknown == {
        "quality_floor.bought_lists.pool",
        *(
            f"routing_rule.{key}.pool"
            for key in ("partner_registered", "partner", "uk_nordics", "americas", "fallback")
        ),
    }


@pytest.mark.parametrize("pools", [1, 5])
def test_asking_for_people_takes_a_fixed_number_of_queries(
    kit: Kit, pools: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    rules = [put("routing_rule", key, pool="dach")
             for key in ("partner", "uk_nordics", "americas", "fallback")]  # fmt: skip
    changes: list[Change] = rules if pools == 1 else []
    with django_assert_num_queries(8):
        list(kit_checks.of_people(compiled(*changes), NOW))


def test_the_active_kit_is_checked_as_it_is_stored(kit: Kit) -> None:
    version = selectors.active_version()
    assert version is not None
    found: list[Any] = services.check(version)
    # Its calendars end some day; that depends on when this test runs.
    assert {one.code for one in found} <= {"holidays_end"}
