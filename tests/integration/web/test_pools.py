"""Pools and their ledgers on page, file and API: what is shown, to whom, at what cost."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from leads.models import Lead
from people.models import User
from routing.models import CreditEntry, Decision, Pool, PoolMember
from tests import factories
from tests.callers import Caller, make_key

pytestmark = pytest.mark.django_db
NOW = timezone.now


@pytest.fixture
def company() -> factories.Company:
    made = factories.company(now=NOW() - dt.timedelta(days=1))
    factories.captures([factories.touch() for _ in range(3)], now=NOW())
    return made


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(user: User, path: str = "/pools/dach/", **query: str) -> str:
    answer = client_of(user).get(path, query)
    assert answer.status_code == 200, answer.content.decode()[:500]
    return answer.content.decode()


def told(user: User, **query: str) -> dict[str, Any]:
    answer = Caller(user=user).get("/api/v1/pools/dach/ledger/", **query)
    assert answer.status_code == 200, answer.content
    return dict(answer.json())  # type: ignore[attr-defined]


def table(user: User) -> list[dict[str, str]]:
    answer: Any = client_of(user).get("/pools/dach.csv")
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))


class TestWhoSeesWhat:
    @pytest.mark.parametrize("who", ["manager", "revops"])
    def test_who_leads_sees_everybody(self, company: factories.Company, who: str) -> None:
        reader = getattr(company, who)
        assert [row["name"] for row in told(reader)["members"]] == ["Anna", "Ben"]
        assert {row["Member"] for row in table(reader)} == {"Anna", "Ben"}
        shown = page(reader)
        assert "Anna" in shown
        assert "Ben" in shown
        assert "The next lead would go to" in shown

    def test_a_rep_sees_their_own_figures_and_no_name_of_others(
        self, company: factories.Company
    ) -> None:
        anna = company.reps[0]
        found = told(anna)
        assert [row["name"] for row in found["members"]] == ["Anna"]
        assert found["next_user"] is None
        assert [row["Member"] for row in table(anna)] == ["Anna"]
        shown = page(anna)
        assert "You were entitled to" in shown
        assert "Ben" not in shown
        row = Caller(user=anna).get("/api/v1/pools/").json()  # type: ignore[attr-defined]
        assert [(one["key"], one["owed_most"]) for one in row] == [("dach", None)]

    def test_members_see_the_team_where_the_pool_says_so(self, company: factories.Company) -> None:
        Pool.objects.filter(key="dach").update(shares_ledger=True)
        assert [row["name"] for row in told(company.reps[0])["members"]] == ["Anna", "Ben"]
        assert "Ben" in page(company.reps[0])

    def test_who_has_left_sees_only_their_own(self, company: factories.Company) -> None:
        Pool.objects.filter(key="dach").update(shares_ledger=True)
        PoolMember.objects.filter(user=company.reps[0]).update(active=False)
        assert [row["name"] for row in told(company.reps[0])["members"]] == ["Anna"]

    @pytest.mark.parametrize("address", ["/pools/dach/", "/pools/dach.csv", "/pools/nothing/"])
    def test_strangers_find_nothing_by_a_typed_address(
        self, company: factories.Company, address: str
    ) -> None:
        for reader in (company.marketing, factories.user("stranger")):
            assert client_of(reader).get(address).status_code == 404

    def test_nor_over_the_api(self, company: factories.Company) -> None:
        caller = Caller(user=company.marketing)
        assert caller.get("/api/v1/pools/dach/ledger/").status_code == 404
        assert caller.get("/api/v1/pools/").json() == []  # type: ignore[attr-defined]
        assert "/pools/" not in client_of(company.marketing).get("/").content.decode()

    def test_the_manager_of_a_pool_sees_it_whatever_their_role(
        self, company: factories.Company
    ) -> None:
        lead = factories.user("lea")
        Pool.objects.filter(key="dach").update(manager=lead)
        assert len(told(lead)["members"]) == 2


def test_the_figures_are_the_ledgers(company: factories.Company) -> None:
    anna, ben = told(company.revops)["members"]
    assert (anna["entitled"], anna["received"], anna["owed"]) == (1.5, 2, -0.5)
    assert (ben["entitled"], ben["received"], ben["owed"]) == (1.5, 1, 0.5)
    account = anna["account"]
    assert account["opening"] + account["earned"] - account["paid"] == account["credit"] == -1
    own = page(company.reps[0])
    assert "You were entitled to 1.5 and got 2 leads. You owe the pool 0.5 of a lead." in own


def test_entries_of_the_ledger_come_page_by_page_and_to_whom_they_are(
    company: factories.Company,
) -> None:
    pool = Pool.objects.get(key="dach")
    CreditEntry.objects.bulk_create(
        CreditEntry(pool=pool, user=company.reps[turn % 2], turn=100 + turn, change=0, credit=0,
                    why="CORRECTED", at=NOW())
        for turn in range(5)
    )  # fmt: skip
    path = "/api/v1/pools/dach/ledger/entries/"

    def turns(user: User) -> list[int]:
        caller, found = Caller(user=user), []
        answer: Any = caller.get(path, limit="2").json()  # type: ignore[attr-defined]
        while True:
            found += [one["turn"] for one in answer["results"]]
            if not answer["next"]:
                return found
            answer = caller.get(answer["next"]).json()  # type: ignore[attr-defined]

    assert [turn for turn in turns(company.revops) if turn >= 100] == [104, 103, 102, 101, 100]
    assert [turn for turn in turns(company.reps[1]) if turn >= 100] == [103, 101]
    assert Caller(user=company.marketing).get(path).status_code == 404
    assert Caller(user=company.revops).get(path, period="x").status_code >= 400
    assert told(company.revops)["has_more_entries"] is False


@pytest.mark.parametrize("key", ["7", "30", "90", "month", "start", ""])
def test_every_period_opens(company: factories.Company, key: str) -> None:
    page(company.revops, period=key)
    assert told(company.revops, period=key)["turns"] in (0, 3)


@pytest.mark.parametrize(
    "query", [{"period": "12"}, {"period": "\u0660"}, {"after": "x"}, {"after": "1.2.3"}]
)
def test_a_bad_address_is_told(company: factories.Company, query: dict[str, str]) -> None:
    answer = client_of(company.revops).get("/pools/dach/", query)
    assert 400 <= answer.status_code < 500
    if "period" in query:
        api = Caller(user=company.revops).get("/api/v1/pools/dach/ledger/", **query)
        assert 400 <= api.status_code < 500


def test_pools_without_members_turns_or_a_kit_are_told_plainly() -> None:
    boss = factories.user("boss", role="REVOPS")
    assert "No pool of yours" in page(boss, "/pools/")
    Pool.objects.create(key="empty", label="Empty")
    assert "Empty" in page(boss, "/pools/")
    assert "Nobody shares this pool yet" in page(boss, "/pools/empty/")


def test_the_number_of_queries_depends_on_neither_members_nor_turns(
    company: factories.Company,
) -> None:
    client = client_of(company.revops)

    def queries(path: str) -> int:
        client.get(path)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        return len(captured)

    paths = ("/pools/", "/pools/dach/", "/api/v1/pools/", "/api/v1/pools/dach/ledger/")
    few = [queries(path) for path in paths]
    assert all(count <= most for count, most in zip(few, (22, 25, 14, 16), strict=True)), few
    for name in ("cleo", "dora", "eva"):
        factories.rep(name, pools=["dach"])
    factories.captures([factories.touch() for _ in range(12)], now=NOW())
    assert [queries(path) for path in paths] == few


def test_the_inbox_and_the_lead_lead_to_the_ledger(company: factories.Company) -> None:
    anna = company.reps[0]
    assert '<a href="/pools/dach/"' in page(anna, "/")
    lead = Decision.objects.filter(picked=anna)[0].lead_id
    assert 'href="/pools/dach/"' in page(anna, f"/leads/{lead}/")
    assert "/pools/dach/" not in page(company.marketing, f"/leads/{lead}/")


def test_a_key_to_read_sees_all(company: factories.Company) -> None:
    answer: Any = Caller(key=make_key("reader", "READ")).get("/api/v1/pools/dach/ledger/")
    assert len(answer.json()["members"]) == 2


@pytest.mark.parametrize(
    ("change", "marked", "answers"),
    [
        ({}, "–", "Accountable: <bdi>Mia</bdi>"),
        ({"is_active": False}, "Inactive", "until a manager is named (Mia: inactive)"),
        ({"role": "SDR"}, "May not manage", "until a manager is named (Mia: may not manage)"),
    ],
)
def test_pages_name_who_answers_for_what_waits(
    company: factories.Company, change: dict[str, Any], marked: str, answers: str
) -> None:
    User.objects.filter(username__in=("anna", "ben")).update(is_active=False)
    lead = factories.capture(now=NOW())
    assert lead.queue == "dach"
    User.objects.filter(username="mia").update(**change)
    assert answers in page(company.revops, f"/leads/{lead.pk}/")
    listed = page(company.revops, "/pools/")
    assert (f'data-tone="late">{marked}</span>' in listed) == bool(change)
    Pool.objects.update(manager=None)
    assert "(the pool has no manager)" in page(company.revops, f"/leads/{lead.pk}/")
    assert 'data-tone="late">No manager</span>' in page(company.revops, "/pools/")


def test_the_list_counts_who_has_room_and_tells_what_waits_for_whom(
    company: factories.Company,
) -> None:
    PoolMember.objects.filter(user=company.reps[0]).update(open_cap=0)
    PoolMember.objects.filter(user=company.reps[1]).update(day_cap=0)
    factories.captures([factories.touch() for _ in range(5)], now=NOW())
    claimable = Lead.objects.filter(queue="dach").values_list("pk", flat=True)[:2]
    Lead.objects.filter(pk__in=list(claimable)).update(route_at=None)
    (row,) = [
        one
        for one in Caller(user=company.revops).get("/api/v1/pools/").json()  # type: ignore[attr-defined]
        if one["key"] == "dach"
    ]
    told = [row[name] for name in ("at_work", "can_take", "waiting", "waiting_for_people")]
    assert told == [2, 0, 5, 2]
    shown = " ".join(page(company.manager, "/pools/").split())
    assert '0 <span class="faint">of 2 there</span>' in shown
    assert '<span class="strong">3</span> <span class="faint">+ 2 to claim</span>' in shown
