"""What became of a member at a turn, in one word, of what the decision says in a sentence. Pure.

The database counts turns of small pools, Python those of large ones: both read the same tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from routing import passing, strategies

TOOK = "TOOK"
OTHER = "OTHER"
TURN = "TURN"
LANGUAGE = "LANGUAGE"

Table = tuple[tuple[str, str], ...]
"""A pattern, in which `*` stands for anything, and the word; the first that fits holds."""

EXCLUSIONS: Table = (
    ("off shift", "OFF_SHIFT"),
    ("on leave", "LEAVE"),
    ("away", "AWAY"),
    ("inactive", "INACTIVE"),
    (passing.HELD, "HELD"),
    (passing.DECLINED, "DECLINED"),
    ("kept for *", "KEPT"),
    ("at the cap:*open leads", "OPEN_CAP"),
    ("at the cap:*today*", "DAY_CAP"),
    ("at the cap:*this week*", "WEEK_CAP"),
    ("at the cap:*this month*", "MONTH_CAP"),
)
"""Why somebody could not take a turn."""

REASONS: Table = (
    ("*drawn at random*", "DRAWN"),
    (f"*{strategies.BEST}*", "BEST"),
    (f"*{strategies.LEAST_OPEN}*", "LOAD"),
)
"""Why another took it who was no more able to; the rotation, where none fits."""


def of_exclusion(words: str) -> str:
    """Why a turn went past somebody who could not take it."""
    return _found(EXCLUSIONS, words, OTHER)


def of_reason(because: str) -> str:
    """Why a turn went past somebody who could take it, languages left aside."""
    return _found(REASONS, because, TURN)


def spoken(because: str) -> str:
    """The language whose speakers came first at a turn; empty where it did not count."""
    return because.partition(strategies.OF_SPEAKERS)[2]


def speaks(languages: Sequence[str], spoken: str) -> bool:
    """Whether somebody was among those who came first."""
    return not spoken or spoken in languages


def as_case(table: Table, column: str, otherwise: str) -> str:
    """The table as an expression of a question that takes parameters."""
    whens = " ".join(
        f"WHEN {column} LIKE '{pattern.replace('*', '%%')}' THEN '{word}'"
        for pattern, word in table
    )
    return f"CASE {whens} ELSE '{otherwise}' END"


def _found(table: Table, words: str, otherwise: str) -> str:
    return next((word for pattern, word in table if fnmatchcase(words, pattern)), otherwise)
