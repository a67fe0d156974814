"""Colleagues' figures in decision records: behind every door only who may see them does."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pgtrigger
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core import database
from leads.models import Lead, LeadEvent
from people.models import User
from routing import pool_rights, strategies
from routing.discretion import Sight
from routing.models import Decision, Pool, PoolMember
from tests import factories
from tests.callers import Caller, make_key
from tests.factories import DAY, HOUR, MINUTE

pytestmark = pytest.mark.django_db

BEN = {"weight": 73, "credit": 207919, "open_cap": 4321, "day_cap": 8642}
ANNA = {"weight": 2, "credit": 5557, "open_cap": 6563}
WON = {"anna": (31, 9001), "ben": (6271, 9173)}
"""Outcomes of leads like this one."""
READERS = ("rep", "key", "sharing rep", "pool's manager", "revops", "marketing", "left")
SEE_ALL = frozenset({"sharing rep", "pool's manager", "revops"})


@pytest.fixture
def now() -> dt.datetime:
    return database.now() - HOUR


@pytest.fixture
def company(now: dt.datetime) -> factories.Company:
    made = factories.company(now=now - DAY)
    cara = factories.user("cara", team=made.team)
    Pool.objects.filter(key="dach").update(strategy="BEST_PERFORMER", manager=cara)
    return made


@dataclass(frozen=True, slots=True)
class Case:
    """A lead that Ben got, and its decision."""

    lead: Lead
    decision: Decision
    anna: User
    ben: User

    @property
    def secrets(self) -> set[str]:
        """Ben's numbers, however they are told."""
        [told] = [one for one in self.decision.candidates if one["user"] == self.ben.pk]
        credits = (told["credit_before"], told["credit_after"], told["credit_before"] + 73)
        rate = str(told["rate"])
        known = {"4321", "8642", "6271", "9173", "×73", '"weight": 73'}
        return known | {str(abs(one)) for one in credits} | {rate, f"{told['rate']:.0%}"}


@pytest.fixture
def case(company: factories.Company, now: dt.datetime) -> Case:
    """The outcomes are written into the record, as if years of work lay behind it."""
    anna, ben = company.reps
    factories.capture(now=now - MINUTE)  # both are in the books
    PoolMember.objects.filter(user=anna).update(**ANNA)
    PoolMember.objects.filter(user=ben).update(**BEN)
    lead = factories.capture(now=now)
    row = Decision.objects.get(lead=lead)
    assert row.snapshot is not None
    told = []
    for one in row.candidates:
        won, decided = WON["anna" if one["user"] == anna.pk else "ben"]
        told.append(strategies.of_data({**one, "won": won, "decided": decided}))
    pick = strategies.pick(strategies.terms_of(row.snapshot.content), told)
    assert pick.user == row.picked_id == ben.pk
    with pgtrigger.ignore("routing.Decision:decisions_are_append_only"):
        Decision.objects.filter(pk=row.pk).update(
            candidates=[one.as_data() for one in pick.considered], because=pick.because
        )
    event = LeadEvent.objects.get(lead=lead, kind="ASSIGNED")
    with pgtrigger.ignore("leads.LeadEvent:events_are_append_only"):
        LeadEvent.objects.filter(pk=event.pk).update(because={**event.because, "why": pick.because})
    return Case(lead, Decision.objects.get(pk=row.pk), anna, ben)


def doors(case: Case) -> dict[str, Callable[[Caller], Any]]:
    """Every address that tells of a decision."""
    row, lead = case.decision.pk, case.lead.pk
    gone = {"suppose": [{"user": str(case.anna.pk), "is_gone": True}]}
    one, asked = f"/decisions/{row}/", {"who": str(case.anna.pk), "had": "GONE"}
    return {
        "lead": lambda caller: caller.get(f"/leads/{lead}/"),
        "owners": lambda caller: caller.get(f"/leads/{lead}/", kind="owner"),
        "list": lambda caller: caller.get("/decisions/", lead=lead),
        "csv": lambda caller: caller.get("/decisions.csv", lead=lead),
        "decision": lambda caller: caller.get(one),
        "json": lambda caller: caller.get(f"/decisions/{row}.json"),
        "replay": lambda caller: caller.get(one, again="1"),
        "what if": lambda caller: caller.get(one, **asked),
        "preview": lambda caller: caller.get("/routes/", lead=lead, moment="INBOUND"),
        "api list": lambda caller: caller.get("/api/v1/decisions/", lead=lead),
        "api": lambda caller: caller.get(f"/api/v1/decisions/{row}/"),
        "api replay": lambda caller: caller.get(f"/api/v1/decisions/{row}/replay/"),
        "api what if": lambda caller: caller.post(f"/api/v1/decisions/{row}/what_if/", gone),
        "api lead": lambda caller: caller.get(f"/api/v1/leads/{lead}/decisions/"),
        "api timeline": lambda caller: caller.get(f"/api/v1/leads/{lead}/timeline/"),
        "api preview": lambda caller: caller.post("/api/v1/routes/preview/", {"lead": str(lead)}),
    }


