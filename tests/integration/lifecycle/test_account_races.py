"""Many name one company at once, by domain and by name: one account, and it learns its domain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from leads.models import Account, Lead, Touch
from lifecycle import account_upserts, accounts, actions, editing, intake, pipeline, taking_over
from lifecycle.account_upserts import Said
from tests import factories, threads
from tests.factories import NOW
from tests.integration.lifecycle.test_races import together

pytestmark = pytest.mark.django_db(transaction=True)


def test_forty_who_name_one_company_come_to_its_account() -> None:
    factories.company()
    owner = factories.user("karl", role="AE")
    known = Account.objects.create(
        name="Acme", name_key="acme", status="CUSTOMER", owner=owner, created_at=NOW
    )
    says = [{"domain": "acme.de", "name": "Acme GmbH"}, {"name": "ACME", "country": "DE"}]

    def post(index: int) -> Callable[[], Any]:
        mail = f"buyer{index}@gmx.net"
        body = factories.touch(
            person={"email": mail}, company={"domain": "", "country": "", **says[index % 2]}
        )
        return lambda: intake.capture([body], scope="t", keys=[str(index)])

    answers = [answer for (answer,) in together(post(i) for i in range(40))]
    assert Counter(answer.status for answer in answers) == {201: 40}
    assert list(Account.objects.values_list("pk", "domain", "country")) == [
        (known.pk, "acme.de", "DE")
    ]
    assert set(Lead.objects.values_list("stage", "owner")) == {("INQUIRY", owner.pk)}


def test_one_account_told_by_many_systems_is_made_once() -> None:
    factories.company()

    def put(index: int) -> Callable[[], Any]:
        said = Said(name="Acme", domain="acme.com", values={"employees": index + 1})
        return lambda: account_upserts.upsert([said], source="import:crm", actor="test")

    done = [one for (one,) in together(put(i) for i in range(12))]
    assert {one.account for one in done} == set(Account.objects.values_list("pk", flat=True))
    assert Account.objects.count() == 1


def test_two_who_set_parents_at_once_make_no_circle() -> None:
    company = factories.company()
    one, other = (
        Account.objects.create(name=name, name_key=name, created_at=NOW) for name in ("one", "two")
    )

    def under(child: Account, parent: Account) -> Callable[[], Any]:
        return lambda: accounts.edit(
            account_id=child.pk, by=company.revops, reason="Group", parent=parent.pk
        )

    results = together([under(one, other), under(other, one)])
    assert sum(isinstance(result, Exception) for result in results) == 1
    assert Account.objects.filter(parent__isnull=False).count() == 1


def test_a_company_named_by_many_at_once_is_made_once() -> None:
    company = factories.company()
    thin = {"name": None, "domain": None, "industry": None, "employees": None, "country": None}
    leads = [
        factories.capture(person={"email": f"buyer{one}@gmail.com"}, company=thin)
        for one in range(6)
    ]

    def named(lead: Lead) -> Callable[[], Any]:
        values = {"company.name": "Nordwind", "company.domain": "nordwind.de"}
        return lambda: editing.edit(lead_id=lead.pk, by=company.revops, values=values)

    results = together(named(lead) for lead in leads)
    assert not [one for one in results if isinstance(one, Exception)]
    assert set(Lead.objects.values_list("account__domain", flat=True)) == {"nordwind.de"}
    assert Account.objects.count() == 1


def test_whoever_writes_while_an_account_becomes_a_part_ends_with_the_other() -> None:
    company = factories.company()
    one, other = (
        factories.capture(person={"email": f"kim@{domain}"}, company={"domain": domain}).account
        for domain in ("acme.com", "acme.io")
    )
    assert one is not None
    assert other is not None

    def post(index: int) -> Callable[[], Any]:
        said = {"email": f"buyer{index}@acme.io"}
        body = factories.touch(person=said, company={"domain": "acme.io"})
        return lambda: intake.capture([body], scope="t", keys=[str(index)])

    def absorb(account: Account, part: Account) -> Callable[[], Any]:
        given = {"account_id": account.pk, "other_id": part.pk, "reason": "one"}
        return lambda: taking_over.absorb(**given, by=company.revops)

    done = together([absorb(one, other), absorb(other, one), *(post(i) for i in range(10))])
    assert sum(isinstance(result, Exception) for result in done[:2]) == 1
    assert not [result for result in done[2:] if isinstance(result, Exception)]
    waiting = Touch.objects.exclude(status="ADVANCED").values_list("pk", flat=True)
    pipeline.advance(list(waiting))
    assert Account.objects.count() == 1
    assert Lead.objects.filter(account=Account.objects.get()).count() == 12


def test_whoever_holds_leads_of_a_company_in_their_order_meets_no_deal_of_it() -> None:
    factories.company()
    acme = {"name": "Acme", "domain": "acme.example"}
    follows = factories.capture(company=acme, signals=[])  # a prospect's, whom nobody owns
    deal = factories.work(factories.capture(company=acme), to="SQL", now=NOW)
    assert deal.owner is not None
    mine: dict[str, Any] = {"lead_id": deal.pk, "by": deal.owner}

    def hold() -> int:
        """Lock both as a merge does."""
        with transaction.atomic():
            rows = Lead.objects.filter(pk__in=[follows.pk, deal.pk]).order_by("pk")
            return len(rows.select_for_update(no_key=True))

    acts: list[Callable[[], Any]] = [
        lambda: actions.convert(**mine, name="Acme"),
        lambda: actions.win(**mine),
        lambda: actions.undo(**mine),
        lambda: actions.lose(**mine),
    ]
    for act in acts:
        done = threads.in_turn(act, hold)
        assert not [one for one in done if isinstance(one, Exception)], done
    assert Account.objects.get(pk=deal.account_id).status == "PROSPECT"
