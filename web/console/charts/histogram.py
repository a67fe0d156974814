"""How a figure is spread: columns between given edges, with the median and the 90th percentile."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from core.texts import _
from web.console import words
from web.console.charts import parts

MINUTE, HOUR, DAY = words.MINUTE, words.HOUR, words.DAY
TIMES = (5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, DAY, 3 * DAY,
         7 * DAY)  # fmt: skip
"""Edges of response times: minutes matter at first, days later. Anything beyond is one column."""
TOP, FOOT, HIGH = 52.0, 184.0, 206.0
LINES = (12.0, 28.0)
"""Where the words of the marks stand, one below the other so that none covers another."""
GAP = 0.06


@dataclass(frozen=True, slots=True)
class Mark:
    """A value that is marked: the median, the 90th percentile."""

    label: str
    value: float | None


@dataclass(frozen=True, slots=True)
class Column:
    """One column with its number above."""

    x: float
    middle: float
    y: float
    width: float
    height: float
    count: str
    said: str


@dataclass(frozen=True, slots=True)
class Line:
    """A mark where it is drawn."""

    x: float
    y: float
    anchor: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Histogram(parts.Chart):
    """The drawing."""

    template = "console/_chart_histogram.html"

    columns: tuple[Column, ...] = ()
    lines: tuple[Line, ...] = ()
    ticks: tuple[parts.Tick, ...] = ()


def counted(values: Sequence[float], edges: Sequence[float]) -> list[int]:
    """How many values lie up to each edge, and, last, how many beyond all."""
    counts = [0] * (len(edges) + 1)
    for value in values:
        counts[bisect_left(edges, value)] += 1
    return counts


def draw(
    key: str,
    title: str,
    counts: Sequence[int],
    edges: Sequence[float],
    *,
    measure: parts.Measure,
    what: str,
    marks: Sequence[Mark] = (),
) -> Histogram:
    """The columns of `counts`, one for each edge and one beyond; `what` is counted."""
    total, most = sum(counts), max(counts, default=0)
    slots = len(counts)
    known = [one for one in marks if one.value is not None] if total else []
    told = ", ".join(f"{one.label} {measure.say(one.value)}" for one in known)
    few = _("Of {n} only: the shape may be chance.").format(n=words.number(total))
    return Histogram(
        key=key,
        title=title,
        label=f"{title}: n = {words.number(total)}{f', {told}' if told else ''}",
        table=_table(counts, edges, measure, what),
        lack="" if total else _("Nothing of this in the period: {what}.").format(what=what),
        note=few if 0 < total < parts.FEW else "",
        columns=tuple(
            _column(place, count, slots, most, edges, measure) for place, count in enumerate(counts)
        )
        if total
        else (),
        lines=tuple(
            _line(one, LINES[place % len(LINES)], edges, measure) for place, one in enumerate(known)
        ),
        ticks=tuple(
            parts.Tick(parts.WIDE * (place + 1) / slots, measure.say(edge), place % 2 == 1)
            for place, edge in enumerate(edges)
        ),
    )


def _column(
    place: int, count: int, slots: int, most: int, edges: Sequence[float], measure: parts.Measure
) -> Column:
    step, height = parts.WIDE / slots, (FOOT - TOP) * count / most
    return Column(
        x=step * (place + GAP),
        middle=parts.slot_middle(place, slots),
        y=FOOT - height,
        width=step * (1 - 2 * GAP),
        height=height,
        count=words.number(count) if count else "",
        said=f"{_between(place, edges, measure)}: {words.number(count)}",
    )


def _line(mark: Mark, y: float, edges: Sequence[float], measure: parts.Measure) -> Line:
    x = place_of(mark.value or 0.0, edges)
    return Line(x, y, "end" if x > 60 else "start", f"{mark.label} {measure.say(mark.value)}")


def place_of(value: float, edges: Sequence[float]) -> float:
    """Where a value stands across: by its part of its column; beyond all edges in the middle."""
    slots = len(edges) + 1
    place = bisect_left(edges, value)
    if place == len(edges):
        return parts.slot_middle(place, slots)
    low = edges[place - 1] if place else 0.0
    part = (value - low) / (edges[place] - low) if edges[place] > low else 0.0
    return parts.WIDE * (place + min(max(part, 0.0), 1.0)) / slots


def _between(place: int, edges: Sequence[float], measure: parts.Measure) -> str:
    """“up to 5 min”, “5 min to 15 min”, “over 7 d”."""
    if not edges:
        return _("all")
    if place == len(edges):
        return _("over {value}").format(value=measure.say(edges[-1]))
    high = measure.say(edges[place])
    if not place:
        return _("up to {value}").format(value=high)
    return _("{low} to {high}").format(low=measure.say(edges[place - 1]), high=high)


def _table(
    counts: Sequence[int], edges: Sequence[float], measure: parts.Measure, what: str
) -> parts.Table:
    total, so_far, rows = sum(counts), 0, []
    for place, count in enumerate(counts):
        so_far += count
        shares = (words.percent(count, total), words.percent(so_far, total))
        rows.append([_between(place, edges, measure), words.number(count), *shares])
    return parts.table([_("Length"), what, _("Share"), _("Up to here")], rows)
