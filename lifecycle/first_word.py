"""Several rows of one file about one account: the first that says something counts. Pure.

Were it the last, running the same file twice would change the account twice. Whoever is
contradicted is told, on both rows. Of each account only the rows and the names of what they said
are kept, so that a file of a hundred thousand accounts fits.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

MOST_TOLD = 5
"""So many later rows are named to the row that counts."""


@dataclass(slots=True)
class FirstWord:
    """Which rows of a file spoke of which account, and where later ones said otherwise.

    Everything may be said twice: a batch that lost a race is taken again.
    """

    _told: dict[int, Mapping[int, frozenset[str]]] = field(default_factory=dict)
    _same: dict[frozenset[str], frozenset[str]] = field(default_factory=dict)
    _later: dict[int, dict[int, set[str]]] = field(default_factory=lambda: defaultdict(dict))

    def hear(self, account: int, row: int, said: Iterable[str]) -> None:
        """Note what a row says of an account."""
        what = frozenset(said)
        kept = self._same.setdefault(what, what)
        self._told[account] = {**self._told.get(account, {}), row: kept}

    def before(self, account: int, row: int, what: str) -> int | None:
        """The first row above this one that spoke of this."""
        told = self._told.get(account, {})
        return min((one for one, said in told.items() if one < row and what in said), default=None)

    def contradict(self, first: int, row: int, what: str) -> str:
        """Note that a row says otherwise than an earlier one; returns what it is told."""
        self._later[first].setdefault(row, set()).add(what)
        return f"Row {first} is about the same account and says otherwise; the first row counts."

    def is_shared(self, account: int) -> bool:
        """Whether several rows spoke of it."""
        return len(self._told.get(account, ())) > 1

    def told_first(self, row: int) -> str:
        """What the row that counts is told of those that contradict it; empty if none does."""
        later = sorted(self._later.get(row, {}).items())
        if not later:
            return ""
        named = [
            f"row {one} ({', '.join(sorted(what)).replace('_', ' ')})"
            for one, what in later[:MOST_TOLD]
        ]
        rest = f" and {len(later) - MOST_TOLD:,} more" if len(later) > MOST_TOLD else ""
        listed = f"{', '.join(named)}{rest}"
        return f"{listed[0].upper()}{listed[1:]} said otherwise of the same account; this counts."
