"""Pages of governance reviews: who reads what, and what they cost."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from people.models import Role, User
from reports.models import Review
from reports.reviews import opening
from tests import factories
from tests.factories import DAY, NOW, Company

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    made = factories.company()
    leads = factories.captures([factories.touch() for _ in range(6)], now=NOW)
    for lead in leads[:3]:
        factories.work(lead, to="SAL", now=NOW + 3 * DAY)
    opening.open_due(NOW + 30 * DAY)
    return made


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_list_and_the_review_for_who_works_on_it(company: Company) -> None:
    client = client_of(company.revops)
    assert "2026-03 · March 2026" in client.get("/reviews/").content.decode()
    text = client.get("/reviews/2026-03/").content.decode()
    assert "Governance review, March 2026" in text
    assert all(one.text in text for one in Review.objects.get().findings.all())


def test_its_figures_are_those_of_the_snapshot(company: Company) -> None:
    text = client_of(company.marketing).get("/reviews/2026-03/figures/").content.decode()
    for said in ("Stage by channel", "Kit v1", "Members", "Anna", "Funnel"):
        assert said in text


@pytest.mark.parametrize("path", ["/reviews/2026-03/", "/reviews/2026-03/figures/"])
def test_what_is_open_is_not_there_for_reps(company: Company, path: str) -> None:
    client = client_of(company.reps[0])
    assert client.get(path).status_code == 404
    assert "No review to read yet" in client.get("/reviews/").content.decode()
    assert client_of(factories.user("aud", role=Role.AUDITOR)).get(path).status_code == 200


@pytest.mark.parametrize("number", ["2026-04", "2026-3", "x", "2026-13"])
def test_what_is_no_review_is_not_there(company: Company, number: str) -> None:
    assert client_of(company.revops).get(f"/reviews/{number}/").status_code == 404


def test_pages_cost_the_same_however_much_there_is(company: Company) -> None:
    client = client_of(company.revops)
    client.get("/reviews/")
    for path in ("/reviews/", "/reviews/2026-03/", "/reviews/2026-03/figures/"):
        with CaptureQueriesContext(connection) as asked:
            assert client.get(path).status_code == 200
        assert len(asked) < 12, path
