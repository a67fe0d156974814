"""Marking as SQL: what is learnt is kept between calls, and what is missing is listed."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from leads.models import Lead
from lifecycle import actions, checklists
from lifecycle.models import ChecklistAnswer
from tests import factories
from tests.acting import accept, fresh, owner
from tests.callers import Caller

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead() -> Lead:
    factories.company()
    return accept(factories.capture())


def call(lead: Lead) -> None:
    actions.log_activity(lead_id=lead.pk, by=owner(lead), kind="DISCOVERY_CALL")


def test_a_draft_is_kept_shown_again_and_completed_in_the_next_call(lead: Lead) -> None:
    client = Client()
    client.force_login(owner(lead))
    address = reverse("console:lead-action", args=[lead.pk, "sales-qualify"])
    said = {"bant.budget": "50k", "bant.need": "Growth"}
    assert client.post(address, {**said, "draft": "1"}).status_code == 303
    assert fresh(lead).stage == "SAL"
    shown = client.get(address).content.decode()
    assert 'value="50k"' in shown
    assert "Missing: Authority, Timeline" in shown
    assert "Discovery call completed: log it first." in shown
    refused = client.post(address, said)
    assert refused.status_code == 422
    assert "BANT lacks 2 of: Authority, Timeline" in refused.content.decode()
    assert checklists.kept(lead) == said
    page = client.get(reverse("console:lead", args=[lead.pk])).content.decode()
    assert "BANT: 2 of 4, lacks Authority, Timeline" in page

    call(lead)
    assert "log it first" not in client.get(address).content.decode()
    done = {"bant.authority": "The CFO", "bant.timeline": "In Q2", "bant.need": ""}
    assert client.post(address, {**said, **done}).status_code == 422  # a point taken back is open
    assert client.post(address, {**said, **done, "bant.need": "Growth"}).status_code == 303
    assert fresh(lead).stage == "SQL"
    assert checklists.kept(lead).keys() == {f"bant.{one}" for one in factories.BANT}


def test_the_api_counts_what_was_kept_and_keeps_each_cycle_apart(lead: Lead) -> None:
    door, path = Caller(user=owner(lead)), f"/api/v1/leads/{lead.pk}/"
    known = {"bant.budget": "50k", "bant.need": "Growth", "bant.authority": "CFO"}
    answer = door.post(f"{path}checklist/", {"checklist": known})
    assert answer.status_code == 200, answer.content
    assert answer.json()["checklist"] == known
    wrong = door.post(f"{path}checklist/", {"checklist": {"bant.mood": "good"}})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "checklist.bant.mood")
    call(lead)
    refused = door.post(f"{path}sales_qualify/", {})
    assert refused.status_code == 422
    assert "BANT lacks 1 of: Timeline" in refused.json()["detail"]
    assert door.post(f"{path}checklist/", {"checklist": {"bant.need": ""}}).status_code == 200
    more = {"checklist": {"timeline": "In Q2", "bant.need": "Growth"}}
    assert door.post(f"{path}sales_qualify/", more).json()["stage"] == "SQL"
    again: Any = fresh(lead)
    again.cycle += 1
    assert checklists.kept(again) == {}
    assert ChecklistAnswer.objects.filter(lead=lead).count() == 4


def test_only_the_owner_keeps_answers(lead: Lead) -> None:
    other = factories.rep("cleo", pools=["dach"])
    answer = Caller(user=other).post(
        f"/api/v1/leads/{lead.pk}/checklist/", {"checklist": {"bant.need": "x"}}
    )
    assert answer.status_code in (403, 404, 409)
    assert checklists.kept(lead) == {}
