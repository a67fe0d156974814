"""Benchmarks and owners of KPIs: stated by RevOps, kept as they were said."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from core.errors import InvalidInput
from people.models import User
from reports import declared, declared_acts
from reports.declared_acts import Said
from reports.metrics import catalogue
from reports.models import BenchmarkLine, MetricOwner
from tests import factories
from tests.callers import Caller
from tests.factories import DAY, NOW, Company

pytestmark = pytest.mark.django_db

CONVERSION = catalogue.ALL["lead_conversion"]
PATH = "/reports/lead_conversion/declared/"
STATED = {
    "act": "benchmark", "low": "3", "high": "6", "slice": "", "value": "", "source": "Our peers",
    "dated": "2026-01-31",
}  # fmt: skip


@pytest.fixture
def company() -> Company:
    return factories.company()


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def told(client: Client, **asked: str) -> str:
    return str(client.get("/reports/lead_conversion/", asked).context["metric"].benchmark)


def test_what_is_stated_is_told_with_who_says_so(company: Company) -> None:
    client = client_of(company.revops)
    assert told(client).startswith("2.0 % to 5.0 %: rule of thumb")
    assert client.post(PATH, STATED).status_code == 303
    assert "is stated" in client.get(PATH).content.decode()
    assert told(client) == "3.0 % to 6.0 %: Our peers, 31 Jan 2026"
    assert "Our peers" in client.get("/reports/lead_conversion/").content.decode()


def test_what_holds_of_a_part_is_told_of_it_alone(company: Company) -> None:
    client = client_of(company.revops)
    part = {**STATED, "slice": "source", "value": "CONTENT_SYNDICATION", "low": "15", "high": ""}
    client.post(PATH, part)
    assert told(client, source="CONTENT_SYNDICATION").startswith("from 15.0 %: Our peers")
    assert told(client).startswith("2.0 %")
    assert told(client, source="PAID") == "None is stated"


def test_withdrawn_there_is_none_and_what_was_said_stays(company: Company) -> None:
    client = client_of(company.revops)
    client.post(PATH, STATED)
    client.post(PATH, {"act": "withdraw", "slice": "", "value": ""})
    assert told(client) == "None is stated"
    said = client.get(PATH).context["page"].said
    assert len(said) == 2
    assert "Our peers" in said[1]
    row = BenchmarkLine.objects.earliest("pk")
    with pytest.raises(DatabaseError), transaction.atomic():
        BenchmarkLine.objects.filter(pk=row.pk).update(source="somebody else")


def test_what_counted_at_an_instant_is_known(company: Company) -> None:
    for low, at in ((0.1, NOW), (0.2, NOW + DAY)):
        said = Said(low=low, high=None, source="x", dated=dt.date(2026, 1, 1))
        declared_acts.state(CONVERSION, said, by=company.revops, now=at)
    then = declared.in_force(CONVERSION, declared.lines(CONVERSION, known=NOW))
    now = declared.in_force(CONVERSION, declared.lines(CONVERSION))
    assert (then[declared.ALL].low, now[declared.ALL].low) == (0.1, 0.2)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"low": "", "high": ""}, "low"),
        ({"low": "7"}, "high"),
        ({"low": "-1"}, "low"),
        ({"high": "101"}, "high"),
        ({"high": "moon"}, "high"),
        ({"high": "nan"}, "high"),
        ({"source": " "}, "source"),
        ({"dated": "2199-01-01"}, "dated"),
        ({"slice": "month", "value": "2026-01-01"}, "slice"),
        ({"slice": "source"}, "value"),
        ({"value": "PAID"}, "value"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    company: Company, wrong: dict[str, str], field: str
) -> None:
    answer = client_of(company.revops).post(PATH, {**STATED, **wrong})
    assert answer.status_code == 422
    assert field in answer.context["benchmark"].errors
    assert not BenchmarkLine.objects.exists()


def test_who_is_not_of_revops_reads_and_states_nothing(company: Company) -> None:
    client = client_of(company.manager)
    assert client.get(PATH).status_code == 200
    assert not client.get(PATH).context["page"].may
    assert client.post(PATH, STATED).status_code == 403
    assert client.get("/reports/moon/declared/").status_code == 404


def test_an_owner_is_named_and_one_who_left_is_nobody(company: Company) -> None:
    client, anna = client_of(company.revops), company.reps[0]

    def owner() -> str:
        return str(client.get("/reports/lead_conversion/").context["metric"].owner)

    assert owner() == "RevOps"
    client.post(PATH, {"act": "owner", "owner": str(anna.pk)})
    assert owner() == f"{anna} (RevOps)"
    User.objects.filter(pk=anna.pk).update(is_active=False)
    assert owner() == f"Nobody: {anna} has left"
    anna.refresh_from_db()
    with pytest.raises(InvalidInput, match="somebody who is at work here"):
        declared_acts.name(CONVERSION, anna, by=company.revops)
    client.post(PATH, {"act": "owner", "owner": ""})
    assert owner() == "RevOps"
    assert MetricOwner.objects.count() == 2


def test_systems_are_told_the_same(company: Company) -> None:
    declared_acts.name(CONVERSION, company.manager, by=company.revops)
    said = Said(low=None, high=0.5, source="Us", dated=dt.date(2026, 1, 1), slice="source",
                value="PAID")  # fmt: skip
    declared_acts.state(CONVERSION, said, by=company.revops)
    caller = Caller(user=company.revops)
    path = "/api/v1/reports/lead_conversion/"
    whole, part = (caller.get(path, **only).json()["metric"] for only in ({}, {"source": "PAID"}))
    assert (whole["version"], whole["headline"], whole["better"]) == (1, "rate", "higher")
    assert (whole["owner"], whole["nobody"]) == (str(company.manager), False)
    assert whole["benchmark"]["low"] == 0.02
    assert part["benchmark"] == {"low": None, "high": 0.5, "source": "Us", "dated": "2026-01-01"}
    assert caller.get("/api/v1/reports/sla/").json()["metric"] is None
