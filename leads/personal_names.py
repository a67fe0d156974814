"""Whether two names may be one person's. Pure.

Slips of the pen, accents, other spellings of one sound, initials, short forms and the other order
keep a name one name. Two names that people bear (Maria and Mario, Tim and Tom) are two, however
alike, and so are father and son of one name where one of them says which (Jr., III).
"""

from __future__ import annotations

import string
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from rapidfuzz.distance import OSA, JaroWinkler

from leads import name_tables
from leads.name_spelling import plain, sound, spelt

FullName = tuple[str, str]
"""First and last name; either may be empty."""

_VOWELS = "aeiouy"


class Found(StrEnum):
    """How two values of one field compare.

    OTHER may still be an unknown short form or a heavy slip; ANOTHER is surely somebody else's.
    """

    EQUAL = "EQUAL"
    SHORT_FORM = "SHORT_FORM"
    ALIKE = "ALIKE"
    SAME_MAILBOX_NAME = "SAME_MAILBOX_NAME"
    OTHER = "OTHER"
    ANOTHER = "ANOTHER"


DIFFERENT = frozenset({Found.OTHER, Found.ANOTHER})


@dataclass(frozen=True, slots=True)
class _Name:
    """A name as it is compared; `number` tells those of one name apart (Jr. is the second)."""

    first: str
    last: str
    number: int | None

    @property
    def both(self) -> FullName:
        return (self.first, self.last)


def key(first: str, last: str) -> str:
    """Return both names as they are kept for comparing: no case, accents, signs or order of words.

    Empty where there is no name. At most 160 characters.
    """
    words = sorted(f"{plain(first)} {plain(last)}".split())
    return " ".join(words)[:160].strip()


def differ(one: FullName, other: FullName) -> bool:
    """Say whether two names are clearly those of two people.

    Only what both say counts: a missing name differs from nothing. But who is called Jr. or III
    differs from who is not.
    """
    ours, theirs = _read(*one), _read(*other)
    if not any(ours.both) or not any(theirs.both):
        return False
    if (ours.number or 1) != (theirs.number or 1):
        return True
    if _may_be_swapped(ours, theirs):
        return False
    if ours.last and theirs.last and _part(last_names, ours.last, theirs.last):
        return not _holds(ours.both, theirs.both)
    return bool(ours.first and theirs.first) and _part(first_names, ours.first, theirs.first)


def first_names_differ(one: FullName, other: FullName) -> bool:
    """Say whether two by one mailbox are two, by their first names: last names change.

    A slip in a short name counts as one where the last name is the same, and names in scripts that
    cannot be compared (陳 and Chen) are taken for one person's.
    """
    ours, theirs = _read(*one), _read(*other)
    if ours.number and theirs.number and ours.number != theirs.number:
        return True
    if _may_be_swapped(ours, theirs) or _holds(ours.both, theirs.both):
        return False
    found = _firsts(ours, theirs)
    if found is Found.OTHER:
        same_family = last_names(ours.last, theirs.last) not in DIFFERENT
        latin = [name.first.isascii() for name in (ours, theirs)]
        slip = all(latin) and OSA.distance(ours.first, theirs.first, score_cutoff=1) <= 1
        return latin[0] == latin[1] and not (same_family and slip)
    return found is Found.ANOTHER


def compare(one: FullName, other: FullName) -> tuple[Found | None, Found | None]:
    """How first and last names compare; None where one of the two lacks it.

    Of those who say that they are of different generations, the first names are ANOTHER.
    """
    ours, theirs = _read(*one), _read(*other)
    first = _firsts(ours, theirs) if ours.first and theirs.first else None
    if ours.number and theirs.number and ours.number != theirs.number:
        first = Found.ANOTHER
    last = last_names(ours.last, theirs.last) if ours.last and theirs.last else None
    return first, last


def are_swapped(one: FullName, other: FullName) -> bool:
    """Whether the one's first name is the other's last, and the other way round."""
    ours, theirs = _read(*one).both, _read(*other).both
    return bool(all(ours) and ours[0] != ours[1] and ours == theirs[::-1])


