"""How much in five shades, for heat maps: the number stands in each cell, the shade only helps."""

from __future__ import annotations

from dataclasses import dataclass

from core.texts import _
from web.console.charts.parts import Measure

SHADES = 5


@dataclass(frozen=True, slots=True)
class Key:
    """One shade and what it stands for."""

    shade: int
    text: str


def shade(value: float, top: float) -> int:
    """0 of nothing, else 1 to 5 by equal parts of the scale."""
    if value <= 0 or top <= 0:
        return 0
    return min(SHADES, int(value / top * SHADES - 1e-9) + 1)


def keys(top: float, measure: Measure) -> tuple[Key, ...]:
    """The legend: nothing, then each shade up to its end; ends that say the same are one."""
    told = [Key(0, measure.say(0))]
    for place in range(1, SHADES + 1):
        text = _("up to {value}").format(value=measure.say(top * place / SHADES))
        told.append(Key(place, text))
    return tuple(told)
