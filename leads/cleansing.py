"""Standardising what comes in: texts, names, companies, countries, domains, sizes, money.

Pure and offline. Nothing here decides whose touch it is, and odd but right people stay as they
are: O'Brien, 陳, Null, somebody with one name. `amounts`, `countries` and `domains` hold the rest
of it; their functions are offered here too, so that callers know one module.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import cleanco
from nameparser import HumanName

from core.errors import FieldError, InvalidInput
from leads.amounts import currency, employees, money
from leads.countries import country_code
from leads.domains import (
    Because,
    DomainReading,
    company_domain,
    is_disposable,
    is_free_mail,
    registrable_domain,
    why_not,
)

__all__ = [
    "Because",
    "DomainReading",
    "clean_text",
    "company_domain",
    "company_name_key",
    "country_code",
    "currency",
    "employees",
    "is_disposable",
    "is_free_mail",
    "money",
    "registrable_domain",
    "split_full_name",
    "tidy_name",
    "tidy_title",
    "why_not",
]

# Written small within a name, as the second word or later.
_PARTICLES = frozenset(
    ("al", "bin", "da", "das", "de", "del", "den", "der", "di", "do", "dos", "du", "ibn", "la",
     "le", "ten", "ter", "van", "von", "y", "zu", "zum", "zur")
)  # fmt: skip
_SMALL_IN_TITLES = frozenset(("and", "at", "for", "in", "of", "on", "the", "to", "de", "und"))
_ACRONYMS = frozenset(
    ("ae", "apac", "avp", "b2b", "b2c", "bdr", "cdo", "ceo", "cfo", "chro", "cio", "ciso", "cmo",
     "coo", "cpo", "crm", "cro", "cso", "cto", "dach", "emea", "erp", "eu", "evp", "gm", "hr", "it",
     "latam", "md", "pm", "pmo", "pr", "qa", "r&d", "sdr", "seo", "smb", "svp", "uk", "us", "ux",
     "vp")
)  # fmt: skip
_FORMS_OF_ADDRESS = frozenset(
    ("dr", "dipl", "don", "dott", "eng", "fr", "frau", "herr", "hr", "ing", "lady", "lord",
     "m", "madame", "miss", "mlle", "mme", "monsieur", "mr", "mrs", "ms", "msgr", "mx", "prof",
     "professor", "doña", "señor", "señora", "sig", "sir", "sr", "sra", "sri")
)  # fmt: skip
# Legal forms that stand before or after a name without a space, which cleanco does not know.
_EAST_ASIAN_FORMS = re.compile(
    r"^(株式会社|有限会社|合同会社|주식회사|\(株\)|\(주\))|"
    r"(株式会社|有限会社|合同会社|股份有限公司|有限责任公司|有限公司|주식회사|\(株\)|\(주\))$"
)
_CYRILLIC_FORMS = re.compile(r"^(?:ооо|зао|оао|пао|ао|ип|тов)\s+(?=\S)", re.I)
# Legal forms written out, or with signs between their letters.
_LONG_FORMS = re.compile(
    r"[\s,]+(?:gesellschaft\s+m\.?\s?b\.?\s?h\.?|gesellschaft mit beschränkter haftung"
    r"|ges\.?\s?m\.?\s?b\.?\s?h\.?|aktiengesellschaft|s\.?\s?à\s?r\.?\s?l\.?|e\.\s?k\.?"
    r"|ug\s*\(haftungsbeschränkt\)|société anonyme|sociedad anónima|limitada|co\.?,?\s+ltd\.?)$",
    re.I,
)
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_INITIAL = re.compile("(^|[-.'\u2019])(\\w)(?!\\b(?<=['\u2019]\\w))")


def clean_text(raw: str, limit: int, *, field: str = "text") -> str:
    """Return a text as it is stored: NFC, line ends as \\n, without controls or blank ends.

    Tabs and line ends stay, and so do emoji and the marks of right-to-left writing. Raises
    `InvalidInput`, naming `field`, for NUL, half characters (lone surrogates) and a text longer
    than `limit` characters.
    """
    if "\0" in raw:
        raise _unusable(field, "The text holds a NUL character; remove it.", "nul")
    if _SURROGATES.search(raw):
        raise _unusable(field, "The text holds half a character; send it as UTF-8.", "surrogate")
    lines = raw.replace("\r\n", "\n").replace("\r", "\n")
    text = unicodedata.normalize("NFC", _CONTROLS.sub("", lines)).strip()
    if len(text) > limit:
        message = f"The text has {len(text)} characters; at most {limit} are kept."
        raise _unusable(field, message, "too_long")
    return text


def tidy_name(raw: str) -> str:
    """Return a first or last name with single spaces, and its letters' case mended.

    Only what was typed all small or all big is changed: o'brien and O'BRIEN become O'Brien,
    DE LA CRUZ becomes de la Cruz; McDonald, deGrasse, JJ and 陳 stay.
    """
    name = _one_line(raw)
    letters = [character for character in name if character.isalpha()]
    if len(letters) <= 2 and name.isupper():
        return name
    if not (name.isupper() or name.islower()):
        return name
    words = name.split(" ")
    small = [word.casefold() in _PARTICLES and len(words) > 1 for word in words]
    small[-1] = False
    return " ".join(
        word.lower() if keep_small else _capitalised(word)
        for word, keep_small in zip(words, small, strict=True)
    )


def tidy_title(raw: str) -> str:
    """Return a job title with single spaces; one typed all small or all big gets usual capitals."""
    title = _one_line(raw)
    if not (title.isupper() or title.islower()) or title.casefold() in _ACRONYMS:
        return title.upper() if title.casefold() in _ACRONYMS else title
    return " ".join(_title_word(word, number) for number, word in enumerate(title.split(" ")))


def split_full_name(full: str) -> tuple[str, str]:
    """Return (first, last) of a full name; titles and suffixes are left out, nothing else is lost.

    Middle names stay with the first. One name alone is the first name, unless its form shows a
    family name (Mr. Smith, de la Cruz).
    """
    name = _one_line(full)
    if re.search(r"[@/\\]|\d", name):  # an address or a company in the name field
        return (name, "")
    read = HumanName(name)
    first = " ".join(filter(None, (read.first, read.middle)))
    if not first and not read.last:
        return (name, "")
    if not first and not _is_form_of_address(read.title):
        first = read.title  # St. John, Judge Reinhold: names that are titles elsewhere
    return (first, read.last)


def _is_form_of_address(title: str) -> bool:
    words = title.casefold().replace(".", " ").split()
    return not words or not _FORMS_OF_ADDRESS.isdisjoint(words)


@lru_cache(maxsize=4096)
def company_name_key(name: str) -> str:
    """Return what two spellings of one company's name have in common: no legal form, case, signs.

    Acme, Inc. and ACME GmbH & Co. KG are both acme; GTX Pro is gtxpro. A name that is nothing but
    a legal form keeps it. Meant to find look-alikes, not to merge them.
    """
    text = _one_line(unicodedata.normalize("NFKC", name))
    bare = _EAST_ASIAN_FORMS.sub("", _CYRILLIC_FORMS.sub("", text)).strip()
    bare = _LONG_FORMS.sub("", bare) or bare
    bare = cleanco.basename(bare) or bare
    key = _letters(bare)
    if key in ("", "the"):
        key = _letters(text)
    return key or "".join(text.casefold().split())


def _letters(text: str) -> str:
    spelt = text.casefold().replace("&", " and ").replace("+", " and ")
    parts = unicodedata.normalize("NFKD", spelt)
    without_accents = "".join(part for part in parts if not "\u0300" <= part <= "\u036f")
    kept = (part for part in without_accents if unicodedata.category(part)[0] in "LNM")
    return unicodedata.normalize("NFC", "".join(kept))


def _one_line(raw: str) -> str:
    text = _CONTROLS.sub(" ", unicodedata.normalize("NFC", raw))
    return " ".join(text.split()).strip("\u200b\ufeff")


def _capitalised(word: str) -> str:
    """Capitalise after each hyphen, dot and apostrophe, but not the s of a genitive."""
    small = word.lower().replace("i\u0307", "i")  # what Python makes of a Turkish İ
    return _INITIAL.sub(lambda found: found[1] + found[2].title(), small)


def _title_word(word: str, number: int) -> str:
    parts = re.split(r"([-/(),.;:])", word)
    if number and word.casefold() in _SMALL_IN_TITLES:
        return word.lower()
    return "".join(
        part.upper() if part.casefold() in _ACRONYMS else _capitalised(part) for part in parts
    )


def _unusable(field: str, message: str, code: str) -> InvalidInput:
    return InvalidInput(message, errors=[FieldError(field, message, code)])
