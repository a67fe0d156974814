"""Reasons that are no rejection lead to the act that is meant, and count as none."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from core import database
from leads.models import Lead
from lifecycle import actions, reasons
from tests import factories
from tests.callers import Caller
from tests.factories import MINUTE, Company

pytestmark = pytest.mark.django_db


@pytest.fixture
def now() -> dt.datetime:
    return database.now() - 30 * MINUTE


@pytest.fixture
def company(db: None, now: dt.datetime) -> Company:
    return factories.company(now=now)


@pytest.fixture
def lead(company: Company, now: dt.datetime) -> Lead:
    return factories.capture(now=now)


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("not_mine", "Not mine"),
        ("duplicate", "become one lead"),
        ("existing_customer", "looks after the customer"),
    ],
)
def test_nobody_rejects_for_them(lead: Lead, reason: str, said: str) -> None:
    with pytest.raises(reasons.NoRejection, match=said):
        actions.reject(lead_id=lead.pk, by=lead.owner, reason=reason, note="x")
    lead.refresh_from_db()
    assert lead.stage == "MQL"


def test_a_duplicate_can_be_disqualified_all_the_same(lead: Lead) -> None:
    actions.disqualify(lead_id=lead.pk, by=lead.owner, reason="duplicate", note="x")
    lead.refresh_from_db()
    assert lead.stage == "DISQUALIFIED"


def test_the_form_offers_the_other_acts_with_one_click(client: Client, lead: Lead) -> None:
    client.force_login(lead.owner)  # type: ignore[arg-type]
    page = client.get(f"/leads/{lead.pk}/reject/").content.decode()
    assert 'value="no_interest"' in page
    for key in ("not_mine", "duplicate", "existing_customer"):
        assert f'value="{key}"' not in page
    for act, label in (
        ("misroute", "Another territory, segment or language"),
        ("same-as", "Already here as another lead"),
        ("reassign", "Customer who needs support"),
    ):
        assert f'<a href="/leads/{lead.pk}/{act}/">{label}</a>' in page
        assert client.get(f"/leads/{lead.pk}/{act}/").status_code == 200


def test_the_api_says_what_is_meant(lead: Lead) -> None:
    answer = Caller(user=lead.owner).post(
        f"/api/v1/leads/{lead.pk}/reject/", {"reason": "duplicate", "note": "x"}
    )
    assert answer.status_code == 422
    told = answer.json()
    assert told["code"] == "no_rejection"
    assert [(one["field"], one["code"]) for one in told["errors"]] == [("reason", "merge")]
