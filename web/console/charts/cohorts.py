"""A cohort matrix as heat map: who began together, and what share of them had come how far when.

A step that is not over for all of a cohort is hatched and said so; steps that have not begun are
left empty.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.texts import _
from web.console import words
from web.console.charts import parts, shades

HEAD, HIGH, WIDE = 24.0, 36.0, 52.0
"""Pixels: of the row of heads, of a row, and of a column at least."""


@dataclass(frozen=True, slots=True)
class Step:
    """How many of a cohort had done it by the end of a step; `over` once that is behind all.

    None where it cannot be told before the step is over.
    """

    part: int | None
    over: bool = True


@dataclass(frozen=True, slots=True)
class Cohort:
    """Who began together: what they are called, how many, and their steps from the first."""

    label: str
    n: int
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Square:
    """One cell where it is drawn."""

    x: float
    y: float
    middle: float
    shade: int
    text: str
    is_open: bool
    said: str


@dataclass(frozen=True, slots=True)
class Line:
    """The words beside a row."""

    y: float
    label: str
    n: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohorts(parts.Chart):
    """The matrix; `wide` pixels at least, or it is scrolled."""

    template = "console/_chart_cohorts.html"

    heads: tuple[parts.Tick, ...] = ()
    lines: tuple[Line, ...] = ()
    squares: tuple[Square, ...] = ()
    legend: tuple[shades.Key, ...] = ()
    column: float = 0.0
    wide: float = 0.0
    high: float = 0.0
    hatch: str = ""
    """The name of its hatching, where anything is not over."""


def draw(
    key: str,
    title: str,
    cohorts: Sequence[Cohort],
    *,
    heads: Sequence[str],
    label: str,
    digits: int = 0,
) -> Cohorts:
    """The matrix of these cohorts; `heads` name the steps, `label` what a cohort is."""
    measure = parts.Measure(parts.Unit.SHARE, digits=digits)
    columns = max((len(one.steps) for one in cohorts), default=0)
    heads = heads[:columns]
    known = [step.part / one.n for one in cohorts for step in one.steps if one.n and step.part]
    top = measure.top(max(known, default=1.0))
    squares = [
        _square(one, step, (row, column, columns), heads[column], top, measure)
        for row, one in enumerate(cohorts)
        for column, step in enumerate(one.steps)
    ]
    drawn = bool(squares)
    return Cohorts(
        key=key,
        title=title,
        label=_("{title}: {count}, {steps} at most; the table below has every share").format(
            title=title,
            count=words.plural(len(cohorts), "cohort"),
            steps=words.plural(columns, "step"),
        ),
        table=_table(cohorts, heads, label, measure),
        lack="" if drawn else _("No cohort has a step behind it yet."),
        heads=tuple(
            parts.Tick(parts.slot_middle(place, columns), head) for place, head in enumerate(heads)
        ),
        lines=tuple(Line(HEAD + HIGH * row, one.label, _n(one)) for row, one in enumerate(cohorts)),
        squares=tuple(squares),
        legend=shades.keys(top, measure) if drawn else (),
        column=parts.WIDE / columns if columns else 0.0,
        wide=WIDE * columns,
        high=HEAD + HIGH * len(cohorts),
        hatch=f"{key}-hatch" if any(one.is_open for one in squares) else "",
    )


def _square(
    cohort: Cohort,
    step: Step,
    place: tuple[int, int, int],
    head: str,
    top: float,
    measure: parts.Measure,
) -> Square:
    row, column, columns = place
    share = step.part / cohort.n if cohort.n and step.part is not None else None
    return Square(
        x=parts.WIDE * column / columns,
        y=HEAD + HIGH * row,
        middle=parts.slot_middle(column, columns),
        shade=shades.shade(share or 0.0, top),
        text="…" if share is None and not step.over else measure.say(share),
        is_open=not step.over,
        said=f"{cohort.label}, {head}: {_says(cohort, step, measure)}",
    )


def _says(cohort: Cohort, step: Step, measure: parts.Measure) -> str:
    if step.part is None:
        return words.DASH if step.over else _("not over yet")
    share = measure.say(step.part / cohort.n if cohort.n else None)
    told = _("{share} ({part} of {n})").format(
        share=share, part=words.number(step.part), n=words.number(cohort.n)
    )
    return told if step.over else _("{told}, not over yet").format(told=told)


def _n(cohort: Cohort) -> str:
    few = cohort.n < parts.FEW
    n = words.number(cohort.n)
    return _("n = {n}, few").format(n=n) if few else _("n = {n}").format(n=n)


def _table(
    cohorts: Sequence[Cohort], heads: Sequence[str], label: str, measure: parts.Measure
) -> parts.Table:
    empty = [""] * len(heads)
    return parts.table(
        [label, "n", *heads],
        (
            [
                one.label,
                words.number(one.n),
                *[_says(one, step, measure) for step in one.steps],
                *empty[len(one.steps) :],
            ]
            for one in cohorts
        ),
    )
