"""Which floor stands for a record, and whether the record lies below it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from governance import facts
from governance import kit as kits
from governance.kit import Kit
from leads import quality_floor

RULES = [
    {"key": name, "label": name, "condition": {"fact": fact, "op": "is_set"}}
    for name, fact in (
        ("size", "company.employees"),
        ("country", "company.country"),
        ("title", "person.title"),
    )
]
LISTS = {
    "key": "lists", "label": "Lists", "at_least_percent": 60, "pool": "desk",
    "condition": {"fact": "lead.channel", "op": "eq", "value": "IMPORT"},
}  # fmt: skip
ALL = {"key": "all", "label": "All", "at_least_percent": 34, "pool": "inbound", "condition": None}


def kit(floors: list[dict[str, Any]], rules: list[dict[str, Any]] = RULES) -> Kit:
    document = {"schema": 1, "parts": {"quality_rule": rules, "quality_floor": floors}}
    return kits.compile(
        document, id=1, number=1, checksum=kits.checksum(document), registry=facts.registry
    )


def record(channel: str, *known: str) -> Mapping[str, object]:
    has = dict.fromkeys(("company.employees", "company.country", "person.title"))
    given = {"company.employees": 40, "company.country": "DE", "person.title": "CEO"}
    return {**has, **{name: given[name] for name in known}, "lead.channel": channel}


def stand(of: Kit, known: Mapping[str, object]) -> quality_floor.Standing:
    return quality_floor.decide(of, lambda names: {name: known[name] for name in names})


@pytest.mark.parametrize(
    ("channel", "known", "floor", "below"),
    [
        ("IMPORT", (), "lists", True),
        ("IMPORT", ("person.title",), "lists", True),
        ("IMPORT", ("person.title", "company.country"), "lists", False),
        ("FORM", ("person.title",), "all", True),
        ("FORM", ("person.title", "company.country"), "all", False),
    ],
)
def test_the_first_floor_that_fits_decides(
    channel: str, known: tuple[str, ...], floor: str, below: bool
) -> None:
    standing = stand(kit([LISTS, ALL]), record(channel, *known))
    assert standing.floor is not None
    assert (standing.floor.key, standing.is_below) == (floor, below)


def test_exactly_the_share_asked_for_is_enough() -> None:
    third = {**ALL, "at_least_percent": 33}
    assert not stand(kit([third]), record("FORM", "person.title")).is_below


@pytest.mark.parametrize(
    "of",
    [kit([]), kit([LISTS]), kit([ALL], rules=[])],
    ids=["no floor", "no floor that fits", "no rules"],
)
def test_where_nothing_is_asked_every_record_passes(of: Kit) -> None:
    assert not stand(of, record("FORM")).is_below


def test_what_is_told_of_a_record_names_rules_and_never_values() -> None:
    told = stand(kit([LISTS]), record("IMPORT", "person.title")).as_data()
    assert told == {
        "floor": "lists", "at_least_percent": 60, "met": 1, "missed": ["size", "country"],
    }  # fmt: skip


def test_the_rules_facts_are_asked_only_where_a_floor_fits() -> None:
    asked: list[frozenset[str]] = []

    def known(names: frozenset[str]) -> Mapping[str, object]:
        asked.append(names)
        return {"lead.channel": "FORM"}

    quality_floor.decide(kit([LISTS]), known)
    assert asked == [frozenset({"lead.channel"})]
