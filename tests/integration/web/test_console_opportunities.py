"""The pages of opportunities: the list and its filters, one with its way, the acts, the cost."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core import database
from leads.models import Account, Lead, Opportunity
from people.models import User
from tests import factories
from tests.callers import Caller, make_key

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def company() -> factories.Company:
    return factories.company(now=database.now() - 2 * DAY)


@pytest.fixture
def lead(company: factories.Company) -> Lead:
    then = database.now() - DAY
    return factories.work(factories.capture(now=then), to="OPPORTUNITY", now=then)


@pytest.fixture
def deal(lead: Lead) -> Opportunity:
    return Opportunity.objects.get()


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def shown(user: User, name: str, *args: Any, **query: Any) -> str:
    answer = client_of(user).get(reverse(f"console:{name}", args=args), query)
    assert answer.status_code == 200, answer.content[:500]
    return b"".join(answer).decode() if answer.streaming else answer.content.decode()


def said(user: User, deal: Opportunity, act: str, **given: Any) -> Any:
    url = reverse("console:opportunity-act", args=[deal.pk, act])
    return client_of(user).post(url, given)


def another(owner: User, **columns: Any) -> Opportunity:
    given: dict[str, Any] = {"name": "Other", "owner": owner, "created_at": database.now()}
    return Opportunity.objects.create(**given | columns)


def test_the_page_tells_stages_leads_way_and_how_it_came_about(
    company: factories.Company, deal: Opportunity, lead: Lead
) -> None:
    page = shown(deal.owner, "opportunity", deal.pk)
    for text in ("Discovery", "Verbal agreement", lead.person.name, "opened it at", "Paid",
                 "Opportunity with", "Not known yet"):  # fmt: skip
        assert text in page


def test_it_is_moved_won_and_taken_back_from_its_page(
    company: factories.Company, deal: Opportunity
) -> None:
    assert said(deal.owner, deal, "move", stage="proposal", version=1).status_code == 303
    late = said(deal.owner, deal, "move", stage="verbal", version=1)
    assert late.status_code == 409
    assert "Somebody was faster" in late.content.decode()
    won = said(deal.owner, deal, "win", amount="1200", reason="best_fit", competitor="Rival AG")
    assert won.status_code == 303
    assert "Best fit for what they need, against Rival AG" in shown(
        deal.owner, "opportunity", deal.pk
    )
    assert "Undo the last step" in shown(deal.owner, "opportunity", deal.pk)
    assert said(deal.owner, deal, "undo").status_code == 303
    deal.refresh_from_db()
    assert (deal.status, deal.sales_stage, deal.reason) == ("OPEN", "proposal", "")


def test_what_is_said_of_it_is_edited_and_a_missing_rate_is_told(
    company: factories.Company, deal: Opportunity
) -> None:
    form = client_of(deal.owner).get(reverse("console:opportunity-act", args=[deal.pk, "edit"]))
    assert form.status_code == 200
    other = next(one for one in company.reps if one != deal.owner)
    given = {"name": "Big deal", "amount": "100", "currency": "chf", "owner": other.pk}
    assert said(company.manager, deal, "edit", **given).status_code == 303
    deal.refresh_from_db()
    assert (deal.name, deal.currency, deal.owner) == ("Big deal", "CHF", other)
    assert "no rate for CHF on" in shown(other, "opportunity", deal.pk)
    assert "no rate for CHF on" in shown(other, "opportunities")


def test_strangers_neither_see_nor_touch_it(company: factories.Company, deal: Opportunity) -> None:
    stranger = factories.user("zoe", role="AE")
    assert deal.name not in shown(stranger, "opportunities")
    for name, args in (("opportunity", [deal.pk]), ("opportunity-act", [deal.pk, "win"])):
        assert client_of(stranger).get(reverse(f"console:{name}", args=args)).status_code == 404
    assert said(stranger, deal, "lose").status_code == 404
    mate = factories.rep("tom", team=company.team)
    assert "Move on" not in shown(mate, "opportunity", deal.pk)
    assert said(mate, deal, "move", stage="proposal").status_code == 403


def test_by_api_those_are_listed_that_should_have_ended(
    company: factories.Company, deal: Opportunity
) -> None:
    today = database.now().date()
    another(deal.owner, name="Late", expected_close=today - DAY)
    another(deal.owner, name="Today", expected_close=today)
    another(
        deal.owner, name="Won", status="WON", closed_at=database.now(), expected_close=today - DAY
    )
    key = Caller(key=make_key("deals", "READ"))

    def names(asked: str) -> set[str]:
        rows = key.get(f"/api/v1/opportunities/?overdue={asked}").json()["results"]
        return {one["name"] for one in rows}

    assert names("true") == {"Late"}
    assert names("false") == {"Today", "Won", deal.name}
    assert key.get("/api/v1/opportunities/?overdue=perhaps").status_code == 400


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"status": "WON"}, {"Won one"}),
        ({"owner": "me"}, set()),
        ({"close": "overdue"}, {"Overdue one"}),
        ({"stage": "proposal"}, {"Overdue one"}),
        ({"status": "OPEN"}, {"Overdue one", "A deal"}),
    ],
    ids=lambda asked: str(asked) if isinstance(asked, dict) else None,
)
def test_the_list_is_filtered_and_its_file_says_the_same(
    company: factories.Company, deal: Opportunity, asked: dict[str, str], found: set[str]
) -> None:
    now = database.now()
    another(deal.owner, name="Won one", status="WON", closed_at=now)
    another(deal.owner, name="Overdue one", expected_close=now.date() - DAY, sales_stage="proposal")
    names = {"Won one", "Overdue one", "A deal"}
    for page in ("opportunities", "opportunities-csv"):
        text = shown(company.revops, page, **asked)
        assert {name for name in names if name in text} == found


def test_a_filter_that_means_nothing_is_told(company: factories.Company) -> None:
    url = reverse("console:opportunities")
    answer = client_of(company.revops).get(url, {"owner": "nobody"})
    assert answer.status_code == 400
    assert "Owner: pick one from the list." in answer.content.decode()
    assert client_of(company.revops).get(url, {"after": "x"}).status_code == 422


def test_pages_by_key_show_each_once(company: factories.Company) -> None:
    rep, now = company.reps[0], database.now()
    for number in range(51):
        another(rep, name=f"Deal {number:03}", created_at=now)
    first = client_of(rep).get(reverse("console:opportunities")).context["deals"]
    second = client_of(rep).get(first.next_url).context["deals"]
    names = [row.name for row in (*first.rows, *second.rows)]
    assert (len(names), len(set(names)), second.next_url) == (51, 51, "")


def test_the_list_costs_the_same_queries_whatever_its_length(company: factories.Company) -> None:
    rep = company.reps[0]
    account = Account.objects.create(name="A", name_key="a", created_at=database.now())

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            shown(rep, "opportunities")
        return len(queries)

    another(rep, account=account, partner=account, partner_role="SOURCED")
    shown(rep, "opportunities")
    before = cost()
    for _ in range(8):
        another(rep, account=account, amount=Decimal(3), currency="CHF")
    assert cost() == before
