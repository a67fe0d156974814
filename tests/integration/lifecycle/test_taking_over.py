"""An account becomes a part of another: leads, domain and names go over, and come back."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from core.errors import DomainError, InvalidInput, NotAllowed, NotFound, TooLate
from leads import references
from leads.models import Account, AccountAlias, AccountStatus, Lead
from leads.references import Kind, Reference
from lifecycle import accounts, actions, taking_over
from lifecycle.invariants import run
from lifecycle.invariants.invariant import Severity
from tests import factories
from tests.factories import MINUTE, NOW, Company

pytestmark = pytest.mark.django_db

LATER = NOW + MINUTE


@pytest.fixture
def company() -> Company:
    return factories.company()


@pytest.fixture
def acme(company: Company) -> Account:
    return came("kim@acme.com", {"name": "Acme", "domain": "acme.com", "employees": None})


@pytest.fixture
def second(acme: Account) -> Account:
    """What somebody who wrote from the other domain came to be of."""
    return came("leo@acme.io", {"name": "Acme Labs", "domain": "acme.io", "employees": "420"})


def came(email: str, said: dict[str, Any]) -> Account:
    lead = factories.capture(person={"email": email}, company=said)
    assert lead.account is not None
    return lead.account


def absorb(company: Company, account: Account, other: Account, **given: Any) -> Any:
    given = {"by": company.revops, "reason": "one company", "now": LATER, **given}
    merge = taking_over.absorb(account_id=account.pk, other_id=other.pk, **given)
    factories.check_rules()
    return merge


def assert_sound(now: dt.datetime = LATER) -> None:
    broken = [
        one.invariant.key
        for one in run.check(now=now)
        if one.found.count and one.invariant.severity is Severity.FAILURE
    ]
    assert not broken


def where(email: str) -> int | None:
    return Lead.objects.get(person__email=email).account_id


def test_leads_go_over_and_domain_and_name_find_it(
    company: Company, acme: Account, second: Account
) -> None:
    absorb(company, acme, second)
    assert where("leo@acme.io") == acme.pk
    assert not Account.objects.filter(pk=second.pk).exists()
    assert set(acme.aliases.values_list("kind", "value")) == {
        ("DOMAIN", "acme.io"), ("NAME", "acmelabs")
    }  # fmt: skip
    acme.refresh_from_db()
    assert (acme.employees, acme.provenance["employees"][0]) == (420, "touch:FORM")
    for email, said in (("mia@acme.io", {"name": ""}), ("ned@gmx.net", {"name": "Acme Labs"})):
        factories.capture(
            person={"email": email}, company={**said, "domain": None}, now=LATER + MINUTE
        )
        assert where(email) == acme.pk
    assert_sound(LATER + MINUTE)


def test_leads_are_judged_as_those_of_the_account(company: Company) -> None:
    large = came("kim@acme.com", {"domain": "acme.com", "employees": "420"})
    small = came("leo@acme.io", {"domain": "acme.io", "employees": ""})
    assert Lead.objects.get(account=small).stage == "INQUIRY"
    absorb(company, large, small)
    assert Lead.objects.get(person__email="leo@acme.io").stage == "MQL"
    assert_sound()


def test_parting_puts_everything_back_but_what_came_since(
    company: Company, acme: Account, second: Account
) -> None:
    AccountAlias.objects.create(
        account=second, kind="NAME", value="labs", shown="Labs", created_at=NOW
    )
    before = Account.objects.filter(pk=second.pk).values().get()
    merge = absorb(company, acme, second)
    assert acme.aliases.filter(value="labs").exists()
    factories.capture(person={"email": "new@acme.io"}, company={"domain": None}, now=LATER + MINUTE)
    taking_over.part(merge_id=merge.pk, by=company.manager, now=LATER + 2 * MINUTE)
    assert Account.objects.filter(pk=second.pk).values().get() == before
    assert where("leo@acme.io") == second.pk
    assert where("new@acme.io") == acme.pk
    assert list(AccountAlias.objects.values_list("account", "value")) == [(second.pk, "labs")]
    acme.refresh_from_db()
    assert (acme.employees, "employees" in acme.provenance) == (None, False)
    assert_sound(LATER + 2 * MINUTE)
    gone = AccountAlias.history.filter(history_type="-").values_list("value", flat=True)
    assert sorted(gone) == ["acme.io", "acmelabs"]
    with pytest.raises(TooLate, match="parted them already"):
        taking_over.part(merge_id=merge.pk, by=company.revops)
    absorb(company, acme, second, now=LATER + 3 * MINUTE)
    assert where("leo@acme.io") == acme.pk


def test_who_is_kept_out_with_a_competitor_is_let_in_when_they_part(
    company: Company, acme: Account, second: Account
) -> None:
    leo = Lead.objects.get(account=second)
    assert leo.owner is not None
    actions.reject(
        lead_id=leo.pk, by=leo.owner, reason="timing", criterion="icp", note="Not now.", now=NOW
    )
    told: dict[str, Any] = {"reason": "Heard it.", "by": company.revops, "now": LATER}
    accounts.edit(account_id=acme.pk, status="COMPETITOR", **told)
    merge = absorb(company, acme, second)
    assert Lead.objects.get(pk=leo.pk).exclusion == "competitor"
    taking_over.part(merge_id=merge.pk, by=company.revops, now=LATER)
    lead = Lead.objects.get(pk=leo.pk)
    assert (lead.exclusion, lead.stage, lead.reason) == ("", "NURTURE", "timing")
    assert_sound()


def test_parting_is_refused_when_the_domain_is_anothers_by_now(
    company: Company, acme: Account, second: Account
) -> None:
    merge = absorb(company, acme, second)
    acme.aliases.all().delete()
    other = came("zoe@acme.io", {"domain": "acme.io"})
    with pytest.raises(TooLate, match="domain or name"):
        taking_over.part(merge_id=merge.pk, by=company.revops)
    Account.objects.filter(pk=other.pk).update(domain="acme.net")
    alias = {"kind": "DOMAIN", "value": "acme.io", "shown": "acme.io", "created_at": NOW}
    AccountAlias.objects.create(account=other, **alias)
    with pytest.raises(TooLate, match="as an alias"):
        taking_over.part(merge_id=merge.pk, by=company.revops)


@pytest.mark.parametrize(
    ("columns", "why"),
    [
        ({"status": AccountStatus.CUSTOMER}, "it is a customer"),
        ({"owner": True}, "somebody owns it"),
        ({"parent": True}, "it belongs to another company"),
        ({"child": True}, "companies belong to it"),
        ({"reference": True}, "another system knows it"),
        ({"part": True}, "another account is a part of it"),
    ],
)
def test_who_stands_for_itself_becomes_no_part(
    company: Company, acme: Account, second: Account, columns: dict[str, Any], why: str
) -> None:
    third = came("tom@third.com", {"domain": "third.com"})
    if "owner" in columns:
        columns = {"owner": company.reps[0]}
    if "parent" in columns:
        columns = {"parent": third}
    if columns.pop("child", None):
        Account.objects.filter(pk=third.pk).update(parent=second)
    if columns.pop("reference", None):
        references.attach(Kind.ACCOUNT, {Reference("crm", "1"): second.pk}, now=NOW)
    if columns.pop("part", None):
        absorb(company, second, third)
    if columns:
        Account.objects.filter(pk=second.pk).update(**columns)
    second.refresh_from_db()
    assert why in taking_over.why_not(second)
    with pytest.raises(taking_over.NoPart, match=why):
        absorb(company, acme, second)
    assert Account.objects.filter(pk=second.pk).exists()


def test_who_may_not_and_what_cannot_be_is_refused(
    company: Company, acme: Account, second: Account
) -> None:
    refusals: list[tuple[type[DomainError], dict[str, Any]]] = [
        (NotAllowed, {"by": company.reps[0]}),
        (InvalidInput, {"reason": "  "}),
        (taking_over.NoPart, {"other": acme}),
        (NotFound, {"other": Account(pk=999_999)}),
    ]
    for error, given in refusals:
        with pytest.raises(error):
            absorb(company, acme, given.pop("other", second), **given)
    for by, merge_id, error in ((company.reps[0], 1, NotAllowed), (company.revops, 1, NotFound)):
        with pytest.raises(error):
            taking_over.part(merge_id=merge_id, by=by)


def test_a_buyer_who_has_a_lead_at_both_is_settled_first(
    company: Company, acme: Account, second: Account
) -> None:
    mine = Lead.objects.get(account=acme)
    Lead.objects.filter(account=second).update(person=mine.person_id)
    with pytest.raises(InvalidInput, match=f"lead {mine.pk} has a lead at both"):
        absorb(company, acme, second)


def test_the_refusal_of_an_alias_names_whose_domain_it_is(
    company: Company, acme: Account, second: Account
) -> None:
    with pytest.raises(accounts.DomainTaken) as refused:
        accounts.edit(
            account_id=acme.pk, by=company.revops, reason="x", aliases=[("DOMAIN", "acme.io")]
        )
    assert refused.value.state == {"account": str(second.pk)}


@pytest.mark.parametrize("status", [AccountStatus.DO_NOT_CONTACT, AccountStatus.CUSTOMER])
def test_what_waits_there_is_let_go_or_handed_to_the_keeper_of_this_one(
    company: Company, acme: Account, second: Account, status: str
) -> None:
    for rep in company.reps:
        rep.is_active = False
        rep.save()
    lead = factories.capture(
        person={"email": "mia@acme.io"}, company={"name": "Acme Labs", "domain": "acme.io"}
    )
    assert (lead.stage, lead.queue) == ("MQL", "dach")
    Account.objects.filter(pk=acme.pk).update(status=status, owner=company.manager)
    if status == AccountStatus.CUSTOMER:
        factories.customer(acme)
    absorb(company, acme, second)
    lead.refresh_from_db()
    unwanted = status == AccountStatus.DO_NOT_CONTACT
    assert lead.queue == ""
    assert (lead.stage, lead.owner) == (("NURTURE", None) if unwanted else ("MQL", company.manager))
    assert_sound()