NUMBERLESS = {"api replay"}
"""Doors that tell nobody's figures where all is as recorded."""


def caller_of(who: str, company: factories.Company) -> Caller:
    """Somebody at the door; what they are is set up in the pool first."""
    anna = company.reps[0]
    if who in ("sharing rep", "left"):
        Pool.objects.filter(key="dach").update(shares_ledger=True)
    if who == "left":
        PoolMember.objects.filter(user=anna).update(active=False)
    if who == "key":
        return Caller(key=make_key("annas", "READ", anna))
    people = {"pool's manager": User.objects.get(username="cara"), "revops": company.revops,
              "marketing": company.marketing}  # fmt: skip
    return Caller(user=people.get(who, anna))


def told_in(text: str, secret: str) -> bool:
    """Whether it stands there by itself, not within an instant or a token."""
    return re.search(rf"(?<![\w.]){re.escape(secret)}(?!\w)", text) is not None


def body(answer: Any) -> str:
    raw = b"".join(answer) if answer.streaming else answer.content
    assert answer.status_code == 200, raw[:500]
    return bytes(raw).decode()


@pytest.mark.parametrize("who", READERS)
def test_figures_of_colleagues_are_behind_no_door_for_who_may_not_see_them(
    company: factories.Company, case: Case, who: str
) -> None:
    caller = caller_of(who, company)
    for name, open_door in doors(case).items():
        if who == "key" and "api" not in name:
            continue
        text = body(open_door(caller))
        found = {one for one in case.secrets if told_in(text, one)}
        if who not in SEE_ALL:
            assert not found, (name, found)
            assert "0 open leads" not in text, name
        elif name not in NUMBERLESS:
            assert found, name
        if name not in ("csv", "api replay", "api timeline"):
            assert any(one in text for one in ("Ben", f'"{case.ben.pk}"', f": {case.ben.pk},")), (
                name
            )


@pytest.mark.parametrize("who", ["rep", "key"])
def test_ones_own_figures_stay_whole(company: factories.Company, case: Case, who: str) -> None:
    told = doors(case)
    caller = caller_of(who, company)
    names = ("api", "api lead", "api what if", "api preview")
    for name in names if who == "key" else (*names, "decision", "json", "preview", "lead"):
        text = body(told[name](caller))
        assert any(one in text for one in ("5557", "5559", "5561")), name
        assert "6563" in text or name == "lead", name


def test_places_and_reasons_stay(company: factories.Company, case: Case) -> None:
    told = Caller(user=case.anna).get(f"/api/v1/decisions/{case.decision.pk}/").json()
    [ben] = [one for one in told["candidates"] if one["user"] == str(case.ben.pk)]
    assert ben == {"user": str(case.ben.pk), "rank": 1, "excluded": None, "until": None,
                   "withheld": True}  # fmt: skip
    assert told["because"] == "wins most of leads like this"
    text = body(Caller(user=case.anna).get(f"/decisions/{case.decision.pk}/"))
    assert "Ben wins most of leads like this." in text
    assert "You see your own numbers." in text
    assert "had had the weight" not in text


@pytest.mark.parametrize("who", ["rep", "sharing rep"])
def test_a_cap_of_a_colleague_is_told_without_its_numbers(
    company: factories.Company, now: dt.datetime, who: str
) -> None:
    caller = caller_of(who, company)
    PoolMember.objects.filter(user=company.reps[0]).update(open_cap=2)
    PoolMember.objects.filter(user=company.reps[1]).update(open_cap=1)
    factories.captures([factories.touch() for _ in range(4)], now=now)
    waiting = Lead.objects.filter(queue="dach").latest("pk")
    row = Decision.objects.filter(lead=waiting).latest("pk")
    for path in (f"/leads/{waiting.pk}/", f"/decisions/{row.pk}/", f"/decisions/{row.pk}.json",
                 f"/api/v1/decisions/{row.pk}/"):  # fmt: skip
        text = body(caller.get(path))
        assert ("at the cap: 1 of 1" in text) == (who == "sharing rep"), path
        assert ("at a cap" in text) == (who == "rep"), path
        assert "at the cap: 2 of 2 open leads" in text, path


