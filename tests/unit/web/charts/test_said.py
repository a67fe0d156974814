"""What charts say: rates of the right base, what is not over, few, overlap, benchmarks, peaks."""

from __future__ import annotations

import datetime as dt

import pytest

from reports import intervals
from web.console.charts import benchmark, cohorts, comparison, funnel, histogram, hours, trend
from web.console.charts.comparison import Share
from web.console.charts.parts import Chart, Measure, Unit
from web.console.charts.shades import shade

SHARES, SECONDS = Measure(Unit.SHARE), Measure(Unit.SECONDS)
ALL = Share("All", 60, 100)


def table(chart: Chart) -> list[list[str]]:
    return [[cell.text for cell in row] for row in chart.table.rows]


def test_a_step_of_the_funnel_is_a_share_of_its_own_base() -> None:
    steps = [
        funnel.Step("Leads", 200),
        funnel.Step("MQL", 80),
        funnel.Step("Worked", 90),
        funnel.Step("SQL", 45),
        funnel.Step("Won", 9, of=30, of_label="Opportunity"),
    ]
    drawn = funnel.draw("f", "Funnel", steps)
    assert [one.rate for one in drawn.bars] == [
        "", "40.0 % of leads", "112.5 % of MQL · 45.0 % of leads",
        "50.0 % of worked · 22.5 % of leads", "30.0 % of opportunity · 4.5 % of leads",
    ]  # fmt: skip
    assert [one.width for one in drawn.bars] == [100, 40, 45, 22.5, 4.5]
    assert table(drawn)[4] == ["Won", "9", "30.0 %", "4.5 %"]


def test_a_funnel_beside_an_earlier_one_shares_its_scale() -> None:
    drawn = funnel.draw(
        "f", "Funnel", [funnel.Step("Leads", 50), funnel.Step("MQL", 10)],
        then=[funnel.Step("Leads", 100), funnel.Step("MQL", 20)], compared="March",
    )  # fmt: skip
    assert [(one.width, one.then_width) for one in drawn.bars] == [(50, 100), (10, 20)]
    assert drawn.bars[1].then == "20, 20.0 % of leads"
    assert table(drawn)[1] == ["MQL", "10", "20.0 %", "20.0 %", "20", "20.0 %", "20.0 %"]


def test_what_is_not_over_is_hatched_and_said_and_the_rest_is_left_empty() -> None:
    step = cohorts.Step
    rows = [
        cohorts.Cohort("January", 20, (step(4), step(8), step(9, over=False))),
        cohorts.Cohort("February", 5, (step(0), step(None, over=False))),
    ]
    drawn = cohorts.draw("c", "Won", rows, heads=["+1", "+2", "+3"], label="Month")
    assert [one.is_open for one in drawn.squares] == [False, False, True, False, True]
    assert [one.text for one in drawn.squares] == ["20 %", "40 %", "45 %", "0 %", "…"]
    assert drawn.squares[2].said == "January, +3: 45 % (9 of 20), not over yet"
    assert drawn.hatch
    assert [one.n for one in drawn.lines] == ["n = 20", "n = 5, few"]
    assert table(drawn) == [
        ["January", "20", "20 % (4 of 20)", "40 % (8 of 20)", "45 % (9 of 20), not over yet"],
        ["February", "5", "0 % (0 of 5)", "not over yet", ""],
    ]


def test_points_of_few_are_hollow_and_gaps_are_not_bridged() -> None:
    counts = [(8, 10), (0, 0), (2, 3), (9, 12), (11, 12)]
    points = [
        trend.Point(f"{n} Mar", met / n if n else None, n, *(intervals.wilson(met, n) or ()))
        for met, n in counts
    ]
    drawn = trend.draw("t", "Met", points, measure=SHARES, label="Met", of="clocks")
    assert [one.is_few for one in drawn.dots] == [False, True, False, False]
    assert [one.is_alone for one in drawn.dots] == [True, False, False, False]
    assert len(drawn.lines) == len(drawn.bands) == 1
    assert len(drawn.lines[0].split()) == 3
    assert table(drawn)[:3] == [
        ["10 Mar", "80 %", "49 to 94 %", "10"],
        ["0 Mar", "–", "–", "0"],
        ["3 Mar", "67 %", "21 to 94 %", "3, few"],
    ]
    assert drawn.of == "n: clocks"
    assert drawn.dots[0].text == "10 Mar: 80 % (49 to 94 %), n = 10"


