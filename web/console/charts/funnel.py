"""A funnel: how many took each step, of how many before, beside the same of an earlier time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.texts import _
from web.console import words
from web.console.charts import parts


@dataclass(frozen=True, slots=True)
class Step:
    """One step. Its rate is of the step before, or `of` so many called `of_label`."""

    label: str
    count: int
    of: int | None = None
    of_label: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """One step drawn; `then` is what stood here before, where that is compared."""

    label: str
    count: str
    width: float
    rate: str
    then_width: float = 0.0
    then: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Funnel(parts.Chart):
    """The steps, the widest as wide as there is room."""

    template = "console/_chart_funnel.html"

    bars: tuple[Bar, ...] = ()
    compared: str = ""


def draw(
    key: str,
    title: str,
    steps: Sequence[Step],
    *,
    then: Sequence[Step] = (),
    compared: str = "",
    note: str = "",
) -> Funnel:
    """The funnel of these steps; `then` are the same of the time that `compared` names."""
    both = [*steps, *then]
    top = max((one.count for one in both), default=0)
    bars = []
    for place, step in enumerate(steps):
        said = _rates(steps, place)
        bar = Bar(step.label, words.number(step.count), parts.within(step.count, top), said.told)
        if then:
            before = _rates(then, place)
            bar = Bar(
                bar.label, bar.count, bar.width, bar.rate,
                parts.within(then[place].count, top),
                f"{words.number(then[place].count)}{f', {before.told}' if before.told else ''}",
            )  # fmt: skip
        bars.append(bar)
    told = ", ".join(f"{one.label} {one.count}" for one in bars)
    return Funnel(
        key=key,
        title=title,
        label=f"{title}: {told}",
        table=_table(steps, then, compared),
        lack="" if top else _("Nothing has come in to be drawn."),
        bars=tuple(bars) if top else (),
        compared=compared if then else "",
        note=note,
    )


@dataclass(frozen=True, slots=True)
class _Rates:
    """What share a step is of the one before it and of the first; empty of the first itself."""

    before: str
    first: str
    told: str


def _rates(steps: Sequence[Step], place: int) -> _Rates:
    step, first = steps[place], steps[0]
    if not place:
        return _Rates("", "", "")
    base = steps[place - 1].count if step.of is None else step.of
    label = step.of_label or steps[place - 1].label
    before, whole = words.percent(step.count, base), words.percent(step.count, first.count)
    told = _("{share} of {step}").format(share=before, step=words.in_a_sentence(label))
    if label != first.label:
        of_first = _("{share} of {step}").format(share=whole, step=words.in_a_sentence(first.label))
        told = f"{told} · {of_first}"
    return _Rates(before, whole, told)


def _table(steps: Sequence[Step], then: Sequence[Step], compared: str) -> parts.Table:
    heads = [_("Step"), _("Count"), _("Of the step before"), _("Of the first")]
    rows = [_row(steps, place) for place in range(len(steps))]
    if then:
        heads += [f"{head}, {compared}" for head in heads[1:]]
        rows = [[*row, *_row(then, place)[1:]] for place, row in enumerate(rows)]
    return parts.table(heads, rows)


def _row(steps: Sequence[Step], place: int) -> list[str]:
    rates = _rates(steps, place)
    told = (rates.before or words.DASH, rates.first or words.DASH)
    return [steps[place].label, words.number(steps[place].count), *told]
