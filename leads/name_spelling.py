"""How names are written for comparing: no case, accents or signs, Latin letters, sounds. Pure."""

from __future__ import annotations

import itertools
import unicodedata
from functools import lru_cache
from pathlib import Path


def _letters() -> dict[int, str]:
    text = (Path(__file__).parent / "data/letters.txt").read_text("utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    pairs = (pair.partition("=") for line in lines for pair in line.split())
    return {ord(letter): said for letter, _, said in pairs}


_LETTERS = _letters()
_SOUNDS = (
    ("ou", "u"), ("ph", "f"), ("tsch", "k"), ("sch", "s"), ("sh", "s"), ("kh", "k"), ("ch", "k"),
    ("ck", "k"), ("th", "t"), ("c", "k"), ("q", "k"), ("x", "ks"), ("z", "s"), ("w", "v"),
    ("v", "f"), ("y", "i"), ("j", "i"),
)  # fmt: skip


@lru_cache(maxsize=65_536)
def plain(text: str) -> str:
    """Small letters without accents; signs become spaces, apostrophes vanish (O'Brien, OBrien)."""
    written = text.casefold().replace("ß", "ss").replace("ø", "o").replace("ł", "l")
    # Germans write ä, ae and, abroad, a for one letter.
    for pair, letter in (("ae", "a"), ("oe", "o"), ("ue", "u")):
        written = written.replace(pair, letter)
    parts = unicodedata.normalize("NFKD", written)
    kept = (part for part in parts if not "\u0300" <= part <= "\u036f" and part not in "'’`´")
    words = "".join(part if unicodedata.category(part)[0] in "LNM" else " " for part in kept)
    return unicodedata.normalize("NFC", " ".join(words.split()))


@lru_cache(maxsize=65_536)
def spelt(text: str) -> str:
    """The same in Latin letters where the script is an alphabet: Юлия is yuliya."""
    if text.isascii():
        return plain(text)
    letters = unicodedata.normalize("NFD", text.casefold())
    return plain(letters.translate(_LETTERS))


@lru_cache(maxsize=65_536)
def sound(word: str) -> str:
    """About how a word sounds, so that Philipp is Filip and Yulia is Julija. No key, no code."""
    for letters, one in _SOUNDS:
        word = word.replace(letters, one)
    word = word[:1] + word[1:].replace("h", "")
    return word[:1] + "".join(
        letter for before, letter in itertools.pairwise(word) if letter != before
    )
