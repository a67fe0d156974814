"""The score lab as a page: what it says of few leads and of many, and a draft out of a question."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from governance import editing
from governance.models import KitVersion, Simulation
from leads.models import Lead
from tests import factories
from tests.factories import HOUR, Company
from web.console import score_lab

pytestmark = pytest.mark.django_db

LAB = "/reports/scores/"


@pytest.fixture
def company() -> Company:
    return factories.company()


@pytest.fixture
def leads(company: Company) -> list[Lead]:
    sizes = ["700"] * 4 + ["3"] * 4
    bodies = [factories.touch(company={"employees": size, "name": f"Firm {number}",
                                       "domain": f"firm{number}.example"},
                              person={"email": f"kim@firm{number}.example"})
              for number, size in enumerate(sizes)]  # fmt: skip
    return factories.captures(bodies)


@pytest.mark.parametrize(
    ("worths", "offered"),
    [((3.0, -10.0), [-2, -1, 1, 2, 5]), ((40.0, 25.0), [-20, -10, -5, -2, -1, 1, 2, 5, 10, 20]),
     ((0.5, -0.5), []), ((), [-20, -10, -5, -2, -1, 1, 2, 5, 10, 20])],
)  # fmt: skip
def test_points_are_offered_that_no_rule_refuses(
    worths: tuple[float, ...], offered: list[float]
) -> None:
    assert list(score_lab.proposed(worths)) == offered


def test_an_empty_lab_says_so(company: Company, client: Client) -> None:
    client.force_login(company.manager)
    page = client.get(LAB).text
    worths = [one.points for one in company.kit.score_rules if one.points]
    offered = re.findall(r'<option value="(-?\d+)"></option>', page)
    filled = re.search(r'name="more" value="(-?\d+)"', page)
    assert filled is not None
    assert filled[1] in offered
    assert all((worth + int(more)) * worth > 0 for worth in worths for more in offered)
    assert "Too few to say: 0 of 0 leads" in page
    assert "No lead of this period has such a score." in page


def test_few_leads_are_shown_and_nothing_is_made_of_them(
    company: Company, leads: list[Lead], client: Client
) -> None:
    factories.work(leads[0], to="OPPORTUNITY", now=factories.NOW + HOUR)
    client.force_login(company.revops)
    page = client.get(LAB, {"from": "2026-03-01", "to": "2026-03-31"}).text
    assert "Too few to say: 1 of 8 leads became an opportunity" in page
    assert page.count('<th scope="row"><span class="nowrap">') >= 2
    assert "Draft and simulate" not in page


def test_a_question_is_answered_on_the_leads_and_becomes_a_draft(
    company: Company, leads: list[Lead], client: Client
) -> None:
    rule = next(
        one for one in company.kit.score_rules if one.condition is not None and one.points > 0
    )
    asked = {"from": "2026-03-01", "to": "2026-03-31", "rule": rule.key, "more": "10"}
    client.force_login(company.revops)
    assert f"{rule.label}, +10 points" in client.get(LAB, asked).text
    for wrong in ("2,5", "abc"):
        page = client.get(LAB, {**asked, "more": wrong}).text
        assert f"“{wrong}” is no number." in page
        assert client.post(f"{LAB}draft/", {"rule": rule.key, "more": wrong}).status_code == 422
    for wrong in ("0", "nan", "1e9", "0.001", f"{-rule.points:g}", "-999"):
        assert (
            f"Give more than {-rule.points:g} and at most 1,000 points"
            in client.get(LAB, {**asked, "more": wrong}).text
        )
    assert "no such rule" in client.get(LAB, {**asked, "rule": "gone"}).text
    done = client.post(f"{LAB}draft/", {"rule": rule.key, "more": "10"})
    draft = KitVersion.objects.get(status="DRAFT")
    assert done["Location"] == f"/kit/versions/{draft.number}/simulation/"
    assert draft.title == f"What if: {rule.label} +10 points"
    assert float(editing.part_of(draft, "score_rule", rule.key).points) == rule.points + 10
    assert Simulation.objects.get(kit=draft).state in ("WAITING", "DONE")
    assert client.post(f"{LAB}draft/", {"rule": "gone", "more": "10"}).status_code == 422
    client.force_login(company.manager)
    assert client.post(f"{LAB}draft/", {"rule": rule.key, "more": "10"}).status_code == 403
    assert KitVersion.objects.filter(status="DRAFT").count() == 1
