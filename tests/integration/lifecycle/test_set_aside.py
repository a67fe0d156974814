"""Parked touches and suspected spam in people's hands: tried, mended, set aside, let through."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import pytest
from django.db import connection

from core.errors import InvalidInput, NotAllowed, NotFound, TooLate
from leads.models import Lead, LeadEvent, Touch, TouchHandling
from lifecycle import intake, jobs, parking, pipeline, queues, set_aside
from lifecycle.queues import Counts
from routing.models import Pool
from tests import factories
from tests.factories import HOUR, MINUTE, NOW, Company

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return factories.company()


def parked(now: dt.datetime = NOW, **parts: Any) -> Touch:
    """A touch of a lead whose pool is gone: nobody can decide it."""
    Pool.objects.filter(key="inbound").update(key="elsewhere")
    body = factories.touch(company={"country": "FR"}, **parts)
    intake.capture([body], scope="tests", keys=[f"parked {Touch.objects.count()}"], now=now)
    touch = Touch.objects.latest("pk")
    assert touch.status == "PARKED"
    return touch


def mend_pool() -> None:
    Pool.objects.filter(key="elsewhere").update(key="inbound")


def spam(now: dt.datetime = NOW) -> Touch:
    body = factories.touch(person={"email": f"bot{Touch.objects.count()}@spam.de"})
    intake.capture([body], scope="form:demo", now=now, quarantine=True)
    return Touch.objects.latest("pk")


class TestTryingAgain:
    def test_what_was_mended_elsewhere_goes_through_and_is_told(self, company: Company) -> None:
        touch = parked()
        mend_pool()
        found = set_aside.retry([touch.pk], by=company.revops, now=NOW + MINUTE)
        assert (found.advanced, found.failed, found.passed_over) == (1, 0, 0)
        touch.refresh_from_db()
        assert (touch.status, touch.attempts, touch.outcome) == ("ADVANCED", 2, "created")
        assert TouchHandling.objects.get().act == "RETRIED"

    def test_what_fails_again_waits_longer_and_says_why(self, company: Company) -> None:
        touch = parked()
        found = set_aside.retry([touch.pk], by=company.revops, now=NOW + MINUTE)
        assert found.failed == 1
        touch.refresh_from_db()
        assert touch.next_attempt_at == NOW + 3 * MINUTE
        assert "inbound" in touch.last_error
        assert touch.lease_until is None

    def test_many_at_once_cost_a_fixed_number_of_locks_and_one_bad_stops_no_other(
        self, company: Company
    ) -> None:
        touches = [parked() for _ in range(3)]
        mend_pool()
        Touch.objects.filter(pk=touches[0].pk).update(payload={"channel": "FORM"})
        found = set_aside.retry([one.pk for one in touches] + [0], by=company.revops, now=NOW)
        assert (found.advanced + found.failed, found.passed_over) == (3, 1)
        assert found.advanced >= 2

    def test_what_nobody_could_read_is_tried_only_once_it_is_mended(self, company: Company) -> None:
        body = {"channel": "CHAT", "fields": {"who": "somebody"}}
        kept = intake.set_aside(body, scope="hook:x", key="1", why="person: …", now=NOW)
        with pytest.raises(InvalidInput, match=r"mend it\. Buyer: Give an e-mail"):
            set_aside.retry([kept], by=company.revops, now=NOW)
        assert set_aside.retry([kept, 0], by=company.revops, now=NOW).failed == 1
        assert not Lead.objects.exists()
        mended = body | {"person": {"email": "mara@nordwind.de"}}
        seen = set_aside.fingerprint(Touch.objects.get().payload)
        assert set_aside.mend(kept, mended, by=company.revops, seen=seen, now=NOW).advanced == 1

    def test_who_comes_second_is_told_who_was_first(self, company: Company) -> None:
        touch = parked()
        parking.take_left_behind(now=NOW + HOUR)
        with pytest.raises(set_aside.BeingTried):
            set_aside.retry([touch.pk], by=company.revops, now=NOW + HOUR)
        mend_pool()
        pipeline.advance([touch.pk], now=NOW + HOUR)
        with pytest.raises(TooLate, match="advanced"):
            set_aside.retry([touch.pk], by=company.manager, now=NOW + HOUR)
        assert not TouchHandling.objects.exists()

    @pytest.mark.parametrize("ids", [[], list(range(1, 300))])
    def test_none_or_too_many_are_refused(self, company: Company, ids: list[int]) -> None:
        with pytest.raises(InvalidInput):
            set_aside.retry(ids, by=company.revops)

    def test_reps_may_not(self, company: Company) -> None:
        touch = parked()
        with pytest.raises(NotAllowed):
            set_aside.retry([touch.pk], by=company.reps[0])
        with pytest.raises(NotFound):
            set_aside.retry([touch.pk + 1], by=company.revops)


class TestMending:
    def test_another_payload_goes_through_and_the_first_one_is_kept(self, company: Company) -> None:
        touch = parked()
        before = touch.payload
        body = {**before, "company": {**before["company"], "country": "DE"}}
        seen = set_aside.fingerprint(before)
        assert set_aside.mend(touch.pk, body, by=company.revops, seen=seen, now=NOW).advanced == 1
        touch.refresh_from_db()
        assert touch.payload["company"]["country"] == "DE"
        assert touch.lead is not None
        kept = TouchHandling.objects.get()
        assert (kept.act, kept.before, kept.by) == ("MENDED", before, company.revops)

    def test_the_sender_who_repeats_the_first_body_gets_the_same_receipt(
        self, company: Company
    ) -> None:
        touch = parked()
        key = touch.idempotency_key
        before = dict(touch.payload)
        set_aside.mend(
            touch.pk,
            {**before, "company": {**before["company"], "country": "DE"}},
            by=company.revops, seen=set_aside.fingerprint(before), now=NOW,
        )  # fmt: skip
        (answer,) = intake.capture([before], scope="tests", keys=[key], now=NOW + MINUTE)
        assert (answer.status, (answer.receipt or {})["touch"]) == (200, str(touch.pk))

    def test_faults_are_named_and_nothing_is_changed(self, company: Company) -> None:
        touch = parked()
        body = {**touch.payload, "person": {"email": "no address"}}
        seen = set_aside.fingerprint(touch.payload)
        with pytest.raises(InvalidInput) as refused:
            set_aside.mend(touch.pk, body, by=company.revops, seen=seen, now=NOW)
        assert [fault.field for fault in refused.value.errors] == ["person.email"]
        assert Touch.objects.get(pk=touch.pk).payload == touch.payload
        assert not TouchHandling.objects.exists()

    def test_a_change_of_somebody_else_is_not_overwritten(self, company: Company) -> None:
        touch = parked()
        with pytest.raises(TooLate, match="changed"):
            set_aside.mend(touch.pk, touch.payload, by=company.revops, seen="old", now=NOW)


class TestSettingAside:
    def test_it_is_tried_no_more_by_itself_and_counts_no_more(self, company: Company) -> None:
        touch = parked()
        assert queues.counts() == Counts(exceptions=1)
        assert set_aside.put_aside([touch.pk], by=company.revops, reason="A test", now=NOW) == 1
        assert queues.counts() == Counts()
        assert list(queues.exceptions(left=True)) == [touch]
        jobs.sweep(now=NOW + 30 * HOUR)
        touch.refresh_from_db()
        assert (touch.status, touch.attempts, touch.next_attempt_at) == ("PARKED", 1, None)
        mend_pool()
        assert set_aside.retry([touch.pk], by=company.revops, now=NOW).advanced == 1

    def test_it_takes_a_reason(self, company: Company) -> None:
        touch = parked()
        with pytest.raises(InvalidInput):
            set_aside.put_aside([touch.pk], by=company.revops, reason=" ", now=NOW)


class TestSpam:
    def test_what_is_none_becomes_a_lead_like_any_other(self, company: Company) -> None:
        touch = spam()
        assert set_aside.let_through([touch.pk], by=company.marketing, now=NOW).advanced == 1
        touch.refresh_from_db()
        assert touch.lead is not None
        assert touch.lead.stage == "MQL"

    def test_what_is_discarded_stays_marked_and_can_still_be_let_through(
        self, company: Company
    ) -> None:
        touch = spam()
        assert queues.counts() == Counts(spam=1)
        set_aside.discard([touch.pk], by=company.marketing, now=NOW)
        assert (queues.counts(), list(queues.spam(left=True))) == (Counts(), [touch])
        assert set_aside.discard([touch.pk, spam().pk], by=company.marketing, now=NOW) == 1
        assert set_aside.let_through([touch.pk], by=company.marketing, now=NOW).advanced == 1

    def test_what_dies_on_the_way_is_taken_up_by_the_sweep(
        self, company: Company, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        touch = spam()
        with monkeypatch.context() as patch:
            patch.setattr(pipeline, "advance", lambda ids, now=None: {})
            set_aside.let_through([touch.pk], by=company.marketing, now=NOW)
        jobs.sweep(now=NOW + 2 * MINUTE)
        touch.refresh_from_db()
        assert touch.status == "ADVANCED"


@pytest.mark.django_db(transaction=True)
def test_two_people_and_the_sweep_at_once_make_one_lead_of_it() -> None:
    company = factories.company()
    touch = parked()
    mend_pool()
    start = threading.Barrier(4)

    def run(act: Any) -> None:
        start.wait()
        try:
            act()
        except TooLate:
            pass
        finally:
            connection.close()

    at = NOW + HOUR
    threads = [
        threading.Thread(target=run, args=(act,))
        for act in (
            lambda: set_aside.retry([touch.pk], by=company.revops, now=at),
            lambda: set_aside.retry([touch.pk], by=company.manager, now=at),
            lambda: pipeline.advance(parking.take_left_behind(now=at), now=at),
        )
    ]
    for one in threads:
        one.start()
    start.wait()
    for one in threads:
        one.join()
    touch.refresh_from_db()
    assert touch.status == "ADVANCED"
    assert Lead.objects.count() == 1
    assert LeadEvent.objects.filter(kind="TOUCHED").count() == 1
