"""The score told on its page and by API: rules, evidence, and as it was back then."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core import database
from leads.models import Lead
from tests import factories
from tests.factories import DAY, Company

pytestmark = pytest.mark.django_db
SMALL = {"company": {"employees": "3"}}


@pytest.fixture
def company(db: None) -> Company:
    return factories.company()


@pytest.fixture
def now(db: None) -> dt.datetime:
    return database.now() - DAY


@pytest.fixture
def lead(company: Company, now: dt.datetime) -> Lead:
    views = [{"kind": "pricing_page_view"}] * 2
    lead = factories.capture(signals=views, now=now - 7 * DAY, **SMALL)
    factories.captures_attached(
        person={"email": lead.person.email}, signals=views[:1], now=now, **SMALL
    )
    return lead


@pytest.fixture
def client_of(company: Company, client: Client) -> Client:
    client.force_login(company.revops)
    return client


def told(client: Client, lead: Lead, **query: Any) -> Any:
    return client.get(f"/api/v1/leads/{lead.pk}/score/", query)


def test_the_api_tells_each_point(client_of: Client, lead: Lead, now: dt.datetime) -> None:
    answer = told(client_of, lead, at=now.isoformat()).json()
    (views,) = [one for one in answer["parts"] if one["rule"] == "pricing"]
    assert [one["value"] for one in views["evidence"]] == [8, 4, 4]
    assert len({one["signal"] for one in views["evidence"]}) == 3
    assert (views["value"], views["points"], views["capped"]) == (16, 8, 0)
    assert round(sum(one["value"] for one in answer["parts"]), 1) == answer["total"]
    before = told(client_of, lead, at=(now - DAY).isoformat()).json()
    (views,) = [one for one in before["parts"] if one["rule"] == "pricing"]
    assert len(views["evidence"]) == 2
    assert before["total"] < answer["total"]
    earlier = told(client_of, lead, at=(now - 90 * DAY).isoformat()).json()
    assert (earlier["total"], earlier["parts"], earlier["kit_version"]) == (0, [], None)


@pytest.mark.parametrize(
    "at", ["yesterday", "2026-05-04T09:30:00", "2999-01-01T00:00:00Z", "0001-01-01T00:00:00+23:00"]
)
def test_an_instant_that_is_none_is_refused(client_of: Client, lead: Lead, at: str) -> None:
    answer = told(client_of, lead, at=at)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "at")


def test_the_page_adds_up_and_goes_back(client_of: Client, lead: Lead, now: dt.datetime) -> None:
    with CaptureQueriesContext(connection) as queries:
        page = client_of.get(f"/leads/{lead.pk}/score/").content.decode()
    rows = re.findall(r"<tbody><tr>.*?<b>(-?[\d.]+)</b>", page, re.S)
    (total,) = re.findall(r"<tfoot>.*?<b>(-?[\d.]+)</b>", page, re.S)
    assert round(sum(map(float, rows)), 1) == float(total)
    assert page.count("Pricing page view</td>") == 3
    back = client_of.get(f"/leads/{lead.pk}/score/", {"at": (now - DAY).isoformat()})
    assert back.content.decode().count("Pricing page view</td>") == 2
    assert len(queries) <= 22


@pytest.mark.parametrize("at", ["soon", "2999-01-01T10:00", "9999-99-99"])
def test_the_page_says_what_is_wrong_with_an_instant(
    client_of: Client, lead: Lead, at: str
) -> None:
    answer = client_of.get(f"/leads/{lead.pk}/score/", {"at": at})
    assert answer.status_code == 400
    assert 'id="at-problem"' in answer.content.decode()


def test_nobody_sees_the_score_of_a_lead_they_may_not_see(lead: Lead, client: Client) -> None:
    outsider = factories.rep("outsider", pools=[])
    client.force_login(outsider)
    page, api = client.get(f"/leads/{lead.pk}/score/"), told(client, lead)
    seen = Lead.objects.filter(owner=outsider).exists()
    assert not seen
    assert (page.status_code, api.status_code) == (404, 404)
