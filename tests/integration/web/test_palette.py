"""What the palette offers: acts one may do, reports, whatever is found, and what was visited."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests import factories


@pytest.fixture
def company(db: None) -> factories.Company:
    return factories.company(now=timezone.now())


def offered(reader: Any, **asked: str) -> dict[str, list[str]]:
    client = Client(headers={"HX-Request": "true"})
    client.force_login(reader)
    palette = client.get(reverse("console:palette"), asked).context["palette"]
    return {group.key: [one.name for one in group.options] for group in palette.groups}


def test_it_offers_what_fits_and_what_one_may_do(company: factories.Company) -> None:
    lead = factories.capture(now=timezone.now())
    name, firm = lead.person.name, lead.account.name
    found = offered(company.revops, q=firm)
    assert (found["people"], found["companies"]) == ([name], [firm])
    assert "SLA attainment" in offered(company.marketing, q="sla")["reports"]
    assert offered(company.reps[0], q="add lead")["acts"] == ["Add lead"]
    assert "acts" not in offered(company.marketing, q="add lead")
    assert offered(factories.user("stranger"), q=firm) == {}


def test_what_was_visited_is_named_to_who_may_see_it(company: factories.Company) -> None:
    lead = factories.capture(now=timezone.now())
    recent = (
        f"/reports/sla/ /leads/{lead.pk}/ /accounts/{lead.account_id}/ /leads/999/ /x/ /leads/add/"
    )
    told = ["SLA attainment", lead.person.name, lead.account.name]
    assert offered(company.revops, recent=recent)["recent"] == told
    assert offered(factories.user("stranger"), recent=recent)["recent"] == told[:1]


def test_opened_by_itself_it_is_the_search(company: factories.Company) -> None:
    client = Client()
    client.force_login(company.revops)
    answer = client.get(reverse("console:palette"), {"q": "x y"})
    assert (answer.status_code, answer["Location"]) == (303, "/search/?q=x+y")
