"""Postal codes and regions as they are kept: capitals, one way of spacing. Pure.

Only what is sure is changed: a code that does not look like one of its country stays as written.
"""

from __future__ import annotations

import re
import unicodedata

LONGEST_CODE, LONGEST_REGION = 16, 80
_FORMS: dict[str, tuple[re.Pattern[str], str]] = {
    "CA": (re.compile(r"([A-Z]\d[A-Z])(\d[A-Z]\d)"), r"\1 \2"),
    "CZ": (re.compile(r"(\d{3})(\d{2})"), r"\1 \2"),
    "GB": (re.compile(r"([A-Z]{1,2}\d[A-Z\d]?)(\d[A-Z]{2})"), r"\1 \2"),
    "GR": (re.compile(r"(\d{3})(\d{2})"), r"\1 \2"),
    "JP": (re.compile(r"(\d{3})(\d{4})"), r"\1-\2"),
    "NL": (re.compile(r"(\d{4})([A-Z]{2})"), r"\1 \2"),
    "PL": (re.compile(r"(\d{2})(\d{3})"), r"\1-\2"),
    "PT": (re.compile(r"(\d{4})(\d{3})"), r"\1-\2"),
    "SE": (re.compile(r"(\d{3})(\d{2})"), r"\1 \2"),
    "SK": (re.compile(r"(\d{3})(\d{2})"), r"\1 \2"),
    "US": (re.compile(r"(\d{5})(\d{4})"), r"\1-\2"),
}
_FIVE_DIGITS = frozenset({"DE", "ES", "FR", "IT", "US"})
_LOST_ZERO = re.compile(r"\d{4}")
_NUMBER = re.compile(r"(\d+)\.0")
_PREFIX = re.compile(r"([A-Z]{1,3})\s*[-–]\s*(?=\d)")
_PREFIXES = {"A": "AT", "B": "BE", "D": "DE", "F": "FR", "I": "IT", "L": "LU", "S": "SE"}
_DIGITS = {"AT": 4, "BE": 4, "CH": 4, "DE": 5, "FR": 5, "IT": 5, "LU": 4, "SE": 5}
"""Of countries whose prefix is sure enough to be taken off where no country is said."""


def clean(text: str, country: str = "") -> str:
    """The code as it is kept, up to 16 letters: `sw1a1aa` in GB is `SW1A 1AA`, `D-80331` `80331`.

    A leading zero that a spreadsheet dropped is put back where codes have five digits.
    """
    code = " ".join(text.upper().split())
    code = _NUMBER.sub(r"\1", code) if _NUMBER.fullmatch(code) else code
    code, country = _without_prefix(code, country)
    if country in _FIVE_DIGITS and _LOST_ZERO.fullmatch(code):
        code = f"0{code}"
    if country in _FORMS:
        form, spaced = _FORMS[country]
        bare = "".join(filter(str.isalnum, code))
        code = form.sub(spaced, bare) if form.fullmatch(bare) else code
    return code[:LONGEST_CODE].strip()


def _without_prefix(code: str, country: str) -> tuple[str, str]:
    """The code without the prefix of its country, which the prefix may tell."""
    found = _PREFIX.match(code)
    if found is None:
        return code, country
    meant, rest = _PREFIXES.get(found[1], found[1]), code[found.end() :]
    digits = rest.replace(" ", "")
    is_sure = digits.isdecimal() and len(digits) == _DIGITS.get(meant)
    if meant == country or (not country and is_sure):
        return rest, meant
    return code, country


def region(text: str) -> str:
    """A region as it is kept: as written, accents on their letters, with single spaces."""
    words = unicodedata.normalize("NFC", " ".join(text.split()))
    return words[:LONGEST_REGION].strip()
