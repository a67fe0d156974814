"""What waiting costs as a curve: who replies or converts, by how long nobody called. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.texts import _
from reports import uncontacted
from reports.declaration import Report, Value
from reports.uncontacted import Row
from web.console import words

FEW = 10
"""Rates of fewer leads say nothing, and their intervals would flatten the others."""
WIDTH, HEIGHT, EDGE = 600.0, 180.0, 10.0


@dataclass(frozen=True, slots=True)
class Mark:
    """One span: where its rate stands, its interval from `low` to `high`, and what it says."""

    x: float
    y: float
    low: float
    high: float
    text: str


@dataclass(frozen=True, slots=True)
class Curve:
    """`line` goes through the rates of all who had waited at least so long."""

    line: str
    marks: tuple[Mark, ...]
    scale: tuple[str, str, str]
    labels: tuple[str, ...]


def of_report(report: Report) -> Curve | None:
    """The curve of *Uncontacted leads* by span; None of others, and of fewer than two spans."""
    if report.declaration.key != uncontacted.DECLARATION.key or report.by.key != uncontacted.WAITED:
        return None
    return curve([row for row in report.rows if isinstance(row, Row)])


def curve(rows: Sequence[Row]) -> Curve | None:
    """Spans side by side, in their order; of fewer than `FEW` leads nothing is drawn."""
    told = [_drawn(row) for row in rows]
    shares = [one[name] for one in told for name in ("still_rate", "rate_high")]
    known = [float(one) for one in shares if one is not None]
    if sum(one["still_rate"] is not None for one in told) < 2 or not max(known):
        return None
    top, step = _top(max(known)), WIDTH / len(rows)

    def y(share: object) -> float:
        return EDGE + (HEIGHT - 2 * EDGE) * (1 - min(float(str(share)), top) / top)

    marks, line = [], []
    for place, (row, one) in enumerate(zip(rows, told, strict=True)):
        x = (place + 0.5) * step
        if one["still_rate"] is not None:
            line.append(f"{x:.1f},{y(one['still_rate']):.1f}")
        if one["rate"] is not None:
            marks.append(
                Mark(x, y(one["rate"]), y(one["rate_low"]), y(one["rate_high"]), _says(row))
            )
    scale = tuple(f"{100 * share:.0f} %" for share in (top, top / 2, 0))
    return Curve(" ".join(line), tuple(marks), scale, tuple(row.label for row in rows))  # type: ignore[arg-type]


def _drawn(row: Row) -> dict[str, Value]:
    """The figures of a span, without rates of too few."""
    figures = dict(row.figures())
    if row.still.leads < FEW:
        figures["still_rate"] = None
    if row.here.contacted < FEW:
        figures |= {"rate": None, "rate_high": None}
    return figures


def _top(share: float) -> float:
    """The end of the scale: a round share at or above this one."""
    return next((one for one in (0.05, 0.1, 0.2, 0.4, 0.6, 0.8) if share <= one), 1.0)


def _says(row: Row) -> str:
    here = row.here
    rate = words.percent(here.either, here.contacted)
    return _("{label}: {either} of {plural}, {rate}").format(
        label=row.label, either=here.either, plural=words.plural(here.contacted, "lead"), rate=rate
    )
