"""The charts of pages say what their tables and the rest of the page say; who may see whose."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from core import database
from leads.models import Customer
from lifecycle import actions
from people.models import User
from reports import sla
from tests import factories, kit_edits
from tests.factories import DAY, MINUTE
from web.console import sla_page

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> factories.Company:
    """Fourteen leads of two reps over five days; some contacted in time, some late, some never."""
    now = database.now()
    company = factories.company(now=now - 12 * DAY)
    for back in range(7, 2, -1):
        at = now - back * DAY
        leads = factories.captures([factories.touch() for _ in range(3)], now=at)
        for place, lead in enumerate(leads[: back - 1]):
            after = 5 * MINUTE if place else 2 * DAY
            actions.log_activity(lead_id=lead.pk, by=lead.owner, kind="CALL", now=at + after)
    kit_edits.publish(kit_edits.minutes("accept", 90), by=company.revops, now=now - 4 * DAY)
    return company


def shown(user: User, name: str, *args: Any, **query: str) -> Any:
    client = Client()
    client.force_login(user)
    answer = client.get(reverse(f"console:{name}", args=args), query)
    assert answer.status_code == 200
    return answer


def texts(chart: Any) -> list[list[str]]:
    return [[cell.text for cell in row] for row in chart.table.rows]


def test_attainment_over_time_adds_up_to_the_report(company: factories.Company) -> None:
    answer = shown(company.revops, "report-sla", days="7")
    page = answer.context["report"]
    rows = {row[0]: row for row in texts(page.trend)}
    assert list(rows) == [day.label for day in page.days]
    told = {day.label: day.attainment for day in page.days if day.met + day.late + day.breached}
    assert told
    assert {label: rows[label][1] for label in told} == told
    drawn = {dot.text.split(":")[0]: dot.text for dot in page.trend.dots}
    assert all(drawn[label].startswith(f"{label}: {share} (") for label, share in told.items())
    total = sum(int(row[3].split(",")[0]) for row in rows.values())
    by_clock = next(table for table in page.tables if table.key == "stage")
    assert total == sum(row.met + row.late + row.breached for row in by_clock.rows)
    assert 'id="attainment-over-time"' in answer.content.decode()


def test_a_version_that_came_into_force_stands_in_the_trend(company: factories.Company) -> None:
    page = shown(company.revops, "report-sla", days="7").context["report"]
    (event,) = page.trend.events
    assert event.name == "v2"
    assert "in force from" in event.text
    (rule,) = page.trend.rules
    assert 0 < rule.x < 100


def test_long_periods_are_told_by_week(company: factories.Company) -> None:
    page = shown(company.revops, "report-sla", days="90").context["report"]
    assert page.trend.title == "Attainment by week"
    assert len(page.trend.table.rows) == 13
    assert len(page.days) == 90
    today = database.now().date()
    year = {"from": f"{today - dt.timedelta(days=364)}", "to": f"{today}"}
    page = shown(company.revops, "report-sla", **year).context["report"]
    assert (len(page.trend.table.rows), page.days) == (53, ())


def test_missed_deadlines_are_those_of_the_report(company: factories.Company) -> None:
    answer = shown(company.revops, "report-sla", days="30")
    chart = answer.context["report"].hours
    now, zone = database.now(), company.revops.zone
    period = sla_page.read({"days": "30"}, now=now, zone=zone).period
    totals = sla.build(company.revops, period=period, now=now).totals
    assert totals.late
    assert totals.breached
    total = sum(int(row[-1]) for row in texts(chart))
    assert total == totals.late + totals.breached + totals.cancelled_late
    assert total == sum(int(one.text) for one in chart.squares if one.text)
    assert f"{total} deadlines" in answer.content.decode()


def test_reps_beside_each_other_have_the_numbers_of_their_table(company: factories.Company) -> None:
    page = shown(company.revops, "report-sla", days="30").context["report"]
    by_rep = next(table for table in page.tables if table.key == "rep")
    rows = {row.label: row for row in by_rep.rows}
    assert len(by_rep.chart.lines) == 2
    for line in by_rep.chart.lines:
        assert (line.share, line.range) == (rows[line.label].attainment, rows[line.label].range)
    assert all(table.chart is None for table in page.tables if table.key != "rep")


def test_a_rep_sees_no_colleague_in_a_chart(company: factories.Company) -> None:
    one, other = company.reps[:2]
    answer = shown(one, "report-sla", days="30")
    by_rep = next(table for table in answer.context["report"].tables if table.key == "rep")
    assert by_rep.chart is None
    assert str(other) not in answer.content.decode()


def test_before_anything_happened_charts_say_so(company: factories.Company) -> None:
    days = {"from": "2020-01-01", "to": "2020-01-20"}
    answer = shown(company.revops, "report-sla", **days)
    page = answer.context["report"]
    assert page.trend.lack
    assert page.hours.lack
    assert page.trend.lack in answer.content.decode()


@pytest.mark.parametrize("compare", ["", "before"])
def test_the_funnel_has_the_numbers_of_its_totals(company: factories.Company, compare: str) -> None:
    page = shown(company.revops, "report", "funnel", days="7", compare=compare).context["report"]
    (chart,) = page.charts
    cells = dict(zip((one.label for one in page.columns), page.totals.cells, strict=True))
    for bar in chart.bars:
        assert bar.count == cells[bar.label].text
    assert cells["MQL rate"].text == texts(chart)[1][2]
    assert cells["Acceptance"].text == texts(chart)[2][2]
    assert bool(chart.compared) == bool(chart.note) == bool(compare)
    if compare:
        before = shown(company.revops, "report", "funnel", **_days(14, 8)).context["report"]
        assert chart.bars[0].then == before.charts[0].bars[0].count


def _days(first: int, last: int) -> dict[str, str]:
    """From so many days to so many days, counted with today, as RevOps counts them."""
    here = database.now().astimezone(User.objects.get(username="rita").zone).date()
    return {
        "from": f"{here - dt.timedelta(days=first - 1)}",
        "to": f"{here - dt.timedelta(days=last - 1)}",
    }


def test_the_spread_of_waiting_has_every_answered_leg(company: factories.Company) -> None:
    page = shown(company.revops, "report", "speed", days="30").context["report"]
    (chart,) = page.charts
    cells = dict(zip((one.label for one in page.columns), page.totals.cells, strict=True))
    assert sum(int(row[1]) for row in texts(chart)) == int(cells["Answered"].text) > 0
    assert [line.text for line in chart.lines] == [
        f"Median {cells['Median elapsed'].text}",
        f"p90 {cells['90th percentile elapsed'].text}",
    ]


def test_retention_shows_who_stayed_to_all_who_count_all(company: factories.Company) -> None:
    today = database.now().date()
    since = dt.datetime(today.year, today.month, 1, tzinfo=dt.UTC) - dt.timedelta(days=40)
    account = factories.capture().account
    factories.customer(account, since=since)
    answer = shown(company.revops, "customer-retention")
    (row,) = texts(answer.context["retention"].chart)
    assert row[1:] == ["1", "100 % (1 of 1)", "100 % (1 of 1)", "not over yet"]
    assert (
        reverse("console:customer-retention") in shown(company.revops, "customers").content.decode()
    )


@pytest.mark.parametrize("who", ["rep", "manager"])
def test_others_are_refused_retention_and_not_led_there(
    company: factories.Company, who: str
) -> None:
    assert not Customer.objects.exists()
    reader = company.reps[0] if who == "rep" else company.manager
    client = Client()
    client.force_login(reader)
    assert client.get(reverse("console:customer-retention")).status_code == 403
    page = shown(reader, "customers").content.decode()
    assert reverse("console:customer-retention") not in page
