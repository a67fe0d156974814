"""Many picks one after the other: the quick way picks as the full one, and records replay."""

from __future__ import annotations

import datetime as dt
import json
import random
from dataclasses import replace
from typing import Any

import pytest

from core import work_calendar
from people import availability
from people.availability import Availability
from routing import batch, caps, strategies
from routing.batch import FULL, Batch
from routing.strategies import Candidate, Pick, Terms, Wanted

NOW = dt.datetime(2026, 3, 3, 10, 0, tzinfo=dt.UTC)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SEGMENTS = ("", "1-10", "201-500")


def terms(chance: random.Random) -> Terms:
    return Terms(
        strategy=chance.choice(sorted(strategies.STRATEGIES)),
        matches_language=chance.random() < 0.3,
        random_percent=chance.choice((0, 0, 10, 50)),
        fewest_outcomes=chance.randrange(40),
        most_percent=chance.randrange(1, 101),
        catches_up=(catches_up := chance.random() < 0.4),
        paced=catches_up and chance.random() < 0.7,
        by_weight=chance.random() < 0.4,
    )


def hours(chance: random.Random) -> Availability:
    """Somebody's calendar: other days and hours, other zones, sometimes on leave or away."""
    opens = chance.randrange(0, 20)
    closes = chance.randrange(opens + 1, 24)
    week = {day: [[f"{opens:02}:00", f"{closes:02}:00"]] for day in DAYS if chance.random() < 0.8}
    zone = chance.choice(("Europe/Berlin", "Asia/Kolkata", "America/New_York", "UTC"))
    calendar = work_calendar.from_document({"zone": zone, "week": week, "closed": [], "opened": {}})
    day = dt.timedelta(days=chance.randrange(-3, 4))
    leave = ((NOW + day, NOW + day + dt.timedelta(days=2)),) if chance.random() < 0.3 else ()
    return Availability(active=chance.random() < 0.95, hours=calendar, leaves=leave)


def candidate(user: int, chance: random.Random, at: dt.datetime) -> Candidate:
    who = hours(chance)
    reason = availability.reason(who, at)
    some = {period: chance.choice((None, chance.randrange(0, 9))) for period in caps.PERIODS}
    received = {period: chance.randrange(0, 5) for period in caps.PERIODS}
    return Candidate(
        user=user,
        weight=chance.randrange(1, 12),
        credit=chance.randrange(-40, 40),
        open_leads=chance.randrange(0, 8),
        open_cap=chance.choice((None, None, chance.randrange(0, 20))),
        unavailable=reason.words if reason else None,
        until=reason.until.isoformat() if reason and reason.until else None,
        absent=reason is not None and reason.words in ("on leave", "away"),
        limits=caps.limits(who.hours, at, caps=some, received=received)
        if chance.random() < 0.4
        else (),
        languages=tuple(chance.sample(("de", "fr", "it"), chance.randrange(3))),
        lent=chance.choice((0, chance.randrange(-60, 60))),
    )


def pool(chance: random.Random, *, size: int, its: Terms) -> Batch:
    at = NOW + dt.timedelta(minutes=chance.randrange(60 * 24 * 30))
    outcomes = {
        user: {one: (won := chance.randrange(30), won + chance.randrange(40)) for one in SEGMENTS}
        for user in range(1, size + 1)
    }
    return Batch(
        its,
        [candidate(user, chance, at) for user in range(1, size + 1)],
        window=[chance.randrange(1, size + 1) for _ in range(chance.randrange(130))],
        outcomes=outcomes if its.strategy == "BEST_PERFORMER" else None,
    )


def buyer(chance: random.Random) -> Wanted:
    return Wanted(
        language=chance.choice(("", "de", "en", "fr")),
        segment=chance.choice(SEGMENTS),
        seed=str(chance.randrange(10**9)),
    )


def stored(value: Any) -> Any:
    """As the database gives it back."""
    return json.loads(json.dumps(value))


def told(pick: Pick) -> tuple[Any, ...]:
    return pick.user, pick.because, [one.as_data() for one in pick.considered]


def test_five_thousand_random_decisions_replay_bit_for_bit() -> None:
    chance = random.Random(20_260_303)
    made = picked = 0
    while made < 5_000:
        its = terms(chance)
        some = pool(chance, size=chance.randrange(1, 9), its=its)
        content = stored(its.as_data())
        for _ in range(10):
            wanted = buyer(chance)
            passed = [chance.randrange(1, 9)] if chance.random() < 0.2 else []
            first = some.pick(wanted, passed=passed)
            record = stored([one.as_data() for one in first.considered])
            again = strategies.pick(
                strategies.terms_of(content), [strategies.of_data(one) for one in record], wanted
            )
            assert told(again) == told(first)
            assert stored([one.as_data() for one in again.considered]) == record
            made += 1
            picked += first.user is not None
    assert picked > 2_000


@pytest.mark.parametrize("seed", range(12))
def test_a_large_pool_is_dealt_again_from_its_start_and_the_places(seed: int) -> None:
    chance = random.Random(seed)
    its = terms(chance) if seed % 2 else Terms(catches_up=seed % 4 == 0, paced=seed % 8 == 0)
    some = pool(chance, size=FULL + 10, its=its)
    content = stored({**its.as_data(), "state": some.as_data()})
    records = []
    for _ in range(60):
        for _ in range(chance.choice((0, 0, 1, 2))):
            some.move(chance.randrange(1, 80))
        wanted, passed = buyer(chance), chance.sample(range(1, 70), chance.choice((0, 1, 40)))
        records.append((wanted, some.pick(wanted, passed=passed)))
    dealt = batch.of_snapshot(content)
    for wanted, first in records:
        again = batch.again(dealt, stored(first.place), wanted)
        assert told(again) == told(first)
    assert (dealt.credits, dealt.lents) == (some.credits, some.lents)


@pytest.mark.parametrize("strategy", sorted(strategies.STRATEGIES))
@pytest.mark.parametrize("seed", range(8))
def test_the_quick_way_of_large_pools_picks_as_the_full_one(seed: int, strategy: str) -> None:
    chance = random.Random(seed)
    its = replace(terms(chance), strategy=strategy)
    quick = pool(chance, size=FULL + 20, its=its)
    for _ in range(80):
        passed = chance.sample(range(1, 70), chance.choice((0, 0, 3)))
        wanted = buyer(chance)
        full = strategies.pick(its, quick.candidates(wanted, passed=passed), wanted)
        chosen = quick.pick(wanted, passed=passed)
        assert (chosen.user, chosen.because) == (full.user, full.because)
        assert quick.credits == [one.credit_after for one in full.considered]
        assert quick.lents == [one.lent_after for one in full.considered]
        if chosen.user is not None:
            (story,) = (one for one in full.considered if one.candidate.user == chosen.user)
            (own,) = chosen.considered
            assert own == story


def test_a_pick_that_is_missing_before_it_is_told() -> None:
    chance = random.Random(1)
    some = pool(chance, size=FULL + 1, its=Terms())
    content = stored({**Terms().as_data(), "state": some.as_data()})
    some.pick()
    second = some.pick()
    with pytest.raises(LookupError, match="pick 0"):
        batch.again(batch.of_snapshot(content), second.place or {}, Wanted())
