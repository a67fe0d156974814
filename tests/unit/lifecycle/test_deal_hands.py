"""Which columns of an imported deal are people's, by its versions."""

from __future__ import annotations

from typing import Any

import pytest

from lifecycle.deal_importing import hands

MADE = dict.fromkeys(hands.COLUMNS, "") | {
    "owner_id": 1, "amount": 70, "currency": "EUR", "sales_stage": "a", "status": "OPEN",
    "expected_close": None,
}  # fmt: skip


@pytest.mark.parametrize(
    ("by_hand", "later", "theirs"),
    [
        (False, [], set()),
        (False, [(False, {"sales_stage": "b"})], set()),
        (False, [(True, {"sales_stage": "b"})], {"sales_stage"}),
        (False, [(True, {"sales_stage": "b"}), (True, {"sales_stage": "a"})], set()),
        (False, [(True, {"amount": 80})], hands.MONEY),
        (False, [(True, {"status": "LOST"})], {"status", *hands.WITH_THE_END}),
        (False, [(True, {"status": "LOST"}), (True, {"status": "OPEN"})], {"status"}),
        (False, [(False, {"status": "LOST"}), (True, {"status": "OPEN"})], {"status"}),
        (True, [], {"owner_id", "sales_stage", *hands.MONEY}),
        (True, [(False, {"name": "x"})], {"owner_id", "sales_stage", *hands.MONEY}),
    ],
    ids=["made", "told", "moved", "moved back", "worth", "ended", "ended and open", "reopened",
         "made here", "made here and filled"],
)  # fmt: skip
def test_what_people_changed_is_theirs_unless_it_is_again_as_told(
    by_hand: bool, later: list[tuple[bool, dict[str, Any]]], theirs: set[str]
) -> None:
    versions = [(by_hand, MADE)]
    for hand, change in later:
        versions.append((hand, versions[-1][1] | change))
    assert hands.changed(versions) == theirs
