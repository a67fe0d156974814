"""A figure against a benchmark: a band from low to high, whose source and date are said."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils import dateformat

from core.texts import _
from web.console import words
from web.console.charts import parts

LOWER, HIGHER = "lower", "higher"
THIN = 0.6
"""How wide a benchmark of one number is drawn."""


@dataclass(frozen=True, slots=True)
class Line:
    """A benchmark: from `low` to `high`, one of which may be open; who says so, and when."""

    low: float | None
    high: float | None
    source: str
    date: dt.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark(parts.Chart):
    """The figure as a bar with its mark, and the band across."""

    template = "console/_chart_benchmark.html"

    name: str = ""
    value: str = ""
    x: float = 0.0
    low: float = 0.0
    width: float = 0.0
    band: str = ""
    word: str = ""
    tone: str = ""
    ticks: tuple[parts.Tick, ...] = ()


def draw(
    key: str,
    title: str,
    value: float | None,
    line: Line,
    *,
    measure: parts.Measure,
    n: int | None = None,
    better: str = "",
) -> Benchmark:
    """The figure against the line; `better` says which way is: lower, higher, or neither."""
    known = [one for one in (value, line.low, line.high) if one is not None]
    top = measure.top(max(known, default=0.0) * 1.1)
    low = min(parts.within(line.low or 0.0, top), parts.WIDE - THIN)
    high = parts.within(top if line.high is None else line.high, top)
    word, tone = _verdict(value, line, better)
    said = measure.say(value) + ("" if n is None else _(", n = {n}").format(n=words.number(n)))
    band, source = _band(line, measure), _source(line)
    return Benchmark(
        key=key,
        title=title,
        label=_("{title}: {value}, {word}; benchmark {band}").format(
            title=title, value=said, word=word, band=band
        ),
        table=parts.table(
            [_("Figure"), _("Value"), _("Benchmark"), _("Against it"), _("Source")],
            [[title, said, band, word, source]],
            texts=(3, 4),
        ),
        lack="" if value is not None else _("There is no figure yet to hold against it."),
        note=_("Benchmark {band}: {source}.").format(band=band, source=source),
        name=title,
        value=said,
        x=parts.within(value or 0.0, top),
        low=low,
        width=max(THIN, high - low),
        band=band,
        word=word,
        tone=tone,
        ticks=(
            parts.Tick(0.0, measure.say(0), anchor="start"),
            parts.Tick(50.0, measure.say(top / 2), is_spare=True),
            parts.Tick(100.0, measure.say(top), anchor="end"),
        ),
    )


def _verdict(value: float | None, line: Line, better: str) -> tuple[str, str]:
    """Where the figure stands in words, and whether that is good, bad or neither."""
    if value is None:
        return words.DASH, ""
    if line.low is not None and value < line.low:
        tones = {LOWER: "ok", HIGHER: "warn"}
        return _told(_("below the benchmark"), better, LOWER), tones.get(better, "")
    if line.high is not None and value > line.high:
        tones = {LOWER: "warn", HIGHER: "ok"}
        return _told(_("above the benchmark"), better, HIGHER), tones.get(better, "")
    return _("within the benchmark"), "ok" if better else ""


def _told(where: str, better: str, side: str) -> str:
    if not better:
        return where
    told = _("{where}, which is better") if better == side else _("{where}, which is worse")
    return told.format(where=where)


def _band(line: Line, measure: parts.Measure) -> str:
    if line.low is None and line.high is None:
        return words.DASH
    if line.low is None:
        return _("up to {value}").format(value=measure.say(line.high))
    if line.high is None:
        return _("{value} or more").format(value=measure.say(line.low))
    if line.low == line.high:
        return measure.say(line.low)
    return _("{low} to {high}").format(low=measure.say(line.low), high=measure.say(line.high))


def _source(line: Line) -> str:
    source = line.source or _("no source named")
    if line.date is None:
        return _("{source}, undated").format(source=source)
    return f"{source}, {dateformat.format(line.date, 'j M Y')}"
