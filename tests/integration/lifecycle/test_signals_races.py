"""Signals of one buyer by several doors at once: none is lost, each counts once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from leads.models import Lead, LeadEvent, SentSignal, SentStatus, Signal
from lifecycle import intake, jobs
from lifecycle.signalling import advancing, receiving
from tests import factories, merging_two
from tests.factories import MINUTE, NOW
from tests.sent_signals import VISITOR, inquiry
from tests.threads import in_turn, together

pytestmark = pytest.mark.django_db(transaction=True)

PETRA = {"email": "petra@acme.de"}


def post(number: int, **body: Any) -> Callable[[], Any]:
    """One signal of a door; every second one is sent once more."""
    signal = {"kind": "pricing_page_view", "person": PETRA, "source_id": str(number // 2), **body}
    return lambda: receiving.capture([signal], scope="user:1", now=NOW)


def test_eight_doors_at_once_lose_nothing_and_count_each_once() -> None:
    factories.company()
    lead = inquiry()
    answers = together([post(number) for number in range(8)])
    assert {one.status for (one,) in answers} <= {200, 201}, answers
    assert Signal.objects.filter(lead=lead).count() == 4
    assert SentSignal.objects.filter(status=SentStatus.ADVANCED).count() == 4
    assert Lead.objects.get().stage == "MQL"
    assert LeadEvent.objects.filter(lead=lead, transition="qualify").count() == 1
    merging_two.assert_clean(NOW)


def test_signals_and_the_touch_that_makes_their_buyer_known_meet() -> None:
    factories.company()
    body = factories.touch(person=PETRA, visitor=VISITOR)
    jobs_at_once = [
        *(post(2 * number) for number in range(4)),
        *(post(2 * number + 100, person={}, visitor=VISITOR) for number in range(3)),
        lambda: intake.capture([body], scope="form", keys=["1"], now=NOW),
    ]
    answers = together(jobs_at_once)
    assert {one.status for (one,) in answers} == {201}, answers
    jobs.sweep(NOW + 2 * MINUTE)
    assert SentSignal.objects.exclude(status=SentStatus.ADVANCED).count() == 0
    assert Signal.objects.filter(sent_as__isnull=False).count() == 7
    merging_two.assert_clean(NOW + 2 * MINUTE)


def test_the_sweep_and_the_door_that_take_up_one_signal_count_it_once() -> None:
    factories.company()
    lead = inquiry()
    receiving.capture(
        [{"kind": "page_view", "person": {"email": "new@acme.de"}}], scope="u", now=NOW
    )
    waiting = SentSignal.objects.get()
    SentSignal.objects.update(payload={"person": PETRA}, keys=["EMAIL:petra@acme.de"])
    first, second = in_turn(
        lambda: advancing.advance([waiting.pk], now=NOW + MINUTE),
        lambda: advancing.advance([waiting.pk], now=NOW + MINUTE),
    )
    assert first[waiting.pk]["outcome"] == second[waiting.pk]["outcome"] == "counted"
    assert Signal.objects.filter(lead=lead).count() == 1
