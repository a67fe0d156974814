"""Numbers of metrics in words: a value, how many it is of, what changed, what chance explains."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

from core.texts import _, lazy
from reports.declaration import Value
from reports.metrics.declaring import Better, Formula, Metric, Ratio, Share, Total
from reports.metrics.values import Row
from web.console import words
from web.console.charts.parts import FEW, Measure, Unit

GROUPS = {
    "Funnel": lazy("Funnel"),
    "Decisions": lazy("Decisions"),
    "Time": lazy("Time"),
    "Revenue": lazy("Revenue"),
    "Money": lazy("Money"),
}
"""The kinds of metrics, in words."""


def measure(unit: str) -> Measure:
    """How numbers of a unit are said."""
    return Measure(Unit(unit), digits=1, currency=settings.BASE_CURRENCY)


def say(value: Value, unit: str) -> str:
    """One figure; a dash of none."""
    if isinstance(value, str):
        return value
    return measure(unit).say(value)


def value(row: Row) -> str:
    """The metric itself."""
    return say(row.value, row.metric.headline.unit)


def number_of(row: Row) -> int | None:
    """How many it is of; None where that says nothing, as of sums of money."""
    how = row.metric.headline.how
    told = not isinstance(how, Ratio | Formula) or row.metric.of
    return row.n if told and not isinstance(how, Total) else None


def interval(row: Row) -> str:
    """“37.0 to 45.5 %”; empty where it is no share."""
    if row.interval is None:
        return ""
    low, high = row.interval
    return _("{low} to {high} %").format(low=f"{100 * low:.1f}", high=f"{100 * high:.1f}")


def is_few(row: Row) -> bool:
    """Whether chance alone may move it far."""
    n = number_of(row)
    return n is not None and n < FEW


def headline(row: Row) -> str:
    """“41.2 % (n = 512; 37.0 to 45.5 % at 95 %)”."""
    told = of_how_many(row)
    return f"{value(row)} ({told})" if told else value(row)


def of_how_many(row: Row) -> str:
    """“n = 512; 37.0 to 45.5 % at 95 %”; empty where neither can be told."""
    n, between = number_of(row), interval(row)
    told = []
    if n is not None:
        told.append(_("n = {n}").format(n=words.number(n)))
    if between:
        told.append(_("{between} at 95 %").format(between=between))
    return "; ".join(told)


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a number since another period: in words, and whether that is good."""

    text: str
    verdict: str = ""
    tone: str = ""
    may_be_chance: bool = False


def change(now: Row, before: Row | None) -> Change:
    """How a number differs from an earlier one."""
    if before is None or now.value is None or before.value is None:
        return Change(words.DASH)
    difference = now.value - before.value
    text = _size(now.metric, difference, before.value)
    if text is None:
        return Change(_("no change"))
    verdict, tone = _verdict(now.metric, up=difference > 0)
    return Change(text, verdict, tone, may_be_chance=_overlap(now, before))


def _size(metric: Metric, difference: float, before: float) -> str | None:
    unit, size = metric.headline.unit, abs(difference)
    if unit == "share":
        points = f"{100 * size:.1f}"
        if points == "0.0":
            return None
        told = _("{points} points more") if difference > 0 else _("{points} points less")
        return told.format(points=points)
    if unit == "seconds":
        if size < 1:
            return None
        told = _("{length} longer") if difference > 0 else _("{length} shorter")
        return told.format(length=say(size, unit))
    if not size:
        return None
    told = _("{size} more") if difference > 0 else _("{size} less")
    said = told.format(size=say(size, unit))
    return f"{said} ({100 * size / before:.0f} %)" if before > 0 else said


def _verdict(metric: Metric, *, up: bool) -> tuple[str, str]:
    if metric.better is Better.NEITHER:
        return "", ""
    if up == (metric.better is Better.HIGHER):
        return _("better"), "ok"
    return _("worse"), "warn"


def _overlap(now: Row, before: Row) -> bool:
    one, other = now.interval, before.interval
    if one is None or other is None:
        return isinstance(now.metric.headline.how, Share) or is_few(now) or is_few(before)
    return one[0] <= other[1] and other[0] <= one[1]
