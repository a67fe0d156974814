"""Registrations of accounts that become one: they go over, meet, and come back."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from leads.models import Account, PartnerConflict
from lifecycle import taking_over
from tests import factories
from tests.factories import HOUR, MINUTE, NOW, Company
from tests.integration.lifecycle.test_partnering import (
    LATER,
    account,
    broken,
    registered,
    told,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def company(db: None) -> Company:
    return factories.company()


@pytest.fixture
def nord(company: Company) -> Account:
    return account("nord.example", "Nord Partner GmbH", status="PARTNER")


@pytest.fixture
def sued(company: Company) -> Account:
    lena = factories.rep("lena", pools=[], role="AE")
    return account("sued.example", "Sued Partner GmbH", status="PARTNER", owner=lena)


@pytest.fixture
def acme(company: Company) -> Account:
    return account("acme.example", "Acme")


def test_a_part_of_another_brings_its_registration(nord: Account, company: Company) -> None:
    one, other = _two(company)
    row = registered(other, nord, company.revops, now=NOW + HOUR)
    later = NOW + 2 * HOUR
    merge = _absorb(one, other, company, later)
    row.refresh_from_db()
    assert (row.account, row.state) == (one, "ACTIVE")
    taking_over.part(merge_id=merge.pk, by=company.revops, now=later + MINUTE)
    row.refresh_from_db()
    assert (row.account_id, row.state) == (other.pk, "ACTIVE")


def test_registrations_that_meet_in_one_account_are_a_conflict(
    nord: Account, sued: Account, company: Company
) -> None:
    one, other = _two(company)
    first = registered(one, nord, company.revops, now=NOW + HOUR)
    row = registered(other, sued, company.revops, now=NOW + HOUR)
    later = NOW + 2 * HOUR
    merge = _absorb(one, other, company, later)
    row.refresh_from_db()
    conflict = PartnerConflict.objects.get()
    assert (row.state, conflict.registration, conflict.claimant) == ("YIELDED", first, sued)
    assert told("CLAIMED") >= {"lena", "rita"}
    assert not broken(later)
    taking_over.part(merge_id=merge.pk, by=company.revops, now=later + MINUTE)
    row.refresh_from_db()
    conflict.refresh_from_db()
    assert (row.account_id, row.state, row.ended_at, conflict.state) == (
        other.pk, "ACTIVE", None, "DISMISSED"
    )  # fmt: skip
    assert not broken(later + MINUTE)


def test_a_partner_with_registrations_becomes_no_part(
    acme: Account, nord: Account, company: Company
) -> None:
    registered(acme, nord, company.revops)
    Account.objects.filter(pk=nord.pk).update(status="PROSPECT", owner=None)
    with pytest.raises(taking_over.NoPart, match="claimed companies as a partner"):
        _absorb(acme, nord, company, LATER)


def _two(company: Company) -> tuple[Account, Account]:
    found = []
    for name, domain in (("Acme", "acme.com"), ("Acme Labs", "acme.io")):
        lead = factories.capture(
            person={"email": f"kim@{domain}"}, company={"name": name, "domain": domain}
        )
        assert lead.account is not None
        found.append(lead.account)
    return found[0], found[1]


def _absorb(one: Account, other: Account, company: Company, now: dt.datetime) -> Any:
    return taking_over.absorb(
        account_id=one.pk, other_id=other.pk, by=company.revops, reason="one company", now=now
    )
