"""What all charts share: their frame, the table behind, units in words, round ends of scales."""

from __future__ import annotations

import datetime as dt
import enum
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from web.console import words

FEW = 10
"""Shares of fewer say little: they are drawn hollow, and said to be of few."""
WIDE = 100.0
_ROUND = (1, 2, 2.5, 4, 5, 8, 10)
_SHARES = (0.05, 0.1, 0.2, 0.4, 0.6, 0.8)
_M, _H, _D = words.MINUTE, words.HOUR, words.DAY
_SPANS = (10, _M, 2 * _M, 4 * _M, 10 * _M, 20 * _M, 30 * _M, _H, 2 * _H, 4 * _H, 8 * _H, 12 * _H,
          _D, 2 * _D, 4 * _D, 10 * _D, 20 * _D, 30 * _D, 60 * _D, 90 * _D, 180 * _D)  # fmt: skip


class Unit(enum.StrEnum):
    """What a number is a number of; the names are those that reports declare."""

    COUNT = "count"
    SHARE = "share"
    SECONDS = "seconds"
    DAYS = "days"
    MONEY = "money"
    TIMES = "times"


@dataclass(frozen=True, slots=True)
class Measure:
    """How a number is said: its unit, decimals of shares, the currency of money."""

    unit: Unit = Unit.COUNT
    digits: int = 0
    currency: str = ""

    def say(self, value: float | None) -> str:
        """The number in words; a dash for None."""
        if value is None:
            return words.DASH
        if self.unit is Unit.SHARE:
            return f"{100 * value:.{self.digits}f} %"
        if self.unit is Unit.SECONDS:
            return words.span(dt.timedelta(seconds=value))
        if self.unit is Unit.DAYS:
            return words.days(round(value, 1))
        if self.unit in (Unit.MONEY, Unit.TIMES):
            mark = self.currency if self.unit is Unit.MONEY else "×"
            return f"{f'{value:,.2f}'.removesuffix('.00')} {mark}".strip()
        return words.number(value)

    def top(self, highest: float) -> float:
        """The end of a scale from 0: a round number at or above this one, more than 0."""
        if self.unit is Unit.SHARE:
            return next((one for one in _SHARES if highest <= one), max(1.0, highest))
        if self.unit is Unit.SECONDS and highest <= _SPANS[-1]:
            return float(next(one for one in _SPANS if highest <= one))
        if highest <= 0:
            return 1.0
        power = 10.0 ** math.floor(math.log10(highest))
        found = next((power * one for one in _ROUND if highest <= power * one), power * 10)
        return max(found, 1.0) if self.unit is Unit.COUNT else found


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the table behind; numbers stand at its end."""

    text: str
    is_number: bool = True


@dataclass(frozen=True, slots=True)
class Table:
    """The table behind a chart; the first cell of each row names it."""

    heads: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]


def table(
    heads: Sequence[str], rows: Iterable[Sequence[str]], *, texts: Sequence[int] = ()
) -> Table:
    """A table of texts; columns other than the first and those of `texts` hold numbers."""

    def cells(row: Sequence[str]) -> tuple[Cell, ...]:
        return tuple(
            Cell(text, is_number=place > 0 and place not in texts) for place, text in enumerate(row)
        )

    return Table(cells(heads), tuple(cells(row) for row in rows))


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """What every chart has. `key` is its own on a page; `lack` says why nothing is drawn."""

    template: ClassVar[str]
    prints_table: ClassVar[bool] = False
    """Whether paper needs the table, because the drawing bears no numbers."""

    key: str
    title: str
    label: str
    table: Table
    lack: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Tick:
    """A word along a scale; every other one may be left out where it is narrow."""

    at: float
    text: str
    is_spare: bool = False
    anchor: str = "middle"


def spread(texts: Sequence[str], most: int) -> tuple[Tick, ...]:
    """Up to `most` words below as many slots side by side, evenly apart, in their middles."""
    count = min(most, len(texts))
    if not count:
        return ()
    apart = max(1, math.ceil(len(texts) / count))
    picked = range(0, len(texts), apart)
    return tuple(
        Tick(slot_middle(place, len(texts)), texts[place], is_spare=turn % 2 == 1)
        for turn, place in enumerate(picked)
    )


def slot_middle(place: float, slots: int) -> float:
    """The middle of a slot, of so many across."""
    return WIDE * (place + 0.5) / slots


def within(value: float, top: float) -> float:
    """Where a value stands across, on a scale from 0 to `top`; beyond its ends at them."""
    return WIDE * min(max(value / top, 0.0), 1.0) if top else 0.0
