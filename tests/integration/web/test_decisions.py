"""Decision records on the console and by API: who sees them, filters, replay, what if."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pgtrigger
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core import database
from leads.models import Lead
from lifecycle import actions, misrouting
from people.models import Leave, User
from routing.models import Decision, Pool, PoolMember
from tests import factories
from tests.callers import Caller
from tests.factories import DAY, HOUR, MINUTE

pytestmark = pytest.mark.django_db


@pytest.fixture
def now() -> dt.datetime:
    return database.now() - HOUR


@pytest.fixture
def company(now: dt.datetime) -> factories.Company:
    return factories.company(now=now - DAY)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(user: User, address: str, status: int = 200, **query: Any) -> str:
    answer = client_of(user).get(address, query)
    text = answer.content.decode() if not answer.streaming else b"".join(answer).decode()
    assert answer.status_code == status, text[:2000]
    return text


def decision_of(lead: Lead) -> Decision:
    return Decision.objects.filter(lead=lead).latest("pk")


class TestWhoSees:
    def test_a_rep_sees_those_of_leads_they_see_and_no_others(
        self, company: factories.Company, now: dt.datetime
    ) -> None:
        lead = factories.capture(now=now)
        row, stranger = decision_of(lead), factories.user("stranger")
        assert lead.owner is not None
        for reader in (lead.owner, company.manager, company.revops, company.marketing):
            assert f"/decisions/{row.pk}/" in page(reader, "/decisions/")
            assert "Rules tried" in page(reader, f"/decisions/{row.pk}/")
        assert f"/decisions/{row.pk}/" not in page(stranger, "/decisions/")
        assert "No decision yet" in page(stranger, "/decisions/")
        for address in (f"/decisions/{row.pk}/", f"/decisions/{row.pk}.json"):
            page(stranger, address, status=404)
        api = Caller(user=stranger)
        assert api.get("/api/v1/decisions/").json()["results"] == []
        assert api.get(f"/api/v1/decisions/{row.pk}/").status_code == 404
        assert api.get(f"/api/v1/decisions/{row.pk}/replay/").status_code == 404
        body = {"suppose": [{"user": str(lead.owner_id), "is_gone": True}]}
        assert api.post(f"/api/v1/decisions/{row.pk}/what_if/", body).status_code == 404
        assert lead.person.last_name not in page(stranger, "/decisions.csv")

    @pytest.mark.parametrize("typed", ["0", "x", "9" * 18, "9" * 19, "-1"])
    def test_what_is_not_there_is_not_found(self, company: factories.Company, typed: str) -> None:
        assert Caller(user=company.revops).get(f"/api/v1/decisions/{typed}/").status_code == 404
        assert client_of(company.revops).get(f"/decisions/{typed}/").status_code == 404


class TestFilters:
    @pytest.fixture
    def rows(self, company: factories.Company, now: dt.datetime) -> dict[str, Decision]:
        """One that stood, one overridden, one that nobody could take."""
        stood, moved = factories.captures([factories.touch() for _ in range(2)], now=now)
        assert moved.owner is not None
        found = {"stood": decision_of(stood), "moved": decision_of(moved)}
        PoolMember.objects.update(open_cap=1)
        found["nobody"] = decision_of(factories.capture(now=now + MINUTE))
        actions.reassign(
            lead_id=moved.pk, by=company.manager, to=company.manager.pk,
            reason="A friend of mine", why="KNOWN", now=now + 2 * MINUTE,
        )  # fmt: skip
        return found

    @pytest.mark.parametrize(
        ("query", "kept"),
        [
            ({}, {"stood", "moved", "nobody"}),
            ({"outcome": "NOBODY"}, {"nobody"}),
            ({"outcome": "GIVEN"}, {"stood", "moved"}),
            ({"outcome": "QUEUE"}, set()),
            ({"overridden": "yes"}, {"moved"}),
            ({"overridden": "no"}, {"stood", "nobody"}),
            ({"pool": "dach"}, {"stood", "moved", "nobody"}),
            ({"pool": "nowhere"}, set()),
            ({"rule": "dach"}, {"stood", "moved", "nobody"}),
            ({"rule": "other"}, set()),
            ({"moment": "INBOUND"}, {"stood", "moved", "nobody"}),
            ({"moment": "HANDOFF"}, set()),
            ({"kit": "1"}, {"stood", "moved", "nobody"}),
            ({"kit": "2"}, set()),
            ({"since": "2100-01-01"}, set()),
            ({"until": "2001-01-01"}, set()),
            ({"since": "2001-01-01", "until": "2199-01-01"}, {"stood", "moved", "nobody"}),
        ],
    )  # fmt: skip
    def test_the_page_the_file_and_the_api_keep_the_same(
        self,
        company: factories.Company,
        rows: dict[str, Decision],
        query: dict[str, str],
        kept: set[str],
    ) -> None:
        text = page(company.revops, "/decisions/", **query)
        assert {name for name, row in rows.items() if f'/decisions/{row.pk}/"' in text} == kept
        lines = page(company.revops, "/decisions.csv", **query).splitlines()[1:]
        assert {line.split(",")[0] for line in lines} == {str(rows[one].pk) for one in kept}
        told = {**query}
        if "overridden" in told:
            told["overridden"] = {"yes": "true", "no": "false"}[told["overridden"]]
        told |= {name: f"{told[name]}T00:00:00Z" for name in ("since", "until") if name in told}
        answer = Caller(user=company.revops).get("/api/v1/decisions/", **told)
        assert answer.status_code == 200, answer.json()
        assert {one["id"] for one in answer.json()["results"]} == {
            str(rows[one].pk) for one in kept
        }

    def test_the_api_names_a_filter_that_is_neither_true_nor_false(
        self, company: factories.Company
    ) -> None:
        answer = Caller(user=company.revops).get("/api/v1/decisions/", overridden="maybe")
        assert answer.status_code == 400
        assert "overridden: Give true or false." in answer.text

    def test_who_got_it_by_name_and_me(
        self, company: factories.Company, rows: dict[str, Decision]
    ) -> None:
        rep = rows["stood"].picked
        assert rep is not None
        for reader, typed in ((company.revops, str(rep.pk)), (rep, "me")):
            text = page(reader, "/decisions/", picked=typed)
            assert f'/decisions/{rows["stood"].pk}/"' in text
            assert f'/decisions/{rows["nobody"].pk}/"' not in text
            answer = Caller(user=reader).get("/api/v1/decisions/", picked=typed).json()
            assert {one["picked"]["id"] for one in answer["results"]} == {str(rep.pk)}

    @pytest.mark.parametrize(
        "query",
        [
            {"outcome": "MAYBE"}, {"moment": "x"}, {"overridden": "1"}, {"picked": "anna"},
            {"kit": "x"}, {"kit": "99999999999"}, {"since": "yesterday"}, {"until": "2026-02-30"},
            {"since": "2026-03-02", "until": "2026-03-01"}, {"after": "x"}, {"rule": "ü b"},
            {"pool": "<script>"}, {"lead": "0x1"}, {"picked": "9" * 30},
            {"after": "9" * 18 + ".1"}, {"since": "0001-01-01"},
        ],
    )  # fmt: skip
    def test_what_cannot_be_read_is_told(
        self, company: factories.Company, query: dict[str, str]
    ) -> None:
        for address in ("/decisions/", "/decisions.csv"):
            answer = client_of(company.revops).get(address, query)
            text = answer.content.decode()
            assert answer.status_code == 400, text
            assert 'role="alert"' in text
            assert "<script>" not in text

    @pytest.mark.parametrize(
        "query",
        [
            {"outcome": "MAYBE"}, {"moment": "x"}, {"picked": "anna"}, {"kit": "0"}, {"lead": "x"},
            {"since": "yesterday"}, {"who": "1"}, {"cursor": "x"}, {"limit": "0"},
        ],
    )  # fmt: skip
    def test_the_api_refuses_by_name(
        self, company: factories.Company, query: dict[str, str]
    ) -> None:
        answer = Caller(user=company.revops).get("/api/v1/decisions/", **query)
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["field"] == next(iter(query))


class TestPages:
    def test_each_decision_is_on_one_page_whatever_comes_meanwhile(
        self, company: factories.Company, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("web.console.decision_list.PAGE", 4)
        factories.captures([factories.touch() for _ in range(10)], now=now)
        seen: list[int] = []
        address = "/decisions/"
        client = client_of(company.revops)
        for turn in range(3):
            shown = client.get(address).context["decisions"]
            seen += [row.id for row in shown.rows]
            address = shown.next_url
            if turn == 0:
                factories.capture(now=now + MINUTE)
        assert address == ""
        assert len(seen) == len(set(seen)) == 10

    def test_queries_do_not_grow_with_rows_overrides_or_candidates(
        self, company: factories.Company, now: dt.datetime
    ) -> None:
        first = factories.capture(now=now)
        addresses = ("/decisions/", f"/decisions/{decision_of(first).pk}/",
                     "/api/v1/decisions/")  # fmt: skip
        client = client_of(company.manager)

        def asked(address: str) -> int:
            client.get(address)
            with CaptureQueriesContext(connection) as told:
                assert client.get(address).status_code == 200
            return len(told)

        before = [asked(one) for one in addresses]
        for lead in factories.captures([factories.touch() for _ in range(9)], now=now):
            assert lead.owner is not None
            misrouting.misroute(lead_id=lead.pk, by=lead.owner, why="LANGUAGE", now=now + MINUTE)
        assert [asked(one) for one in addresses] == before
        assert before[0] <= 16, before
        assert before[1] <= 20, before


class TestOneRecord:
    def test_the_page_has_rules_candidates_terms_and_what_came_of_it(
        self, company: factories.Company, now: dt.datetime
    ) -> None:
        Pool.objects.filter(key="dach").update(
            strategy="BEST_PERFORMER", random_percent=30, matches_language=True
        )
        PoolMember.objects.filter(user=company.reps[1]).update(day_cap=5)
        away = company.reps[0]
        Leave.objects.create(user=away, starts_at=now - DAY, ends_at=now + DAY)
        lead = factories.capture(now=now)
        row, owner = decision_of(lead), lead.owner
        assert owner is not None
        misrouting.misroute(lead_id=lead.pk, by=owner, why="LANGUAGE", now=now + MINUTE)
        text = page(company.revops, f"/decisions/{row.pk}/")
        for told in (
            "Rules tried", "Excluded: on leave until", "Best with leads like this", "Chance",
            "Seed", "0 of 5 today", "Turn given back", "Another language", "misrouted", "Version 1",
            row.snapshot.checksum[:12], "Picked",
        ):  # fmt: skip
            assert told in text, told

    def test_the_file_makes_the_pick_again_elsewhere(
        self, company: factories.Company, now: dt.datetime
    ) -> None:
        row = decision_of(factories.capture(now=now))
        told = json.loads(page(company.revops, f"/decisions/{row.pk}.json"))
        assert told["snapshot"]["content"]["pool"] == "dach"
        assert [one["user"] for one in told["candidates"]] == [one.pk for one in company.reps]
        assert told["kit"]["number"] == 1
        assert told["picked"] == row.picked_id

    def test_replay_says_the_same_owner_and_shows_what_was_tampered_with(
        self, company: factories.Company, now: dt.datetime
    ) -> None:
        row = decision_of(factories.capture(now=now))
        assert row.picked is not None
        text = page(company.revops, f"/decisions/{row.pk}/", again="1")
        assert f"goes to the same owner: {row.picked}" in text
        api = Caller(user=company.revops)
        answer = api.get(f"/api/v1/decisions/{row.pk}/replay/").json()
        assert answer["same"] is True
        assert answer["picked"] == answer["recorded"] == str(row.picked_id)
        other = next(one for one in company.reps if one.pk != row.picked_id)
        with pgtrigger.ignore("routing.Decision:decisions_are_append_only"):
            Decision.objects.filter(pk=row.pk).update(picked=other)
        answer = api.get(f"/api/v1/decisions/{row.pk}/replay/").json()
        assert answer["same"] is False
        assert "picked" in answer["differs"]
        assert "Made again it differs" in page(company.revops, f"/decisions/{row.pk}/", again="1")

    def test_all_candidates_of_a_large_pool_are_shown_everywhere(self, now: dt.datetime) -> None:
        found = factories.company(now=now - DAY, reps=())
        for number in range(52):
            factories.rep(f"rep{number}", pools=["dach"])
        leads = factories.captures([factories.touch() for _ in range(3)], now=now)
        row = decision_of(leads[2])
        assert row.place is not None
        assert len(row.candidates) == 1
        api = Caller(user=found.revops)
        [listed] = api.get(f"/api/v1/leads/{row.lead_id}/decisions/").json()["results"]
        whole = api.get(f"/api/v1/decisions/{row.pk}/").json()
        assert len(listed["candidates"]) == len(whole["candidates"]) == 52
        assert api.get(f"/api/v1/decisions/{row.pk}/replay/").json()["same"] is True
        gone = {"suppose": [{"user": str(row.picked_id), "is_gone": True}]}
        second = next(one["user"] for one in whole["candidates"] if one["rank"] == 2)
        answer = api.post(f"/api/v1/decisions/{row.pk}/what_if/", gone).json()
        assert answer["picked"]["id"] == second
        text = page(found.revops, f"/decisions/{row.pk}/")
        assert text.count("avatar") >= 52


class TestWhatIf:
    def test_had_somebody_been_at_work(self, company: factories.Company, now: dt.datetime) -> None:
        anna, ben = company.reps
        Leave.objects.create(user=anna, starts_at=now - DAY, ends_at=now + DAY)
        row = decision_of(factories.capture(now=now))
        assert row.picked == ben
        text = page(company.revops, f"/decisions/{row.pk}/", who=str(anna.pk), had="FREE")
        assert "Had Anna been at work and been under every cap, Anna would have got it" in text
        api = Caller(user=company.revops)
        address = f"/api/v1/decisions/{row.pk}/what_if/"
        answer = api.post(address, {"suppose": [{"user": str(anna.pk), "at_work": True}]})
        assert answer.status_code == 200, answer.json()
        assert answer.json()["picked"]["id"] == str(anna.pk)
        assert answer.json()["same"] is False
        both = {"suppose": [{"user": str(anna.pk), "at_work": True, "weight": 1},
                            {"user": str(ben.pk), "weight": 100}]}  # fmt: skip
        assert api.post(address, both).json()["picked"]["id"] == str(ben.pk)
        nobody = {"suppose": [{"user": str(ben.pk), "is_gone": True}]}
        assert api.post(address, nobody).json()["picked"] is None
        assert "nobody of" in page(
            company.revops, f"/decisions/{row.pk}/", who=str(ben.pk), had="GONE"
        )

    def test_a_weight_counts_whatever_else_is_supposed(
        self, company: factories.Company, now: dt.datetime
    ) -> None:
        row = decision_of(factories.capture(now=now))
        other = next(one for one in company.reps if one != row.picked)
        asked = {"who": str(other.pk), "had": "FREE", "weight": "50"}
        text = page(company.revops, f"/decisions/{row.pk}/", **asked)
        assert f"had the weight 50, {other} would have got it instead" in text
        text = page(company.revops, f"/decisions/{row.pk}/", **(asked | {"weight": "0"}))
        assert "Give a weight from 1 to 100" in text

    def test_asking_changes_nothing(self, company: factories.Company, now: dt.datetime) -> None:
        row = decision_of(factories.capture(now=now))
        client = client_of(company.revops)
        client.get("/")
        with CaptureQueriesContext(connection) as told:
            client.get(f"/decisions/{row.pk}/", {"who": row.picked_id, "had": "GONE"})
            client.post(
                f"/api/v1/decisions/{row.pk}/what_if/",
                json.dumps({"suppose": [{"user": str(row.picked_id), "is_gone": True}]}),
                content_type="application/json",
            )
        asked = [one["sql"].lstrip() for one in told]
        writes = [sql for sql in asked if not sql.startswith(("SELECT", "WITH"))]
        assert writes == []

    @pytest.mark.parametrize(
        ("query", "said"),
        [
            ({"who": "x", "had": "GONE"}, "Choose somebody from the list"),
            ({"who": "9" * 18, "had": "GONE"}, "somebody this decision looked at"),
            ({"who": "{rep}", "had": "DEAD"}, "Choose what is supposed"),
            ({"who": "{rep}"}, "Choose what is supposed"),
            ({"who": "{rep}", "had": "WEIGHT"}, "weight from 1 to 100"),
            ({"who": "{rep}", "had": "WEIGHT", "weight": "101"}, "weight from 1 to 100"),
            ({"who": "{rep}", "had": "WEIGHT", "weight": "-1"}, "weight from 1 to 100"),
        ],
    )
    def test_the_form_says_what_it_cannot_answer(
        self, company: factories.Company, now: dt.datetime, query: dict[str, str], said: str
    ) -> None:
        row = decision_of(factories.capture(now=now))
        asked = {name: text.replace("{rep}", str(row.picked_id)) for name, text in query.items()}
        assert said in page(company.revops, f"/decisions/{row.pk}/", **asked)

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            ({}, 422), ({"suppose": []}, 422), ({"suppose": "x"}, 422), ({"suppose": [1]}, 422),
            ({"suppose": [{"user": "x"}]}, 422), ({"suppose": [{"user": "99"}]}, 422),
            ({"suppose": [{"user": "1", "dead": True}]}, 422), ({"who": 1}, 422),
            ({"suppose": [{"user": "1", "weight": 0}]}, 422),
            ({"suppose": [{"user": "1"}] * 21}, 422), (b"[", 400),
        ],
    )  # fmt: skip
    def test_the_api_refuses_by_name(
        self, company: factories.Company, now: dt.datetime, body: Any, status: int
    ) -> None:
        row = decision_of(factories.capture(now=now))
        answer = Caller(user=company.revops).post(f"/api/v1/decisions/{row.pk}/what_if/", body)
        assert answer.status_code == status, answer.json()
        assert answer.json()["detail"]
