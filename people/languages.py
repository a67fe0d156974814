"""Languages that people speak with buyers: codes and names in, ISO 639-1 codes out. Pure."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import pycountry

SPOKEN_BY_ALL = "en"
CALLED = {"el": "Greek", "ms": "Malay", "sw": "Swahili", "ne": "Nepali", "or": "Oriya"}
"""Names that the standard spells in a way nobody writes them."""


class Unreadable(ValueError):
    """What was written names no language; the message says which part and what to write."""


def read(text: str) -> list[str]:
    """The codes of the languages in a text such as `de, French`, sorted, each once.

    English is left out: everybody speaks it. Raises Unreadable.
    """
    pieces = [piece.strip() for piece in text.replace(";", ",").split(",")]
    return sorted({_code(piece) for piece in pieces if piece} - {SPOKEN_BY_ALL})


def write(codes: Sequence[str]) -> str:
    """Codes as `read` takes them."""
    return ", ".join(codes)


def names(codes: Sequence[str]) -> str:
    """Languages by their English names; a code that is none of them stays as it is."""
    return ", ".join(_names().get(code, code) for code in codes)


def _code(piece: str) -> str:
    plain = piece.casefold()
    code = plain.replace("_", "-").partition("-")[0]  # buyers' languages have no region either
    if code in _names():
        return code
    if plain in _codes():
        return _codes()[plain]
    raise Unreadable(f"“{piece}” is no language with a code of two letters; write de, fr.")


@functools.cache
def _names() -> dict[str, str]:
    found = {
        one.alpha_2: one.name.partition(" (")[0]
        for one in pycountry.languages
        if hasattr(one, "alpha_2")
    }
    return found | CALLED


@functools.cache
def _codes() -> dict[str, str]:
    return {name.casefold(): code for code, name in _names().items()}
