"""Instants and spans of work as files write them, read exactly. Pure.

What carries no zone is the wall clock of a zone that is named beside it. A wall clock that was
shown twice is taken the first time, one that was never shown by the offset before the jump; both
are told, so that nobody has to guess which rows that was.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal, InvalidOperation

from core.errors import InvalidInput

TWICE, NEVER = "TWICE", "NEVER"
"""How the wall clock may leave open which instant is meant: shown twice, or never shown."""

LONGEST = Decimal(6 * 10**8)
"""No span of work has more seconds: nineteen years round the clock."""

_SIZES = (3600, 60, 1)
_UNITS = {"h": 3600, "m": 60, "s": 1}
_SPAN = re.compile(r"(?:pt)?(?:([\d.]+)h)?(?:([\d.]+)m(?:in)?)?(?:([\d.]+)s)?")
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Stamp:
    """An instant in UTC; `told` says what was read into it, empty for nothing."""

    at: datetime
    told: str = ""


def instant(text: object, *, zone: tzinfo | None = None, pattern: str = "", fold: int = 0) -> Stamp:
    """The instant that a text names: ISO 8601, or by a `strptime` pattern.

    `zone` is where a text without an offset was written. Raises `InvalidInput`.
    """
    said = "" if text is None else str(text).strip()
    if not said:
        raise InvalidInput("there is no time here.")
    try:
        found = datetime.strptime(said, pattern) if pattern else _iso(said)  # noqa: DTZ007
    except ValueError:
        hint = f"it does not read as {pattern}" if pattern else "write 2026-11-02T09:00+01:00"
        raise InvalidInput(f"“{said[:60]}” is no time: {hint}.") from None
    if found.tzinfo is not None:
        return _in_utc(found, said)
    if zone is None:
        raise InvalidInput(f"“{said[:60]}” says no zone; name the one it was written in.")
    found = found.replace(tzinfo=zone, fold=fold)
    return Stamp(_in_utc(found, said).at, "" if fold else _doubt(found))


def wall_clock(text: object, *, pattern: str = "") -> datetime | None:
    """The time without a zone that a text shows; None where it names an instant by itself."""
    said = str(text).strip()
    try:
        found = datetime.strptime(said, pattern) if pattern else _iso(said)  # noqa: DTZ007
    except ValueError:
        return None
    return found if found.tzinfo is None else None


def work(text: object, *, unit: str = "m") -> timedelta:
    """A span of work: a number in its unit (h, m, s), or a sum such as “1h30m” or “PT90M”.

    To the microsecond. Raises `InvalidInput` for what is none, or less than nothing.
    """
    said = str(text).strip().lower().replace(" ", "")
    try:
        total = Decimal(said) * _UNITS[unit]
    except InvalidOperation:
        total = _sum(said)
    if not total.is_finite() or not 0 <= total <= LONGEST:
        raise InvalidInput(f"“{said[:40]}” is no span of work; write minutes, or 1h30m.")
    return timedelta(microseconds=int((total * 10**6).to_integral_value()))


def seconds(span: timedelta) -> str:
    """A span as seconds, with the fraction it has and no more: “3600”, “-0.5”."""
    whole, rest = divmod(abs(span) // _MICROSECOND, 10**6)
    sign = "-" if span < timedelta() else ""
    return f"{sign}{whole}" + (f".{rest:06}".rstrip("0") if rest else "")


def _iso(said: str) -> datetime:
    """ISO 8601, also with slashes, a blank before the offset, or the word UTC."""
    text = re.sub(r"\s*(?:UTC|GMT)$", "+00:00", said)
    text = re.sub(r"^(\d{4})/(\d{1,2})/(\d{1,2})", _dashed, text)
    return datetime.fromisoformat(re.sub(r"\s+([+-]\d{2}:?\d{2})$", r"\1", text))


def _dashed(found: re.Match[str]) -> str:
    year, month, day = found.groups()
    return f"{year}-{month:0>2}-{day:0>2}"


def _sum(said: str) -> Decimal:
    """The seconds of “1h30m” or “PT1H30M”; no number for what is no sum."""
    found = _SPAN.fullmatch(said)
    parts = found.groups() if found else ()
    try:
        told = [Decimal(part) * size for part, size in zip(parts, _SIZES, strict=False) if part]
    except InvalidOperation:
        told = []
    return sum(told, Decimal()) if told else Decimal("NaN")


def _in_utc(found: datetime, said: str) -> Stamp:
    try:
        return Stamp(found.astimezone(UTC))
    except OverflowError:
        raise InvalidInput(f"“{said[:60]}” lies outside the years 1900 to 2199.") from None


def _doubt(found: datetime) -> str:
    """Whether the wall clock showed this time twice, or never."""
    again = found.replace(fold=1)
    if found.utcoffset() == again.utcoffset():
        return ""
    back = found.astimezone(UTC).astimezone(found.tzinfo)
    return TWICE if back.replace(tzinfo=None) == found.replace(tzinfo=None) else NEVER
