"""Turning a cell into a value of ours: instants, web addresses, ids, e-mail addresses. Pure."""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache

from core.errors import InvalidInput
from leads import cleansing, identity, past

KINDS = frozenset(
    ("text", "instant", "website", "email", "phone", "full_name", "opt_in", "opt_out",
     "salesforce_id")
)  # fmt: skip
USUAL = {
    "occurred_at": "instant",
    "company.domain": "website",
    "person.email": "email",
    "person.phone": "phone",
    "person.full_name": "full_name",
    **{f"history.{name}": "instant" for name in past.INSTANTS},
}
"""How a target is read unless the mapping says otherwise."""

FORMATS = ("iso",)
ANY = (
    "iso", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%Y.%m.%d",
    "%Y. %m. %d.", "%d/%m/%y", "%m/%d/%y", "%d.%m.%y", "%d-%m-%y",
    *(f"{day} {time}" for day in ("%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%Y/%m/%d")
      for time in ("%H:%M", "%H:%M:%S", "%I:%M %p", "%I:%M:%S %p")),
    "%m/%d/%Y, %I:%M %p", "%m/%d/%Y, %I:%M:%S %p", "%d/%m/%Y, %H:%M", "%d/%m/%Y, %H:%M:%S",
    "%d.%m.%Y, %H:%M", "%d.%m.%Y, %H:%M:%S", "%m/%d/%y %H:%M", "%d/%m/%y %H:%M", "%d.%m.%y %H:%M",
    "%d %b %Y", "%d %B %Y", "%d-%b-%Y", "%d-%b-%y", "%b %d, %Y", "%B %d, %Y",
    "%d %b, %Y %H:%M:%S", "%d %b %Y %H:%M", "%d %b %Y %H:%M:%S", "%b %d, %Y %I:%M %p",
    "epoch_ms", "epoch_s", "excel",
)  # fmt: skip
"""Every form an export is known to write; of those that contradict, a column's values choose."""

_EPOCHS = {"epoch_ms": 1000, "epoch_s": 1}
_FIRST_SECOND = 600_000_000
"""1989: smaller numbers are ids or days, no instants."""
_EXCEL_BEGINS = dt.datetime(1899, 12, 30)  # noqa: DTZ001 (a serial number names no zone)
_EXCEL_DAYS = range(32_874, 73_051)
"""Serial numbers of the days from 1990 to 2099, as spreadsheets count them."""
_ZONE_WORD = re.compile(r" ?(UTC|GMT|Z)$")
_TRUE = frozenset(("1", "true", "yes", "y", "t", "x", "ja", "oui", "sí", "si", "checked"))
_FALSE = frozenset(("0", "false", "no", "n", "f", "nein", "non", "unchecked"))
_SCIENTIFIC = re.compile(r"\+?(\d)(?:[.,](\d+))?[eE]\+?(\d{1,2})")
_ID_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_SAMPLES = 5_000


class NoValue(ValueError):
    """The cell cannot be read; the text says why."""


def fault_of_format(pattern: str) -> str:
    """What is wrong with a pattern for instants; empty when it can be used."""
    if pattern in ("iso", "excel", "any") or pattern in _EPOCHS:
        return ""
    probe = dt.datetime(2001, 2, 3, 4, 5, 6)  # noqa: DTZ001 (only its date is compared)
    try:
        read = dt.datetime.strptime(probe.strftime(pattern), pattern)  # noqa: DTZ007
    except ValueError:
        read = None
    if read is not None and read.date() == probe.date():
        return ""
    return f"“{pattern}” names no day; write iso, epoch_ms, epoch_s or a pattern like %d-%m-%Y."


@lru_cache(maxsize=65_536)
def instant(text: str, formats: Sequence[str], zone: zoneinfo.ZoneInfo) -> dt.datetime:
    """The instant a text names, by the first pattern that fits; `zone` if it names none.

    Raises NoValue.
    """
    for pattern in formats:
        found = _by(pattern, text, zone)
        if found is not None:
            return found
    told = f"“{text[:60]}” is no date."
    if any(_by(pattern, text, zone) for pattern in ANY):
        told = f"“{text[:60]}” is written otherwise than the dates here, like {_like(formats[0])}."
    raise NoValue(told)


def _like(pattern: str) -> str:
    """The last day of 2026 written by a pattern."""
    day = dt.datetime(2026, 12, 31, 14, 30)  # noqa: DTZ001 (an example is of no zone)
    if pattern in _EPOCHS:
        return str(int(day.replace(tzinfo=dt.UTC).timestamp()) * _EPOCHS[pattern])
    if pattern == "excel":
        return str((day - _EXCEL_BEGINS).days)
    return day.date().isoformat() if pattern == "iso" else day.strftime(pattern)


def _by(pattern: str, text: str, zone: zoneinfo.ZoneInfo) -> dt.datetime | None:
    try:
        if pattern in _EPOCHS:
            number = int(text) / _EPOCHS[pattern]
            return dt.datetime.fromtimestamp(number, dt.UTC) if number > _FIRST_SECOND else None
        if pattern == "excel":
            return _by_serial(text, zone)
        bare = _ZONE_WORD.sub("+00:00", text)
        found = _iso(bare) if pattern == "iso" else dt.datetime.strptime(text, pattern)  # noqa: DTZ007
        return found if found.tzinfo else found.replace(tzinfo=zone)
    except (ValueError, OverflowError, OSError):
        return None


