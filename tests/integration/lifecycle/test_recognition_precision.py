"""Buyers with known truth through the pipeline: what is attached is one sender's."""

from __future__ import annotations

import pytest

from bench import _labelled
from leads.models import DuplicateSuggestion, Touch
from lifecycle import intake
from lifecycle.invariants import run
from tests import factories
from tests.factories import NOW


@pytest.mark.django_db
def test_what_attaches_by_itself_is_one_person_and_most_of_the_rest_is_suggested() -> None:
    factories.company()
    touches = _labelled.town(stories=4, seed=11)
    keys = [str(place) for place in range(len(touches))]
    for start in range(0, len(touches), 60):
        part = slice(start, start + 60)
        answers = intake.capture(
            [one.body for one in touches[part]], scope="t", keys=keys[part], now=NOW
        )
        assert {answer.status for answer in answers} == {201}
    rows = Touch.objects.values_list("idempotency_key", "person_id")
    people = {int(key): person for key, person in rows if person is not None}
    suggested = set(DuplicateSuggestion.objects.values_list("first_id", "second_id"))
    seen = _labelled.judge(touches, people, suggested)["all"]
    assert seen["attached"] > 100
    assert seen["right"] / seen["attached"] >= 0.99
    assert seen["right"] / seen["true"] >= 0.75
    assert (seen["right"] + seen["suggested"]) / seen["true"] >= 0.95
    assert not [one.invariant.key for one in run.check(now=NOW, replay=20) if one.broken]
