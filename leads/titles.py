"""Job titles: how far up somebody stands and what they do, read from how people write it. Pure.

English, German, French and Spanish, with the usual abbreviations. What cannot be told is left
open: an unknown title has no seniority, rather than a guessed one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from leads import title_words

SENIORITIES = (
    ("C_LEVEL", "C-level"),
    ("VP", "Vice president"),
    ("DIRECTOR", "Director"),
    ("HEAD", "Head of"),
    ("MANAGER", "Manager"),
    ("SENIOR", "Senior"),
    ("STAFF", "Staff"),
    ("INTERN", "Intern or student"),
)
"""From the top down."""

FUNCTIONS = (
    ("SALES", "Sales"),
    ("MARKETING", "Marketing"),
    ("IT", "IT"),
    ("ENGINEERING", "Engineering"),
    ("FINANCE", "Finance"),
    ("HR", "Human resources"),
    ("OPERATIONS", "Operations"),
    ("LEGAL", "Legal"),
    ("PURCHASING", "Purchasing"),
    ("PRODUCT", "Product"),
    ("SUPPORT", "Customer support"),
    ("OWNER", "Owner or founder"),
    ("MANAGEMENT", "General management"),
    ("ADMINISTRATION", "Administration"),
)

_ORDER = {key: place for place, (key, _) in enumerate(SENIORITIES)}
_LONGEST = 4
_NAMES_NO_ONE = re.compile(r"\b(?:go to market|b to [bc]|self employed)\b")
_SEPARATORS = re.compile(r"[,;|/()\[\]•·–—]|\s-\s|\s(?:and|und|et|y|bei|@|at|chez|en)\s|&(?!d\b)")
_LINKS = frozenset(("of", "for", "de", "des", "du", "der", "fur", "la", "d", "del", "the", "in"))


@dataclass(frozen=True, slots=True)
class Title:
    """What a title says; empty where it does not."""

    seniority: str = ""
    function: str = ""


@dataclass(frozen=True, slots=True)
class _Part:
    """One of several posts that a title names."""

    seniority: str
    function: str


@lru_cache(maxsize=65536)
def read(raw: str) -> Title:
    """Return seniority and function of a job title.

    Of several posts (“Founder & CEO”) the highest rank counts and the first function named.
    Whoever assists a CEO, was one or wants to be one, is none.
    """
    folded = _folded(raw)
    parts = [_read_part(words) for words in _parts(folded)]
    ranks = {part.seniority for part in parts if part.seniority}
    seniority = "INTERN" if "INTERN" in ranks else min(ranks, key=_ORDER.__getitem__, default="")
    functions = [part.function for part in parts if part.function]
    if "OWNER" in functions:
        return Title(seniority, "OWNER")
    return Title(seniority, next(iter(functions), ""))


def _folded(raw: str) -> str:
    """Small letters without accents; C.E.O. is ceo, R&D is r d."""
    text = unicodedata.normalize("NFKD", raw[:400].casefold().replace("ß", "ss"))
    plain = "".join(one for one in text if not unicodedata.combining(one))
    plain = re.sub(r"[’'`]", " ", plain)
    plain = re.sub(r"\b(?:[a-z]\.){2,}(?=\s|$|,)|\b(?:[a-z]\.)+[a-z]\b",
                   lambda found: found[0].replace(".", ""), plain)  # fmt: skip
    # Leiter:in, Leiter(in), Direct·rice
    plain = re.sub(r"(?:/|:|\*|_|·|\()-?(?:in|innen|rice|e|a)\b(?!-)\)?", "", plain)
    plain = re.sub(r"\b(r|f|i|fp) ?& ?(d|e|a)\b|\bi\+d\b", _both_letters, plain)
    return _NAMES_NO_ONE.sub(_known_phrase, re.sub(r"(?<=\w)-(?=\w)", " ", plain))


def _both_letters(found: re.Match[str]) -> str:
    return f"{found[1]} {found[2]}" if found[1] else "i d"


def _known_phrase(found: re.Match[str]) -> str:
    return {"go to market": "gtm", "self employed": "owner"}.get(found[0], "")


def _parts(folded: str) -> Iterator[tuple[str, ...]]:
    for piece in _SEPARATORS.split(folded):
        words = tuple(re.findall(r"[^\W_]+", piece))
        if words:
            yield words


def _read_part(words: tuple[str, ...]) -> _Part:
    if title_words.PAST_OR_TO_COME & set(words):
        return _Part("", "")
    own = _own(words)
    if _assists(own):
        return _Part("STAFF", "ADMINISTRATION" if own[-1] in title_words.ASSISTANTS or
                     len(own) < len(words) else _function(own) or "ADMINISTRATION")  # fmt: skip
    return _Part(_seniority(own), _function(own))


def _own(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words before somebody else's rank begins: “advisor | to the CEO”."""
    for place in range(1, len(words)):
        if any(words[place : place + len(one)] == one for one in title_words.OF_SOMEBODY):
            if title_words.MEMBERS & set(words[:place]):
                return words
            return words[:place]
    return words


