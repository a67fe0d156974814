"""What is said of each slice, and which slices there are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import pytest

from governance import change_words
from governance.changes import Kind
from reports.drift import causes, series, verdicts, wording
from reports.drift.verdicts import ALL, Evidence, Lack, Metric, State, Tally, Verdict
from reports.drift.windows import Window

FIRST = dt.date(2026, 3, 2)  # a Monday
BEFORE = tuple(FIRST + dt.timedelta(days=n) for n in range(14))
AFTER = tuple(FIRST + dt.timedelta(days=n) for n in range(15, 29))
WORKING = frozenset(day for day in (*BEFORE, *AFTER) if day.weekday() < 5)


def tallies(
    days: Iterable[dt.date], step: str, count: int, *, source: str = "PAID", reason: str = ""
) -> list[Tally]:
    return [Tally(1, day, step, source, reason, count) for day in days if count]


def evidence(
    before: list[Tally], after: list[Tally], *, reasons: tuple[str, ...] = ("spam", "timing")
) -> Evidence:
    window = Window(BEFORE, AFTER, AFTER[0])
    return Evidence(window, tuple(before), tuple(after), WORKING, frozenset(reasons))


def found(given: Evidence) -> dict[tuple[Metric, str], Verdict]:
    return {(one.metric, one.slice): one for one in verdicts.judge(given)}


def decided(days: Iterable[dt.date], accepted: int, rejected: int, **more: str) -> list[Tally]:
    given = list(days)
    return [
        *tallies(given, "accept", accepted, source=more.get("source", "PAID")),
        *tallies(given, "reject", rejected, source=more.get("source", "PAID"), reason="spam"),
    ]


def test_with_nothing_counted_each_figure_says_what_it_lacks() -> None:
    said = found(evidence([], []))
    assert {key: one.state for key, one in said.items()} == {
        (metric, ALL): State.TOO_FEW for metric in Metric
    }
    assert said[Metric.ACCEPTANCE, ALL].lack == Lack(0, 30, "decision", "since")


@pytest.mark.parametrize(
    ("before", "after", "state"),
    [((6, 2), (2, 6), State.BELOW), ((2, 6), (6, 2), State.ABOVE), ((4, 4), (4, 4), State.WITHIN)],
)
def test_acceptance_is_what_was_accepted_among_what_was_decided(
    before: tuple[int, int], after: tuple[int, int], state: State
) -> None:
    said = found(evidence(decided(BEFORE, *before), decided(AFTER, *after)))
    one = said[Metric.ACCEPTANCE, ALL]
    assert one.state is state
    assert one.limits is not None
    assert (one.limits.expected, one.limits.observed) == (before[0] / 8, after[0] / 8)
    assert one.limits.n == 8 * 14


def test_one_source_alone_is_not_told_twice_and_a_small_one_says_so() -> None:
    alone = evidence(decided(BEFORE, 4, 4), decided(AFTER, 4, 4))
    assert [key for key in found(alone) if key[0] is Metric.ACCEPTANCE] == [
        (Metric.ACCEPTANCE, ALL)
    ]
    event = decided(AFTER, 1, 0, source="EVENT")
    said = found(evidence(decided(BEFORE, 4, 4), [*decided(AFTER, 4, 4), *event]))
    assert said[Metric.ACCEPTANCE, "PAID"].state is State.WITHIN
    assert said[Metric.ACCEPTANCE, "EVENT"].lack == Lack(14, 30, "decision", "since")


def test_a_shift_of_one_source_is_found_there() -> None:
    both = decided(BEFORE, 6, 2) + decided(BEFORE, 6, 2, source="EVENT")
    later = decided(AFTER, 6, 2) + decided(AFTER, 1, 7, source="EVENT")
    said = found(evidence(both, later))
    assert said[Metric.ACCEPTANCE, "EVENT"].state is State.BELOW
    assert said[Metric.ACCEPTANCE, "PAID"].state is State.WITHIN


def test_reasons_that_only_one_version_knows_are_left_out() -> None:
    def rejected(days: Iterable[dt.date], spam: int, timing: int, new: int) -> list[Tally]:
        given = list(days)
        return [
            *tallies(given, "reject", spam, reason="spam"),
            *tallies(given, "reject", timing, reason="timing"),
            *tallies(given, "reject", new, reason="new"),
        ]

    said = found(evidence(rejected(BEFORE, 3, 3, 0), rejected(AFTER, 3, 3, 9)))
    reasons = {key[1]: one for key, one in said.items() if key[0] is Metric.REASONS}
    assert {key: one.state for key, one in reasons.items()} == {
        "spam": State.WITHIN,
        "timing": State.WITHIN,
    }
    said = found(evidence(rejected(BEFORE, 5, 1, 0), rejected(AFTER, 1, 5, 0)))
    assert said[Metric.REASONS, "spam"].state is State.BELOW
    assert said[Metric.REASONS, "timing"].state is State.ABOVE


def test_volume_counts_working_days_only() -> None:
    weekend = [day for day in AFTER if day.weekday() > 4]
    given = evidence(
        tallies(BEFORE, "qualify", 6),
        tallies(AFTER, "qualify", 6) + tallies(weekend, "qualify", 99),
    )
    one = found(given)[Metric.VOLUME, ALL]
    assert one.state is State.WITHIN
    assert one.limits is not None
    assert (one.limits.expected, one.limits.observed, one.limits.n) == (6, 6, 10)


def test_a_source_that_dries_up_is_seen_and_a_trickle_is_not_judged() -> None:
    before = tallies(BEFORE, "qualify", 6) + tallies(BEFORE, "qualify", 4, source="EVENT")
    before += tallies(BEFORE, "qualify", 1, source="PARTNER")
    said = found(evidence(before, tallies(AFTER, "qualify", 6)))
    assert said[Metric.VOLUME, "EVENT"].state is State.BELOW
    assert said[Metric.VOLUME, "PARTNER"].lack == Lack(10, 20, "MQL", "on both sides")


def test_the_slices_of_a_figure_share_the_risk_and_what_is_said_of_all_has_half_of_it() -> None:
    def low(sources: tuple[str, ...]) -> float:
        before = [one for name in sources for one in decided(BEFORE, 4, 4, source=name)]
        after = [one for name in sources for one in decided(AFTER, 4, 4, source=name)]
        limits = found(evidence(before, after))[Metric.ACCEPTANCE, sources[0]].limits
        assert limits is not None
        return limits.low

    assert low(("A", "B", "C", "D", "E", "F")) < low(("A", "B"))


def test_points_are_days_in_a_short_watch_and_weeks_in_a_long_one() -> None:
    short = evidence(tallies(BEFORE, "qualify", 6), tallies(AFTER, "qualify", 6))
    points = series.of(Metric.VOLUME, short)
    assert [(one.first, one.after) for one in points] == [
        (day, day in AFTER) for day in (*BEFORE, *AFTER) if day in WORKING
    ]
    assert series.of(Metric.REASONS, short) == ()
    many = tuple(FIRST + dt.timedelta(days=n) for n in range(16, 46))
    window = Window(BEFORE, many, many[0])
    long = Evidence(window, short.before, tuple(tallies(many, "qualify", 6)), WORKING, frozenset())
    weeks = [one for one in series.of(Metric.ACCEPTANCE, long) if one.after]
    assert {one.limits for one in weeks} == {None}  # nothing was decided
    assert [(one.last - one.first).days for one in weeks] == [6, 6, 6, 6, 1]


def told(part: str, key: str) -> change_words.Told:
    return change_words.Told(part, key, Kind.CHANGED, key, ())


@pytest.mark.parametrize(
    ("metric", "kept"),
    [
        (Metric.VOLUME, {"icp", "page_view", "fit", "hot", "FORM", "email"}),
        (Metric.ACCEPTANCE, {"icp", "reachable", "dach", "spam"}),
        (Metric.REASONS, {"icp", "reachable", "spam"}),
    ],
)
def test_parts_are_named_only_for_what_they_bear_on(metric: Metric, kept: set[str]) -> None:
    changes = [
        told("criterion", "icp"), told("criterion", "reachable"), told("criterion", "budget"),
        told("signal", "page_view"), told("score_rule", "fit"), told("score_band", "hot"),
        told("channel", "FORM"), told("identity_rule", "email"), told("routing_rule", "dach"),
        told("reason", "spam"), told("clock_policy", "route"), told("routing_rule", ""),
    ]  # fmt: skip
    before = {"parts": {"criterion": [{"key": "icp", "stage": "MQL"}]}}
    after = {
        "parts": {
            "criterion": [{"key": "reachable", "stage": "SAL"}, {"key": "budget", "stage": "SQL"}]
        }
    }
    assert {one.key for one in causes.among(changes, metric, before, after)} == kept


@pytest.mark.parametrize(
    ("metric", "label", "figures", "sentence"),
    [
        (Metric.ACCEPTANCE, "", (0.2, 0.5, 0.9, 45),
         "Acceptance rate fell to 20.0 % of 45 decisions; 50.0 to 90.0 % was to be expected."),
        (Metric.VOLUME, "Paid", (15.0, 2.0, 9.5, 9),
         "MQL volume (Paid) rose to 15.0 a working day over 9 working days; 2.0 to 9.5 was to be "
         "expected."),
        (Metric.REASONS, "Spam", (1.0, 0.0, 0.4, 1),
         "Reject reason “Spam” rose to 100.0 % of 1 rejection; 0.0 to 40.0 % was to be expected."),
    ],
)  # fmt: skip
def test_what_left_its_limits_is_one_sentence(
    metric: Metric, label: str, figures: tuple[float, float, float, int], sentence: str
) -> None:
    observed, low, high, n = figures
    said = wording.left_limits(metric, label, observed=observed, low=low, high=high, n=n)
    assert said == sentence


@pytest.mark.parametrize(
    ("lack", "sentence"),
    [
        (Lack(12, 30, "decision", "since"), "12 of 30 decisions since v3"),
        (Lack(1, 5, "working day", "before"), "1 of 5 working days under v2 to compare with"),
        (Lack(0, 20, "MQL", "on both sides"), "0 of 20 MQLs before and since"),
    ],
)
def test_what_is_lacking_is_counted(lack: Lack, sentence: str) -> None:
    assert wording.too_few(lack, version=3, base=2) == sentence