def is_of_another(mailbox: str, name: FullName) -> bool:
    """Whether the part before the @ is spelt like another's name: nancy.moore is no Tyler Roberts.

    What cannot be read as a name is anybody's.
    """
    ours = _read(*name)
    words = [word.strip(string.digits) for word in spelt(mailbox.partition("+")[0]).split()]
    words = [word for word in words if word.isascii() and word]
    if not words or not any(ours.both) or not ours.first.isascii():
        return False
    if any(_tells(word, ours.first) for word in words):
        return False
    lasts = [word for word in ours.last.split() if len(word) >= 3]
    for word in words:
        for last in lasts:
            if last in word:
                beside = word.replace(last, "", 1) or next((w for w in words if w != word), "")
                return bool(beside and ours.first) and _is_anothers(beside, ours.first)
    if len(words) > 1:
        return sum(len(word) > 1 for word in words) > 1
    return bool(ours.first) and words[0] in name_tables.GIVEN


def is_nobodys(first: str, last: str) -> bool:
    """Whether a name says that there is none: n/a, unknown, asdf, test test."""
    said = plain(first), plain(last), plain(f"{first} {last}")
    return said[2] in name_tables.NOBODY or all(
        name in name_tables.NOBODY or len(set(name)) <= 1 != len(name) for name in said[:2]
    )


@lru_cache(maxsize=65_536)
def first_names(one: str, other: str) -> Found:
    """How two first names compare, both as `spelt` returns them."""
    if one == other:
        return Found.EQUAL
    if _is_short_form(one, other):  # Hans-Jürgen, Hajo
        return Found.SHORT_FORM
    words, others = one.split(), other.split()
    found = _words(words[0], others[0])
    if found not in DIFFERENT:
        further = [_words(*pair) for pair in zip(words[1:], others[1:], strict=False)]
        against = [one for one in further if one in DIFFERENT]
        if against:
            return against[0]
        return found if len(words) == len(others) == 1 else Found.SHORT_FORM
    joined, other_joined = one.replace(" ", ""), other.replace(" ", "")
    if set(words) & set(others) or sound(joined) == sound(other_joined):
        return Found.ALIKE
    return found


@lru_cache(maxsize=65_536)
def last_names(one: str, other: str) -> Found:
    """How two last names compare, both as `spelt` returns them."""
    if one == other or one.replace(" ", "") == other.replace(" ", ""):
        return Found.EQUAL
    words, others = set(one.split()), set(other.split())
    shorter, longer = sorted((words, others), key=len)
    if shorter and shorter <= longer and max(map(len, shorter)) > 2:  # one half left out
        return Found.ALIKE
    if sound(one) == sound(other) or _is_initial(one, other) or _is_initial(other, one):
        return Found.ALIKE
    return Found.ALIKE if is_slip(one, other) else Found.OTHER


def is_slip(one: str, other: str) -> bool:
    """One slip of the pen in a short word, two in a long one, or nearly the same beginning."""
    slips = OSA.distance(one, other, score_cutoff=2)
    shorter = min(len(one), len(other))
    if (slips == 1 and shorter >= 4) or (slips == 2 and shorter >= 7):
        return True
    return shorter >= 5 and JaroWinkler.similarity(one, other) >= 0.94


def _part(compare: Callable[[str, str], Found], one: str, other: str) -> bool:
    """Whether names of colleagues, who have a number in common, tell them apart.

    There a short name that differs by a letter is rather another's (Kern and Korn, An and Anh),
    and so is one that begins otherwise (Sean and Dean, Maas and Haas).
    """
    found = compare(one, other)
    words, others = one.split(), other.split()
    if found in DIFFERENT or found is Found.EQUAL or len(words) != len(others):
        return found in DIFFERENT
    changed = [pair for pair in zip(words, others, strict=True) if pair[0] != pair[1]]
    close = (_words(*pair) is Found.SHORT_FORM or _is_small_slip(*pair) for pair in changed)
    return not all(close)


