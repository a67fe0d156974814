"""What is told of colleagues' figures, and what is not."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing import discretion, strategies
from routing.caps import Limit
from routing.discretion import ALL, Sight
from routing.strategies import Candidate, Terms, Wanted

ANNA, BEN, CARA = 1001, 1002, 1003
OWN, SHARED = Sight(ANNA), Sight(ANNA, frozenset({"dach"}), frozenset({ANNA, BEN}))
UNTIL = "2026-03-02T12:00:00+00:00"
NUMBERS = st.integers(2_000, 9_999)


@st.composite
def candidates(draw: st.DrawFn) -> list[Candidate]:
    return [
        Candidate(
            user=user,
            weight=draw(st.integers(1, 100)),
            credit=draw(NUMBERS),
            open_leads=draw(NUMBERS),
            open_cap=draw(st.none() | NUMBERS),
            unavailable=draw(st.sampled_from([None, None, "off shift", "held it before"])),
            until=UNTIL,
            limits=tuple(
                Limit(period, draw(NUMBERS), draw(NUMBERS), draw(NUMBERS), UNTIL)
                for period in draw(st.sets(st.sampled_from(["DAY", "WEEK", "MONTH"])))
            ),
            languages=("de",),
            won=draw(st.integers(0, 100)),
            decided=draw(st.integers(100, 200)),
            lately=draw(st.integers(0, 100)),
        )
        for user in (ANNA, BEN, CARA)
    ]


@given(candidates(), st.sampled_from(sorted(strategies.STRATEGIES)), st.booleans())
def test_whatever_is_picked_a_colleague_has_no_number_but_the_rank(
    some: list[Candidate], strategy: str, speaks: bool
) -> None:
    terms = Terms(strategy=strategy, matches_language=speaks)
    pick = strategies.pick(terms, some, Wanted(language="de" if speaks else ""))
    kept = [one.as_data() for one in pick.considered]
    told = discretion.candidates(kept, pool="dach", sight=OWN)
    assert told[0] == kept[0]
    for before, one in zip(kept[1:], told[1:], strict=True):
        assert set(one) == {"user", "rank", "excluded", "until", "withheld"}
        assert one["rank"] == before["rank"]
        assert bool(one["excluded"]) == bool(before["excluded"])
        assert not any(sign.isdigit() for sign in one["excluded"] or "")
    why = discretion.because(pick.because, pool="dach", picked=BEN, sight=OWN)
    assert not any(sign.isdigit() for sign in why), why
    for sight in (SHARED, ALL):
        assert discretion.candidates(kept, pool="dach", sight=sight) == kept
        assert discretion.because(pick.because, pool="dach", picked=BEN, sight=sight) == (
            pick.because
        )


@pytest.mark.parametrize(
    ("text", "picked", "told"),
    [
        ("wins most of leads like this: 62% where the mean is 40%", BEN,
         "wins most of leads like this"),
        ("wins most of leads like this: 62% where the mean is 40%", ANNA,
         "wins most of leads like this: 62%"),
        ("on call while nobody works, wins most of leads like this: 6% where the mean is 4%, "
         "of those who speak de", BEN,
         "on call while nobody works, wins most of leads like this, of those who speak de"),
        ("next in the weighted rotation, as 43 of the last 100 went to who does best with leads "
         "like this", ANNA,
         "next in the weighted rotation, as enough lately went to who does best with leads like "
         "this"),
        ("next in the weighted rotation", BEN, "next in the weighted rotation"),
        ("at the cap: 30 of 30 open leads", None, "at a cap"),
        ("", None, ""),
    ],
)  # fmt: skip
def test_why_is_told_in_words(text: str, picked: int | None, told: str) -> None:
    assert discretion.because(text, pool="dach", picked=picked, sight=OWN) == told
    assert discretion.because(text, pool="dach", picked=picked, sight=SHARED) == text
    assert discretion.because(text, pool="nordics", picked=picked, sight=SHARED) == told


@pytest.mark.parametrize(
    ("excluded", "until", "told", "still"),
    [
        ("off shift", UNTIL, "off shift", UNTIL),
        ("at the cap: 5 of 5 leads today", UNTIL, "at a cap", None),
        ("kept for Ben", None, "kept for Ben", None),
        (None, None, None, None),
    ],
)
def test_the_kind_of_reason_stays_and_until_when_save_for_caps(
    excluded: str | None, until: str | None, told: str | None, still: str | None
) -> None:
    entry = {"user": BEN, "weight": 3, "excluded": excluded, "until": until, "rank": None}
    [one] = discretion.candidates([entry], pool="dach", sight=OWN)
    assert (one["excluded"], one["until"]) == (told, still)


def test_whom_a_rule_meant_is_told_without_what_they_held() -> None:
    meant = {"user": CARA, "by": "BUYER", "open_leads": 30, "open_cap": 30, "full": "at the cap: 9"}
    kept: list[dict[str, Any]] = [
        {"rule": "one", "matched": False, "facts": {}},
        {"rule": "two", "matched": False, "facts": {}, "meant": meant,
         "refused": "at the cap: 30 of 30 open leads"},
    ]  # fmt: skip
    for sight in (OWN, SHARED):
        told = discretion.tried(kept, sight=sight)
        assert told[0] == kept[0]
        assert told[1]["refused"] == "at a cap"
        assert told[1]["meant"] == {
            "user": CARA, "by": "BUYER", "full": "at a cap", "withheld": True
        }  # fmt: skip
    assert discretion.tried(kept, sight=Sight(CARA)) == kept
    assert discretion.tried(kept, sight=ALL) == kept


def test_of_a_snapshot_the_terms_and_the_members_stay() -> None:
    content = {
        "pool": "dach", "strategy": "BEST_PERFORMER", "state": {"window": [ANNA, BEN]},
        "members": [{"user": ANNA, "weight": 2}, {"user": BEN, "weight": 3, "open_cap": 30}],
    }  # fmt: skip
    assert discretion.snapshot(content, pool="dach", sight=OWN) == {
        "pool": "dach", "strategy": "BEST_PERFORMER", "withheld": True,
        "members": [{"user": ANNA, "weight": 2}, {"user": BEN, "withheld": True}],
    }  # fmt: skip
    assert discretion.snapshot(content, pool="dach", sight=ALL) == content
    place = {"after": 3, "passed": [BEN], "moved": [[BEN, 4]]}
    told = discretion.place(place, pool="dach", sight=OWN)
    assert told == {"after": 3, "passed": [BEN]}
    assert discretion.place(None, pool="dach", sight=OWN) is None
