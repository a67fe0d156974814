"""A figure over time with its interval and its n; what came into force stands as lines across."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from core.texts import _
from web.console import words
from web.console.charts import parts

TOP, FOOT = 22.0, 182.0
"""Where the scale ends and begins, down from above: over it stand the numbers of versions."""
BARS, HIGH = 218.0, 240.0
"""The foot of the columns of n, and the whole height with the dates."""
COLUMN = 24.0
LABELS, CLOSE = 7, 12.0


@dataclass(frozen=True, slots=True)
class Point:
    """One day or week: its figure with its interval, and of how many. None: nothing to tell.

    `short` stands below it, where the label is too long for that.
    """

    label: str
    value: float | None
    n: int
    low: float | None = None
    high: float | None = None
    short: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """What happened at `at`, counted in points from the left end: 0 to their number."""

    at: float
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Dot:
    """A point where it is drawn; hollow where it is of few."""

    x: float
    y: float
    is_few: bool
    text: str
    low: float = 0.0
    high: float = 0.0
    is_alone: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """How many a point is of."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Rule:
    """A line down, and its name where it does not cover another."""

    x: float
    name: str
    anchor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend(parts.Chart):
    """The drawing. `bands` and `lines` are points of shapes on a width of 100."""

    template = "console/_chart_trend.html"
    prints_table = True

    dots: tuple[Dot, ...] = ()
    bands: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    bars: tuple[Bar, ...] = ()
    rules: tuple[Rule, ...] = ()
    events: tuple[Event, ...] = ()
    scale: tuple[parts.Tick, ...] = ()
    ticks: tuple[parts.Tick, ...] = ()
    most: str = ""
    has_few: bool = False
    of: str = ""


def draw(
    key: str,
    title: str,
    points: Sequence[Point],
    *,
    measure: parts.Measure,
    label: str,
    of: str,
    events: Sequence[Event] = (),
) -> Trend:
    """The course of these points; `label` names the figure, `of` what n counts."""
    told = [one for one in points if one.value is not None]
    highest = max((max(one.value or 0.0, one.high or 0.0) for one in told), default=0.0)
    top = 1.0 if measure.unit is parts.Unit.SHARE and highest > 0.4 else measure.top(highest)
    most = max((one.n for one in points), default=0)
    runs = [run for run in _runs(points) if run] if told else []
    dots = [dot for run in runs for dot in _dots(points, run, top, measure)]
    return Trend(
        key=key,
        title=title,
        label=_label(title, told, measure),
        table=_table(points, measure, label, of),
        lack="" if told else _("Nothing is decided yet in this period."),
        note=_("One point is no trend.") if len(told) == 1 else "",
        dots=tuple(dots),
        bands=tuple(
            _band(points, run, top) for run in runs if len(run) > 1 and _has_band(points, run)
        ),
        lines=tuple(_line(points, run, top) for run in runs if len(run) > 1),
        bars=tuple(_bar(place, one.n, len(points), most) for place, one in enumerate(points))
        if most
        else (),
        rules=tuple(_rules(events, len(points))),
        events=tuple(events),
        scale=tuple(
            parts.Tick(_y(share * top, top), measure.say(share * top)) for share in (1.0, 0.5, 0.0)
        ),
        ticks=parts.spread([one.short or one.label for one in points], LABELS),
        most=words.number(most),
        has_few=any(one.is_few for one in dots),
        of=_("n: {what}").format(what=of),
    )


def _y(value: float, top: float) -> float:
    return FOOT - (FOOT - TOP) * min(max(value / top, 0.0), 1.0)


def _runs(points: Sequence[Point]) -> Iterator[list[int]]:
    """Places one after another that have something to tell."""
    for told, run in groupby(range(len(points)), key=lambda place: points[place].value is not None):
        if told:
            yield list(run)


def _dots(
    points: Sequence[Point], run: Sequence[int], top: float, measure: parts.Measure
) -> Iterator[Dot]:
    for place in run:
        one = points[place]
        value = one.value or 0.0
        yield Dot(
            x=parts.slot_middle(place, len(points)),
            y=_y(value, top),
            is_few=one.n < parts.FEW,
            text=f"{one.label}: {_says(one, measure)}",
            low=_y(value if one.low is None else one.low, top),
            high=_y(value if one.high is None else one.high, top),
            is_alone=len(run) == 1 and one.low is not None,
        )


def _has_band(points: Sequence[Point], run: Sequence[int]) -> bool:
    return all(points[place].low is not None and points[place].high is not None for place in run)


def _band(points: Sequence[Point], run: Sequence[int], top: float) -> str:
    there = [(place, points[place].high or 0.0) for place in run]
    back = [(place, points[place].low or 0.0) for place in reversed(run)]
    return _path([*there, *back], len(points), top)


def _line(points: Sequence[Point], run: Sequence[int], top: float) -> str:
    return _path([(place, points[place].value or 0.0) for place in run], len(points), top)


def _path(corners: Sequence[tuple[int, float]], slots: int, top: float) -> str:
    return " ".join(
        f"{parts.slot_middle(place, slots):.2f},{_y(value, top):.1f}" for place, value in corners
    )


def _bar(place: int, n: int, slots: int, most: int) -> Bar:
    width, height = min(0.6 * parts.WIDE / slots, 4.0), COLUMN * n / most
    return Bar(parts.slot_middle(place, slots) - width / 2, BARS - height, width, height)


def _rules(events: Sequence[Event], slots: int) -> Iterator[Rule]:
    """Each event as a line; names of those close together stand at the first of them."""
    placed = sorted((min(max(one.at / slots, 0.0), 1.0) * parts.WIDE, one.name) for one in events)
    while placed:
        start = placed[0][0]
        near = [one for one in placed if one[0] - start < CLOSE]
        name = ", ".join(dict.fromkeys(name for _x, name in near))
        anchor = "end" if start > 80 else "start"
        yield Rule(start, name, anchor)
        yield from (Rule(x, "", anchor) for x, _name in near[1:])
        placed = placed[len(near) :]


def _says(point: Point, measure: parts.Measure) -> str:
    """“84 % (62 to 94 %), n = 23”."""
    told = measure.say(point.value)
    if point.low is not None and point.high is not None:
        told = f"{told} ({_range(point, measure)})"
    return _("{told}, n = {n}").format(told=told, n=words.number(point.n))


def _range(point: Point, measure: parts.Measure) -> str:
    if point.low is None or point.high is None:
        return ""
    low = measure.say(point.low)
    if measure.unit is parts.Unit.SHARE:
        low = low.removesuffix(" %")
    return _("{low} to {high}").format(low=low, high=measure.say(point.high))


def _label(title: str, told: Sequence[Point], measure: parts.Measure) -> str:
    if not told:
        return title
    first, last = told[0], told[-1]
    return _(
        "{title}: from {first} ({label}) to {last} ({label2}); the table below has all"
    ).format(
        title=title,
        first=measure.say(first.value),
        label=first.label,
        last=measure.say(last.value),
        label2=last.label,
    )


def _table(points: Sequence[Point], measure: parts.Measure, label: str, of: str) -> parts.Table:
    return parts.table(
        [_("When"), label, _("Interval at 95 %"), of],
        (
            [
                one.label,
                measure.say(one.value),
                _range(one, measure) or words.DASH,
                words.number(one.n) + (_(", few") if 0 < one.n < parts.FEW else ""),
            ]
            for one in points
        ),
    )
