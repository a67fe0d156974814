"""The page of a version in shadow: what differs, in words, for those who look into drafts."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from core import database
from governance import services
from governance.models import Criterion, KitVersion
from lifecycle import shadow
from tests import factories, kit_versions
from tests.factories import HOUR

LARGER = {"fact": "company.employees", "op": "between", "value": [1000, 5000]}


@pytest.fixture
def company(db: None) -> factories.Company:
    return factories.company(now=database.now() - 2 * HOUR)


@pytest.fixture
def version(company: factories.Company) -> KitVersion:
    now = database.now() - HOUR
    active = KitVersion.objects.get(status="ACTIVE")
    made = services.draft(base=active, title="Larger", by=company.revops, now=now)
    Criterion.objects.filter(kit=made, key="icp").update(condition=LARGER)
    return kit_versions.review(made, by=company.revops, now=now)


def page(user: Any, version: KitVersion, query: str = "") -> tuple[int, str]:
    browser = Client()
    browser.force_login(user)
    answer = browser.get(reverse("console:kit-shadow", args=[version.number]) + query)
    return answer.status_code, answer.content.decode()


def act(user: Any, version: KitVersion, verb: str) -> str:
    browser = Client()
    browser.force_login(user)
    address = reverse("console:kit-shadow-act", args=[version.number, verb])
    browser.post(address)
    shown = browser.get(reverse("console:kit-shadow", args=[version.number]))
    return shown.content.decode()


def test_it_is_started_judges_and_is_ended(company: factories.Company, version: KitVersion) -> None:
    assert "judges live touchpoints" in act(company.revops, version, "start")
    assert "runs in shadow already" in act(company.revops, version, "start")
    small = factories.capture(now=database.now(), company={"employees": "420"})
    factories.capture(now=database.now(), company={"employees": "2000"})
    shadow.run()
    status, text = page(company.revops, version)
    assert status == 200
    assert "50.0 %" in text
    assert str(small.person) in text
    assert "Stage: MQL" in text
    assert "Stage: Inquiry" in text
    assert "Ideal customer profile: not met" in text
    assert "no longer runs" in act(company.revops, version, "stop")


def test_a_kind_of_difference_can_be_looked_at_alone(
    company: factories.Company, version: KitVersion
) -> None:
    act(company.revops, version, "start")
    small = factories.capture(now=database.now(), company={"employees": "420"})
    shadow.run()
    assert str(small.person) in page(company.revops, version, "?differs=stage")[1]
    assert str(small.person) not in page(company.revops, version, "?differs=score")[1]
    assert page(company.revops, version, "?differs=nothing")[0] == 200


def test_before_it_ran_the_page_says_what_it_would_do(
    company: factories.Company, version: KitVersion
) -> None:
    status, text = page(company.marketing, version)
    assert status == 200
    assert "Run in shadow" in text


def test_others_do_not_see_it(company: factories.Company, version: KitVersion) -> None:
    assert page(company.reps[0], version)[0] == 404
    act(company.reps[0], version, "start")
    assert KitVersion.objects.get(pk=version.pk).shadow_since is None


def test_the_page_asks_a_fixed_number_of_queries(
    company: factories.Company, version: KitVersion, django_assert_max_num_queries: Any
) -> None:
    act(company.revops, version, "start")
    for _ in range(8):
        factories.capture(now=database.now())
    shadow.run()
    browser = Client()
    browser.force_login(company.revops)
    address = reverse("console:kit-shadow", args=[version.number])
    with django_assert_max_num_queries(14):
        assert browser.get(address).status_code == 200
