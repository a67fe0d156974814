"""The funnel against a cohort worked out by hand."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.errors import InvalidInput
from lifecycle import actions
from reports import csv, funnel, registry
from reports.periods import Period
from tests import factories
from tests.factories import DAY, HOUR, NOW, Company, touch, work

pytestmark = pytest.mark.django_db

PERIOD = Period(NOW - HOUR, NOW + 2 * HOUR)
PAID, EVENT = {"category": "PAID"}, {"category": "EVENT", "campaign": "Hannover"}
TINY = {"employees": "3"}


@pytest.fixture
def company() -> Company:
    """Seven leads in the period, one after it.

    paid:  1 stays MQL · 2 accepted, SQL, opportunity, won · 3 accepted, SQL, opportunity, lost
           4 rejected · 5 accepted, then taken back
    event: 6 no MQL, self-sourced, SQL · 7 no MQL, disqualified
    """
    made = factories.company()
    mql, won, lost, rejected, back = factories.captures([touch(source=PAID) for _ in range(5)])
    sourced, gone = factories.captures(
        [touch(source=EVENT, company=TINY, channel="EVENT") for _ in range(2)], now=NOW + HOUR
    )
    later = NOW + DAY
    work(won, to="WON", now=later)
    work(lost, to="LOST", now=later)
    actions.reject(lead_id=rejected.pk, by=rejected.owner, reason="no_interest", now=later)
    work(back, to="SAL", now=later)
    actions.undo(lead_id=back.pk, by=back.owner, now=later)
    actions.self_source(lead_id=sourced.pk, by=sourced.owner, now=later)
    sourced.refresh_from_db()
    work(sourced, to="SQL", now=later)
    actions.disqualify(lead_id=gone.pk, by=gone.owner, reason="spam", now=later)
    factories.capture(now=PERIOD.end)
    assert mql.stage == "MQL"
    return made


def test_it_equals_the_cohort_counted_by_hand(company: Company) -> None:
    report = funnel.build(company.revops, period=PERIOD, by="source", now=NOW)
    event, paid = (row.figures() for row in report.rows)
    counts = list(funnel.DECLARATION.columns)[:10]
    assert [event[one.key] for one in counts] == [2, 0, 0, 1, 1, 0, 0, 0, 0, 1]
    assert [paid[one.key] for one in counts] == [5, 5, 2, 0, 2, 2, 1, 1, 1, 0]
    assert (event["mql_rate"], event["acceptance_rate"], event["sql_rate"]) == (0, None, 1)
    total = report.totals.figures()
    assert [total[one.key] for one in counts] == [7, 5, 2, 1, 3, 2, 1, 1, 1, 1]
    assert total["mql_rate"] == pytest.approx(5 / 7)
    assert (total["acceptance_rate"], total["sql_rate"]) == (pytest.approx(2 / 5), 1)
    assert total["opportunity_rate"] == pytest.approx(2 / 3)
    assert total["win_rate"] == pytest.approx(1 / 2)
    assert (report.kit_version, report.kits) == (1, (1,))


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("channel", [("Event", 2), ("Web form", 5)]),
        ("campaign", [("Hannover", 2), ("None", 5)]),
        ("week", [("2026-03-02", 7)]),
        ("month", [("2026-03", 7)]),
    ],
)
def test_every_slice_counts_each_lead_once(
    company: Company, by: str, expected: list[tuple[str, int]]
) -> None:
    report = funnel.build(company.revops, period=PERIOD, by=by, now=NOW)
    assert [(row.label, row.leads) for row in report.rows] == expected
    for row in report.rows:
        only = funnel.build(company.revops, period=PERIOD, by=by, only={by: row.key}, now=NOW)
        assert only.totals.leads == row.leads


def test_people_see_the_leads_they_may_see(company: Company) -> None:
    stranger = factories.user("sven")
    assert funnel.build(stranger, period=PERIOD, now=NOW).totals.leads == 0
    assert funnel.build(company.manager, period=PERIOD, now=NOW).totals.leads == 7


@pytest.mark.parametrize("by", [one.key for one in funnel.DECLARATION.slices])
def test_the_number_of_queries_does_not_depend_on_the_data(company: Company, by: str) -> None:
    def queries(period: Period) -> int:
        with CaptureQueriesContext(connection) as seen:
            funnel.build(company.revops, period=period, by=by, now=NOW)
        return len(seen)

    assert queries(PERIOD) == queries(Period(NOW - 2 * DAY, NOW - DAY)) == 4


def test_an_unknown_slice_is_refused(company: Company) -> None:
    with pytest.raises(InvalidInput, match="source, channel"):
        funnel.build(company.revops, period=PERIOD, by="moon", now=NOW)


def test_it_is_to_be_had_by_name_and_as_a_file(company: Company) -> None:
    assert "funnel" in [one.key for one in registry.all()]
    report = registry.build("funnel", company.revops, period=PERIOD, by="source", now=NOW)
    lines = list(csv.stream(report))
    assert lines[1].startswith("Event,EVENT,2,0,0,1,1,")
    assert csv.file_name(report) == "funnel-by-source-2026-03-03-2026-03-03.csv"
