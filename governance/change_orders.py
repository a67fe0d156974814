"""Which parts changed places among their kind: the fewest that explain the new order. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from governance import change_values

Move = dict[tuple[str, str], str]


def between(before: Mapping[str, Any], after: Mapping[str, Any]) -> Move:
    """Kind and key of each part that moved, with where it stands now in words."""
    kinds = before.get("parts", {}).keys() & after.get("parts", {}).keys()
    return {
        (kind, key): words
        for kind in kinds
        for key, words in _of_kind(kind, before["parts"][kind], after["parts"][kind])
    }


def _of_kind(kind: str, before: list[Any], after: list[Any]) -> Iterator[tuple[str, str]]:
    old, new = _ordered(before), _ordered(after)
    titles = {str(one.get("key")): change_values.title(kind, one) for one in after}
    common = [key for key in new if key in old]
    rank = {key: place for place, key in enumerate(key for key in old if key in common)}
    stayed = _longest_rise([rank[key] for key in common])
    for place, key in enumerate(common):
        if rank[key] not in stayed:
            where = "up" if place < rank[key] else "down"
            yield key, f"moved {where}: now {_standing(new, key, titles)}"


def _standing(order: list[str], key: str, titles: Mapping[str, str]) -> str:
    place = order.index(key)
    if place == len(order) - 1:
        return f"last of {len(order)}"
    return f"{ordinal(place + 1)} of {len(order)}, before “{titles[order[place + 1]]}”"


def ordinal(number: int) -> str:
    """“1st”, “2nd”, “11th”, “23rd”."""
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if number % 100 in (11, 12, 13) else ending}"


def _ordered(entries: list[Any]) -> list[str]:
    placed = [
        (one.get("position", place), str(one.get("key"))) for place, one in enumerate(entries)
    ]
    return [key for _, key in sorted(placed)]


def _longest_rise(numbers: list[int]) -> set[int]:
    """The longest run of rising numbers, in order but with gaps: who kept their places."""
    best: list[list[int]] = []
    for number in numbers:
        runs = [run for run in best if run[-1] < number]
        best.append([*_longest(runs), number])
    return set(_longest(best))


def _longest(runs: list[list[int]]) -> list[int]:
    return max(runs, key=len) if runs else []
