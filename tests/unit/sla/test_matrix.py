"""Stage × channel: the clock that stands in each cell, or why none does."""

from __future__ import annotations

import pytest

from leads.models import Channel
from leads.stages import Stage
from sla import matrix
from sla.matrix import Cell, Slot
from tests.kit_findings import Change, add, compiled, put, without

SIZE = {"fact": "company.employees", "op": "gt", "value": 1000}
FORM = {"fact": "lead.channel", "op": "eq", "value": "FORM"}


def cell(stage: str, channel: str, *changes: Change) -> Cell:
    rows = matrix.of_kit(compiled(*changes), Channel.values)
    (row,) = [one for one in rows if one.stage == stage]
    return next(one for one in row.cells if one.channel == channel)


def slot(stage: str, channel: str, obligation: str, *changes: Change) -> Slot:
    return next(one for one in cell(stage, channel, *changes).slots if one.obligation == obligation)


def standing(found: Slot) -> str:
    return found.policy.key if found.policy else ""


def test_every_stage_somebody_answers_for_has_a_cell_for_every_channel() -> None:
    rows = matrix.of_kit(compiled(), Channel.values)
    assert [row.stage for row in rows] == ["INQUIRY", "MQL", "SAL", "SQL", "OPPORTUNITY", "NURTURE"]
    assert {tuple(one.channel for one in row.cells) for row in rows} == {tuple(Channel.values)}
    assert [row.stage for row in rows if row.hand_raisers_only] == [Stage.INQUIRY, Stage.NURTURE]
    assert not any(one.is_empty for row in rows for found in row.cells for one in found.slots)


@pytest.mark.parametrize(
    ("channel", "key", "inherited"),
    [
        ("FORM", "first_contact.form", False),
        ("EVENT", "first_contact.event", False),
        ("IMPORT", "first_contact.other", True),
    ],
)
def test_a_channel_has_its_own_clock_or_inherits_the_default(
    channel: str, key: str, inherited: bool
) -> None:
    found = slot("MQL", channel, "first_contact")
    assert (standing(found), found.is_inherited) == (key, inherited)


def test_a_policy_that_asks_for_more_than_the_channel_is_special_and_does_not_cover() -> None:
    large = put("clock_policy", "first_contact.form", condition={"all": [FORM, SIZE]})
    found = slot("MQL", "FORM", "first_contact", large)
    assert standing(found) == "first_contact.other"
    assert [one.key for one in found.special] == ["first_contact.form"]
    alone = without("clock_policy", "first_contact.other")
    assert slot("MQL", "FORM", "first_contact", large, alone).is_empty


def test_a_condition_over_the_stage_is_decided_too() -> None:
    here = {"fact": "lead.stage", "op": "eq", "value": "SAL"}
    change = put("clock_policy", "first_contact.other", condition=here)
    assert standing(slot("SAL", "IMPORT", "first_contact", change)) == "first_contact.other"
    assert slot("MQL", "IMPORT", "first_contact", change).is_empty


def test_only_what_a_raised_hand_starts_counts_where_leads_are_not_worked() -> None:
    change = put("clock_policy", "resolve", starts_on=["REOPENED"])
    obligations = [one.obligation for one in cell("INQUIRY", "FORM", change).slots]
    assert obligations == ["first_contact"]


def test_an_exemption_stands_for_one_obligation_or_for_the_whole_cell() -> None:
    exempt = add(
        "clock_exemption", key="lists", stages=["MQL"], channels=["IMPORT"],
        obligation="first_contact", because="Nobody on a list waits.",
    )  # fmt: skip
    found = slot("MQL", "IMPORT", "first_contact", exempt)
    assert found.policy is None
    assert found.exemption is not None
    assert found.exemption.because == "Nobody on a list waits."
    assert standing(slot("MQL", "IMPORT", "accept", exempt)) == "accept"
    assert standing(slot("MQL", "FORM", "first_contact", exempt)) == "first_contact.form"


def test_a_cell_without_any_obligation_is_empty_unless_all_of_it_is_exempt() -> None:
    none = without("clock_policy", "close")
    assert cell("OPPORTUNITY", "FORM", none).is_empty
    one = add("clock_exemption", key="deals", stages=["OPPORTUNITY"], channels=[],
              obligation="close", because="x")  # fmt: skip
    assert cell("OPPORTUNITY", "FORM", none, one).is_empty
    whole = add("clock_exemption", key="deals", stages=["OPPORTUNITY"], channels=[],
                obligation="", because="x")  # fmt: skip
    assert not cell("OPPORTUNITY", "FORM", none, whole).is_empty
