"""Stored decisions made again by command: the last, a sample, some; exit 1 where one differs."""

from __future__ import annotations

from io import StringIO

import pgtrigger
import pytest
from django.core.management import CommandError, call_command

from leads.models import Person
from routing import replay_run
from routing.models import Decision, Pool
from tests import factories
from tests.factories import MINUTE, NOW

pytestmark = pytest.mark.django_db


def run(*words: str) -> str:
    out = StringIO()
    call_command("decisions", "replay", *words, stdout=out)
    return out.getvalue()


@pytest.fixture
def decisions() -> list[int]:
    factories.company(reps=("anna", "ben", "cleo"))
    Pool.objects.filter(key="dach").update(random_percent=40)
    for batch in range(3):
        factories.captures([factories.touch() for _ in range(4)], now=NOW + batch * MINUTE)
    return sorted(Decision.objects.values_list("pk", flat=True))


def test_all_of_them_come_out_as_recorded(decisions: list[int]) -> None:
    assert "12 of 12 come out as recorded" in run()
    assert "2 of 2 come out" in run("--last", "2")
    assert "5 of 5 come out" in run("--sample", "5", "--seed", "3")
    assert "1 of 1 come out" in run(str(decisions[4]), str(decisions[4]))


def test_a_sample_is_the_same_for_the_same_seed_and_never_more_than_there_is(
    decisions: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    for looked_at in (4, 1):  # all ids known, then numbers drawn
        monkeypatch.setattr(replay_run, "LOOKED_AT", looked_at)
        one = replay_run.sample(6, seed=1)
        assert one == replay_run.sample(6, seed=1)
        assert len(set(one)) == 6
        assert set(one) < set(decisions)
    assert replay_run.sample(100, seed=1) == decisions
    assert {tuple(replay_run.sample(6, seed=seed)) for seed in range(9)} != {tuple(one)}


def test_one_that_differs_is_named_and_fails_the_command(decisions: list[int]) -> None:
    wrong = Decision.objects.get(pk=decisions[3])
    others = [one for one in wrong.candidates if one["user"] != wrong.picked_id]
    with pgtrigger.ignore("routing.Decision:decisions_are_append_only"):
        Decision.objects.filter(pk=wrong.pk).update(picked=others[0]["user"])
    with pytest.raises(CommandError, match="1 differ from their records"):
        run()
    assert "3 of 3 come out" in run("--last", "3")


def test_erased_people_are_left_out_and_counted(decisions: list[int]) -> None:
    Person.objects.filter(leads__decisions=decisions[0]).update(erased_at=NOW)
    assert "11 of 11 come out as recorded, 1 left out" in run()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--last", "0"], "1 or more"),
        (["--sample", "-3"], "1 or more"),
        (["1", "--last", "3"], "not both"),
        (["999999999"], "1 of these decisions are not there"),
    ],
)
def test_what_cannot_be_asked_is_told(words: list[str], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        run(*words)


def test_nothing_to_replay_is_no_fault() -> None:
    assert "0 of 0 come out" in run()
    assert "0 of 0 come out" in run("--sample", "5")
