"""Signals that come by themselves: they find their lead, count, qualify it, raise its hand."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leads.models import (
    AccountStatus,
    EventKind,
    Lead,
    LeadEvent,
    Permission,
    Person,
    SentSignal,
    SentStatus,
    Signal,
)
from lifecycle import actions, jobs
from lifecycle.signalling import advancing, receiving
from tests import factories
from tests.factories import DAY, HOUR, MINUTE, NOW, Company
from tests.sent_signals import inquiry, send

pytestmark = pytest.mark.django_db

PETRA = {"email": "petra@acme.de"}


@pytest.fixture
def company(shared_company: Company) -> Company:
    return shared_company


def fresh(lead: Lead) -> Lead:
    return Lead.objects.get(pk=lead.pk)


def test_a_third_look_at_prices_makes_an_mql_with_the_three_signals_as_evidence(
    company: Company,
) -> None:
    lead = inquiry()
    assert lead.stage == "INQUIRY"
    for minute in (1, 2):
        send("pricing_page_view", person=PETRA, now=NOW + minute * MINUTE)
        assert fresh(lead).stage == "INQUIRY"
    (answer,) = send("pricing_page_view", person=PETRA, now=NOW + 3 * MINUTE)

    lead = fresh(lead)
    assert (lead.stage, lead.owner in company.reps) == ("MQL", True)
    assert answer.status == 201
    assert answer.receipt is not None
    assert answer.receipt["outcome"] == "counted"
    assert (answer.receipt["lead"], answer.receipt["stage"]) == (str(lead.pk), "MQL")
    qualified = LeadEvent.objects.get(lead=lead, transition="qualify")
    three = list(Signal.objects.filter(lead=lead).order_by("pk").values_list("pk", flat=True))
    assert len(three) == 3
    assert qualified.because["signals"] == three
    assert qualified.cause is not None
    assert qualified.cause.kind == EventKind.SIGNALLED
    assert qualified.cause.because["sent"] == [int(answer.receipt["signal"])]


def test_signals_make_nobody_and_are_no_touch(company: Company) -> None:
    lead = inquiry()
    people, touches = Person.objects.count(), lead.touches.count()
    before = lead.last_touch_at
    send("page_view", "page_view", person=PETRA, now=NOW + HOUR)
    send("page_view", person={"email": "stranger@acme.de"}, now=NOW + HOUR)
    assert (Person.objects.count(), lead.touches.count()) == (people, touches)
    assert fresh(lead).last_touch_at == before
    assert Signal.objects.filter(lead=lead).count() == 2


def test_the_score_grows_by_what_the_rules_say(company: Company) -> None:
    inquiry()
    (before,) = send("page_view", person=PETRA, now=NOW)
    (after,) = send("email_reply", person=PETRA, now=NOW)
    assert before.receipt is not None
    assert after.receipt is not None
    grown = after.receipt["score"]["engagement"] - before.receipt["score"]["engagement"]
    assert grown == 15


def test_asking_for_a_person_raises_the_hand_and_starts_what_is_owed(company: Company) -> None:
    lead = inquiry()
    send("callback_request", person=PETRA, now=NOW + MINUTE)
    lead = fresh(lead)
    assert lead.hand_raised_at == NOW + MINUTE
    assert lead.owner in company.reps
    assert lead.clocks.filter(state="RUNNING").exists()


def test_a_lost_buyer_who_asks_is_back(company: Company) -> None:
    lead = factories.work(factories.capture(person=PETRA), to="LOST", now=NOW + HOUR)
    send("page_view", person=PETRA, now=NOW + DAY)
    assert fresh(lead).stage == "LOST"
    send("demo_request", person=PETRA, now=NOW + DAY)
    lead = fresh(lead)
    assert (lead.stage, lead.cycle) == ("MQL", 2)


def test_nothing_follows_for_a_competitor_but_it_is_kept(company: Company) -> None:
    lead = inquiry()
    type(lead.account).objects.filter(pk=lead.account_id).update(status=AccountStatus.COMPETITOR)
    send("demo_request", person=PETRA, now=NOW + HOUR)
    lead = fresh(lead)
    assert (lead.stage, lead.hand_raised_at, lead.owner) == ("DISQUALIFIED", None, None)
    assert (lead.exclusion, lead.unheard_at) == ("competitor", NOW + HOUR)
    assert Signal.objects.filter(lead=lead).count() == 1


def test_unsubscribing_withdraws_the_permission(company: Company) -> None:
    lead = inquiry()
    (answer,) = send("unsubscribe", person=PETRA, now=NOW + HOUR)
    word = Permission.objects.get(person=lead.person)
    assert (word.way, word.state, word.at) == ("EMAIL", "WITHDRAWN", NOW + HOUR)
    assert answer.receipt is not None
    assert answer.receipt["remarks"] == []


def test_a_kind_the_kit_does_not_know_is_kept_and_told(company: Company) -> None:
    lead = inquiry()
    (answer,) = send("rain_dance", person=PETRA)
    assert answer.receipt is not None
    assert [(one["field"], one["code"]) for one in answer.receipt["remarks"]] == [
        ("kind", "unknown")
    ]
    assert Signal.objects.get(lead=lead).kind == "rain_dance"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "Page View", "person": PETRA}, "kind"),
        ({"person": PETRA}, "kind"),
        ({"kind": "page_view"}, "person"),
        ({"kind": "page_view", "person": {"email": "no address"}}, "person.email"),
        ({"kind": "page_view", "person": {"first_name": "Petra"}}, "person.first_name"),
        ({"kind": "page_view", "visitor": "short"}, "visitor"),
        ({"kind": "page_view", "person": PETRA, "occurred_at": "yesterday"}, "occurred_at"),
        ({"kind": "page_view", "person": PETRA, "occurred_at": "2026-03-03T10:00:00"},
         "occurred_at"),
        ({"kind": "page_view", "person": PETRA, "url": 7}, "url"),
        ({"kind": "page_view", "person": PETRA, "source_id": "x" * 181}, "source_id"),
        ({"kind": "page_view", "person": PETRA, "colour": "red"}, "colour"),
        (["page_view"], ""),
    ],
)  # fmt: skip
def test_what_cannot_be_stored_is_refused_by_the_name_of_its_field(
    company: Company, body: Any, field: str
) -> None:
    (answer,) = receiving.capture([body], scope="user:1", now=NOW)
    assert answer.status == 422
    assert field in {one.field for one in answer.errors}
    assert not SentSignal.objects.exists()


@pytest.mark.parametrize(
    ("first", "second", "counted"),
    [
        ({"source_id": "e-1"}, {"source_id": "e-1"}, 1),
        ({"source_id": "e-1"}, {"source_id": "e-2"}, 2),
        ({"occurred_at": "2026-03-03T09:00:00Z"}, {"occurred_at": "2026-03-03T09:00:00Z"}, 1),
        ({"occurred_at": "2026-03-03T09:00:00Z"}, {"occurred_at": "2026-03-03T09:00:01Z"}, 2),
        ({}, {}, 2),
    ],
)
def test_what_is_sent_twice_counts_once(
    company: Company, first: Any, second: Any, counted: int
) -> None:
    lead = inquiry()
    (one,) = send("page_view", person=PETRA, **first)
    (two,) = send("page_view", person=PETRA, **second, now=NOW + DAY)
    assert Signal.objects.filter(lead=lead).count() == counted
    assert (one.status, two.status) == (201, 200 if counted == 1 else 201)
    assert (one.receipt == two.receipt) == (counted == 1)


def test_a_key_is_of_one_signal(company: Company) -> None:
    inquiry()
    send("page_view", person=PETRA, keys=["k"])
    (again,) = send("page_view", person=PETRA, keys=["k"])
    (other,) = send("demo_request", person=PETRA, keys=["k"])
    assert (again.status, other.status) == (200, 422)
    assert [one.code for one in other.errors] == ["key_reused"]


def test_advancing_twice_counts_once(company: Company) -> None:
    lead = inquiry()
    (answer,) = send("page_view", person=PETRA)
    assert answer.receipt is not None
    again = advancing.advance([int(answer.receipt["signal"])], now=NOW + HOUR)
    assert again == {int(answer.receipt["signal"]): answer.receipt}
    assert Signal.objects.filter(lead=lead).count() == 1


def test_many_cost_as_many_queries_as_few(company: Company) -> None:
    for number in range(6):
        inquiry(person={"email": f"petra{number}@acme{number}.de"})

    def cost(addresses: list[str]) -> int:
        bodies = [{"kind": "page_view", "person": {"email": one}} for one in addresses]
        with CaptureQueriesContext(connection) as asked:
            receiving.capture(bodies, scope="user:1", now=NOW)
        return len(asked)

    cost(["petra0@acme0.de"])
    few = cost(["petra1@acme1.de", "nobody@acme.de"])
    assert cost([f"petra{n}@acme{n}.de" for n in range(2, 6)] + ["nobody2@acme.de"] * 3) == few


def test_one_that_fails_is_parked_alone_and_tried_again(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead = inquiry()
    count = advancing.counting.count

    def fails(row: SentSignal, *args: Any, **named: Any) -> Any:
        if row.kind == "webinar_attended":
            raise RuntimeError("no such luck")
        return count(row, *args, **named)

    with monkeypatch.context() as broken:
        broken.setattr(advancing.counting, "count", fails)
        good, bad = send("page_view", "webinar_attended", person=PETRA)
    assert (good.status, bad.status) == (201, 202)
    parked = SentSignal.objects.get(kind="webinar_attended")
    assert parked.status == SentStatus.PARKED
    assert "no such luck" in parked.last_error
    assert Signal.objects.filter(lead=lead).count() == 1
    jobs.sweep(NOW + HOUR)
    assert Signal.objects.filter(lead=lead).count() == 2


def test_what_its_door_left_behind_is_advanced_by_the_sweep(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead = inquiry()

    def dies(*_: Any, **__: Any) -> Any:
        raise SystemExit

    with monkeypatch.context() as broken:
        broken.setattr(advancing, "advance", dies)
        with pytest.raises(SystemExit):
            send("page_view", person=PETRA)
    assert not Signal.objects.filter(lead=lead).exists()
    jobs.sweep(NOW + 2 * MINUTE)
    assert Signal.objects.filter(lead=lead).count() == 1


def test_a_page_view_is_no_word_but_a_reply_is(company: Company) -> None:
    lead = factories.work(factories.capture(person=PETRA), to="SAL", now=NOW)
    common: dict[str, Any] = {"lead_id": lead.pk, "by": lead.owner, "now": NOW + HOUR}
    actions.log_activity(**common, kind="CALL")
    send("page_view", person=PETRA, now=NOW + 2 * HOUR)
    assert not lead.clocks.filter(state="RUNNING", obligation="respond").exists()
    send("email_reply", person=PETRA, now=NOW + 2 * HOUR)
    assert lead.clocks.filter(state="RUNNING", obligation="respond").exists()