def test_a_replay_that_differs_says_so_and_no_more(company: factories.Company, case: Case) -> None:
    with pgtrigger.ignore("routing.Decision:decisions_are_append_only"):
        Decision.objects.filter(pk=case.decision.pk).update(picked=case.anna)
    for reader, words in ((case.anna, "otherwise than recorded"), (company.revops, "replayed")):
        text = body(Caller(user=reader).get(f"/decisions/{case.decision.pk}/", again="1"))
        assert "Made again it differs" in text
        told = Caller(user=reader).get(f"/api/v1/decisions/{case.decision.pk}/replay/").json()
        assert not told["same"]
        assert words in told["differs"]
        assert words in text


def test_weights_are_not_tried_out_by_who_may_not_see_them(
    company: factories.Company, case: Case
) -> None:
    path = f"/api/v1/decisions/{case.decision.pk}/what_if/"
    asked = {"suppose": [{"user": str(case.anna.pk), "weight": 9}]}
    refused = Caller(user=case.anna).post(path, asked)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "weight"
    assert Caller(user=company.revops).post(path, asked).status_code == 200
    query = {"who": str(case.anna.pk), "had": "WEIGHT", "weight": "9"}
    text = body(Caller(user=case.anna).get(f"/decisions/{case.decision.pk}/", **query))
    assert "Only who sees the figures of this pool" in text


def test_a_large_pool_keeps_its_state_back(company: factories.Company, now: dt.datetime) -> None:
    for number in range(52):
        factories.rep(f"rep{number}", pools=["dach"], team=company.team)
    PoolMember.objects.update(open_cap=4321, credit=7919)
    leads = factories.captures([factories.touch() for _ in range(3)], now=now)
    row = Decision.objects.get(lead=leads[2])
    assert row.place is not None
    stranger = factories.user("nina", team=company.team)
    for path in (f"/decisions/{row.pk}.json", f"/api/v1/decisions/{row.pk}/",
                 f"/decisions/{row.pk}/"):  # fmt: skip
        seen, hidden = (body(Caller(user=one).get(path)) for one in (company.revops, stranger))
        for secret in ("4321", "7919", "7920"):
            assert not re.search(rf"\b{secret}\b", hidden), path
        assert "4321" in seen, path


@pytest.mark.parametrize("who", ["rep", "sharing rep"])
def test_asking_whose_figures_they_see_costs_two_queries(
    company: factories.Company, case: Case, who: str
) -> None:
    anna = caller_of(who, company) and case.anna
    with CaptureQueriesContext(connection) as told:
        pool_rights.sight_of(User.objects.get(pk=anna.pk))
    assert len(told) <= 3, [one["sql"] for one in told]
    client = Client()
    client.force_login(anna)

    def asked(path: str) -> int:
        client.get(path)
        with CaptureQueriesContext(connection) as told:
            assert client.get(path).status_code == 200
        return len(told)

    paths = ("/decisions/", "/api/v1/decisions/", f"/api/v1/leads/{case.lead.pk}/decisions/",
             f"/leads/{case.lead.pk}/")  # fmt: skip
    before = [asked(one) for one in paths]
    factories.captures([factories.touch() for _ in range(6)], now=database.now())
    assert [asked(one) for one in paths] == before


def test_what_a_person_holds_is_seen_by_who_sees_all_of_their_pools(
    company: factories.Company,
) -> None:
    anna, ben = company.reps
    other = factories.pool("elsewhere")
    PoolMember.objects.create(pool=other, user=ben)
    Pool.objects.filter(key="dach").update(shares_ledger=True)
    assert pool_rights.sight_of(anna) == Sight(anna.pk, frozenset({"dach"}), frozenset({anna.pk}))
    Pool.objects.filter(pk=other.pk).update(manager=anna)
    assert pool_rights.sight_of(anna).sees_person(ben.pk)
    assert pool_rights.sight_of(company.manager).pools is None
    User.objects.filter(pk=anna.pk).update(is_active=False)
    assert not pool_rights.sight_of(User.objects.get(pk=anna.pk)).sees("dach")
