"""The pages of accounts: finding, reading, saying how a company stands to us."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from leads import references
from leads.models import Account, AccountAlias, Lead
from people.models import User
from tests import factories
from tests.factories import NOW, Company

pytestmark = pytest.mark.django_db


@pytest.fixture
def company(db: None) -> Company:
    return factories.company()


@pytest.fixture
def acme(company: Company) -> Account:
    lead = factories.capture(company={"domain": "acme.com", "name": "Acme Ltd"})
    assert lead.account is not None
    return lead.account


def client(user: User) -> Client:
    made = Client()
    made.force_login(user)
    return made


def page(user: User, address: str) -> str:
    answer = client(user).get(address)
    assert answer.status_code == 200, answer.content[:500]
    return answer.content.decode()


def edited(account: Account, **changes: str) -> dict[str, str]:
    return {
        "status": account.status,
        "owner": str(account.owner_id or ""),
        "parent": "",
        "domains": "",
        "names": "",
        "reason": "Heard so",
    } | changes


@pytest.mark.parametrize(
    ("asked", "there"),
    [
        ("q=acme", True),
        ("q=acme-old", True),
        ("q=bolt", False),
        ("status=CUSTOMER", False),
        ("status=nonsense", True),
        ("owner=none", True),
        ("owner=me", False),
        ("after=1", False),
    ],
)
def test_the_list_is_narrowed(company: Company, acme: Account, asked: str, there: bool) -> None:
    AccountAlias.objects.create(
        account=acme, kind="DOMAIN", value="acme-old.com", shown="acme-old.com", created_at=NOW
    )
    assert ("Acme Ltd" in page(company.revops, f"/accounts/?{asked}")) is there


def test_one_account_tells_all_about_it(company: Company, acme: Account) -> None:
    group = Account.objects.create(name="Acme Group", domain="acme-group.com", created_at=NOW)
    child = Account.objects.create(name="Acme Labs", parent=acme, created_at=NOW)
    twin = Account.objects.create(
        name="ACME Inc", name_key=acme.name_key, domain="acme.io", created_at=NOW
    )
    Account.objects.filter(pk=acme.pk).update(parent=group)
    AccountAlias.objects.create(
        account=acme, kind="NAME", value="tradename", shown="Tradename", created_at=NOW
    )
    called = references.read("crm", "A1", "https://crm.example/A1")
    references.attach(references.Kind.ACCOUNT, {called: acme.pk}, now=NOW)
    shown = page(company.revops, f"/accounts/{acme.pk}/")
    for text in ("Acme Group", "Acme Labs", "ACME Inc", "Tradename", "https://crm.example/A1"):
        assert text in shown
    assert f"/accounts/{child.pk}/" in shown
    assert f"/accounts/{twin.pk}/" in shown


def test_leads_of_others_only_say_who_works_them(company: Company, acme: Account) -> None:
    other = factories.user("ollie", role="AE", team=factories.team("UK"))
    Account.objects.filter(pk=acme.pk).update(owner=other)
    lead = Lead.objects.get(account=acme)
    shown = page(other, f"/accounts/{acme.pk}/")
    assert f"Worked by {lead.owner}" in shown
    assert lead.person.last_name not in shown


def test_editing_is_told_in_the_history_and_undone_by_editing_back(
    company: Company, acme: Account
) -> None:
    ops, address = client(company.revops), f"/accounts/{acme.pk}/edit/"
    said = edited(acme, status="CUSTOMER", owner=str(company.reps[0].pk), domains="acme.de\n")
    assert ops.post(address, said).status_code == 303
    acme.refresh_from_db()
    assert (acme.status, acme.owner) == ("CUSTOMER", company.reps[0])
    shown = page(company.revops, f"/accounts/{acme.pk}/")
    assert "Prospect → Customer" in shown
    assert "alias added: acme.de" in shown
    assert "Heard so" in shown
    assert ops.post(address, edited(acme, status="PROSPECT", owner="")).status_code == 303
    acme.refresh_from_db()
    assert (acme.status, acme.owner, acme.aliases.count()) == ("PROSPECT", None, 0)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"reason": ""}, "This field is required"),
        ({"domains": "gmail.com"}, "is free-mail"),
        ({"domains": "not a domain"}, "is no internet domain"),
        ({"parent": "nowhere.example"}, "No account has this domain"),
        ({"parent": "acme.com"}, "would stand above itself"),
        ({"status": "FRIEND"}, "not one of the available choices"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(
    company: Company, acme: Account, change: dict[str, str], says: str
) -> None:
    answer = client(company.revops).post(f"/accounts/{acme.pk}/edit/", edited(acme, **change))
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert acme.history.count() == Account.history.filter(id=acme.pk).count()


def test_whose_domain_it_is_becomes_a_part_of_the_account_and_is_parted_again(
    company: Company, acme: Account
) -> None:
    other = factories.capture(
        person={"email": "leo@labs.example"}, company={"domain": "labs.example", "name": "Labs"}
    ).account
    assert other is not None
    ops, address = client(company.revops), f"/accounts/{acme.pk}/edit/"
    refused = ops.post(address, edited(acme, domains="labs.example")).content.decode()
    way = f"/accounts/{acme.pk}/take-over/?other={other.pk}"
    assert f"labs.example is the domain of account {other.pk}" in refused
    assert f'<a href="{way}">' in refused
    assert "1 lead goes over" in page(company.revops, way)
    assert ops.post(way, {"reason": " "}).status_code == 422
    assert ops.post(way, {"reason": "two domains"}).status_code == 303
    shown = ops.get(f"/accounts/{acme.pk}/").content.decode()
    assert "Labs is a part of Acme Ltd now, with 1 lead." in shown
    assert "two domains" in shown
    part = re.search(rf'action="(/accounts/{acme.pk}/part/\d+/)"', shown)
    assert part is not None
    assert part[1] not in page(company.reps[0], f"/accounts/{acme.pk}/")
    assert client(company.reps[0]).post(part[1]).status_code == 303
    assert not Account.objects.filter(pk=other.pk).exists()
    assert ops.post(part[1]).status_code == 303
    assert Account.objects.get(pk=other.pk).domain == "labs.example"
    ops.post(part[1])
    assert "parted them already" in ops.get(f"/accounts/{acme.pk}/").content.decode()


def test_an_account_that_stands_alone_is_set_below_instead(company: Company, acme: Account) -> None:
    other = Account.objects.create(
        name="Labs", name_key="labs", domain="labs.example", status="CUSTOMER", created_at=NOW
    )
    shown = page(company.revops, f"/accounts/{acme.pk}/take-over/?other={other.pk}")
    below = f"/accounts/{other.pk}/edit/?parent={acme.domain}"
    assert "It cannot become a part of another: it is a customer." in shown
    assert f'href="{below}"' in shown
    assert f'value="{acme.domain}"' in page(company.revops, below)
    ops, way = client(company.revops), f"/accounts/{acme.pk}/take-over/?other="
    assert [ops.get(f"{way}{one}").status_code for one in ("", "x", acme.pk, 999)] == [404] * 4
    assert client(company.reps[0]).get(f"{way}{other.pk}").status_code == 403


def test_only_those_who_may_are_offered_the_form(company: Company, acme: Account) -> None:
    address = f"/accounts/{acme.pk}/edit/"
    assert address in page(company.manager, f"/accounts/{acme.pk}/")
    assert address not in page(company.reps[0], f"/accounts/{acme.pk}/")
    assert client(company.reps[0]).get(address).status_code == 403
    assert client(company.revops).get("/accounts/999999/edit/").status_code == 404


def test_the_page_costs_the_same_queries_however_much_there_is(
    company: Company, acme: Account, django_assert_max_num_queries: Any
) -> None:
    ops = client(company.revops)
    address = f"/accounts/{acme.pk}/"
    ops.get(address)
    with django_assert_max_num_queries(14) as few:
        ops.get(address)
    factories.captures(
        [factories.touch(company={"domain": "acme.com", "name": "Acme Ltd"}) for _ in range(6)]
    )
    for number in range(4):
        Account.objects.create(
            name=f"Child {number}", name_key=f"child{number}", parent=acme, created_at=NOW
        )
    with django_assert_max_num_queries(len(few.captured_queries)):
        ops.get(address)
