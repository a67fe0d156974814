"""Numbers and labels within sentences. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR
# From here on a count of hours says less than a count of days.
DAYS_FROM = 48 * HOUR


def plural(count: int, one: str, many: str | None = None) -> str:
    """`1 lead`, `7 leads`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def capital(text: str) -> str:
    """As the beginning of a sentence."""
    return text[:1].upper() + text[1:]


def span(length: dt.timedelta) -> str:
    """A length in at most two units: `11 min`, `3 h 20 min`, `2 d 4 h`."""
    seconds = int(abs(length.total_seconds()))
    if seconds < MINUTE:
        return f"{seconds} s" if seconds else "0 min"
    if seconds < HOUR:
        return f"{seconds // MINUTE} min"
    if seconds < DAYS_FROM:
        return _two(seconds, HOUR, "h", MINUTE, "min")
    return _two(seconds, DAY, "d", HOUR, "h")


def to_the_second(seconds: int) -> str:
    """A length of so many whole seconds, to be added up by eye: `40 s`, `2 h 05 min 07 s`.

    Nothing is left out behind the first unit, so that nobody takes what is shown for rounded.
    """
    days, rest = divmod(seconds, DAY) if seconds >= DAYS_FROM else (0, seconds)
    counts = (days, rest // HOUR, rest % HOUR // MINUTE, rest % MINUTE)
    parts = list(zip(counts, ("d", "h", "min", "s"), strict=True))
    while len(parts) > 1 and not parts[0][0]:
        del parts[0]
    first, *others = parts
    return " ".join((f"{first[0]} {first[1]}", *(f"{count:02} {unit}" for count, unit in others)))


def _two(seconds: int, large: int, large_word: str, small: int, small_word: str) -> str:
    rest = seconds % large // small
    first = f"{seconds // large} {large_word}"
    return f"{first} {rest} {small_word}" if rest else first


def in_a_sentence(label: str) -> str:
    """A label within a sentence: `company size`, but `ICP` and `BANT` as they are."""
    return label[:1].lower() + label[1:] if label[1:2].islower() or label[1:2] == " " else label


def listed(names: Sequence[str]) -> str:
    """`job title, employees and seat`."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
