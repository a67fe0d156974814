"""A version's document, read: parts in order, faults by place, later columns without effect."""

from __future__ import annotations

import copy
from datetime import timedelta
from typing import Any

import pytest

from governance import conditions, kit
from governance.kit import Kit, KitInvalid
from tests import condition_trees

REGISTRY = condition_trees.sample_registry()
LARGE = {"fact": "company.employees", "op": "gte", "value": 50}


def document() -> dict[str, Any]:
    return {
        "schema": 1,
        "parts": {
            "stage": [{"key": "mql", "stage": "MQL", "label": "Marketing Qualified Lead"}],
            "criterion": [
                {"key": "behaviour", "stage": "MQL", "label": "B", "position": 2},
                {"key": "icp", "stage": "MQL", "label": "A", "position": 1, "condition": LARGE},
                {"key": "call", "stage": "SQL", "label": "C", "proof": "ACTIVITY",
                 "activity_kinds": ["DISCOVERY_CALL"]},
            ],
            "clock_policy": [
                {"key": "route", "obligation": "route", "label": "Route", "stages": ["MQL"],
                 "starts_on": ["QUALIFIED"], "stopped_by": ["ASSIGNED"], "minutes": 240,
                 "calendar": "office"},
            ],
            "calendar": [
                {"key": "office", "label": "Office hours", "zone": "Europe/Berlin",
                 "week": {"mon": [["09:00", "17:00"]]}, "closed": {"2026-01-05": "Bridge day"}},
            ],
            "score_band": [
                {"key": "cold", "label": "Cold", "at_least": "-10"},
                {"key": "hot", "label": "Hot", "at_least": "70"},
                {"key": "warm", "label": "Warm", "at_least": "45.5"},
            ],
            "score_rule": [
                {"key": "size", "label": "Size", "category": "FIT", "condition": LARGE,
                 "points": "15", "half_life_days": None, "cap": "7.5"},
            ],
        },
    }  # fmt: skip


def read(text: dict[str, Any], *, checksum: str = "c", id: int = 1) -> Kit:
    return kit.compile(text, id=id, number=id, checksum=checksum, registry=REGISTRY)


def test_parts_are_read_in_the_order_of_their_positions() -> None:
    compiled = read(document())
    assert [one.key for one in compiled.criteria("MQL")] == ["icp", "behaviour"]
    assert compiled.criterion("icp").condition == conditions.parse(LARGE, REGISTRY)
    assert compiled.criterion("call").activity_kinds == ("DISCOVERY_CALL",)
    assert compiled.policy("route").allowance == timedelta(hours=4)
    assert compiled.policy("route").warn_percent == 75
    assert compiled.score_rules[0].cap == 7.5
    assert compiled.score_rules[0].half_life_days is None
    assert compiled.stages["MQL"].label == "Marketing Qualified Lead"
    assert len(compiled.calendars["office"].closed) == 1


@pytest.mark.parametrize(
    ("score", "band"),
    [(70, "hot"), (69.99, "warm"), (45.5, "warm"), (45.4, "cold"), (-10, "cold"), (-11, "")],
)
def test_a_band_begins_at_its_floor(score: float, band: str) -> None:
    assert read(document()).band_of(score) == band


def test_a_missing_criterion_or_policy_is_a_fault_of_the_program() -> None:
    for look_up in (read(document()).criterion, read(document()).policy):
        with pytest.raises(KeyError):
            look_up("nothing")


def test_columns_that_came_later_change_nothing() -> None:
    later = document()
    for entries in later["parts"].values():
        for entry in entries:
            entry["invented_later"] = 42
    later["parts"]["invented_later"] = [{"key": "x"}]
    before, after = read(document()), read(later)
    for name in ("stages", "all_criteria", "policies", "calendars", "score_rules", "bands"):
        assert getattr(before, name) == getattr(after, name)


def test_every_unreadable_part_is_named_with_its_place() -> None:
    text = document()
    text["parts"]["criterion"][1]["condition"] = {"all": [{"fact": "company.employes", "op": "eq"}]}
    text["parts"]["calendar"][0]["zone"] = "Berlin"
    del text["parts"]["clock_policy"][0]["minutes"]
    text["parts"]["score_rule"][0]["points"] = "many"
    with pytest.raises(KitInvalid) as refusal:
        read(text)
    assert {fault.field for fault in refusal.value.errors} == {
        "criterion.icp.condition.all[0].fact", "calendar.office.zone", "clock_policy.route",
        "score_rule.size",
    }  # fmt: skip


@pytest.mark.parametrize("schema", [None, 0, 2, "1"])
def test_another_schema_is_refused(schema: object) -> None:
    with pytest.raises(KitInvalid, match="schema"):
        read({**document(), "schema": schema})


def test_kits_are_equal_when_version_and_text_are() -> None:
    assert read(document()) == read(document())
    assert len({read(document()), read(document())}) == 1
    assert read(document(), checksum="c") != read(document(), checksum="d")
    assert read(document(), id=1) != read(document(), id=2)


def test_the_checksum_depends_on_content_and_not_on_order_or_number_form() -> None:
    text = document()
    shuffled = {"parts": dict(reversed(text["parts"].items())), "schema": 1.0}
    assert kit.checksum(text) == kit.checksum(shuffled)
    changed = copy.deepcopy(text)
    changed["parts"]["clock_policy"][0]["minutes"] = 241
    assert kit.checksum(changed) != kit.checksum(text)
    moved = copy.deepcopy(text)
    moved["parts"]["score_band"].reverse()
    assert kit.checksum(moved) != kit.checksum(text)
