"""The page of a lead says beside its owner's name that they are not at work, and until when."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leads import selectors
from leads.models import Lead
from people.models import Leave, Shift, User
from tests import factories
from web.console import lead_page, team_page
from web.console.lead_page import Absence

pytestmark = pytest.mark.django_db

FRIDAY = dt.datetime(2026, 3, 6, 10, tzinfo=dt.UTC)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
EVENING = FRIDAY + 10 * HOUR
MONDAY = FRIDAY + 3 * DAY
OFFICE = tuple((day, "09:00", "17:00") for day in range(5))


@pytest.fixture
def company() -> factories.Company:
    return factories.company(now=FRIDAY - DAY, reps=())


@pytest.fixture
def lead(company: factories.Company) -> Lead:
    anna = factories.rep(
        "anna", pools=("dach",), team=company.team, shifts=OFFICE, time_zone="Europe/Berlin"
    )
    found = factories.capture(now=FRIDAY)
    assert found.owner == anna
    return found


def absence(lead: Lead, reader: User, *, now: dt.datetime, zone: str = "UTC") -> Absence | None:
    found = lead_page.load(selectors.visible_to(reader), lead.pk)
    assert found is not None
    return lead_page.build(found, reader=reader, now=now, zone=ZoneInfo(zone)).read().absence


def on_leave(lead: Lead, begins: dt.datetime, ends: dt.datetime) -> None:
    Leave.objects.create(user_id=lead.owner_id, starts_at=begins, ends_at=ends)


@pytest.mark.parametrize(
    ("zone", "until"), [("UTC", "08:00 on Mon 9 Mar"), ("Asia/Kolkata", "13:30 on Mon 9 Mar")]
)
def test_who_is_off_shift_is_told_with_when_they_are_back(
    company: factories.Company, lead: Lead, zone: str, until: str
) -> None:
    assert absence(lead, company.manager, now=FRIDAY) is None
    told = absence(lead, company.manager, now=EVENING, zone=zone)
    assert told == Absence(f"off shift until {until}", "none")


def test_leave_that_follows_a_shift_is_counted_in(company: factories.Company, lead: Lead) -> None:
    on_leave(lead, EVENING + DAY, MONDAY + 2 * DAY - 10 * HOUR)
    told = absence(lead, company.manager, now=EVENING)
    assert told == Absence("off shift until 08:00 on Wed 11 Mar", "none")
    team = team_page.build(company.manager, now=EVENING, zone=dt.UTC)
    assert [(one.shift, one.shift_tone) for one in team.reps] == [(told.words, told.tone)]


def test_who_is_on_leave_or_away_is_told(company: factories.Company, lead: Lead) -> None:
    on_leave(lead, FRIDAY, MONDAY)
    told = absence(lead, company.manager, now=FRIDAY + HOUR)
    assert told == Absence("on leave until 10:00 on Mon 9 Mar", "warn")
    Leave.objects.all().delete()
    User.objects.filter(pk=lead.owner_id).update(away_until=FRIDAY + 2 * HOUR)
    told = absence(lead, company.manager, now=FRIDAY + HOUR)
    assert told == Absence("away until 12:00 today", "warn")


def test_who_has_no_shifts_is_never_at_work(company: factories.Company, lead: Lead) -> None:
    Shift.objects.filter(user=lead.owner).delete()
    told = absence(lead, company.manager, now=FRIDAY)
    assert told == Absence("off shift, no hours ahead", "none")


def test_nobody_is_told_of_themselves(lead: Lead) -> None:
    assert lead.owner is not None
    assert absence(lead, lead.owner, now=EVENING) is None


def test_it_takes_one_message_whatever_they_have_entered(
    company: factories.Company, lead: Lead
) -> None:
    def queries(now: dt.datetime) -> int:
        with CaptureQueriesContext(connection) as asked:
            absence(lead, company.manager, now=now)
        return len(asked)

    queries(FRIDAY)
    few = queries(FRIDAY)
    for week in range(5):
        on_leave(lead, EVENING + week * 7 * DAY, EVENING + (week * 7 + 1) * DAY)
    assert queries(EVENING) == few <= 30