def test_publications_close_together_are_named_once() -> None:
    points = [trend.Point(f"{day} Mar", 0.5, 20) for day in range(1, 11)]
    events = [trend.Event(at, f"v{number}", "") for at, number in ((2.0, 4), (2.5, 5), (8.5, 6))]
    drawn = trend.draw("t", "Met", points, measure=SHARES, label="Met", of="n", events=events)
    assert [(one.x, one.name) for one in drawn.rules] == [(20, "v4, v5"), (25, ""), (85, "v6")]
    assert [one.anchor for one in drawn.rules] == ["start", "start", "end"]
    assert len(drawn.events) == 3


@pytest.mark.parametrize(
    ("shares", "said"),
    [
        ([], ""),
        ([Share("Anna", 5, 9)], "There is nobody to compare with."),
        ([Share("Anna", 8, 10), Share("Ben", 5, 10)],
         "All intervals overlap: there is no difference that can be told."),
        ([Share("Anna", 10, 50), Share("Ben", 45, 50), Share("Ella", 3, 4)],
         "Intervals lie apart: Ben above Anna. "
         "Between all others there is no difference that can be told."),
    ],
)  # fmt: skip
def test_a_difference_is_said_only_where_intervals_lie_apart(
    shares: list[Share], said: str
) -> None:
    assert comparison.difference(shares) == said


def test_of_many_pairs_one_may_lie_apart_by_chance() -> None:
    shares = [Share(f"Low {n}", 1, 60) for n in range(6)] + [Share("A", 59, 60)]
    said = comparison.difference(shares)
    assert said.endswith("Of 21 pairs, one or another may lie apart by chance.")
    assert "by chance" not in comparison.difference(shares[1:])


def test_more_pairs_than_can_be_read_are_counted() -> None:
    shares = [Share(f"Low {n}", 1, 60) for n in range(3)] + [Share("A", 59, 60), Share("B", 58, 60)]
    assert "; and 3 more pairs" in comparison.difference(shares)


@pytest.mark.parametrize(
    ("share", "word"),
    [
        (Share("Anna", 95, 100), "above the whole"),
        (Share("Ben", 20, 100), "below the whole"),
        (Share("Ella", 61, 100), "not to be told from the whole"),
        (Share("David", 3, 4), "few, not to be told from the whole"),
        (Share("Nina", 0, 0), "nothing decided"),
    ],
)
def test_each_stands_to_the_whole_as_far_as_can_be_told(share: Share, word: str) -> None:
    drawn = comparison.draw("r", "Reps", [share, ALL], whole=ALL, label="Rep", what="Met")
    (line,) = (one for one in drawn.lines if one.label == share.label)
    assert line.word == word
    assert line.is_few == (share.whole == 4)


@pytest.mark.parametrize(
    ("order", "names"),
    [(comparison.NAME, ["anna", "Ben", "Nina"]), (comparison.LOWER_BOUND, ["Ben", "anna", "Nina"])],
)
def test_the_order_is_no_ranking(order: str, names: list[str]) -> None:
    shares = [Share("Nina", 0, 0), Share("anna", 4, 4), Share("Ben", 80, 90)]
    drawn = comparison.draw("r", "R", shares, whole=ALL, label="Rep", what="Met", order=order)
    assert [one.label for one in drawn.lines] == names


def test_many_are_drawn_in_part_and_all_stand_in_the_table() -> None:
    shares = [Share(f"Rep {n:03}", 5, 10) for n in range(75)]
    drawn = comparison.draw("r", "Reps", shares, whole=ALL, label="Rep", what="Met")
    assert (len(drawn.lines), len(drawn.table.rows)) == (60, 76)
    assert drawn.note.endswith("15 more are in the table only.")


