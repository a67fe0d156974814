"""The page and the address of the route preview: who may look, what is refused, what is told."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from core import database
from governance import services
from governance.models import KitVersion
from leads.models import Lead
from people.models import User
from routing.models import Decision, RoutingRule
from tests.callers import Caller, Company, touch

ROUTES = "/routes/"
API = "/api/v1/routes/preview/"
FIELDS = {"channel": "FORM", "company.name": "Nord", "company.country": "DE",
          "company.employees": "420", "company.industry": "Logistics",
          "person.email": "a@nord.de", "signals": "demo_request"}  # fmt: skip


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def look(user: User, **query: str) -> str:
    answer = browser(user).get(ROUTES, query)
    assert answer.status_code == 200, answer.content.decode()
    return answer.content.decode()


def paste(user: User, status: int = 200, **changes: str) -> str:
    answer = browser(user).post(ROUTES, FIELDS | changes)
    assert answer.status_code == status, answer.content.decode()
    return answer.content.decode()


def ask(user: User, **body: Any) -> Any:
    return Caller(user=user).post(API, body)


@pytest.fixture
def draft(company: Company) -> KitVersion:
    active = KitVersion.objects.get(status="ACTIVE")
    made = services.draft(base=active, title="Other", by=company.revops, now=database.now())
    RoutingRule.objects.filter(kit=made, key="dach").update(pool="inbound")
    return made


def test_a_pasted_touch_tells_its_route_and_leaves_nothing(company: Company) -> None:
    text = paste(company.revops)
    assert "sdr gets it" in text
    assert "What would be owed" in text
    assert not Lead.objects.exists()
    assert not Decision.objects.exists()


def test_json_takes_the_place_of_the_fields(company: Company) -> None:
    body = touch(company={"name": "Weit Weg", "country": "JP", "employees": 400})
    assert "Everybody else" in paste(company.manager, text=json.dumps(body))


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"channel": "PIGEON"}, "Choose one of those in the list"),
     ({"at": "tomorrow"}, "Give a day and a time"),
     ({"at": "2020-01-01T10:00"}, "Choose now or an instant within the next year"),
     ({"at": "9999-12-31T23:59"}, "Choose now or an instant within the next year"),
     ({"moment": "LUNCH"}, "Choose one of those in the list"),
     ({"version": "77"}, "Choose one of those in the list"),
     ({"signals": "a_wink"}, "No signal “a_wink”"),
     ({"score": "high"}, "Enter a number"), ({"score": "1e300"}, "below a million"),
     ({"score": "nan"}, "number"),
     ({"text": "{"}, "no JSON"), ({"text": "[1]"}, "A touch is an object"),
     ({"text": '{"channel": "FORM", "shoe": 1}'}, "shoe: Unknown field"),
     ({"text": "[" * 50_000}, "no JSON"), ({"company.name": "x" * 300}, "at most 200")],
)  # fmt: skip
def test_what_cannot_be_used_is_said_beside_its_field(
    company: Company, changes: dict[str, str], said: str
) -> None:
    assert said in paste(company.revops, status=422, **changes)


def test_reps_look_at_leads_they_see_and_at_no_others(company: Company, mql: str) -> None:
    assert "The route it would take now" in browser(company.sdr).get(
        f"/leads/{mql}/").content.decode()  # fmt: skip
    assert "sdr keeps it" in look(company.sdr, lead=mql)
    assert "A touchpoint that may come" not in look(company.sdr)
    assert browser(company.sdr).post(ROUTES, FIELDS).status_code == 403
    Lead.objects.filter(pk=mql).update(owner=company.revops, sourced_by=None)
    User.objects.filter(pk=company.other_sdr.pk).update(team=None)
    assert browser(company.other_sdr).get(ROUTES, {"lead": mql}).status_code == 404
    for number in ("999999", "x", "-1", "9" * 30, "²"):
        assert browser(company.sdr).get(ROUTES, {"lead": number}).status_code == 404


def test_a_lead_is_found_by_name_company_and_number(company: Company, mql: str) -> None:
    for q in ("Lindqvist", "Nordwind", mql, f"#{mql}"):
        assert f"?lead={mql}" in look(company.sdr, q=q)
    assert "No lead that you see fits" in look(company.sdr, q="nobody")


def test_a_draft_stands_beside_the_kit_in_force(company: Company, draft: KitVersion) -> None:
    active = KitVersion.objects.get(status="ACTIVE")
    text = paste(company.revops, version=str(active.number), against=str(draft.number))
    assert "Side by side" in text
    assert "They differ" in text
    same = paste(company.revops, version=str(active.number), against=str(active.number))
    assert "Side by side" not in same


def test_drafts_are_for_those_who_look_into_drafts(company: Company, draft: KitVersion) -> None:
    number = str(draft.number)
    assert browser(company.sdr).get(ROUTES, {"version": number}).status_code == 422
    assert f"v{number}, draft" not in look(company.sdr)
    assert f"v{number}, draft" in look(company.revops)
    page = browser(company.revops).get(f"/kit/versions/{number}/").content.decode()
    assert f"/routes/?version={number}" in page
    assert "/routes/" in browser(company.revops).get("/kit/").content.decode()


def test_a_draft_that_cannot_be_executed_says_why(company: Company, draft: KitVersion) -> None:
    RoutingRule.objects.filter(kit=draft, key="dach").update(pool="nowhere")
    text = paste(company.revops, version=str(draft.number))
    assert "No route" in text
    assert "nowhere" in text


def test_the_number_of_queries_is_fixed(
    company: Company, mql: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = browser(company.revops)
    with django_assert_max_num_queries(45):
        client.get(ROUTES, {"lead": mql})
    with django_assert_max_num_queries(45):
        client.post(ROUTES, FIELDS)


def test_the_address_tells_the_same(company: Company, mql: str, draft: KitVersion) -> None:
    body = touch("b@nord.de", company={"name": "Nord", "country": "DE", "employees": 300,
                                       "industry": "Logistics"})  # fmt: skip
    active = KitVersion.objects.get(status="ACTIVE")
    answer = ask(company.revops, touch=body, version=active.number, against=draft.number)
    assert answer.status_code == 200, answer.content
    told = answer.json()
    first, second = told["previews"]
    assert (first["pool"], second["pool"]) == ("dach", "inbound")
    assert "pool" in told["differs"]
    assert first["owner"] == {"id": str(company.sdr.pk), "name": "sdr"}
    assert first["routed"]
    assert [one["rule"] for one in first["tried"]]
    assert first["clocks"]
    of_pool = {one["user"]: one["name"] for one in first["candidates"]}
    assert of_pool[str(company.sdr.pk)] == "sdr"
    (seen,) = ask(company.sdr, lead=mql).json()["previews"]
    assert (seen["lead"], seen["routed"]) == (mql, False)
    assert seen["why_not"].endswith("has it already, and keeps it.")


@pytest.mark.parametrize(
    ("body", "field"),
    [({}, "lead"), ({"lead": "1", "touch": {}}, "lead"), ({"lead": "999999"}, "lead"),
     ({"touch": []}, ""), ({"touch": {"channel": "x"}}, "channel"), ({"touch": None}, "touch"),
     ({"lead": "1", "moment": "NOON"}, "moment"), ({"lead": "1", "at": "soon"}, "at"),
     ({"touch": {"channel": "FORM"}, "version": 99}, "version"), ({"shoe": 1}, "shoe"),
     ({"lead": "1", "score": "x"}, "score")],
)  # fmt: skip
def test_the_address_names_each_fault(company: Company, body: dict[str, Any], field: str) -> None:
    answer = ask(company.revops, **body)
    assert answer.status_code == 422, answer.content
    assert field in [one["field"] for one in answer.json()["errors"]]


def test_reps_send_no_touches_to_the_address(company: Company) -> None:
    assert ask(company.sdr, touch=touch()).status_code == 403
    assert ask(company.marketing, touch=touch()).status_code == 403
