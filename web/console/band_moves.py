"""How many leads would come from one band of the score to another, in words. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from governance.kit import Kit
from web.console import score_words


@dataclass(frozen=True, slots=True)
class Move:
    """So many leads come from one band to another."""

    before: str
    after: str
    leads: int


def told(moves: Iterable[tuple[str, str, int]], kit: Kit) -> tuple[Move, ...]:
    """The same with what the kit calls its bands; `moves` name them by key."""
    return tuple(
        Move(score_words.band(before, kit), score_words.band(after, kit), leads)
        for before, after, leads in moves
    )
