"""Three-way merge of kits: what changed on each side since the text both began with. Pure.

Parts are compared by kind and key. Where one side left a part as it was, the other side's is taken;
where both changed it differently, somebody must choose. The order of parts is merged likewise.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

MINE = "mine"
THEIRS = "theirs"
Side = Literal["mine", "theirs"]
ORDER = "(order)"

Entry = Mapping[str, Any]
Entries = Mapping[str, Entry]


@dataclass(frozen=True, slots=True)
class Conflict:
    """A part that both sides changed; None where a side removed it or never had it.

    For the order of a kind, `key` is `ORDER` and the sides are lists of keys.
    """

    kind: str
    key: str
    base: Any
    mine: Any
    theirs: Any

    @property
    def place(self) -> str:
        """How a choice names it: “criterion.icp”."""
        return f"{self.kind}.{self.key}"


@dataclass(frozen=True, slots=True)
class Merged:
    """The entries of one kind after the merge, in order; what was taken over; what is undecided."""

    entries: tuple[dict[str, Any], ...]
    taken: tuple[str, ...]
    conflicts: tuple[Conflict, ...]


def merge(
    kind: str, *, base: Entries, mine: Entries, theirs: Entries, keep: Mapping[str, str]
) -> Merged:
    """Bring theirs into mine. `keep` decides conflicts: “kind.key” to “mine” or “theirs”.

    Undecided conflicts keep mine, and are listed.
    """
    chosen: dict[str, Entry] = {}
    taken: list[str] = []
    conflicts: list[Conflict] = []
    for key in sorted(base.keys() | mine.keys() | theirs.keys()):
        sides = base.get(key), mine.get(key), theirs.get(key)
        side = _side(*sides)
        if side is None:
            side = keep.get(f"{kind}.{key}")
            if side not in (MINE, THEIRS):
                conflicts.append(Conflict(kind, key, *sides))
        entry = sides[2] if side == THEIRS else sides[1]
        if side == THEIRS:
            taken.append(key)
        if entry is not None:
            chosen[key] = entry
    order, undecided = _order(kind, base, mine, theirs, keep)
    placed = _placed(chosen, order, (theirs, mine))
    return Merged(placed, tuple(taken), tuple(conflicts + undecided))


def _side(base: Entry | None, mine: Entry | None, theirs: Entry | None) -> str | None:
    """Whose entry stands; None when both changed it, differently."""
    b, m, t = _content(base), _content(mine), _content(theirs)
    if t in (m, b):
        return MINE
    return THEIRS if m == b else None


def _content(entry: Entry | None) -> dict[str, Any] | None:
    if entry is None:
        return None
    return {name: value for name, value in entry.items() if name != "position"}


def _order(
    kind: str, base: Entries, mine: Entries, theirs: Entries, keep: Mapping[str, str]
) -> tuple[list[str], list[Conflict]]:
    ours, others = _keys(mine), _keys(theirs)
    shared = base.keys() & mine.keys() & theirs.keys()
    was, is_mine, is_theirs = (
        [key for key in keys if key in shared] for keys in (_keys(base), ours, others)
    )
    if is_mine in (was, is_theirs):
        return _woven(others, ours), []
    if is_theirs == was:
        return _woven(ours, others), []
    side = keep.get(f"{kind}.{ORDER}")
    if side == THEIRS:
        return _woven(others, ours), []
    undecided = [] if side == MINE else [Conflict(kind, ORDER, was, is_mine, is_theirs)]
    return _woven(ours, others), undecided


def _keys(entries: Entries) -> list[str]:
    return sorted(entries, key=lambda key: (entries[key].get("position", 0), key))


def _woven(main: Sequence[str], other: Sequence[str]) -> list[str]:
    """The main order, with what only the other has put behind what it follows there."""
    result = list(main)
    for place, key in enumerate(other):
        if key not in result:
            before = next((one for one in reversed(other[:place]) if one in result), None)
            result.insert(result.index(before) + 1 if before is not None else 0, key)
    return result


def _placed(
    chosen: Mapping[str, Entry], order: Iterable[str], sides: Iterable[Entries]
) -> tuple[dict[str, Any], ...]:
    """The chosen entries in order; positions stay where a side has this very order."""
    keys = [key for key in order if key in chosen]
    for side in sides:
        if [key for key in _keys(side) if key in chosen] == keys == [k for k in keys if k in side]:
            return tuple(dict(chosen[key]) | {"position": side[key]["position"]} for key in keys)
    return tuple(dict(chosen[key]) | {"position": place} for place, key in enumerate(keys))
