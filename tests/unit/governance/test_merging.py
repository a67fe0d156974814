"""Merging kits: each side's changes stand, nothing is lost, and only real conflicts ask."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from governance import merging
from governance.merging import Conflict, Merged

KEYS = ["a", "b", "c", "d", "e"]


def kit(**labels: int) -> dict[str, dict[str, Any]]:
    """Entries in the order given."""
    return {
        key: {"key": key, "position": place, "label": label}
        for place, (key, label) in enumerate(labels.items())
    }


def merged(
    base: dict[str, Any], mine: dict[str, Any], theirs: dict[str, Any], **keep: str
) -> Merged:
    choices = {f"part.{key}": side for key, side in keep.items()}
    return merging.merge("part", base=base, mine=mine, theirs=theirs, keep=choices)


def labels(result: Merged) -> dict[str, int]:
    return {entry["key"]: entry["label"] for entry in result.entries}


entries = st.lists(st.sampled_from(KEYS), unique=True).flatmap(
    lambda keys: st.tuples(*(st.integers(0, 2) for _ in keys)).map(
        lambda values: kit(**dict(zip(keys, values, strict=True)))
    )
)


@given(entries, entries)
def test_a_side_that_changed_nothing_gets_the_other_sides_text(
    base: dict[str, Any], changed: dict[str, Any]
) -> None:
    wanted = {key: entry["label"] for key, entry in changed.items()}
    for mine, theirs in ((base, changed), (changed, base)):
        result = merged(base, mine, theirs)
        assert result.conflicts == ()
        assert labels(result) == wanted
        assert [entry["key"] for entry in result.entries] == list(changed)


@given(entries, entries)
def test_two_sides_that_made_the_same_change_agree(
    base: dict[str, Any], changed: dict[str, Any]
) -> None:
    result = merged(base, changed, changed)
    assert (result.conflicts, result.taken) == ((), ())
    assert labels(result) == {key: entry["label"] for key, entry in changed.items()}


@given(entries, entries, entries)
def test_a_conflict_is_a_part_that_all_three_have_differently(
    base: dict[str, Any], mine: dict[str, Any], theirs: dict[str, Any]
) -> None:
    def label(side: dict[str, Any], key: str) -> int | None:
        return side[key]["label"] if key in side else None

    expected = {
        key for key in KEYS if len({label(base, key), label(mine, key), label(theirs, key)}) == 3
    }
    found = merged(base, mine, theirs).conflicts
    assert {one.key for one in found if one.key != merging.ORDER} == expected


@given(entries, entries, entries, st.sampled_from([merging.MINE, merging.THEIRS]))
def test_when_every_choice_is_made_nothing_is_left_to_ask(
    base: dict[str, Any], mine: dict[str, Any], theirs: dict[str, Any], side: str
) -> None:
    keep = {one.key: side for one in merged(base, mine, theirs).conflicts}
    result = merged(base, mine, theirs, **keep)
    assert result.conflicts == ()
    chosen = mine if side == merging.MINE else theirs
    for key in keep.keys() - {merging.ORDER}:
        assert labels(result).get(key) == (chosen[key]["label"] if key in chosen else None)


def test_changes_of_different_parts_stand_side_by_side() -> None:
    base = kit(a=0, b=0, c=0)
    result = merged(base, kit(a=1, b=0, c=0), kit(a=0, b=0, c=2, d=3))
    assert labels(result) == {"a": 1, "b": 0, "c": 2, "d": 3}
    assert result.taken == ("c", "d")


def test_a_part_they_removed_and_i_changed_is_a_conflict() -> None:
    base = kit(a=0, b=0)
    (conflict,) = merged(base, kit(a=1, b=0), kit(b=0)).conflicts
    assert (conflict.place, conflict.theirs) == ("part.a", None)


def test_an_added_part_stands_behind_what_it_followed() -> None:
    base = kit(a=0, b=0, c=0)
    result = merged(base, kit(a=0, d=1, b=0, c=0), kit(c=0, a=0, b=0))
    assert [entry["key"] for entry in result.entries] == ["c", "a", "d", "b"]


def test_two_new_orders_need_a_choice() -> None:
    base = kit(a=0, b=0, c=0)
    mine, theirs = kit(b=0, a=0, c=0), kit(a=0, c=0, b=0)
    assert merged(base, mine, theirs).conflicts == (
        Conflict("part", merging.ORDER, ["a", "b", "c"], ["b", "a", "c"], ["a", "c", "b"]),
    )
    taken = merged(base, mine, theirs, **{merging.ORDER: merging.THEIRS})
    assert [entry["key"] for entry in taken.entries] == ["a", "c", "b"]


def test_an_untouched_kind_keeps_its_positions() -> None:
    base = kit(a=0, b=0)
    for entry in base.values():
        entry["position"] *= 10
    assert [entry["position"] for entry in merged(base, base, base).entries] == [0, 10]
