"""A working day as people write it: `9-12, 13:00–17:30`. Pure.

Spans are minutes from midnight; a span that ends before it starts runs over midnight.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence

MOST = 6
"""Intervals of one day."""
MIDNIGHT = 24 * 60
DASHES = "-–—‒"

Span = tuple[int, int]


class Unreadable(ValueError):
    """What was written is no list of intervals; the message says where and what to write."""


def read(text: str) -> tuple[Span, ...]:
    """The intervals in a text, in their order; none for an empty one. Raises Unreadable."""
    pieces = [piece.strip() for piece in text.replace(";", ",").split(",")]
    spans = sorted(_span(piece) for piece in pieces if piece)
    if len(spans) > MOST:
        raise Unreadable(f"A day has at most {MOST} intervals.")
    for before, after in itertools.pairwise(spans):
        if after[0] < _end(before):
            raise Unreadable(f"{write([after])} lies within {write([before])}; join them.")
    if spans and _end(spans[-1]) > MIDNIGHT + spans[0][0]:
        raise Unreadable(f"{write([spans[-1]])} runs into the same day again.")
    return tuple(spans)


def write(spans: Iterable[Span]) -> str:
    """Intervals as `read` takes them."""
    return ", ".join(f"{_clock(a)}–{_clock(b)}" for a, b in spans)


def total(week: Sequence[Sequence[Span]]) -> int:
    """The minutes of a week."""
    return sum(_end(span) - span[0] for day in week for span in day)


def clash(week: Sequence[Sequence[Span]]) -> int | None:
    """The day (Monday is 0) whose last interval runs into the first of the next; None if none."""
    for day, spans in enumerate(week):
        after = week[(day + 1) % 7]
        if spans and after and _end(spans[-1]) - MIDNIGHT > after[0][0]:
            return day
    return None


def _span(piece: str) -> Span:
    for dash in DASHES:
        piece = piece.replace(dash, "-")
    sides = [side.strip() for side in piece.replace(" to ", "-").split("-")]
    if len(sides) != 2:
        raise Unreadable(f"“{piece}” is no interval; write it as 9:00–17:30.")
    begins, ends = _minute(sides[0], piece), _minute(sides[1], piece)
    if begins == MIDNIGHT:
        raise Unreadable(f"“{piece}”: a day begins at 0:00; 24:00 can only be an end.")
    if begins == ends:
        raise Unreadable(f"“{piece}” ends when it begins; the whole day is 0:00–24:00.")
    return begins, ends or MIDNIGHT


def _minute(text: str, piece: str) -> int:
    hour, _, minute = text.replace(".", ":").removesuffix("h").partition(":")
    numbers = [part for part in (hour, minute or "0") if part.isascii() and part.isdigit()]
    if len(numbers) != 2 or max(map(len, numbers)) > 2:
        raise Unreadable(f"“{text}” in “{piece}” is no time of day; write 9 or 9:30.")
    at = int(hour) * 60 + int(minute or 0)
    if int(minute or 0) > 59:
        raise Unreadable(f"“{text}” in “{piece}” is no time of day; minutes go from 00 to 59.")
    if at > MIDNIGHT:
        raise Unreadable(f"“{text}” in “{piece}” is no time of day; it lies past 24:00.")
    return at


def _end(span: Span) -> int:
    begins, ends = span
    return ends if ends > begins else ends + MIDNIGHT


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
