"""What stands against a kit: each fault is found, by its place, and nothing else is."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from governance import checks, documents, facts, kit
from leads import kit_checks
from lifecycle import playbook


@cache
def complete() -> dict[str, Any]:
    return documents.completed(playbook.document())


def part(document: dict[str, Any], kind: str, key: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in document["parts"][kind] if one["key"] == key)
    return found


def faults(change: Callable[[dict[str, Any]], object]) -> set[str]:
    document = copy.deepcopy(complete())
    change(document)
    compiled = kit.compile(document, id=1, number=1, checksum="", registry=facts.registry)
    own = [fault for check in checks._OWN for fault in check(compiled)]
    return {fault.field for fault in [*own, *kit_checks.of_kit(compiled)]}


def test_nothing_stands_against_the_playbook() -> None:
    assert faults(lambda document: None) == set()


def put(kind: str, key: str, **changes: Any) -> Callable[[dict[str, Any]], object]:
    return lambda document: part(document, kind, key).update(changes)


def without(kind: str, *keys: str) -> Callable[[dict[str, Any]], object]:
    def change(document: dict[str, Any]) -> None:
        document["parts"][kind] = [
            one for one in document["parts"][kind] if keys and one["key"] not in keys
        ]

    return change


def twice(kind: str, **changes: Any) -> Callable[[dict[str, Any]], object]:
    def change(document: dict[str, Any]) -> None:
        document["parts"][kind].append({**document["parts"][kind][0], "key": "twin", **changes})

    return change


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (put("clock_policy", "route", calendar="office"), "clock_policy.route.calendar"),
        (put("clock_policy", "route", starts_on=["QUALIFY"]), "clock_policy.route.starts_on"),
        (put("clock_policy", "route", stopped_by=[]), "clock_policy.route.stopped_by"),
        (put("clock_policy", "route", stages=[]), "clock_policy.route.stages"),
        (put("clock_policy", "route", stages=["MQLS"]), "clock_policy.route.stages"),
        (put("clock_policy", "first_contact.form", condition=None),
         "clock_policy.first_contact.event.position"),
        (without("clock_policy", "first_contact.other"), "clock_policy"),
        (without("clock_policy", "close"), "clock_policy"),
        (put("criterion", "framework", checklists=["bantt"]), "criterion.framework.checklists"),
        (put("criterion", "framework", checklists=[]), "criterion.framework.checklists"),
        (put("criterion", "icp", condition=None), "criterion.icp.condition"),
        (put("criterion", "icp", proof="GUESS"), "criterion.icp.proof"),
        (put("criterion", "discovery_call", activity_kinds=["CHAT"]),
         "criterion.discovery_call.activity_kinds"),
        (put("criterion", "behaviour",
             condition={"fact": "signal.demo.count_30d", "op": "gte", "value": 1}),
         "criterion.behaviour.condition"),
        (put("reason", "unreachable", criterion="reach"), "reason.unreachable.criterion"),
        (put("reason", "unreachable", used_for=["refuse"]), "reason.unreachable.used_for"),
        (put("reason", "unreachable", outcome="LOST"), "reason.unreachable.outcome"),
        (without("reason", "interest_faded", "unreachable"), "reason"),
        (put("score_rule", "demo", signal="demo"), "score_rule.demo.signal"),
        (put("score_rule", "demo", signal=""), "score_rule.demo.signal"),
        (put("score_rule", "size", condition=None), "score_rule.size.condition"),
        (put("score_band", "warm", at_least="70"), "score_band"),
        (without("score_band"), "score_band"),
        (put("checklist", "bant", needed=5), "checklist.bant.needed"),
        (put("checklist", "bant", needed=0), "checklist.bant.needed"),
        (put("calendar", "always", week={}), "calendar.always.week"),
        (twice("stage"), "stage"),
        (twice("general_policy"), "general_policy"),
        (put("stage", "mql", stage="MQ"), "stage.mql.stage"),
        (without("stage", "sal"), "stage"),
    ],
)  # fmt: skip
def test_each_fault_is_found_at_its_place(
    change: Callable[[dict[str, Any]], object], field: str
) -> None:
    assert field in faults(change)


def test_an_unresolved_key_names_the_nearest_one() -> None:
    (fault,) = checks.unknown(
        "clock_policy.route.calendar", "ofice", ["office", "always"], "calendar"
    )
    assert "did you mean “office”" in fault.message