def _assists(words: tuple[str, ...]) -> bool:
    for place, word in enumerate(words):
        if word in title_words.ASSISTANTS:
            after = words[place + 1 : place + 2]
            return not (after and after[0] in title_words.HELD_BY_DEPUTY)
    return False


def _seniority(words: tuple[str, ...]) -> str:
    if words[-1] in ("student", "studentin", "etudiant", "etudiante", "estudiante"):
        return "INTERN"
    if words in (("partner",), ("md",)):
        return "C_LEVEL"
    if "chief" in words and "officer" in words[words.index("chief") :]:
        return "C_LEVEL"
    found = {rank for _, _, rank in _phrases(words, title_words.RANKS)}
    found |= {_of_compound(word) for word in words} - {""}
    if "INTERN" in found:
        return "INTERN"
    return min(found, key=_ORDER.__getitem__, default="")


def _of_compound(word: str) -> str:
    """Vertriebsleiterin, Marketingleitung: a head; only of a team or a project, a manager."""
    stem = next((end for end in ("leiterin", "leiter", "leitung") if word.endswith(end)), "")
    if stem and word != stem and not word.startswith(("begleit", "anleit")):
        lesser = word.startswith(("team", "projekt", "gruppen", "schicht"))
        return "MANAGER" if lesser else "HEAD"
    return "MANAGER" if len(word) > 10 and word.endswith(("manager", "managerin")) else ""


def _function(words: tuple[str, ...]) -> str:
    """What the post is about: the word nearest before its rank, else the first after it."""
    found = [(start, end, what) for start, end, what in _functions(words) if what]
    if not found:
        return ""
    rank = next((start for start, _, _ in _phrases(words, title_words.RANKS)
                 if not any(a <= start < b for a, b, _ in found)), len(words))  # fmt: skip
    before = [what for start, _, what in found if start < rank]
    linked = [what for start, _, what in found if start and words[start - 1] in _LINKS]
    if linked and found[0][2] in ("ENGINEERING", "PRODUCT") and found[0][0] < rank:
        return before[-1]
    return linked[0] if linked else before[-1] if before else found[0][2]


def _functions(words: tuple[str, ...]) -> Iterator[tuple[int, int, str]]:
    phrases = list(_phrases(words, title_words.FUNCTIONS))
    yield from phrases
    taken = {place for start, end, _ in phrases for place in range(start, end)}
    for place, word in enumerate(words):
        if place not in taken:
            for stem, what in title_words.STEMS:
                if word.startswith(stem):
                    yield place, place + 1, what
                    break


def _phrases(
    words: tuple[str, ...], table: Mapping[tuple[str, ...], str]
) -> Iterator[tuple[int, int, str]]:
    """What the table knows of these words as (start, end, meaning): the longest phrases first."""
    place = 0
    while place < len(words):
        for length in range(min(_LONGEST, len(words) - place), 0, -1):
            meaning = table.get(words[place : place + length])
            if meaning is not None:
                yield place, place + length, meaning
                place += length
                break
        else:
            place += 1
