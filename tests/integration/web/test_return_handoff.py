"""An AE returns a hand-off on the page and by API."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from core import database
from leads.models import Lead
from people.models import User
from tests import factories, kit_edits
from tests.callers import Caller
from tests.factories import MINUTE
from tests.kit_edits import Parts

pytestmark = pytest.mark.django_db


@pytest.fixture
def now() -> dt.datetime:
    return database.now() - 30 * MINUTE


@pytest.fixture
def handed(db: None, now: dt.datetime) -> Lead:
    """A lead of anna or ben that karl, an AE, has as an SQL."""
    company = factories.company()
    factories.pool("aes", manager=company.manager)
    factories.rep("karl", pools=["aes"], role="AE")

    def edit(parts: Parts) -> None:
        rule = {"key": "aes", "label": "To the AEs", "moment": "HANDOFF", "condition": None,
                "pool": "aes", "position": 50}  # fmt: skip
        parts["routing_rule"].append(rule)

    kit_edits.publish(edit, by=company.revops, now=now)
    return factories.work(factories.capture(now=now), to="SQL", now=now + MINUTE)


def test_on_the_page_with_a_reason_that_the_timeline_shows(client: Client, handed: Lead) -> None:
    client.force_login(User.objects.get(username="karl"))
    page = client.get(f"/leads/{handed.pk}/").content.decode()
    assert "Return to the SDR" in page
    address = f"/leads/{handed.pk}/return-handoff/"
    assert client.get(address).status_code == 200
    assert "Why" in client.post(address, {"reason": ""}).content.decode()
    client.post(address, {"reason": "No budget this year"})
    handed.refresh_from_db()
    assert handed.owner == handed.sourced_by
    told = client.get(f"/leads/{handed.pk}/").content.decode()
    assert "returned the hand-off to" in told
    assert "No budget this year" in told


def test_by_api_with_its_refusals(handed: Lead) -> None:
    karl = Caller(user=User.objects.get(username="karl"))
    address = f"/api/v1/leads/{handed.pk}/return_handoff/"
    assert karl.post(address, {}).status_code == 422
    answer = karl.post(address, {"reason": "No budget"})
    assert answer.status_code == 200, answer.json()
    assert karl.post(address, {"reason": "Again"}).status_code == 409
