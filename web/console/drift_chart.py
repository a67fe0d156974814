"""Control charts as coordinates: where points, limits and the publication stand. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.texts import _
from reports.drift.series import Point
from reports.drift.verdicts import Metric

WIDTH, HEIGHT, EDGE = 420.0, 150.0, 8.0
ROUND = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10, 20)
"""What scales end at, times a power of ten."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One point: where it stands, its band, and what it says."""

    x: float
    y: float
    shape: str
    text: str


@dataclass(frozen=True, slots=True)
class Band:
    """What chance lets through at one point."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Chart:
    """A control chart; `expected` and `published` are lines across and down."""

    label: str
    marks: tuple[Mark, ...]
    bands: tuple[Band, ...]
    line: str
    expected: float
    published: float
    scale: tuple[str, str, str]
    dates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Gauge:
    """One slice on a line from zero: its limits, what was expected, what was seen."""

    low: float
    width: float
    expected: float
    seen: float
    outside: bool


def chart(metric: Metric, points: Sequence[Point], *, label: str) -> Chart | None:
    """The chart of a figure; None with fewer than two points that were counted."""
    counted = [(place, one) for place, one in enumerate(points) if one.limits is not None]
    if len(counted) < 2 or not any(one.after for _rest, one in counted):
        return None
    limits = [one.limits for _rest, one in counted if one.limits is not None]
    top = _top(metric, max(max(one.high, one.observed) for one in limits))
    step = WIDTH / len(points)

    def y(value: float) -> float:
        return EDGE + (HEIGHT - 2 * EDGE) * (1 - min(value, top) / top)

    marks = tuple(
        Mark((place + 0.5) * step, y(found.observed), _shape(one), _text(metric, one))
        for (place, one), found in zip(counted, limits, strict=True)
    )
    bands = tuple(
        Band(place * step, y(found.high), step, y(found.low) - y(found.high))
        for (place, _rest), found in zip(counted, limits, strict=True)
    )
    return Chart(
        label=label,
        marks=marks,
        bands=bands,
        line=" ".join(f"{one.x:.1f},{one.y:.1f}" for one in marks),
        expected=y(limits[0].expected),
        published=step * sum(1 for one in points if not one.after),
        scale=(figure(metric, top), figure(metric, top / 2), figure(metric, 0)),
        dates=_dates(points),
    )


def gauge(*, low: float, high: float, expected: float, seen: float, top: float) -> Gauge:
    """One slice on a scale that ends at `top`, in hundredths."""
    scale = 100 / top if top else 0.0
    return Gauge(
        low * scale,
        max(1.0, (min(high, top) - low) * scale),
        expected * scale,
        min(seen, top) * scale,
        not low <= seen <= high,
    )


def figure(metric: Metric, value: float) -> str:
    """A tick of the scale: “75 %”, “12.5”."""
    return f"{value:g}" if metric is Metric.VOLUME else f"{100 * value:.0f} %"


def span(point: Point) -> str:
    """“19 Mar”, “16 Mar to 22 Mar”."""
    first, last = (f"{day.day} {day:%b}" for day in (point.first, point.last))
    return first if first == last else _("{first} to {last}").format(first=first, last=last)


def _top(metric: Metric, highest: float) -> float:
    """The end of the scale: 100 % of shares, else a round number above all."""
    if metric is not Metric.VOLUME:
        return 1.0
    unit = 10.0 ** (len(str(int(highest))) - 1)
    return next(unit * times for times in ROUND if unit * times >= highest)


def _shape(point: Point) -> str:
    if point.is_outside:
        return "outside"
    return "after" if point.after else "before"


def _text(metric: Metric, point: Point) -> str:
    limits = point.limits
    if limits is None:
        return ""
    value = (
        f"{limits.observed:.1f}" if metric is Metric.VOLUME else f"{100 * limits.observed:.1f} %"
    )
    return f"{span(point)}: {value}"


def _dates(points: Sequence[Point]) -> tuple[str, ...]:
    marks = min(5, len(points))
    picked = sorted({round(i * (len(points) - 1) / max(marks - 1, 1)) for i in range(marks)})
    return tuple(f"{points[i].first.day} {points[i].first:%b}" for i in picked)
