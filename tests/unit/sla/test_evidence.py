"""What something that was done is worth for a clock."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla import evidence
from sla.evidence import Verdict, WhyNot

TEN = dt.datetime(2026, 3, 3, 10, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
HOUR = 60 * MINUTE


@dataclass(frozen=True, slots=True)
class Done:
    at: dt.datetime
    recorded_at: dt.datetime
    verified: bool = False
    automatic: bool = False
    is_contact: bool = True


@dataclass(frozen=True, slots=True)
class Owed:
    event_at: dt.datetime | None
    started_at: dt.datetime


OWED = Owed(TEN, TEN + 5 * MINUTE)


def done(minutes: float, *, written: float | None = None, **columns: bool) -> Done:
    at = TEN + minutes * MINUTE
    return Done(at, at if written is None else TEN + written * MINUTE, **columns)


@pytest.mark.parametrize(
    ("one", "at", "backdated"),
    [
        (done(5), 5, False),
        (done(20), 20, False),
        (done(0), 5, False),  # when the buyer asked: it counts from when it was owed
        (done(4.9), 5, False),
        (done(20, written=80), 20, False),
        (done(20, written=80.1), 80.1, True),
        (done(2, written=62.1), 62.1, True),
        (done(20, written=300, verified=True), 20, False),
    ],
)
def test_it_counts_at_its_time_or_when_it_was_written(
    one: Done, at: float, backdated: bool
) -> None:
    found = evidence.judge(one, OWED, backdating=HOUR)
    assert found.counts
    assert (found.at, found.backdated) == (TEN + at * MINUTE, backdated)
    assert found.proof == (evidence.VERIFIED if one.verified else evidence.SELF)


@pytest.mark.parametrize(
    ("one", "why"),
    [
        (done(-0.1), WhyNot.BEFORE),
        (done(-30 * 24 * 60, written=10), WhyNot.BEFORE),
        (done(-1, verified=True), WhyNot.BEFORE),
        (done(10, automatic=True, verified=True), WhyNot.AUTOMATIC),
        (done(-10, automatic=True), WhyNot.AUTOMATIC),
        (done(10, is_contact=False), WhyNot.NO_CONTACT),
    ],
)
def test_some_things_never_count(one: Done, why: WhyNot) -> None:
    assert evidence.judge(one, OWED, backdating=HOUR).why_not is why


def test_without_a_cause_of_before_it_was_asked_at_the_start() -> None:
    owed = Owed(None, TEN)
    assert evidence.judge(done(-1), owed, backdating=None).why_not is WhyNot.BEFORE
    assert evidence.judge(done(0), owed, backdating=None).at == TEN


def test_a_kit_without_a_limit_believes_reports_of_any_age() -> None:
    assert evidence.judge(done(20, written=9_000), OWED, backdating=None).at == TEN + 20 * MINUTE


MINUTES = st.integers(-60, 600)


@st.composite
def anything_done(draw: st.DrawFn) -> Done:
    at = draw(MINUTES)
    return done(
        at,
        written=at + draw(st.integers(0, 300)),
        verified=draw(st.booleans()),
        automatic=draw(st.sampled_from([False, False, True])),
        is_contact=draw(st.sampled_from([True, True, False])),
    )


def known(some: list[Done]) -> Verdict | None:
    """As clocks learn of it: what comes first stops it, what is better later corrects it."""
    best: Verdict | None = None
    for one in some:
        verdict = evidence.judge(one, OWED, backdating=HOUR)
        if best is None:
            best = verdict if verdict.counts else None
        elif evidence.is_better(verdict, than=best):
            best = verdict
    return best


@given(st.lists(anything_done(), max_size=6), anything_done())
def test_more_evidence_never_makes_a_clock_later(some: list[Done], more: Done) -> None:
    before, after = known(some), known([*some, more])
    if before is not None:
        assert after is not None
        assert after.at <= before.at


@given(st.lists(anything_done(), max_size=6), st.randoms(use_true_random=False))
def test_the_order_in_which_it_comes_decides_nothing(some: list[Done], chance: object) -> None:
    mixed = list(some)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    told, again = known(some), known(mixed)
    verdicts = [evidence.judge(one, OWED, backdating=HOUR) for one in some]
    first = evidence.first(verdicts)
    assert [(one.at, one.proof) if one else None for one in (told, again)] == [
        (first.at, first.proof) if first else None
    ] * 2


@given(anything_done(), st.integers(0, 120))
def test_a_shorter_limit_never_makes_it_earlier(one: Done, minutes: int) -> None:
    short = evidence.judge(one, OWED, backdating=minutes * MINUTE)
    assert short.at >= evidence.judge(one, OWED, backdating=None).at


@given(anything_done())
def test_nothing_counts_before_it_was_owed(one: Done) -> None:
    found = evidence.judge(one, OWED, backdating=HOUR)
    assert not found.counts or found.at >= OWED.started_at
    assert not evidence.judge(replace(one, at=TEN - MINUTE), OWED, backdating=None).counts
