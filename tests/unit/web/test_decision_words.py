"""A decision in words: whom the rule wanted, why they could not take it, who did."""

from __future__ import annotations

from typing import Any

import pytest

from routing.models import Decision
from tests.factories import NOW
from web.console import decision_words

NAMES = {1: "Katrin Vogel", 2: "Ben Okafor"}
CANDIDATE = {"user": 2, "weight": 1, "open_leads": 3, "open_cap": 30, "excluded": None,
             "credit_before": 0, "credit_after": 0, "rank": 1}  # fmt: skip


def tried(target: str = "ACCOUNT_OWNER", refused: str = "", **meant: Any) -> dict[str, Any]:
    told = {"rule": "x", "label": "X", "matched": True, "facts": {}, "target": target,
            "meant": {"by": "", **meant}}  # fmt: skip
    return {**told, "refused": refused} if refused else told


def said(one: dict[str, Any], *, reader: int = 9, **columns: Any) -> str:
    row = Decision(tried=[one], at=NOW, **columns)
    return decision_words.of_record(row, kit=1, pool="DACH", names=NAMES, reader_id=reader).sentence


BY_POOL = {"picked_id": 2, "because": "next in the weighted rotation", "candidates": [CANDIDATE]}


@pytest.mark.parametrize(
    ("one", "sentence"),
    [
        (tried(refused="inactive", user=1), "Rule “X” wanted the account's owner, Katrin Vogel, "
         "who was inactive; so pool DACH"),
        (tried(refused="held it before", user=1), "Rule “X” wanted the account's owner, Katrin "
         "Vogel, who held it before; so pool DACH"),
        (tried(refused="nobody owns the account", user=None), "Rule “X” wanted the account's "
         "owner; nobody owns the account; so pool DACH"),
        (tried("TERRITORY", refused="off shift", user=1, by="south"), "Rule “X” wanted the "
         "territory “south”, Katrin Vogel, who was off shift; so pool DACH"),
    ],
)  # fmt: skip
def test_whom_a_rule_wanted_in_vain_is_told_before_the_pool(
    one: dict[str, Any], sentence: str
) -> None:
    told = said(one, target=one["target"], pool="dach", **BY_POOL)
    assert told.startswith(f"{sentence}, and Ben Okafor was next in the weighted rotation")


def test_an_absence_says_until_when() -> None:
    one = tried(refused="on leave", user=1, away="ON_LEAVE", until="2030-01-07T08:00:00+00:00")
    assert "who was on leave until" in said(one, target="ACCOUNT_OWNER", pool="dach", **BY_POOL)


@pytest.mark.parametrize(("reader", "whose"), [(1, "it is yours"), (9, "Katrin Vogel owns it")])
def test_who_got_it_by_name_is_told_without_a_pool(reader: int, whose: str) -> None:
    one = tried(user=1, open_leads=3, open_cap=30)
    given = {"target": "ACCOUNT_OWNER", "pool": "dach", "picked_id": 1, "candidates": []}
    told = said(one, reader=reader, because="owns it", **given)
    assert told == (
        f"Rule “X” gave it to the account's owner, Katrin Vogel: {whose}, with 3 of 30 open leads."
    )
