"""How places are compared: regions and postal codes as one key, by a table. Pure.

PostgreSQL compares by the same table (`territory_sql`), so nothing need be stored to find leads by
territory, and neither the locale of a database nor the Unicode of its version has a say. What the
table leaves out, such as Arabic or Chinese letters, is compared as it is written.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_BLOCKS = (
    (0x0001, 0x024F),  # Latin with its signs
    (0x0250, 0x036F),  # phonetic letters, accents that stand for themselves
    (0x0370, 0x052F),  # Greek, Cyrillic
    (0x1E00, 0x1EFF),  # Latin with two accents
    (0x2000, 0x206F),  # dashes, quotes, spaces
    (0x3000, 0x303F),  # signs of Chinese and Japanese
    (0xFF01, 0xFF5E),  # wide letters
)
_APOSTROPHES = frozenset("'’`´")
_STROKES = {"ø": "o", "ł": "l"}
SHARP_S = ("ß", "ẞ")
PAIRS = (("ae", "a"), ("oe", "o"), ("ue", "u"))
"""Germans write ä, ae and, abroad, a for one letter."""


def _compared(letter: str) -> str:
    """One letter without case and accents; a sign becomes a blank, an apostrophe nothing."""
    small = "".join(_STROKES.get(one, one) for one in letter.casefold())
    parts = (one for one in unicodedata.normalize("NFKD", small) if not "\u0300" <= one <= "\u036f")
    kept = [one for one in parts if one not in _APOSTROPHES]
    if not kept:
        return ""
    words = "".join(one if unicodedata.category(one)[0] in "LNM" else " " for one in kept)
    return unicodedata.normalize("NFC", words.strip()) or " "


def _table() -> dict[str, str]:
    """Letters that are compared as another one, as a blank, or not at all."""
    known = (chr(code) for first, last in _BLOCKS for code in range(first, last + 1))
    pairs = ((one, _compared(one)) for one in known if unicodedata.category(one) != "Cn")
    # One letter for one, so that `translate` of PostgreSQL can do it.
    return {one: said for one, said in pairs if said != one and len(said) <= 1}


TABLE = _table()
_LETTERS = str.maketrans(TABLE | dict.fromkeys(SHARP_S, "ss"))


@lru_cache(maxsize=65_536)
def told(region: str) -> str:
    """A region as it is compared: without case, accents and signs; of signs alone, as written."""
    words = region.translate(_LETTERS)
    for pair, letter in PAIRS:
        words = words.replace(pair, letter)
    return re.sub(" +", " ", words).strip(" ") or region


def compact(code: str) -> str:
    """A postal code as it is compared: Latin letters and digits, in capitals."""
    return "".join(one for one in code if one.isascii() and one.isalnum()).upper()


def land(country: str) -> str:
    """The code of a country as it is compared: in capitals."""
    return country.upper() if country.isascii() else country
