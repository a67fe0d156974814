"""A person names the company of a lead: found as a touchpoint finds it, or made; and taken back."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from core.errors import InvalidInput, TooLate
from leads.models import Account, AccountStatus, EventKind, Lead
from lifecycle import actions, editing
from lifecycle.invariants import run
from lifecycle.invariants.invariant import Severity
from tests import factories
from tests.factories import MINUTE, NOW, Company

pytestmark = pytest.mark.django_db

ALONE: dict[str, Any] = {
    "channel": "IMPORT",
    "person": {"first_name": "Q4", "last_name": "Arme", "email": "q4.arme@gmail.com"},
    "company": {"name": None, "domain": None, "industry": None, "employees": None, "country": None},
    "source": {"category": "content_syndication"},
    "signals": [{"kind": "pricing_page_view"}] * 3,
}
"""A row of a bought list that names no company."""
WHOLE = {
    "name": "Nordwind Logistik GmbH", "domain": "www.nordwind.de", "industry": "Logistics",
    "employees": "201–500", "country": "Germany",
}  # fmt: skip


@pytest.fixture
def company() -> Company:
    return factories.company()


@pytest.fixture
def alone(company: Company) -> Lead:
    lead = factories.capture(**ALONE)
    assert (lead.account_id, lead.quarantined_at) == (None, NOW)
    return lead


def name(lead: Lead, by: Any, **said: str) -> editing.Edited:
    values = {f"company.{field}": value for field, value in said.items()}
    edited = editing.edit(lead_id=lead.pk, by=by, values=values, now=NOW + MINUTE)
    factories.check_rules()
    return edited


def again(lead: Lead) -> Lead:
    return Lead.objects.select_related("person", "account").get(pk=lead.pk)


def account_of(lead: Lead) -> Account:
    found = again(lead).account
    assert found is not None
    return found


def assert_sound(now: dt.datetime = NOW + MINUTE) -> None:
    broken = [
        one.invariant.key
        for one in run.check(now=now)
        if one.found.count and one.invariant.severity is Severity.FAILURE
    ]
    assert not broken


def test_it_is_made_with_all_that_is_said_and_ends_the_quarantine(
    company: Company, alone: Lead
) -> None:
    edited = name(alone, company.revops, **WHOLE)
    account = account_of(alone)
    assert (account.domain, account.name_key, account.country, account.employees) == (
        "nordwind.de", "nordwindlogistik", "DE", 201,
    )  # fmt: skip
    told = {field: source[0] for field, source in account.provenance.items()}
    assert told == dict.fromkeys(("name", "domain", "country", "industry", "employees"), "user")
    assert again(alone).quarantined_at is None
    assert [one.code for one in edited.remarks] == ["cleansed"]
    event = again(alone).events.get(kind=EventKind.EDITED)
    assert event.because["company"]["account"] == account.pk
    assert "Nordwind" not in str(event.because)
    assert account.history.get().history_user_id == company.revops.pk
    assert_sound()


def test_who_still_waits_is_told_for_what(company: Company, alone: Lead) -> None:
    for said in ({}, {"name": "Nordwind"}):
        (remark,) = name(alone, company.revops, **said).remarks
        assert remark.message == "Still waiting: country of the company, company size, industry."
    assert again(alone).quarantined_at is not None


def test_a_known_one_is_found_by_its_domain_and_keeps_what_it_has(
    company: Company, alone: Lead
) -> None:
    other = factories.capture(company={**WHOLE, "industry": None, "employees": "420"})
    remarks = name(alone, company.revops, **WHOLE).remarks
    account = account_of(alone)
    assert account.pk == other.account_id
    assert (account.employees, account.industry) == (420, "Logistics")
    assert "employees" in remarks[0].message
    assert Account.objects.count() == 1
    assert_sound()


def test_a_known_account_calls_its_keeper_not_the_criteria(company: Company, alone: Lead) -> None:
    factories.capture(company=WHOLE)
    Account.objects.update(status=AccountStatus.COMPETITOR)
    name(alone, company.revops, domain="nordwind.de")
    assert (again(alone).stage, again(alone).owner_id) == ("DISQUALIFIED", None)


@pytest.mark.parametrize(
    ("said", "field", "words"),
    [
        ({"industry": "Logistics"}, "company.name", "Name the company"),
        ({"name": "Acme", "domain": "gmail.com"}, "company.domain", "free-mail"),
        ({"name": "Acme", "domain": "no domain"}, "company.domain", "no internet domain"),
        ({"domain": "linkedin.com/company/acme"}, "company.domain", "many share"),
        ({"name": "Acme", "country": "Atlantis"}, "company.country", "no country"),
    ],
)
def test_what_names_no_company_is_refused_beside_its_field(
    company: Company, alone: Lead, said: dict[str, str], field: str, words: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        name(alone, company.revops, **said)
    assert [one.field for one in refused.value.errors] == [field]
    assert words in refused.value.errors[0].message
    assert not Account.objects.exists()


def test_a_buyer_has_one_way_at_a_company(company: Company, alone: Lead) -> None:
    at_nordwind = factories.capture(company=WHOLE)
    Lead.objects.filter(pk=at_nordwind.pk).update(person=alone.person)
    with pytest.raises(InvalidInput, match=f"lead {at_nordwind.pk}"):
        name(alone, company.revops, domain="nordwind.de")


def test_undoing_parts_them_and_removes_what_was_made(company: Company, alone: Lead) -> None:
    name(alone, company.revops, **WHOLE)
    made = account_of(alone).pk
    actions.undo(lead_id=alone.pk, by=company.revops, now=NOW + 2 * MINUTE)
    assert again(alone).account_id is None
    assert not Account.objects.filter(pk=made).exists()
    assert not Account.history.filter(id=made).exists()
    assert_sound(NOW + 2 * MINUTE)


def test_undoing_leaves_a_known_one_as_it_was(company: Company, alone: Lead) -> None:
    other = factories.capture(company={**WHOLE, "industry": None})
    name(alone, company.revops, domain="nordwind.de", industry="Software")
    assert account_of(other).industry == "Software"
    actions.undo(lead_id=alone.pk, by=company.revops, now=NOW + 2 * MINUTE)
    assert (again(alone).account_id, account_of(other).industry) == (None, "")
    assert_sound(NOW + 2 * MINUTE)


class TestKnownByItsName:
    """An account without domain is found by name and country."""

    @pytest.fixture
    def lead(self, company: Company) -> Lead:
        thin = {**ALONE, "company": {**ALONE["company"], "name": "Nordwind"}}
        return factories.capture(**thin)

    def test_it_takes_the_domain_and_the_country_it_lacked(
        self, company: Company, lead: Lead
    ) -> None:
        before = account_of(lead).pk
        said = {"name": "Nordwind Group", "domain": "anders.example", "country": "AT"}
        name(lead, company.revops, **said)
        account = account_of(lead)
        assert (account.pk, account.domain, account.country) == (before, "anders.example", "AT")
        assert account.name == "Nordwind Group"
        assert_sound()
        actions.undo(lead_id=lead.pk, by=company.revops, now=NOW + 2 * MINUTE)
        account = account_of(lead)
        assert (account.domain, account.country, account.name) == (None, "", "Nordwind")
        assert_sound(NOW + 2 * MINUTE)

    def test_the_lead_goes_to_who_has_that_domain(self, company: Company, lead: Lead) -> None:
        other, before = factories.capture(company=WHOLE), lead.account_id
        name(lead, company.revops, domain="nordwind.de")
        assert again(lead).account_id == other.account_id
        assert_sound()
        actions.undo(lead_id=lead.pk, by=company.revops, now=NOW + 2 * MINUTE)
        assert again(lead).account_id == before

    def test_a_name_and_country_that_found_it_stay(self, company: Company, lead: Lead) -> None:
        name(lead, company.revops, country="AT")
        assert account_of(lead).country == "AT"
        for said in ({"country": "DE"}, {"name": "Südwind"}):
            with pytest.raises(InvalidInput) as refused:
                name(lead, company.revops, **said)
            assert "these stay" in refused.value.errors[0].message

    def test_what_others_came_by_is_not_taken_back(self, company: Company, lead: Lead) -> None:
        name(lead, company.revops, domain="nordwind.example")
        factories.capture(company={"name": "x", "domain": "nordwind.example"}, now=NOW + MINUTE)
        with pytest.raises(TooLate):
            actions.undo(lead_id=lead.pk, by=company.revops, now=NOW + 2 * MINUTE)
