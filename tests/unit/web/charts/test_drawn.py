"""Every kind of chart in every state: within its frame, heard, and with its numbers in a table."""

from __future__ import annotations

import datetime as dt
import math
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from typing import Any

import pytest
from django.utils import translation

from web.console.charts import (
    benchmark,
    cohorts,
    comparison,
    funnel,
    histogram,
    hours,
    parts,
    trend,
)
from web.console.charts.parts import Chart, Measure, Unit
from web.templatetags import figures

SHARES, SECONDS = Measure(Unit.SHARE), Measure(Unit.SECONDS)
DAY = dt.date(2026, 3, 1)


def a_funnel(counts: list[int]) -> Chart:
    steps = [funnel.Step(f"Step {place}", count) for place, count in enumerate(counts)]
    return funnel.draw("f", "Funnel", steps, then=steps[::-1], compared="March")


def some_cohorts(counts: list[int]) -> Chart:
    rows = [
        cohorts.Cohort(
            f"{n}", count, tuple(cohorts.Step(count // 2, over=one > 0) for one in range(n))
        )
        for n, count in enumerate(counts)
    ]
    return cohorts.draw("c", "Cohorts", rows, heads=[f"+{n}" for n in range(60)], label="Month")


def a_trend(counts: list[int]) -> Chart:
    points = [
        trend.Point(f"{n} Mar", 1 / count if count else None, count, 0.0, 1.0)
        for n, count in enumerate(counts)
    ]
    events = [trend.Event(-1, "v1", "too early"), trend.Event(len(counts) + 4.0, "v2", "too late")]
    return trend.draw("t", "Trend", points, measure=SHARES, label="Share", of="leads",
                      events=events if counts else ())  # fmt: skip


def of_seconds(counts: list[int]) -> Chart:
    points = [trend.Point(f"{n} Mar", float(count), count) for n, count in enumerate(counts)]
    return trend.draw("s", "Times", points, measure=SECONDS, label="Median", of="leads")


def a_week(counts: list[int]) -> Chart:
    return hours.draw(
        "h", "Hours", {(n % 7, n % 24): one for n, one in enumerate(counts)}, what="x"
    )


def shares_of_a_week(counts: list[int]) -> Chart:
    slots = {(n % 7, n % 24): one for n, one in enumerate(counts)}
    return hours.draw("w", "Hours", dict.fromkeys(slots, 1), what="x", wholes=slots)


def a_histogram(counts: list[int]) -> Chart:
    marks = [histogram.Mark("Median", float(max(counts, default=0))), histogram.Mark("p90", 9e9)]
    edges = [3_600.0 * n * n for n in range(1, len(counts))]
    return histogram.draw("d", "Spread", counts, edges, measure=SECONDS, what="leads", marks=marks)


def a_comparison(counts: list[int]) -> Chart:
    shares = [comparison.Share(f"Rep {n}", one // 2, one) for n, one in enumerate(counts)]
    whole = comparison.Share("All", sum(counts) // 2, sum(counts))
    return comparison.draw("r", "Reps", shares, whole=whole, label="Rep", what="Attainment")


def a_benchmark(counts: list[int]) -> Chart:
    value = float(counts[0]) if counts else None
    line = benchmark.Line(0.0, float(max(counts, default=0)), "A study", DAY)
    return benchmark.draw("b", "Wait", value, line, measure=SECONDS, n=3, better="lower")


KINDS: list[Callable[[list[int]], Chart]] = [
    a_funnel, some_cohorts, a_trend, of_seconds, a_week, shares_of_a_week, a_histogram,
    a_comparison, a_benchmark,
]  # fmt: skip
STATES = {
    "nothing": [], "zero": [0], "one": [7], "all equal": [5] * 9, "falling": [900, 80, 7, 1, 0],
    "gaps": [0, 3, 0, 0, 12, 0], "huge": [10**9, 1, 10**7], "a year": list(range(53)),
}  # fmt: skip


def numbers(thing: Any) -> list[float]:
    """Every coordinate of a chart, wherever it is kept."""
    if isinstance(thing, float):
        return [thing]
    if isinstance(thing, tuple):
        return [number for one in thing for number in numbers(one)]
    if is_dataclass(thing):
        return [number for one in fields(thing) for number in numbers(getattr(thing, one.name))]
    return []


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("kind", KINDS)
def test_everything_lies_within_its_frame(kind: Callable[[list[int]], Chart], state: str) -> None:
    chart = kind(STATES[state])
    assert all(math.isfinite(one) for one in numbers(chart))
    drawn = str(figures.chart(chart))
    assert "nan" not in drawn
    for svg in ET.fromstring(drawn).iter("svg"):
        high = float(svg.get("height") or (svg.get("viewBox") or "0 0 0 14").split()[3])
        for mark in svg.iter():
            check_across(mark)
            check_down(mark, high)


def check_across(mark: ET.Element) -> None:
    """What stretches lies between 0 and 100 hundredths, with its width."""
    start = part(mark.get("x", "0%"))
    if (
        mark.tag == "rect"
        and start is not None
        and (wide := part(mark.get("width", ""))) is not None
    ):
        assert wide >= 0
        assert start + wide <= 100.1
    for name in ("x", "cx", "x1", "x2"):
        if (at := part(mark.get(name, ""))) is not None:
            assert 0 <= at <= 100


def check_down(mark: ET.Element, high: float) -> None:
    """Nothing is drawn above or below the frame; the line of the whole runs through all rows."""
    if mark.tag == "rect":
        assert 0 <= float(mark.get("y", 0)) <= high
        assert 0 <= float(mark.get("height", 0)) <= high
    if mark.tag in ("polygon", "polyline"):
        for corner in (mark.get("points") or "").split():
            across, down = map(float, corner.split(","))
            assert 0 <= across <= 100
            assert 0 <= down <= high
    if mark.tag == "circle":
        assert 0 <= float(mark.get("cy") or 0) <= high


def part(text: str) -> float | None:
    return float(text[:-1]) if text.endswith("%") else None


@pytest.mark.parametrize("kind", KINDS)
def test_without_data_a_sentence_stands_there(kind: Callable[[list[int]], Chart]) -> None:
    chart = kind([])
    assert chart.lack
    assert "<svg" not in str(figures.chart(chart)).split("<details")[0]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_drawn_is_heard_and_stands_in_a_table(kind: Callable[[list[int]], Chart]) -> None:
    chart = kind([40, 12, 5])
    drawn = ET.fromstring(str(figures.chart(chart)))
    assert not chart.lack
    assert drawn.tag == "figure"
    assert drawn.get("aria-label") == chart.title
    assert [one.get("aria-label") for one in drawn.iter() if one.get("role") == "img"] == [
        chart.label
    ]
    (table,) = drawn.iter("table")
    rows = [["".join(cell.itertext()) for cell in row] for row in table.iter("tr")]
    assert rows[0] == [head.text for head in chart.table.heads]
    assert rows[1:] == [[cell.text for cell in row] for row in chart.table.rows]
    assert len({len(row) for row in rows}) == 1
    assert drawn.find("details") is not None


@pytest.mark.parametrize("kind", KINDS)
def test_there_is_no_script_and_no_style_of_its_own(kind: Callable[[list[int]], Chart]) -> None:
    drawn = str(figures.chart(kind([40, 12, 5])))
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=", drawn)


@pytest.mark.parametrize("kind", KINDS)
def test_coordinates_are_written_alike_in_every_language(
    kind: Callable[[list[int]], Chart], settings: Any
) -> None:
    settings.USE_THOUSAND_SEPARATOR = True
    chart = kind([4_000, 12, 5])
    with translation.override("de"):
        drawn = ET.fromstring(str(figures.chart(chart)))
    for mark in drawn.iter():
        for name in ("x", "y", "cx", "cy", "x1", "y1", "width", "height"):
            assert "," not in (mark.get(name) or "")


def test_names_are_shown_as_text() -> None:
    shares = [comparison.Share("<b>Anna</b>", 3, 4), comparison.Share("Ben & Co", 9, 14)]
    chart = comparison.draw("r", "Reps", shares, whole=comparison.Share("All", 12, 18),
                            label="Rep", what="Attainment")  # fmt: skip
    drawn = str(figures.chart(chart))
    assert "<b>Anna" not in drawn
    assert "Ben &amp; Co" in drawn


@pytest.mark.parametrize(
    ("measure", "value", "said"),
    [
        (Measure(Unit.SHARE), 0.834, "83 %"),
        (Measure(Unit.SHARE, digits=1), 0.834, "83.4 %"),
        (SECONDS, 11_700.0, "3 h 15 min"),
        (Measure(Unit.DAYS), 2.54, "2.5 days"),
        (Measure(Unit.MONEY, currency="EUR"), 12_500.0, "12,500 EUR"),
        (Measure(Unit.MONEY, currency="EUR"), 12.5, "12.50 EUR"),
        (Measure(), 1_204.0, "1,204"),
        (Measure(), None, "–"),
    ],
)
def test_numbers_are_said_by_their_unit(measure: Measure, value: float | None, said: str) -> None:
    assert measure.say(value) == said


@pytest.mark.parametrize("unit", Unit)
@pytest.mark.parametrize("highest", [0.0, 0.003, 0.41, 1.0, 7.0, 59.0, 86_401.0, 3e7, 1e12])
def test_scales_end_at_or_above_what_they_hold(unit: Unit, highest: float) -> None:
    top = Measure(unit).top(highest)
    assert top > 0
    assert top >= highest
    assert parts.within(highest, top) <= parts.WIDE
