"""Changes in sentences: what a signer reads."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance import change_orders, change_words, facts
from governance.change_words import Told
from governance.changes import Kind
from governance.condition_changes import Mark
from lifecycle import playbook

OFFICE = {"mon": [["09:00", "17:00"]], "fri": [["09:00", "12:00"], ["13:00", "17:00"]]}
ICP = {
    "all": [
        {"fact": "company.employees", "op": "between", "value": [50, 5000]},
        {"fact": "company.country", "op": "in", "value": ["DE", "AT"]},
    ]
}
PARTS: dict[str, dict[str, Any]] = {
    "stage": {"key": "mql", "stage": "MQL", "label": "Marketing Qualified Lead",
              "definition": "They look."},
    "criterion": {"key": "icp", "stage": "MQL", "label": "Ideal customer profile", "prose": "Fits.",
                  "proof": "FACTS", "condition": ICP, "checklists": ["bant"]},
    "clock_policy": {"key": "accept", "label": "Accept", "obligation": "accept", "stages": ["SAL"],
                     "starts_on": ["ASSIGNED"], "stopped_by": ["ACCEPTED"], "minutes": 1440,
                     "calendar": "office"},
    "calendar": {"key": "office", "label": "Office hours", "zone": "Europe/Berlin", "week": OFFICE,
                 "closed": {"2026-12-25": "Christmas Day"}},
    "checklist": {"key": "bant", "label": "BANT", "needed": 2, "items": [
        {"key": "need", "label": "Need", "help": "Which?"}, {"key": "time", "label": "Timeline"}]},
    "score_rule": {"key": "demo", "label": "Asked for a demo", "category": "INTENT",
                   "signal": "demo_request", "points": "40", "half_life_days": "14"},
    "escalation_level": {"key": "late", "label": "Late", "after_minutes": 30, "tell": ["HOLDER"]},
    "reason": {"key": "spam", "label": "Spam", "used_for": ["reject"], "outcome": "NURTURE"},
    "general_policy": {"key": "general", "undo_minutes": 10, "emergency_hours": 24},
    "identity_rule": {"key": "email", "value": "EMAIL", "use": "MERGE"},
}  # fmt: skip


def document(**parts: list[dict[str, Any]]) -> dict[str, Any]:
    return {"schema": 1, "parts": parts}


def told(kind: str, **changes: Any) -> Told:
    before = {one: [entry] for one, entry in PARTS.items()}
    after = copy.deepcopy(before)
    after[kind][0] |= changes
    (only,) = change_words.between(document(**before), document(**after), facts.registry)
    return only


@pytest.mark.parametrize(
    ("kind", "changes", "sentence"),
    [
        ("clock_policy", {"minutes": 960}, "SAL clock “Accept”: 24 h → 16 h working time"),
        ("clock_policy", {"minutes": 14400}, "SAL clock “Accept”: 24 h → 10 d working time"),
        ("clock_policy", {"minutes": 90}, "SAL clock “Accept”: 24 h → 1 h 30 min working time"),
        ("clock_policy", {"warn_percent": 50},
         "SAL clock “Accept”: warns at 75 → 50 % of the time"),
        ("clock_policy", {"escalation": "late"},
         "SAL clock “Accept”: escalation after a breach nothing → “Late”"),
        ("clock_policy", {"stopped_by": ["REJECTED", "ACCEPTED"]},
         "SAL clock “Accept”: ended by: added rejected"),
        ("clock_policy", {"stages": ["SAL", "SQL"]}, "Clock “Accept”: stages: added SQL"),
        ("clock_policy", {"condition": ICP["all"][0]}, "SAL clock “Accept”: other conditions"),
        ("criterion", {"proof": "AFFIRMED"},
         "MQL criterion “Ideal customer profile”: "
         "proof a condition over facts → the rep affirms it"),
        ("criterion", {"checklists": []},
         "MQL criterion “Ideal customer profile”: checklists: removed “BANT”"),
        ("criterion", {"label": "ICP"},
         "MQL criterion “ICP”: renamed from “Ideal customer profile”"),
        ("criterion", {"prose": "Fits well."},
         "MQL criterion “Ideal customer profile”: prose reworded"),
        ("criterion", {"prose": ""}, "MQL criterion “Ideal customer profile”: prose gone"),
        ("stage", {"definition": "They look twice."}, "Stage MQL: definition reworded"),
        ("calendar", {"week": OFFICE | {"mon": [["08:00", "16:00"]]}},
         "Calendar “Office hours”: Monday: 09:00–17:00 → 08:00–16:00"),
        ("calendar", {"week": {"mon": OFFICE["mon"]}},
         "Calendar “Office hours”: Friday: 09:00–12:00, 13:00–17:00 → closed"),
        ("calendar", {"closed": {"2026-12-24": "Christmas Eve", "2026-12-25": "Christmas"}},
         "Calendar “Office hours”: closed on Thu 24 Dec 2026 (Christmas Eve); "
         "Fri 25 Dec 2026: called “Christmas Day” → “Christmas”"),
        ("calendar", {"closed": {}},
         "Calendar “Office hours”: no longer closed on Fri 25 Dec 2026 (Christmas Day)"),
        ("calendar", {"opened": {"2026-12-19": [["10:00", "14:00"]]}},
         "Calendar “Office hours”: Sat 19 Dec 2026: as usual → 10:00–14:00"),
        ("checklist", {"items": [{"key": "time", "label": "Time"},
                                 {"key": "pain", "label": "Pain"}]},
         "Checklist “BANT”: item “Timeline” is called “Time” now; item “Pain” added; "
         "item “Need” removed"),
        ("score_rule", {"points": "35", "half_life_days": None},
         "Score rule “Asked for a demo”: points +40 → +35 points; "
         "half-life 14 days → does not fade"),
        ("score_rule", {"cap": "60"},
         "Score rule “Asked for a demo”: at most no limit → 60 points"),
        ("escalation_level", {"tell": ["HOLDER", "REVOPS"]},
         "Escalation level “Late”: tells: added RevOps"),
        ("escalation_level", {"after_minutes": 120},
         "Escalation level “Late”: after the deadline 30 min → 2 h working time"),
        ("reason", {"criterion": "icp"},
         "Reason “Spam”: contests nothing → “Ideal customer profile”"),
        ("reason", {"note_required": True}, "Reason “Spam”: needs a note no → yes"),
        ("general_policy", {"emergency_hours": 8},
         "General policy: emergency changes revert after 24 h → 8 h"),
        ("identity_rule", {"use": "SUGGEST"},
         "Identity rule “E-mail”: means it is that person → "
         "it may be that person: suggest it"),
    ],
)  # fmt: skip
def test_a_change_is_one_sentence(kind: str, changes: dict[str, Any], sentence: str) -> None:
    assert told(kind, **changes).sentence == sentence


def of_clock(basis: str, **changes: Any) -> list[str]:
    """What changes of a clock of this basis, and of the levels it comes to, are told as."""
    policy = PARTS["clock_policy"] | {"basis": basis, "escalation": "late"}
    last = PARTS["escalation_level"] | {"key": "last", "label": "Last", "after_minutes": 90}
    first = PARTS["escalation_level"] | {"then": "last"}
    before = document(clock_policy=[policy], escalation_level=[first, last])
    after = document(
        clock_policy=[policy | changes.pop("policy", {})],
        escalation_level=[first, last | changes.pop("last", {})],
    )
    return list(change_words.sentences(before, after, facts.registry))


@pytest.mark.parametrize(
    ("basis", "changes", "sentence"),
    [
        ("ELAPSED", {"policy": {"minutes": 960}}, "SAL clock “Accept”: 24 h → 16 h day and night"),
        ("ELAPSED", {"last": {"after_minutes": 120}},
         "Escalation level “Last”: after the deadline 1 h 30 min → 2 h day and night"),
        ("WORKING", {"last": {"after_minutes": 120}},
         "Escalation level “Last”: after the deadline 1 h 30 min → 2 h working time"),
        ("WORKING", {"policy": {"minutes": 960, "basis": "ELAPSED"}},
         "SAL clock “Accept”: 24 h working time → 16 h day and night; "
         "counts working time of its calendar → all time that passes"),
    ],
)  # fmt: skip
def test_minutes_are_of_the_time_the_clock_counts(
    basis: str, changes: dict[str, Any], sentence: str
) -> None:
    assert of_clock(basis, **changes) == [sentence]


def test_a_level_that_clocks_of_both_kinds_come_to_says_so() -> None:
    both = [
        PARTS["clock_policy"] | {"key": basis, "basis": basis, "escalation": "late"}
        for basis in ("WORKING", "ELAPSED")
    ]
    level = PARTS["escalation_level"]
    before = document(clock_policy=both, escalation_level=[level])
    after = document(clock_policy=both, escalation_level=[level | {"after_minutes": 60}])
    assert change_words.sentences(before, after, facts.registry) == (
        "Escalation level “Late”: after the deadline 30 min → 1 h as its clock counts",
    )


def test_one_changed_test_of_a_condition_needs_no_list() -> None:
    shift = copy.deepcopy(ICP)
    shift["all"][0]["value"] = [100, 5000]
    assert told("criterion", condition=shift).sentence == (
        "MQL criterion “Ideal customer profile”: "
        "Company size is between 50 and 5,000 employees → between 100 and 5,000 employees"
    )


def test_a_changed_list_of_a_condition_names_what_came_and_went() -> None:
    shift = copy.deepcopy(ICP)
    shift["all"][1]["value"] = ["DE", "CH"]
    assert told("criterion", condition=shift).sentence.endswith(
        "Company country is one of …: added “CH”; removed “AT”"
    )


def test_other_changes_of_a_condition_are_lines_with_what_stayed_around_them() -> None:
    shift = {
        "all": [ICP["all"][1], {"not": {"fact": "lead.channel", "op": "eq", "value": "IMPORT"}}]
    }
    (line,) = told("criterion", condition=shift).lines
    marks = [(step.mark, step.text.split()[0]) for step in line.steps]
    assert marks == [
        (Mark.KEPT, "All"), (Mark.REMOVED, "Company"),
        (Mark.KEPT, "Company"), (Mark.ADDED, "Channel"),
    ]  # fmt: skip


def test_a_condition_that_came_or_went_stands_beside_always() -> None:
    (line,) = told("criterion", condition=None).lines
    assert (line.steps[-1].mark, line.steps[-1].text) == (Mark.ADDED, "Always")
    assert all(step.mark is Mark.REMOVED for step in line.steps[:-1])


def test_an_unreadable_condition_is_told_not_raised() -> None:
    (line,) = told("criterion", condition={"fact": "gone.fact", "op": "eq", "value": 1}).lines
    assert any("gone.fact" in step.text for step in line.steps)


def test_parts_that_came_and_went_are_told_with_what_they_say() -> None:
    came = PARTS["score_rule"] | {"key": "chat", "label": "Chatted"}
    added, removed = change_words.between(
        document(score_rule=[PARTS["score_rule"]], reason=[PARTS["reason"]]),
        document(score_rule=[PARTS["score_rule"], came]),
        facts.registry,
    )[::-1]
    assert (added.kind, added.sentence) == (Kind.ADDED, "Score rule “Chatted”: added")
    assert "points +40 points" in [line.text for line in added.lines]
    assert removed.sentence == "Reason “Spam”: removed"
    assert "used for reject" in [line.text for line in removed.lines]


def rules(*keys: str, step: int = 1) -> dict[str, Any]:
    return document(
        routing_rule=[
            {"key": key, "label": key.upper(), "pool": "p", "position": place * step}
            for place, key in enumerate(keys)
        ]
    )


def test_a_part_that_moved_says_where_it_stands_now() -> None:
    (only,) = change_words.between(rules(*"abcd"), rules(*"dabc"), facts.registry)
    assert only.sentence == "Routing rule “D”: moved up: now 1st of 4, before “A”"
    (only,) = change_words.between(rules(*"abcd"), rules(*"acdb"), facts.registry)
    assert only.sentence == "Routing rule “B”: moved down: now last of 4"


def test_new_numbers_in_the_same_order_are_one_line() -> None:
    (only,) = change_words.between(rules(*"abcd"), rules(*"abcd", step=10), facts.registry)
    assert only.sentence == "Routing rules: positions are numbered anew, the order is the same"


def test_every_part_of_the_playbook_that_comes_or_goes_is_told() -> None:
    whole = playbook.document()
    for kind, entries in whole["parts"].items():
        without = {"schema": 1, "parts": {**whole["parts"], kind: entries[1:]}}
        gone = change_words.between(whole, without, facts.registry)
        come = change_words.between(without, whole, facts.registry)
        assert {one.kind for one in gone} == {Kind.REMOVED}, kind
        assert {one.kind for one in come} == {Kind.ADDED}, kind
        assert all(one.sentence for one in (*gone, *come)), kind


@given(st.permutations("abcdefg"))
@settings(max_examples=60, deadline=None)
def test_taking_out_what_moved_leaves_the_old_order(new: list[str]) -> None:
    moves = change_orders.between(rules(*"abcdefg"), rules(*new))
    stayed = [key for key in new if ("routing_rule", key) not in moves]
    assert stayed == sorted(stayed)
    assert bool(moves) is (new != sorted(new))


def test_equal_documents_have_nothing_to_tell() -> None:
    same = document(**{kind: [entry] for kind, entry in PARTS.items()})
    assert change_words.between(same, copy.deepcopy(same), facts.registry) == ()


def test_a_few_changes_of_a_condition_are_told_in_the_sentence() -> None:
    shift = copy.deepcopy(ICP)
    shift["all"][0]["value"] = [100, 5000]
    shift["all"].append({"fact": "lead.channel", "op": "eq", "value": "FORM"})
    assert told("criterion", condition=shift).sentence == (
        "MQL criterion “Ideal customer profile”: "
        "Company size is between 50 and 5,000 employees → between 100 and 5,000 employees; "
        "added: Channel is Web form"
    )
