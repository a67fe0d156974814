"""What somebody typed into a search, read: words, part of an address, a number, an id. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from leads import cleansing, identity
from leads.identity import Key
from leads.name_spelling import plain, spelt

MOST_WORDS = 5
LONGEST = 200
FEWEST_DIGITS = 4
SHORTEST_PART = 3
"""Letters from which on a word is looked for inside others; a shorter one must begin a word."""
_SIGNS = frozenset("+-()/. \u00a0\u202f\u2011\u2013")


@dataclass(frozen=True, slots=True)
class Asked:
    """One search. What it cannot mean is empty."""

    text: str
    words: tuple[str, ...]
    """As names are compared; empty where only an address or a number is meant."""
    other_words: tuple[str, ...]
    """The same in Latin letters, where the script is another alphabet."""
    keys: tuple[Key, ...]
    """Whole addresses and numbers, in their one spelling."""
    address: str
    """Part of an e-mail address, with its @."""
    digits: str
    """Of a phone number, without what is written before a national one."""
    id: str
    """What may be an id in another system."""
    number: int | None
    """What may be the number of one of our own rows."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to look for."""
        return not (self.words or self.keys or self.address or self.digits or self.id)


_BEFORE = re.compile(r"^(?:tel|mailto|callto):(?=\S)", re.IGNORECASE)
"""What stands before a number or an address that was copied from a link."""


def read(text: str, *, country: str = "") -> Asked:
    """Read what was typed; `country` (ISO alpha-2) is the reader's, for national numbers."""
    text = _BEFORE.sub("", " ".join(text.split())[:LONGEST])
    address = identity.bare_email(text).lower() if "@" in text and " " not in text else ""
    numeric = _is_number(text)
    no_name = bool(address) or numeric or _is_own(text)
    reading = identity.keys_of(
        email=address, phone=text if numeric else None, country=country or None
    )
    keys = (*reading.keys, *reading.contact_points)
    return Asked(
        text=text,
        words=() if no_name else _words(plain(text)),
        other_words=() if no_name or text.isascii() else _words(spelt(text)),
        keys=keys,
        address=address if len(address) > SHORTEST_PART - 1 else "",
        digits=_digits(text) if numeric else "",
        id=text if " " not in text and any(sign.isdigit() for sign in text) else "",
        number=_own(text),
    )


def of_an_address(address: str) -> tuple[str, ...]:
    """The words of an address before its @: perhaps a name, with a slip of the pen."""
    local = address.partition("@")[0].partition("+")[0]
    words = (word.strip("0123456789") for word in plain(local).split())
    return tuple(word for word in words if len(word) >= SHORTEST_PART)[:MOST_WORDS]


def of_a_company(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words that name a company, without its legal form."""
    return tuple(word for word in words if not _is_legal_form(word)) or words


def splits(words: tuple[str, ...]) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Each way in which the words can be a person's name and their company's, in either order."""
    cuts = range(1, len(words))
    return [
        pair for cut in cuts for pair in ((words[:cut], words[cut:]), (words[cut:], words[:cut]))
    ]


@lru_cache(maxsize=4096)
def _is_legal_form(word: str) -> bool:
    return cleansing.company_name_key(f"qz {word}") == "qz"


def _words(written: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(written.split()))[:MOST_WORDS]


def _is_number(text: str) -> bool:
    """Whether the text can only be meant as a phone number, or its last digits."""
    digits = sum(sign.isdigit() for sign in text)
    return digits >= FEWEST_DIGITS and all(sign.isdigit() or sign in _SIGNS for sign in text)


def _digits(text: str) -> str:
    """What every spelling of a number has in common: no country prefix, no leading zeros."""
    return "".join(sign for sign in text.replace("(0)", "") if sign.isdecimal()).lstrip("0")


def _is_own(text: str) -> bool:
    return text.startswith("#") and _own(text) is not None


def _own(text: str) -> int | None:
    number = text.removeprefix("#")
    return int(number) if number.isascii() and number.isdigit() and len(number) < 19 else None
