"""The ids by which browsers are told apart that agreed to it. Pure.

An id says nothing of who sits there. It becomes a buyer's by a form or touchpoint that carries it,
and from then on what is done under it is that buyer's.
"""

from __future__ import annotations

SHORTEST, LONGEST = 16, 64
SHAPE = f"A visitor id has {SHORTEST} to {LONGEST} letters, digits, “-” and “_”."
_ALLOWED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def is_id(text: str) -> bool:
    """Whether it can be a visitor's id: long enough that nobody guesses another's."""
    return SHORTEST <= len(text) <= LONGEST and set(text) <= _ALLOWED
