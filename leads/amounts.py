"""Numbers as people and CRMs write them: company sizes and money. Nothing is guessed twice."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

_MULTIPLIERS = {
    "": 1,
    **dict.fromkeys(("k", "tsd", "thousand", "mil"), 10**3),
    **dict.fromkeys(("lakh", "lac"), 10**5),
    **dict.fromkeys(("m", "mm", "mn", "mio", "million", "millions", "millionen"), 10**6),
    **dict.fromkeys(("cr", "crore"), 10**7),
    **dict.fromkeys(("b", "bn", "mrd", "billion", "billions", "milliarden"), 10**9),
}
_UNITS = "|".join(sorted(filter(None, _MULTIPLIERS), key=len, reverse=True))
_NUMBER = re.compile(
    r"(?<![a-z0-9.,])(?P<digits>(?>[0-9](?:[0-9.,']| (?=[0-9]))*))"
    rf"(?: ?(?P<unit>{_UNITS}))?(?![a-z0-9])"
)
_RANGE = re.compile(r"(?<=[0-9a-z])\s*(?:-|\bto\b|\bbis\b)\s*[^0-9a-z]{0,4}(?=[0-9])")
_MAX_EMPLOYEES = 100_000_000
_MAX_LENGTH = 60
_MAX_DIGITS = 20
_EXACT_DIGITS = 13
"""Floats below tell every cent apart."""


_SIGNS = {"€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY"}
_SCIENTIFIC = re.compile(r"[0-9]e[+-]?[0-9]")


def employees(raw: object) -> int | None:
    """Return a company's size; of a range its lower bound. None when the text holds no number.

    51-200 is 51, 1,000+ is 1000, 1.5k is 1500, 1.000 is a thousand, <50 and "self-employed" are 1.
    """
    text = _text(raw)
    if text.startswith("self"):
        return 1
    if text.startswith(("<", "up to", "under", "less than")):
        return 1 if _NUMBER.search(text) else None
    value = _lowest(text) if isinstance(raw, str) else _number(raw)
    if value is None or text.startswith("-") or not 0 <= value <= _MAX_EMPLOYEES:
        return None
    return int(value)


def money(raw: object) -> Decimal | None:
    """Return an amount without its currency; of a range the lower bound. None when unreadable.

    $1,117.10K is 1117100, € 3 400,50 is 3400.50, 1.2M is 1200000, (500) and -500 are negative.
    Where both a dot and a comma stand, the last one is the decimal sign. One comma or dot before
    exactly three digits separates thousands (1.234 is 1234), unless a 0 stands alone before it,
    or it is a dot and a unit follows (1.234M is 1234000).
    """
    if not isinstance(raw, str):
        return _number(raw)
    text = _text(raw)
    value = _lowest(text)
    if value is None:
        return None
    is_negative = bool(re.match(r"[^0-9a-z]*-", text)) or bool(re.match(r"[^0-9]*\(.*\)", text))
    return -value if is_negative else value


def spelt(raw: object) -> str:
    """Return a number as a text that `money` reads as that number, to the cent; texts as they are.

    A number of JSON has no thousands to part: 50.125 is fifty and some.
    """
    if isinstance(raw, float) and abs(raw) < 10**_EXACT_DIGITS:  # false for nan, too
        return f"{raw:.2f}".removesuffix(".00")
    return str(raw)


def currency(raw: str) -> str | None:
    """Return the code of a currency, EUR for eur and €; None for what is none."""
    text = raw.strip().upper()
    if text in _SIGNS:
        return _SIGNS[text]
    return text if len(text) == 3 and text.isascii() and text.isalpha() else None


def _text(raw: object) -> str:
    text = unicodedata.normalize("NFKC", raw).strip().lower() if isinstance(raw, str) else ""
    return re.sub("[\u2010-\u2015\u2212]", "-", text) if len(text) <= _MAX_LENGTH else ""


def _number(raw: object) -> Decimal | None:
    """Return what is a number already; None for text, truth values and what is not finite."""
    if isinstance(raw, bool) or not isinstance(raw, int | float | Decimal):
        return None
    if isinstance(raw, Decimal) and not raw.is_finite():
        return None
    return Decimal(str(raw)) if abs(raw) < 10**_MAX_DIGITS else None  # false for nan, too


def _lowest(text: str) -> Decimal | None:
    """Return the first number; in a range without a unit of its own it takes the second's."""
    if _SCIENTIFIC.search(text):
        return None
    found = list(_NUMBER.finditer(text))
    if not found or len(found) > 2 or (len(found) == 2 and not _RANGE.search(text)):
        return None
    units = [match["unit"] or "" for match in found]
    value = _decimal(found[0]["digits"], has_unit=bool(units[0]))
    return None if value is None else value * _MULTIPLIERS[units[0] or units[-1]]


def _decimal(digits: str, *, has_unit: bool) -> Decimal | None:
    """Read digits with separators; None when they stand in no order any country writes."""
    plain = re.sub(r"[' ](?=[0-9]{3}(?![0-9]))", "", digits).rstrip(".,'")
    signs = re.sub(r"[0-9]", "", plain)
    last = signs[-1:]
    is_mixed = signs.count(last) > 1 and len(set(signs)) > 1
    if is_mixed or " " in signs or "'" in signs or len(plain) > _MAX_DIGITS + len(signs):
        return None
    has_decimals = len(set(signs)) > 1 or (
        len(signs) == 1 and _is_decimal(plain, last, has_unit=has_unit)
    )
    whole, _, part = plain.rpartition(last) if has_decimals else (plain, "", "")
    groups = re.split(r"[.,]", whole)
    lengths = [len(group) for group in groups[1:]]
    if lengths and (lengths[-1] != 3 or not set(lengths) <= {2, 3} or len(groups[0]) > 3):
        return None
    return Decimal("".join(groups) + ("." + part if part else ""))


def _is_decimal(plain: str, sign: str, *, has_unit: bool) -> bool:
    """Say whether the only separator of a number is its decimal sign."""
    whole, _, part = plain.partition(sign)
    return len(part) != 3 or whole == "0" or (sign == "." and has_unit)
