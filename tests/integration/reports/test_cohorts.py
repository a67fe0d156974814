"""Cohorts of leads against months worked out by hand."""

from __future__ import annotations

import datetime as dt

import pytest

from core.errors import InvalidInput
from reports import cohorts, steps
from reports.periods import Period
from tests import factories
from tests.factories import DAY, NOW, Company, work

pytestmark = pytest.mark.django_db

MARCH, APRIL = NOW, NOW + 40 * DAY
LATER = NOW + 100 * DAY
PERIOD = Period(NOW - 10 * DAY, NOW + 60 * DAY)


@pytest.fixture
def company() -> Company:
    """Four leads of March, of which one is won after 10 days and one after 45; two of April."""
    made = factories.company()
    march = factories.captures([factories.touch() for _ in range(4)], now=MARCH)
    work(march[0], to="WON", now=MARCH + 10 * DAY)
    work(march[1], to="WON", now=MARCH + 45 * DAY)
    april = factories.captures([factories.touch() for _ in range(2)], now=APRIL)
    work(april[0], to="SQL", now=APRIL + 31 * DAY)
    steps.facts(LATER, float("inf"))
    return made


def told(company: Company, *, now: dt.datetime = LATER, **asked: object) -> dict[str, list[object]]:
    made = cohorts.build(company.revops, period=PERIOD, now=now, **asked)  # type: ignore[arg-type]
    return {row.label: [*row.figures().values()] for row in (*made.rows, made.totals)}


def test_a_cohort_is_told_as_far_as_all_of_it_is_old_enough(company: Company) -> None:
    # April ends on the 30th: at NOW + 100 days (11 June) its youngest could be 42 days old.
    assert told(company) == {
        "2026-03": [4, 1 / 4, 2 / 4, None, None, None],
        "2026-04": [2, 0.0, None, None, None, None],
        "All": [6, 1 / 6, None, None, None, None],
    }


def test_another_step(company: Company) -> None:
    assert told(company, only={"step": "sql"})["2026-04"][:3] == [2, 0.0, None]
    assert told(company, only={"step": "sql"}, now=NOW + 200 * DAY)["2026-04"][2] == 1 / 2


def test_all_steps_beside_each_other(company: Company) -> None:
    found = told(company, by="step", now=NOW + 200 * DAY)
    steps_taken = [found[name][2] for name in ("MQL", "SQL", "Opportunity", "Won")]
    assert steps_taken == [1, 3 / 6, 2 / 6, 2 / 6]


def test_by_where_they_came_from(company: Company) -> None:
    found = told(company, by="channel", now=NOW + 200 * DAY)
    assert found["Web form"] == found["All"]
    assert found["All"][:4] == [6, 1 / 6, 2 / 6, 2 / 6]
    assert told(company, by="channel")["Web form"][1:3] == [1 / 6, None]


@pytest.mark.parametrize("only", [{"source": "UNKNOWN"}, {"channel": "FORM"}])
def test_one_value_of_one_slice(company: Company, only: dict[str, str]) -> None:
    found = told(company, only=only)
    assert found["All"][0] in (0, 6)
    assert told(company, only={"campaign": "none such"})["All"][0] == 0


def test_one_month_or_week_of_the_period(company: Company) -> None:
    april = told(company, only={"month": "2026-04-01"})
    assert [*april] == ["2026-04", "All"]
    assert april["All"] == told(company)["2026-04"]
    assert told(company, only={"month": "2025-04-01"})["All"][0] == 0
    weeks = [row for row in told(company, by="week") if row != "All"]
    for week in weeks:
        assert [*told(company, by="week", only={"week": week})] == [week, "All"]


def test_who_sees_few_leads_has_cohorts_of_these(company: Company) -> None:
    anna = company.reps[0]
    made = cohorts.build(anna, period=PERIOD, now=LATER)
    assert 0 < made.totals.n < 6
    assert cohorts.build(factories.user("sven"), period=PERIOD, now=LATER).totals.n == 0


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"only": {"step": "moon"}}, "step"),
        ({"only": {"source": "PAID", "channel": "FORM"}}, "by"),
        ({"by": "moon"}, "by"),
        ({"only": {"month": "moon"}}, "month"),
    ],
)
def test_what_cannot_be_asked_is_said(
    company: Company, asked: dict[str, object], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        told(company, **asked)  # type: ignore[arg-type]
    assert refused.value.errors[0].field == field


def test_by_week(company: Company) -> None:
    weeks = told(company, by="week")
    assert weeks.pop("All")[0] == sum(int(str(row[0])) for row in weeks.values()) == 6