@pytest.mark.parametrize(
    ("value", "better", "word", "tone"),
    [
        (60.0, "lower", "below the benchmark, which is better", "ok"),
        (60.0, "higher", "below the benchmark, which is worse", "warn"),
        (300.0, "lower", "within the benchmark", "ok"),
        (900.0, "lower", "above the benchmark, which is worse", "warn"),
        (900.0, "", "above the benchmark", ""),
        (None, "lower", "–", ""),
    ],
)
def test_a_benchmark_says_where_the_figure_stands(
    value: float | None, better: str, word: str, tone: str
) -> None:
    line = benchmark.Line(120.0, 600.0, "A study", dt.date(2026, 3, 1))
    drawn = benchmark.draw("b", "Wait", value, line, measure=SECONDS, better=better)
    assert (drawn.word, drawn.tone) == (word, tone)
    assert drawn.note == "Benchmark 2 min to 10 min: A study, 1 Mar 2026."


@pytest.mark.parametrize(
    ("low", "high", "band"),
    [(None, 0.5, "up to 50 %"), (0.5, None, "50 % or more"), (0.5, 0.5, "50 %"), (None, None, "–")],
)
def test_a_benchmark_may_be_open(low: float | None, high: float | None, band: str) -> None:
    drawn = benchmark.draw("b", "Rate", 0.4, benchmark.Line(low, high, ""), measure=SHARES)
    assert drawn.note == f"Benchmark {band}: no source named, undated."
    assert drawn.low + drawn.width <= 100


def test_columns_count_up_to_and_with_their_edge() -> None:
    assert histogram.counted([0, 60, 61, 300, 301], [60, 300]) == [2, 2, 1]


def test_marks_stand_at_their_part_of_a_column() -> None:
    edges = [60.0, 300.0]
    assert histogram.place_of(30, edges) == pytest.approx(100 / 6)
    assert histogram.place_of(180, edges) == pytest.approx(50)
    assert histogram.place_of(9_999, edges) == pytest.approx(500 / 6)


def test_the_spread_is_told_in_words() -> None:
    marks = [histogram.Mark("Median", 200.0), histogram.Mark("90th percentile", None)]
    drawn = histogram.draw(
        "d", "Wait", [2, 5, 1], [60, 300], measure=SECONDS, what="Contacts", marks=marks
    )
    assert drawn.label == "Wait: n = 8, Median 3 min"
    assert drawn.note == "Of 8 only: the shape may be chance."
    assert table(drawn) == [
        ["up to 1 min", "2", "25.0 %", "25.0 %"],
        ["1 min to 5 min", "5", "62.5 %", "87.5 %"],
        ["over 5 min", "1", "12.5 %", "100.0 %"],
    ]


def test_the_busiest_hour_is_said() -> None:
    drawn = hours.draw("h", "Missed", {(1, 14): 6, (4, 9): 2}, what="deadlines", zone="Berlin")
    assert (
        drawn.note == "Most on Tuesday from 14 to 15: 6 of 8 deadlines. Hours are those of Berlin."
    )
    shown = {one.said: one.text for one in drawn.squares if one.text}
    assert shown == {"Tuesday from 14 to 15: 6": "6", "Friday from 9 to 10: 2": "2"}
    assert [row[-1] for row in table(drawn)] == ["0", "6", "0", "0", "2", "0", "0"]


def test_of_hours_alike_none_is_the_busiest() -> None:
    drawn = hours.draw("h", "Missed", {(1, 14): 2, (4, 9): 2, (5, 9): 1}, what="deadlines")
    assert drawn.note == "5 deadlines, at most 2 in one hour of the week."


def test_shares_by_hour_tell_none_from_nothing() -> None:
    drawn = hours.draw("h", "Missed", {(0, 8): 1}, what="deadlines", wholes={(0, 8): 4, (0, 9): 5})
    assert table(drawn)[0][9:12] == ["25 %", "0 %", "–"]


@pytest.mark.parametrize(
    ("value", "wanted"), [(0, 0), (0.01, 1), (1, 1), (1.01, 2), (4.99, 5), (5, 5), (9, 5)]
)
def test_shades_go_by_equal_parts(value: float, wanted: int) -> None:
    assert shade(value, 5) == wanted
