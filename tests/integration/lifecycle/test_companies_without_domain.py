"""A company first known by its name alone, of which more is learnt later."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from leads.models import Account, Lead, Touch
from lifecycle import intake
from tests import factories

pytestmark = pytest.mark.django_db

CALLER = "+44 20 7946 0123"
LATER = factories.NOW + dt.timedelta(hours=3)


@pytest.fixture(autouse=True)
def at_work() -> None:
    factories.company()


def says(
    company: dict[str, str], *, phone: str = CALLER, channel: str = "PHONE", **person: str
) -> dict[str, Any]:
    return {"channel": channel, "person": {"phone": phone, **person}, "company": company}


def capture(*bodies: dict[str, Any], now: dt.datetime = factories.NOW) -> list[Lead]:
    answers = intake.capture(bodies, scope="test", now=now)
    assert [answer.status for answer in answers] == [201] * len(bodies), [
        (touch.status, touch.last_error) for touch in Touch.objects.exclude(last_error="")
    ]
    return [Lead.objects.get(pk=(answer.receipt or {})["lead"]) for answer in answers]


def test_the_country_is_learnt_later() -> None:
    capture(says({"name": "Hollowmere Cargo"}))
    (lead,) = capture(
        says({"name": "Hollowmere Cargo Ltd", "country": "GB", "employees": "300"}), now=LATER
    )
    assert lead.account is not None
    assert (lead.account.country, lead.account.employees) == ("GB", 300)


def test_the_domain_is_learnt_later() -> None:
    (first,) = capture(says({"name": "Hollowmere Cargo"}))
    full = {"name": "Hollowmere Cargo Ltd", "domain": "hollowmere.example", "country": "GB"}
    (lead,) = capture(says(full, channel="FORM", email="ann@hollowmere.example"), now=LATER)
    assert lead.pk == first.pk
    assert lead.account == Account.objects.get(domain="hollowmere.example")


def test_two_callers_of_one_company_end_at_one_account() -> None:
    phones = (CALLER, "+44 20 7946 0456")
    capture(*[says({"name": "Hollowmere Cargo"}, phone=phone) for phone in phones])
    known = {"name": "Hollowmere Cargo", "country": "GB"}
    first, second = (capture(says(known, phone=phone), now=LATER)[0] for phone in phones)
    assert first.pk != second.pk
    assert first.account_id == second.account_id


def test_a_country_without_a_name_leaves_an_account_where_others_find_it() -> None:
    other = "+44 20 7946 0456"
    capture(says({"name": "Hollowmere Cargo"}))
    capture(says({"name": "Hollowmere Cargo", "country": "GB"}, phone=other))
    (lead,) = capture(says({"country": "GB", "industry": "Logistics"}), now=LATER)
    assert lead.account is not None
    assert lead.account.industry == "Logistics"


def test_another_company_of_the_same_person_does_not_move_the_lead() -> None:
    (first,) = capture(says({"name": "Hollowmere Cargo"}))
    (lead,) = capture(says({"name": "Larkfield Audit", "country": "GB"}), now=LATER)
    assert (lead.pk, lead.account_id) == (first.pk, first.account_id)


def test_a_lead_with_a_deal_stays_with_the_company_of_the_deal() -> None:
    factories.rep("ann")
    body = factories.touch(
        company={"domain": "", "name": "Firma Ohne Netz", "country": ""},
        person={"email": "ohne.netz@gmx.net", "phone": CALLER},
    )
    (lead,) = capture(body)
    account = lead.account_id
    lead.opportunity_id = _deal(lead)
    lead.save(update_fields=["opportunity"])
    (after,) = capture(says({"name": "Firma Ohne Netz", "country": "DE"}), now=LATER)
    assert (after.pk, after.account_id) == (lead.pk, account)


def _deal(lead: Lead) -> int:
    owner = factories.user("dealer")
    deals = lead.account.opportunities  # type: ignore[union-attr]
    return int(deals.create(name="Deal", owner=owner, created_at=factories.NOW).pk)
