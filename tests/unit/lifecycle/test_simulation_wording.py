"""The report in words: every figure named, nothing told twice, no word without its figure."""

from __future__ import annotations

from typing import Any

import pytest

from lifecycle.simulation import comparing, replay, wording
from lifecycle.simulation.comparing import Differs
from lifecycle.simulation.course import Unknown
from lifecycle.simulation.report import Tally
from lifecycle.simulation.ticking import How
from tests.kit_findings import compiled, put
from tests.simulating import SINCE, UNTIL, Story, alone
from tests.unit.lifecycle.test_simulation_judging import KIT, NARROW


def summary(*stories: Story, after: Any = NARROW, **more: Any) -> dict[str, Any]:
    tally = Tally(KIT, after, since=SINCE, until=UNTIL)
    for story in stories:
        course = story.course()
        both = alone(course, KIT), alone(course, after)
        pairs = comparing.pairs(both[0].clocks, both[1].clocks)
        tally.add(course, *both, pairs, comparing.compare(*both, pairs))
    beside = {"touches_parked": 0, "touches_quarantined": 0, "blind": [],
              "waited": {"before": 0, "after": 0}}  # fmt: skip
    return tally.summary(**{**beside, **more})


DEMO = Story().touch("demo_request", real="MQL")
VIEW = Story(2).touch("page_view")


def test_what_fares_otherwise_is_told_with_its_share() -> None:
    told = summary(DEMO, VIEW)
    assert wording.replayed(told) == "2 leads replayed under v1 and v1: 1 fares otherwise (50.0 %)."
    assert wording.mqls(told) == "1 MQL before, 0 after: 0 gained, 1 lost."
    assert wording.fidelity(told).startswith("The replay under v1 agrees")


def test_nothing_otherwise_is_told_without_a_row_of_noughts() -> None:
    told = summary(DEMO, VIEW, after=KIT)
    said = list(wording.sentences(told))
    assert said[0] == "2 leads replayed under v1 and v1: none fares otherwise."
    assert "1 MQL under both, the same ones." in said
    assert "No deadline moved; no breach caused or avoided." in said
    assert not any(sentence.startswith("0 ") for sentence in said)


def test_no_lead_at_all_is_one_sentence() -> None:
    assert list(wording.sentences(summary())) == [
        "No lead was touched in this time that v1 and v1 could judge."
    ]


def test_deadlines_and_breaches_are_added_up() -> None:
    faster = compiled(put("clock_policy", "first_contact.form", minutes=1))
    story = Story().touch("demo_request", real="MQL")
    told = summary(story, after=faster)
    assert wording.clocks(told) == (
        "1 deadline moved, 1 of them earlier; no breach caused or avoided."
    )


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("ERASED", "the person’s data was erased"),
        ("NO_RECORD:account", "a fact has no record of that time (the company)"),
        ("LATER:thing", "later (thing)"),
    ],
)
def test_why_a_lead_was_not_replayed(code: str, said: str) -> None:
    assert wording.unknown(code) == said


def test_caveats_are_told_once_each() -> None:
    told = summary(DEMO, blind=["identity_rule", "checklist"], touches_parked=1,
                   touches_quarantined=3)  # fmt: skip
    told["unknown"] = {"IMPORTED": 1_200}
    assert list(wording.not_replayed(told)) == [
        "1,200 leads not replayed: imported history is never judged.",
        "1 touchpoint in the exception queue belongs to no lead yet.",
        "3 touchpoints are set aside as suspected spam.",
    ]
    assert len(list(wording.blind(told))) == 2


def test_every_kind_reason_and_end_has_its_words() -> None:
    assert [kind.value for kind in Differs] == list(wording.KINDS)
    assert {one.value for one in Unknown} == set(wording.UNKNOWN)
    assert {one.value for one in How} == set(wording.HOW)
    assert wording.BLIND.keys() > replay.BLIND


def test_a_report_of_another_form_is_not_misread() -> None:
    assert replay.report_of({"schema": 99, "leads": 3}) == {}
    assert replay.report_of({}) == {}
    assert replay.report_of(summary(DEMO))["leads"] == 1
