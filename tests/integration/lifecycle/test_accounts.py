"""Accounts made and changed by people and by other systems, and what follows for leads."""

from __future__ import annotations

from typing import Any

import pytest

from core import errors
from leads import references
from leads.models import Account, AccountAlias, ExternalReference, Lead
from lifecycle import account_upserts, accounts
from lifecycle.account_upserts import Done, Outcome, Said
from sla.models import Clock
from tests import factories
from tests.factories import HOUR, NOW, Company

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def company(db: None) -> Company:
    return factories.company()


def said(value: str = "", **more: Any) -> Said:
    reference = references.read("crm", value) if value else None
    return Said(reference=reference, **more)


def put(*each: Said) -> list[Done]:
    done = account_upserts.upsert(each, source="import:crm", actor="import_accounts", now=NOW)
    factories.check_rules()
    return done


def outcomes(done: list[Done]) -> list[str]:
    return [one.outcome.value for one in done]


def test_an_account_is_found_by_its_reference_domain_or_name() -> None:
    (made,) = put(said("1", name="Acme Ltd", domain="acme.com"))
    found = put(said("1", name="Acme Limited"), said(domain="acme.com"), said(name="ACME Inc."))
    assert made.outcome is Outcome.CREATED
    assert {one.account for one in found} == {made.account}


def test_saying_it_again_changes_nothing() -> None:
    spoken = said("1", name="Acme", domain="acme.com", status="CUSTOMER", values={"employees": 9})
    put(spoken)
    before = Account.history.count()
    assert outcomes(put(spoken)) == ["unchanged"]
    assert Account.history.count() == before


def test_two_of_one_system_are_never_made_one() -> None:
    first, second, third = put(
        said("1", name="Acme", domain="acme.com"),
        said("2", name="Acme UK", domain="acme.com"),
        said("3", name="Acme UK"),
    )
    assert first.account != second.account
    assert Account.objects.get(pk=second.account).domain is None
    assert [one.field for one in second.remarks] == ["domain"]
    assert third.outcome is Outcome.REJECTED


def test_what_a_person_typed_stays() -> None:
    (made,) = put(said("1", name="Acme", domain="acme.com", values={"industry": "Software"}))
    Account.objects.filter(pk=made.account).update(provenance={"industry": ["user", 100, "x"]})
    (again,) = put(said("1", values={"industry": "Retail"}))
    assert again.outcome is Outcome.UNCHANGED
    assert [one.field for one in again.remarks] == ["industry"]


def test_another_domain_becomes_an_alias() -> None:
    (made,) = put(said("1", name="Acme", domain="acme.com"))
    put(said("1", domain="acme.de"))
    assert list(AccountAlias.objects.values_list("account", "kind", "value")) == [
        (made.account, "DOMAIN", "acme.de")
    ]


def test_a_large_batch_takes_as_many_queries_as_a_small_one(
    django_assert_max_num_queries: Any,
) -> None:
    def firms(*numbers: int) -> list[Said]:
        return [said(str(n), name=f"Firm {n}", domain=f"firm{n}.com") for n in numbers]

    with django_assert_max_num_queries(30) as few:
        put(*firms(*range(40)))
    with django_assert_max_num_queries(len(few.captured_queries)):
        put(*firms(*range(40, 140)))


def waiting(company: Company, **parts: Any) -> Lead:
    """An MQL that waits, as nobody of the pool can take it."""
    for rep in company.reps:
        rep.pool_memberships.update(open_cap=0)
    return factories.capture(company={"domain": "known.example", "name": "Known"}, **parts)


def test_leads_that_wait_are_let_go_when_the_company_turns_out_a_competitor(
    company: Company,
) -> None:
    lead = waiting(company)
    assert lead.queue
    accounts.edit(
        account_id=lead.account_id or 0,
        by=company.revops,
        reason="They sell the same",
        status="COMPETITOR",
        now=NOW + HOUR,
    )
    lead.refresh_from_db()
    assert (lead.stage, lead.queue, lead.owner) == ("DISQUALIFIED", "", None)
    assert (lead.exclusion, lead.hand_raised_at) == ("competitor", None)
    assert not Clock.objects.filter(lead=lead, state="RUNNING").exists()
    change = Account.history.filter(id=lead.account_id).latest("history_id")
    assert (change.history_change_reason, change.history_user) == (
        "They sell the same",
        company.revops,
    )


def test_leads_that_wait_go_to_the_owner_of_a_customer(company: Company) -> None:
    lead = waiting(company)
    keeper = factories.user("karl", role="AE")
    accounts.edit(
        account_id=lead.account_id or 0,
        by=company.revops,
        reason="Signed",
        status="CUSTOMER",
        owner=keeper.pk,
        now=NOW + HOUR,
    )
    lead.refresh_from_db()
    assert (lead.stage, lead.owner) == ("MQL", keeper)


def edit(company: Company, account: int | None, **what: Any) -> Account:
    return accounts.edit(
        account_id=account or 0, by=company.revops, reason="Known so", now=NOW, **what
    )


def test_no_company_stands_above_itself(company: Company) -> None:
    top, middle, low = (
        one.account for one in put(*[said(str(n), name=f"Tier {n}") for n in (1, 2, 3)])
    )
    edit(company, middle, parent=top)
    edit(company, low, parent=middle)
    with pytest.raises(errors.InvalidInput):
        edit(company, top, parent=low)
    edit(company, low, parent=None)
    assert edit(company, top, parent=low).parent_id == low


@pytest.mark.parametrize(
    "what",
    [
        {"aliases": [("DOMAIN", "gmail.com")]},
        {"aliases": [("DOMAIN", "acme.com")]},
        {"aliases": [("NAME", "  ")]},
        {"owner": 10**9},
        {"status": "FRIEND"},
        {"parent": 10**9},
    ],
)
def test_what_cannot_be_is_refused_by_name(company: Company, what: dict[str, Any]) -> None:
    _, other = put(said("1", name="Acme", domain="acme.com"), said("2", name="Other"))
    with pytest.raises(errors.InvalidInput) as refusal:
        edit(company, other.account, **what)
    assert [one.field for one in refusal.value.errors] == list(what)


def test_aliases_are_added_removed_and_told(company: Company) -> None:
    (made,) = put(said("1", name="Acme", domain="acme.com"))
    edit(company, made.account, aliases=[("DOMAIN", "https://www.acme.de/"), ("NAME", "Acme Org")])
    edit(company, made.account, aliases=[("NAME", "Acme Org")])
    assert AccountAlias.history.filter(history_type="-").count() == 1
    assert list(AccountAlias.objects.values_list("value", flat=True)) == ["acmeorg"]
    assert set(AccountAlias.history.values_list("history_type", flat=True)) == {"+", "-"}


def test_only_those_who_may_say_how_a_company_stands(company: Company) -> None:
    (made,) = put(said("1", name="Acme"))
    with pytest.raises(errors.NotAllowed):
        accounts.edit(
            account_id=made.account or 0, by=company.reps[0], reason="x", status="CUSTOMER"
        )


def test_a_reference_names_one_account_only() -> None:
    one, other = put(said("1", name="Acme"), said("2", name="Other"))
    with pytest.raises(references.Taken):
        references.attach(
            references.Kind.ACCOUNT,
            {references.read("CRM", "1"): other.account or 0},
            now=NOW,
        )
    assert ExternalReference.objects.count() == 2
    assert one.account != other.account
