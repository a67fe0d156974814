"""Leads, accounts and territories are given to people who work leads, by every door."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from core import errors
from leads.models import Account, Lead
from lifecycle import accounts, actions, bulk_handing, keepers
from lifecycle.account_importing import run as account_imports
from lifecycle.handing_rows import Want
from people import working_time
from people.models import User
from routing.models import Decision, Pool, PoolMember, Territory, TerritoryHolder
from tests import factories, kit_edits
from tests.factories import NOW, Company
from tests.kit_edits import Parts

pytestmark = pytest.mark.django_db
DAY_ONE = NOW.date()


@pytest.fixture
def company() -> Company:
    return factories.company()


@pytest.fixture(params=["SERVICE", "REVOPS", "MARKETING"])
def idle(request: Any, company: Company) -> User:
    return factories.rep("idle", role=request.param)


def _reassign(lead: Lead, to: User, company: Company) -> None:
    actions.reassign(lead_id=lead.pk, by=company.revops, to=to.pk, reason="you", now=NOW)


def _misroute(lead: Lead, to: User, company: Company) -> None:
    actions.misroute(lead_id=lead.pk, by=lead.owner, why="TERRITORY", to=to.pk, now=NOW)


def _hand_on(lead: Lead, to: User, company: Company) -> None:
    bulk_handing.submit([lead.pk], Want("PERSON", to.pk, ""), by=company.revops, reason="you")


def _own(lead: Lead, to: User, company: Company) -> None:
    assert lead.account_id is not None
    accounts.edit(account_id=lead.account_id, by=company.revops, owner=to.pk, reason="theirs")


def _back(lead: Lead, to: User, company: Company) -> None:
    working_time.name_backup(company.reps[0], to.pk, by=company.reps[0])


def _look_after(lead: Lead, to: User, company: Company) -> None:
    land = Territory.objects.create(key="land", label="Land")
    TerritoryHolder(territory=land, starts_on=DAY_ONE, user=to).full_clean()


def _share(lead: Lead, to: User, company: Company) -> None:
    PoolMember(pool=Pool.objects.get(key="dach"), user=to).full_clean()


@pytest.mark.parametrize("give", [_reassign, _misroute, _hand_on, _own, _back, _look_after, _share])
def test_nothing_is_given_to_who_works_no_leads(
    company: Company, idle: User, give: Callable[[Lead, User, Company], None]
) -> None:
    lead = Lead.objects.select_related("owner").get(pk=factories.capture().pk)
    with pytest.raises((errors.InvalidInput, ValidationError), match=r"works? (no )?leads"):
        give(lead, idle, company)
    assert Lead.objects.get(pk=lead.pk).owner_id == lead.owner_id


def test_nobody_who_works_no_leads_is_picked_whatever_names_them(idle: User) -> None:
    PoolMember.objects.create(pool=Pool.objects.get(key="dach"), user=idle, weight=100)
    owned = Account.objects.create(
        name="Known", name_key="known", domain="known.example", owner=idle, created_at=NOW
    )

    def theirs(parts: Parts) -> None:
        rule = {"key": "owner", "label": "Owner", "moment": "INBOUND", "condition": None,
                "otherwise": "NEXT_RULE", "target": "ACCOUNT_OWNER"}  # fmt: skip
        parts["routing_rule"].insert(0, rule)
        for place, one in enumerate(parts["routing_rule"]):
            one["position"] = place

    kit_edits.publish(theirs, by=User.objects.get(username="rita"), now=NOW)
    lead = factories.capture(company={"domain": "known.example", "name": "Known"})
    assert lead.owner_id not in (None, idle.pk)
    (told,) = Decision.objects.filter(lead=lead)
    assert [one["refused"] for one in told.tried if one["rule"] == "owner"] == ["works no leads"]
    (mine,) = (one for one in told.candidates if one["user"] == idle.pk)
    assert mine["excluded"] == "works no leads"
    owned.status = "CUSTOMER"
    assert keepers.of([owned]) == {}


def test_imports_find_owners_among_who_works_leads(company: Company, idle: User) -> None:
    known = account_imports.known()
    assert known.user(idle.username) is None
    assert known.has_left(idle.username)
    assert known.user(company.reps[0].username) == company.reps[0].pk
