"""The page that says why a number differs from what was told."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from lifecycle import actions
from people.models import Role, User
from reports import steps
from reports.facts import company_days
from tests import factories
from tests.callers import Caller
from tests.factories import DAY, MINUTE, NOW, Company, work

pytestmark = pytest.mark.django_db

NIGHT = NOW.replace(hour=23, minute=58)
DAYS = {"from": f"{NOW:%Y-%m-%d}", "to": f"{NOW:%Y-%m-%d}"}


@pytest.fixture
def company() -> Company:
    """Four MQLs, two accepted just before midnight; one of these is taken back after it."""
    made = factories.company()
    leads = factories.captures([factories.touch() for _ in range(4)])
    for lead in leads[:2]:
        work(lead, to="SAL", now=NIGHT)
    owner = leads[0].owner
    assert owner is not None
    actions.undo(lead_id=leads[0].pk, by=owner, now=NIGHT + 4 * MINUTE)
    steps.facts(NIGHT + DAY, float("inf"))
    return made


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_each_lead_that_makes_the_difference_is_named(company: Company) -> None:
    assert company_days.of(NIGHT) != company_days.of(NIGHT + 4 * MINUTE)
    page = client_of(company.revops).get("/reports/mql_to_sal/as-told/", DAYS).context["page"]
    told = [one.value for one in (page.frozen, page.restated, page.today)]
    assert told == ["50.0 %", "25.0 %", "25.0 %"]
    [row] = page.rows
    assert (row.before, row.after) == ("MQL, SAL", "MQL")
    [because] = row.because
    assert because.startswith("undo: true since")


def test_by_the_end_of_the_next_day_it_was_known(company: Company) -> None:
    asked = {**DAYS, "at": f"{NOW + DAY:%Y-%m-%d}"}
    page = client_of(company.revops).get("/reports/mql_to_sal/as-told/", asked).context["page"]
    assert page.frozen == page.restated == page.today
    assert page.rows == ()
    assert "Nothing that was told" in page.sentence


def test_who_may_not_open_a_lead_is_told_how_many(company: Company) -> None:
    fiona = factories.user("fiona", role=Role.FINANCE)
    page = client_of(fiona).get("/reports/mql_to_sal/as-told/", DAYS).context["page"]
    assert page.rows == ()
    assert page.hidden == "1 further lead is one that you may not open."


@pytest.mark.parametrize(
    ("path", "asked", "status"),
    [
        ("mql_to_sal", {"at": "moon"}, 422),
        ("mql_to_sal", {"at": f"{dt.date.max}"}, 422),
        ("mql_to_sal", {"from": "2026-03-05", "to": "2026-03-01"}, 422),
        ("cost_per_lead", {}, 422),
        ("moon", {}, 404),
        ("mql_to_sal", {}, 200),
    ],
)
def test_what_cannot_be_asked_is_said(
    company: Company, path: str, asked: dict[str, str], status: int
) -> None:
    answer = client_of(company.revops).get(f"/reports/{path}/as-told/", asked)
    assert answer.status_code == status


def test_a_kpi_links_to_it_where_it_can_be_told(company: Company) -> None:
    client = client_of(company.revops)
    assert "as-told" in client.get("/reports/mql_to_sal/").context["metric"].restated_url
    assert client.get("/reports/cost_per_lead/").context["metric"].restated_url == ""


def test_the_same_by_api(company: Company) -> None:
    found = Caller(user=company.revops).get("/api/v1/reports/mql_to_sal/as_told/", **DAYS).json()
    told = [found[key]["totals"]["part"] for key in ("frozen", "restated", "today")]
    assert told == [2, 1, 1]
    [row] = found["leads"]
    assert (row["before"], row["after"]) == ({"n": 1.0, "part": 1.0}, {"n": 1.0})
    assert [one["transition"] for one in row["because"]] == ["undo"]
    # The differences of the leads add up to the difference of the figures.
    assert (
        sum(one["after"].get("part", 0) - one["before"].get("part", 0) for one in found["leads"])
        == told[1] - told[0]
    )
    fiona = Caller(user=factories.user("fiona", role=Role.FINANCE))
    hidden = fiona.get("/api/v1/reports/mql_to_sal/as_told/", **DAYS).json()
    assert (hidden["leads"], hidden["hidden"]) == ([], 1)


@pytest.mark.parametrize(
    ("name", "asked", "status"),
    [
        ("mql_to_sal", {"at": "moon"}, 400),
        ("mql_to_sal", {"at": f"{dt.date.max}"}, 400),
        ("mql_to_sal", {"by": "moon"}, 422),
        ("mql_to_sal", {"moon": "1"}, 400),
        ("cost_per_lead", {}, 422),
        ("sla", {}, 404),
    ],
)
def test_what_cannot_be_asked_by_api_is_said(
    company: Company, name: str, asked: dict[str, str], status: int
) -> None:
    answer = Caller(user=company.revops).get(f"/api/v1/reports/{name}/as_told/", **asked)
    assert answer.status_code == status
    assert answer.json()["detail"]
