"""The leave calendar of a team: who is there, who covers, and when nobody of a pool is."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from people.models import Leave, User
from people.roster import Day
from routing.models import PoolMember
from tests import factories
from web.console import roster_page
from web.console.roster_page import Roster

pytestmark = pytest.mark.django_db

QUERIES = 15
TODAY = dt.datetime(2026, 11, 23, 8, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


@pytest.fixture
def company() -> factories.Company:
    return factories.company(now=TODAY - 9 * DAY)


def month(reader: User, first: dt.date = dt.date(2026, 11, 1)) -> Roster:
    return roster_page.build(reader, first, now=TODAY, zone=dt.UTC)


def kinds(page: Roster, name: str) -> dict[int, str]:
    (row,) = (one for one in page.rows if one.name == name)
    return {place: one.kind for place, one in enumerate(row.cells, 1)}


def away(user: User, first: int, last: int, **more: str) -> Leave:
    begins = dt.datetime(2026, 11, first, tzinfo=dt.UTC)
    ends = dt.datetime(2026, 11, last + 1, tzinfo=dt.UTC)
    return Leave.objects.create(user=user, starts_at=begins, ends_at=ends, **more)


def test_a_month_shows_who_is_there_and_when_nobody_of_a_pool_is(
    company: factories.Company,
) -> None:
    anna, ben = company.reps
    User.objects.filter(pk=anna.pk).update(backup=ben)
    away(anna, 24, 26, reason="Skiing")
    away(ben, 26, 26)
    page = month(company.manager)
    found = kinds(page, str(anna))
    assert [found[day] for day in (23, 24, 26, 27)] == [
        Day.WORKS.lower(), Day.LEAVE.lower(), Day.LEAVE.lower(), Day.WORKS.lower()]  # fmt: skip
    assert [(one.day.day, one.pool, one.when, one.whole) for one in page.gaps] == [
        (26, company.pools["dach"].label, "all day", True)
    ]
    assert page.gaps[0].why == f"{anna}: on leave; {ben}: on leave"
    first = page.absences[0]
    assert (first.name, first.line) == (str(anna), "Skiing")
    assert first.covers == f"{ben} covers, but is on leave then, too."
    assert page.absences[1].covers == "No backup is named."
    assert month(company.manager, dt.date(2026, 12, 1)).absences == ()


def test_reasons_and_forms_are_for_whom_they_concern(company: factories.Company) -> None:
    anna, ben = company.reps
    away(anna, 24, 26, reason="Skiing")
    other = factories.rep("zoe", pools=["dach"])
    assert month(company.manager).absences[0].is_open
    assert month(company.revops).absences[0].is_open
    colleague = month(ben)
    assert (colleague.absences[0].line, colleague.absences[0].is_open) == ("Skiing", False)
    assert colleague.kept == ()
    assert [one.label for one in colleague.pools] == [company.pools["dach"].label]
    PoolMember.objects.filter(user=ben).delete()
    assert month(ben).pools == ()
    stranger = factories.user("max", role="MANAGER")
    company.pools["dach"].manager = stranger
    company.pools["dach"].save(update_fields=["manager"])
    of_pool = month(stranger)
    assert str(other) in [row.name for row in of_pool.rows]
    assert [(one.line, one.is_open) for one in of_pool.absences] == [("", False)]


def test_a_manager_enters_and_ends_leave_with_a_reason(company: factories.Company) -> None:
    anna = company.reps[0]
    client = Client()
    client.force_login(company.manager)
    first = timezone.now().date() + 40 * DAY
    sent = {"person": anna.pk, "first": f"{first}", "last": f"{first + DAY}", "reason": "Wedding"}
    refused = client.post("/team/calendar/", sent)
    assert refused.status_code == 422
    assert "This field is required" in refused.content.decode()
    answer = client.post("/team/calendar/", {**sent, "why": "She asked me to"})
    assert answer["Location"] == f"/team/calendar/?month={first:%Y-%m}"
    (row,) = Leave.objects.filter(user=anna)
    assert row.history.get().history_change_reason == "She asked me to"
    page = client.get(answer["Location"]).content.decode()
    assert "Wedding" in page
    end = {"leave": row.pk, "why": "Postponed", "next": "/team/calendar/"}
    assert client.post(f"/time/{anna.pk}/end-leave/", end)["Location"] == "/team/calendar/"
    assert not Leave.objects.filter(user=anna).exists()
    stranger = factories.user("max", role="MANAGER")
    assert client.post("/team/calendar/", {**sent, "person": stranger.pk}).status_code == 422
    client.force_login(anna)
    assert client.post("/team/calendar/", {**sent, "why": "-"}).status_code == 403


@pytest.mark.parametrize("text", ["", "2026-13", "x", "9999-12", "0001-01", "2026-1-1"])
def test_a_month_that_means_nothing_is_this_one(text: str) -> None:
    assert roster_page.first_of(text, TODAY.date()) == dt.date(2026, 11, 1)


def test_it_costs_the_same_for_few_and_for_many(company: factories.Company) -> None:
    client = Client()
    client.force_login(company.manager)
    client.get("/team/calendar/")
    with CaptureQueriesContext(connection) as before:
        client.get("/team/calendar/")
    for name in ("cleo", "dora", "emil"):
        away(factories.rep(name, pools=["dach"], team=company.team), 24, 28)
    with CaptureQueriesContext(connection) as after:
        client.get("/team/calendar/")
    assert len(after) == len(before) <= QUERIES
