"""Charts stay in their frame, and shape alone tells what is outside."""

from __future__ import annotations

import datetime as dt
import xml.etree.ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from reports.drift.control_limits import Limits
from reports.drift.series import Point
from reports.drift.verdicts import Metric
from web.console import drift_chart
from web.console.drift_chart import HEIGHT, WIDTH
from web.templatetags import control_charts

DAY = dt.date(2026, 3, 2)


def point(place: int, seen: float, low: float, high: float, *, after: bool) -> Point:
    day = DAY + dt.timedelta(days=place)
    limits = Limits(seen, (low + high) / 2, low, high, 10, 1.0)
    return Point(day, day, after, limits)


@given(
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=30),
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=30),
    st.sampled_from([Metric.ACCEPTANCE, Metric.VOLUME]),
    st.sampled_from([1.0, 7.3, 4_000.0]),
)
def test_everything_lies_within_the_frame(
    before: list[tuple[float, float, float]],
    after: list[tuple[float, float, float]],
    metric: Metric,
    times: float,
) -> None:
    scale = times if metric is Metric.VOLUME else 1.0
    points = [
        point(n, seen * scale, min(a, b) * scale, max(a, b) * scale, after=n >= len(before))
        for n, (seen, a, b) in enumerate([*before, *after])
    ]
    chart = drift_chart.chart(metric, points, label="A & B")
    assert chart is not None
    assert all(0 <= one.x <= WIDTH and 0 <= one.y <= HEIGHT for one in chart.marks)
    assert all(
        one.y >= 0 and one.height >= 0 and one.y + one.height <= HEIGHT for one in chart.bands
    )
    assert [one.shape == "outside" for one in chart.marks] == [one.is_outside for one in points]
    drawn = ET.fromstring(control_charts.control_chart(chart))
    assert len(drawn.findall("polygon")) == sum(one.is_outside for one in points)
    assert drawn.get("aria-label") == "A & B"


def test_without_a_point_since_the_publication_there_is_no_chart() -> None:
    lone = [point(n, 0.5, 0.2, 0.8, after=False) for n in range(5)]
    assert drift_chart.chart(Metric.ACCEPTANCE, lone, label="") is None
    empty = Point(DAY, DAY, after=True, limits=None)
    assert drift_chart.chart(Metric.ACCEPTANCE, [*lone, empty], label="") is None
    assert drift_chart.chart(Metric.ACCEPTANCE, [], label="") is None


def test_a_gauge_marks_what_was_seen_between_nothing_and_the_most() -> None:
    gauge = drift_chart.gauge(low=2, high=6, expected=4, seen=8, top=8)
    assert (gauge.low, gauge.width, gauge.expected, gauge.seen) == (25, 50, 50, 100)
    assert gauge.outside
    assert not drift_chart.gauge(low=0, high=0, expected=0, seen=0, top=0).outside
    assert "<polygon" in control_charts.control_gauge(gauge)
