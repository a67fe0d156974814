"""When deadlines pass, against clocks made by hand."""

from __future__ import annotations

import datetime as dt
import itertools
import zoneinfo
from typing import Any

import pytest

from leads.models import Lead
from people.models import User
from reports import breach_hours, sla
from reports.periods import Period
from sla.models import Clock
from tests import factories
from tests.factories import HOUR, MINUTE, Company

pytestmark = pytest.mark.django_db

MONDAY = dt.datetime(2026, 1, 12, 9, 0, tzinfo=dt.UTC)
SCOPES = itertools.count(1)
JANUARY = Period(dt.datetime(2026, 1, 1, tzinfo=dt.UTC), dt.datetime(2026, 2, 1, tzinfo=dt.UTC))


@pytest.fixture
def company() -> Company:
    return factories.company()


@pytest.fixture
def lead(company: Company) -> Lead:
    """A lead of after January: only clocks made here lie in the period."""
    return factories.capture()


def missed(lead: Lead, holder: User | None, at: dt.datetime, **columns: Any) -> Clock:
    """A clock whose deadline passed; it runs on unless the columns say how it ended."""
    given = {
        "lead": lead, "holder": holder, "obligation": "accept", "policy": "accept",
        "scope": f"S{next(SCOPES)}", "kit": lead.clocks.earliest("pk").kit, "calendar": "always",
        "channel": "FORM", "started_at": MONDAY, "warn_at": at - MINUTE, "due_at": at,
        "breached_at": at, "state": "STOPPED", "stopped_at": at + HOUR, "evidence": "ACTIVITY",
    } | columns  # fmt: skip
    return Clock.objects.create(**given)


def slots(user: User, zone: dt.tzinfo = dt.UTC, **only: str) -> dict[tuple[int, int], int]:
    now = MONDAY + 9 * factories.DAY
    return breach_hours.asked_of(user, period=JANUARY, only=only, zone=zone, now=now).read()


def test_each_deadline_counts_in_the_hour_it_passed(company: Company, lead: Lead) -> None:
    rep, tuesday = company.reps[0], MONDAY + factories.DAY
    missed(lead, rep, tuesday + 59 * MINUTE)
    missed(lead, rep, tuesday + 7 * factories.DAY)
    missed(lead, rep, tuesday + HOUR, state="CANCELLED")
    unseen = {"state": "RUNNING", "breached_at": None, "stopped_at": None, "evidence": ""}
    missed(lead, rep, tuesday + HOUR, **unseen)
    missed(lead, rep, tuesday + 30 * factories.DAY, **unseen)
    assert slots(company.revops) == {(1, 9): 2, (1, 10): 2}
    sunday = zoneinfo.ZoneInfo("Pacific/Kiritimati")  # UTC+14: 23 o’clock, and 0 of the next day
    assert slots(company.revops, sunday) == {(1, 23): 2, (2, 0): 2}


def test_what_was_met_undone_or_began_elsewhere_does_not_count(
    company: Company, lead: Lead
) -> None:
    rep, at = company.reps[0], MONDAY + HOUR
    missed(lead, rep, at, breached_at=None, stopped_at=at - MINUTE)
    missed(lead, rep, at, void=True)
    missed(lead, rep, at, started_at=MONDAY - 30 * factories.DAY)
    missed(lead, rep, at, effective_at=at - MINUTE)
    assert slots(company.revops) == {}


def test_they_are_the_clocks_of_the_report_as_its_reader_sees_them(
    company: Company, lead: Lead
) -> None:
    for rep in company.reps[:2]:
        missed(lead, rep, MONDAY + HOUR, channel="FORM" if rep == company.reps[0] else "CHAT")
    assert slots(company.reps[0]) == {(0, 10): 1}
    assert slots(company.revops, channel="CHAT") == {(0, 10): 1}
    whole = slots(company.revops)
    totals = sla.build(company.revops, period=JANUARY, now=MONDAY + factories.DAY).totals
    assert sum(whole.values()) == totals.late + totals.breached == 2
