"""How closely what was found fits what was typed. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from leads import personal_names
from leads.name_spelling import sound

WHOLE, WORDS, BEGUN, PART = range(4)
"""All of the name · whole words of it · words begin so · somewhere within."""


def closeness(words: Sequence[str], name: str) -> int:
    """How closely the words fit a name in words, both as they are compared."""
    theirs = name.split()
    if sorted(words) == sorted(theirs):
        return WHOLE
    if all(word in theirs for word in words):
        return WORDS
    if all(any(one.startswith(word) for one in theirs) for word in words):
        return BEGUN
    return PART


def closeness_of_key(words: Sequence[str], key: str) -> int:
    """The same of a company, whose name is compared without its spaces."""
    if "".join(words) == key:
        return WHOLE
    if any(key.startswith(word) for word in words):
        return BEGUN
    return PART


def is_alike(words: Sequence[str], name: str) -> bool:
    """Whether each word is one of the name's, or begins it, but for a slip of the pen."""
    theirs = name.split()
    return all(any(_slipped(word, one) for one in theirs) for word in words)


def is_alike_at(words: Sequence[str], name: str, company: str) -> bool:
    """Whether each word is the person's or in their company's name, but for a slip of the pen."""
    rest = [word for word in words if not is_alike([word], name)]
    return bool(company) and (not rest or is_alike_key(rest, company))


def is_alike_key(words: Sequence[str], key: str) -> bool:
    """The same of a company: what was typed is its name, or how that begins."""
    typed = "".join(words)
    return _slipped(typed, key)


def _slipped(word: str, other: str) -> bool:
    if other.startswith(word) or personal_names.is_slip(word, other):
        return True
    begins = other[: len(word)]
    return (len(word) >= 3 and sound(word) == sound(other)) or (
        len(word) >= 5 and len(other) > len(word) and personal_names.is_slip(word, begins)
    )