def _by_serial(text: str, zone: zoneinfo.ZoneInfo) -> dt.datetime | None:
    days = float(text)
    if int(days) not in _EXCEL_DAYS:
        return None
    seconds = round((days - int(days)) * 86_400)
    found = _EXCEL_BEGINS + dt.timedelta(days=int(days), seconds=seconds)
    return found.replace(tzinfo=zone)


def _iso(text: str) -> dt.datetime:
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        # Exports write the hour without its zero: 2020-12-30 3:15:52.
        padded = re.sub(r"(?<=[ T])(\d)(?=:)", r"0\1", text)
        return dt.datetime.fromisoformat(padded)


def settle_formats(
    texts: Iterable[str], formats: Sequence[str], zone: zoneinfo.ZoneInfo
) -> tuple[tuple[str, ...], str]:
    """Of patterns that contradict each other, those that fit a column best; and a doubt, if any.

    05/06/2020 is the fifth of June or the sixth of May. One value like 25/06/2020 in the column
    settles it for all; without one the first pattern is taken, and the doubt names an example.
    """
    if len(formats) == 1:
        return tuple(formats), ""
    sample: dict[str, None] = {}
    for text in texts:
        sample.setdefault(text)
        if len(sample) >= _SAMPLES:
            break
    read = {pattern: {text: _by(pattern, text, zone) for text in sample} for pattern in formats}
    fits = {pattern: sum(at is not None for at in read[pattern].values()) for pattern in formats}
    ranked = sorted(formats, key=lambda pattern: -fits[pattern])
    kept: list[str] = []
    doubt = ""
    for pattern in ranked:
        example = _example(sample, [read[one] for one in kept], read[pattern])
        if not example:
            kept.append(pattern)
        elif fits[pattern] == fits[ranked[0]] and not doubt:
            other = read[pattern][example]
            taken = next(at for one in kept if _clash(at := read[one][example], other))
            doubt = (
                f"“{example}” is read as {_spoken(taken)}; it could be {_spoken(other)} as well, "
                "and no value here tells. If that is wrong, say how dates are written."
            )
    return tuple(kept), doubt


def _spoken(at: dt.datetime | None) -> str:
    return f"{at.day} {at:%B %Y}" if at else ""


def _example(
    sample: Iterable[str],
    kept: Sequence[Mapping[str, dt.datetime | None]],
    read: Mapping[str, dt.datetime | None],
) -> str:
    """A text that one of the kept patterns reads otherwise; empty if there is none."""
    return next((text for text in sample for one in kept if _clash(one[text], read[text])), "")


def _clash(one: dt.datetime | None, other: dt.datetime | None) -> bool:
    return one is not None and other is not None and one != other


def website(text: str) -> str:
    """The registrable domain of a web address. Raises NoValue."""
    found = cleansing.registrable_domain(text)
    if found is None:
        raise NoValue(f"“{text[:60]}” is no web address.")
    return found


def email(text: str) -> str:
    """The address in a cell; the first one if it holds several. Raises NoValue."""
    for part in (text, *re.split(r"[\s;,|<>]+", text)):
        try:
            identity.normalise_email(part)
        except InvalidInput:
            continue
        return part
    raise NoValue(f"“{text[:60]}” is no e-mail address.")


def phone(text: str) -> str:
    """A number as it stands, but for one that a spreadsheet made a fraction. Raises NoValue."""
    found = _SCIENTIFIC.fullmatch(text)
    if found is None:
        return text
    whole, fraction, power = found[1], found[2] or "", int(found[3])
    if len(fraction) < power:
        raise NoValue(f"“{text[:60]}” has lost its last digits in a spreadsheet.")
    return f"{whole}{fraction[:power]}"


def opt_out(text: str) -> bool:
    """Whether the buyer may be written to, from a column that says they may not. Raises NoValue."""
    word = text.casefold()
    if word in _TRUE | _FALSE:
        return word in _FALSE
    raise NoValue(f"“{text[:60]}” is neither yes nor no.")


def opt_in(text: str) -> bool | str:
    """Whether the buyer may be written to, from a column that says they may, or the words of it."""
    word = text.casefold()
    return word in _TRUE if word in _TRUE | _FALSE else text[:500]


def salesforce_id(text: str) -> str:
    """The 18-character form of a record id; reports of the same system show 15 of them."""
    if not re.fullmatch(r"[A-Za-z0-9]{15}", text):
        return text
    check = ""
    for start in (0, 5, 10):
        chunk = text[start : start + 5]
        bits = sum(1 << place for place, sign in enumerate(chunk) if sign.isupper())
        check += _ID_LETTERS[bits]
    return text + check


READERS: Mapping[str, Callable[[str], object]] = {
    "website": website,
    "email": email,
    "phone": phone,
    "opt_in": opt_in,
    "opt_out": opt_out,
    "salesforce_id": salesforce_id,
}
"""The ways to read that need nothing but the cell."""