def _is_small_slip(one: str, other: str) -> bool:
    """Whether a word is rather written otherwise than another: long, and it begins the same."""
    shorter = min(len(one), len(other))
    if sound(one) == sound(other):
        return shorter >= 4 or one.replace("h", "") != other.replace("h", "")
    if one in name_tables.GIVEN and other in name_tables.GIVEN:
        return False
    most = 2 if shorter >= 9 else 1
    if shorter < 5 or OSA.distance(one, other, score_cutoff=most) > most:
        return False
    if len(one) == len(other) and (one[:-1] == other[:-1] or _end_alike(one, other)):
        return False  # Schmitt, Schmitz; Haruto, Haruko
    return one[0] == other[0] or one[:2] == other[1::-1]


def _end_alike(one: str, other: str) -> bool:
    """Whether only the letter before a last vowel differs."""
    return one[:-2] + one[-1:] == other[:-2] + other[-1:] and one[-1] in _VOWELS


@lru_cache(maxsize=65_536)
def _read(first: str, last: str) -> _Name:
    if not first and "," in last:  # Weber, Anna in one field
        last, _, first = last.partition(",")
    elif not last and "," in first:
        last, _, first = first.partition(",")
    ours, theirs = spelt(first).split(), spelt(last).split()
    number = None
    for words in (theirs, ours):
        if len(words) > 1 and words[-1] in name_tables.GENERATIONS:
            number = name_tables.GENERATIONS[words.pop()]
            break
    return _Name(" ".join(ours), " ".join(theirs), number)


def _firsts(one: _Name, other: _Name) -> Found:
    return first_names(one.first, other.first) if one.first and other.first else Found.EQUAL


def _may_be_swapped(one: _Name, other: _Name) -> bool:
    """The names in the other order, the first one perhaps short: Kaufmann Petra, P. Kaufmann."""
    if not all(one.both) or not all(other.both):
        return False
    pairs = ((one.first, other.last, one.last, other.first),
             (one.last, other.first, one.first, other.last))  # fmt: skip
    return any(
        last == also and len(last) > 1 and not _part(first_names, first, short)
        for last, also, first, short in pairs
    )


def _holds(one: FullName, other: FullName) -> bool:
    """Whether all words of one full name stand in the other: Ana García, Ana García López."""
    words, others = set(" ".join(one).split()), set(" ".join(other).split())
    shorter, longer = sorted((words, others), key=len)
    return len(shorter) > 1 and shorter <= longer


@lru_cache(maxsize=65_536)
def _words(one: str, other: str) -> Found:
    if one == other:
        return Found.EQUAL
    if _is_initial(one, other) or _is_initial(other, one) or _is_short_form(one, other):
        return Found.SHORT_FORM
    if sound(one) == sound(other):
        return Found.ALIKE
    if one in name_tables.GIVEN and other in name_tables.GIVEN:
        return Found.ANOTHER
    if _end_otherwise(one, other):
        return Found.ANOTHER
    return Found.ALIKE if is_slip(one, other) else Found.OTHER


def _is_initial(one: str, other: str) -> bool:
    return len(one) == 1 and one.isascii() and other.startswith(one)


def _is_short_form(one: str, other: str) -> bool:
    ours = name_tables.FORMS.get(one, name_tables.NONE)
    theirs = name_tables.FORMS.get(other, name_tables.NONE)
    return other in ours or one in theirs or bool(ours & theirs & name_tables.LONG_FORMS)


def _end_otherwise(one: str, other: str) -> bool:
    """A man's name and a woman's of one stem: Fiorello, Fiorella. A vowel more may be a slip."""
    stem = one.rstrip(_VOWELS)
    if len(stem) < 2 or stem != other.rstrip(_VOWELS):
        return False
    if len(one) == len(other):
        return True
    return one not in name_tables.GIVEN and other not in name_tables.GIVEN


def _tells(word: str, first: str) -> bool:
    """Whether a word of a mailbox is a first name or begins with it."""
    parts = first.split()
    return any(
        _words(word, part) not in DIFFERENT or (len(part) >= 3 and part in word) for part in parts
    )


def _is_anothers(word: str, first: str) -> bool:
    """Whether what stands beside the last name is another's first name, or its initials."""
    return word[0] != first[0] if len(word) <= 2 else first_names(word, first) in DIFFERENT
