"""One key accepts where all is shown; elsewhere the form asks, and the API answers alike."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from leads.models import Lead
from lifecycle import actions
from tests import factories
from tests.acting import owner
from tests.callers import Caller

pytestmark = pytest.mark.django_db


def lead() -> Lead:
    factories.company()
    return factories.capture()


def page(of: Lead, name: str = "lead", *more: str) -> str:
    client = Client()
    client.force_login(owner(of))
    return client.get(reverse(f"console:{name}", args=[of.pk, *more])).content.decode()


def test_a_complete_lead_is_accepted_at_once_and_the_page_says_what_that_confirms() -> None:
    one = lead()
    shown = page(one)
    assert "data-at-once" in shown
    assert f"Contact reachable ({one.person.email})" in shown
    answer = Caller(user=owner(one)).post(
        f"/api/v1/leads/{one.pk}/accept/", {"icp_confirmed": True}
    )
    assert answer.status_code == 200, answer.content
    assert answer.json()["stage"] == "SAL"


def test_where_a_fact_is_missing_the_form_asks_and_the_api_refuses() -> None:
    one = lead()
    actions.log_activity(lead_id=one.pk, by=owner(one), kind="EMAIL", outcome="BOUNCED")
    assert "data-at-once" not in page(one)
    form = page(one, "lead-action", "accept")
    assert 'type="checkbox" name="reachable"' in form
    assert 'type="hidden" name="icp_confirmed"' in form
    caller = Caller(user=owner(one))
    for body in ({"icp_confirmed": True}, {"icp_confirmed": True, "reachable": True}):
        answer = caller.post(f"/api/v1/leads/{one.pk}/accept/", body)
        assert answer.status_code == 422, answer.content
    told = {"icp_confirmed": True, "reachable": True, "evidence": "Called back"}
    assert caller.post(f"/api/v1/leads/{one.pk}/accept/", told).status_code == 200
