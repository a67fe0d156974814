"""Days, months and quarters as Germans and English write them. Pure; nothing is guessed twice."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable

from reports import spreading

_MONTHS = (
    ("jan", "januar", "january", "jän", "jänner"),
    ("feb", "februar", "february"),
    ("mar", "mär", "mrz", "märz", "march", "maerz"),
    ("apr", "april"),
    ("may", "mai"),
    ("jun", "juni", "june"),
    ("jul", "juli", "july"),
    ("aug", "august"),
    ("sep", "sept", "september"),
    ("oct", "okt", "oktober", "october"),
    ("nov", "november"),
    ("dec", "dez", "dezember", "december"),
)
MONTH_OF = {word: number for number, words in enumerate(_MONTHS, start=1) for word in words}
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]00:00(?::00(?:\.0+)?)?)?Z?")
_GERMAN = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4}|\d{2})")
_EITHER = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4}|\d{2})")
_DAY_WORD = re.compile(r"(\d{1,2})\.?[ -]?([^\W\d]+)\.?,?[ -]?(\d{4}|\d{2})")
_WORD_DAY = re.compile(r"([^\W\d]+)\.? (\d{1,2}),? (\d{4})")
_MONTH_NUMBER = re.compile(r"(\d{1,2})[./-](\d{4})")
_NUMBER_MONTH = re.compile(r"(\d{4})[./-](\d{1,2})")
_MONTH_WORD = re.compile(r"([^\W\d]+)\.?[ '-]*(\d{4}|\d{2})")
_QUARTER = re.compile(r"q ?([1-4])[ /'-]*(\d{4}|\d{2})|(\d{4})[ /-]*q ?([1-4])")
_QUARTAL = re.compile(r"([1-4])\.? ?(?:quartal|quarter|qtr\.?)[ /]*(\d{4})")
_YEAR = re.compile(r"20\d\d")


class NoDays(ValueError):
    """The text names no day, or no span; it says why."""


def order_of(texts: Iterable[str]) -> str:
    """Whether days of a file written as 3/4/2026 begin with the `day` or the `month`.

    Empty where none of them tells, or they contradict each other.
    """
    said = set()
    for text in texts:
        found = _EITHER.fullmatch(text.strip())
        if found and int(found[1]) > 12:
            said.add("day")
        if found and int(found[2]) > 12:
            said.add("month")
    return said.pop() if len(said) == 1 else ""


def day(text: str, order: str = "") -> dt.date:
    """The day a text names. Raises NoDays."""
    said = " ".join(text.split()).lower()
    if found := _ISO.fullmatch(said):
        return _date(text, found[1], found[2], found[3])
    if found := _GERMAN.fullmatch(said):
        return _date(text, found[3], found[2], found[1])
    if found := _EITHER.fullmatch(said):
        if not order:
            raise NoDays(
                f"“{text[:40]}” may be two days: no date of the file tells whether the day or the "
                "month stands first. Write it as 2026-10-31."
            )
        one, other = (found[1], found[2]) if order == "month" else (found[2], found[1])
        return _date(text, found[3], one, other)
    if (found := _DAY_WORD.fullmatch(said)) and found[2] in MONTH_OF:
        return _date(text, found[3], MONTH_OF[found[2]], found[1])
    if (found := _WORD_DAY.fullmatch(said)) and found[1] in MONTH_OF:
        return _date(text, found[3], MONTH_OF[found[1]], found[2])
    raise NoDays(f"“{text[:40]}” is no day: write 2026-10-31 or 31.10.2026.")


def span(text: str) -> tuple[dt.date, dt.date]:
    """The month, quarter or year a text names. Raises NoDays."""
    said = " ".join(text.split()).lower()
    for read in (_by_iso_day, _by_month, _by_quarter):
        found = read(text, said)
        if found is not None:
            return found
    if _YEAR.fullmatch(said):
        return dt.date(int(said), 1, 1), dt.date(int(said), 12, 31)
    raise NoDays(
        f"“{text[:40]}” is no month, quarter or year: write 2026-10, October 2026 or Q4 2026."
    )


def _by_iso_day(text: str, said: str) -> tuple[dt.date, dt.date] | None:
    """The first of a month, as spreadsheets keep months."""
    found = _ISO.fullmatch(said) or _GERMAN.fullmatch(said)
    if found is None:
        return None
    first = day(text)
    if first.day != 1:
        raise NoDays(
            f"“{text[:40]}” is a day, not a month: use the columns First day and Last day."
        )
    return first, spreading.last_of_month(first)


def _by_month(text: str, said: str) -> tuple[dt.date, dt.date] | None:
    if found := _MONTH_NUMBER.fullmatch(said):
        first = _date(text, found[2], found[1], 1)
    elif found := _NUMBER_MONTH.fullmatch(said):
        first = _date(text, found[1], found[2], 1)
    elif (found := _MONTH_WORD.fullmatch(said)) and found[1] in MONTH_OF:
        first = _date(text, found[2], MONTH_OF[found[1]], 1)
    else:
        return None
    return first, spreading.last_of_month(first)


def _by_quarter(text: str, said: str) -> tuple[dt.date, dt.date] | None:
    if found := _QUARTER.fullmatch(said):
        quarter, year = int(found[1] or found[4]), found[2] or found[3]
    elif found := _QUARTAL.fullmatch(said):
        quarter, year = int(found[1]), found[2]
    else:
        return None
    first = _date(text, year, quarter * 3 - 2, 1)
    return first, spreading.last_of_month(first + dt.timedelta(days=62))


def _date(text: str, year: str | int, month: str | int, number: str | int) -> dt.date:
    whole = int(year) + (2000 if len(str(year)) == 2 else 0)
    try:
        return dt.date(whole, int(month), int(number))
    except ValueError:
        raise NoDays(f"“{text[:40]}” is a day that does not exist.") from None
