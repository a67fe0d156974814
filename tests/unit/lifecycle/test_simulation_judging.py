"""One lead under any kit: the same facts, judged by the rules of live leads."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.kit import Kit
from lifecycle.simulation import comparing, judging
from lifecycle.simulation.course import Course
from lifecycle.simulation.judging import Mark
from tests.factories import DAY, HOUR, MINUTE, NOW
from tests.kit_findings import Change, compiled, part, put
from tests.simulating import Story, alone, as_it_went

KIT = compiled()


def profile(low: int, high: int = 5000) -> Change:
    """Another company size in the ideal customer profile."""

    def change(document: dict[str, Any]) -> None:
        part(document, "criterion", "icp")["condition"]["all"][0]["value"] = [low, high]

    return change


NARROW = compiled(profile(500))


def test_a_lead_outside_the_narrower_profile_is_lost_and_the_criterion_says_why() -> None:
    course = Story().touch("demo_request").course()
    before, after = judging.judge(course, KIT), judging.judge(course, NARROW)
    assert (before.stage, before.qualified_at) == ("MQL", NOW)
    assert (after.stage, after.qualified_at) == ("INQUIRY", None)
    assert after.reasons.verdict is not None
    judged = {one.criterion: (one.met, dict(one.facts)) for one in after.reasons.verdict.judged}
    assert judged["icp"][0] is False
    assert judged["icp"][1]["company.employees"] == 420
    assert judged["behaviour"][0] is True


def test_a_nurtured_lead_must_show_something_new() -> None:
    start = {"stage": "NURTURE", "entered_at": NOW - HOUR}
    old = Story(**start, signals=(("demo_request", NOW - DAY),)).touch("page_view")
    assert judging.judge(old.course(), KIT).stage == "NURTURE"
    fresh = Story(**start).touch("demo_request")
    assert judging.judge(fresh.course(), KIT).stage == "MQL"


@pytest.mark.parametrize(
    ("stage", "status", "becomes"),
    [
        ("LOST", "PROSPECT", "MQL"),
        ("DISQUALIFIED", "PROSPECT", "MQL"),
        ("WON", "CUSTOMER", "INQUIRY"),
        ("WON", "FORMER_CUSTOMER", "MQL"),
        ("INQUIRY", "DO_NOT_CONTACT", "INQUIRY"),
        ("LOST", "COMPETITOR", "LOST"),
        ("SAL", "PROSPECT", "SAL"),
    ],
)
def test_a_closed_buyer_who_raises_a_hand_is_back(stage: str, status: str, becomes: str) -> None:
    course = Story(stage=stage).touch("demo_request", account_status=status).course()
    assert judging.judge(course, KIT).stage == becomes


def test_imported_history_is_scored_and_never_judged() -> None:
    judged = judging.judge(Story().touch("demo_request", historical=True).course(), KIT)
    assert (judged.stage, judged.marks, judged.reasons.verdict) == ("INQUIRY", (), None)
    assert judged.reasons.score is not None
    assert judged.reasons.score.intent == 40


def test_a_hand_raiser_outside_the_profile_gets_an_owner_too() -> None:
    judged = judging.judge(Story().touch("demo_request").course(), NARROW)
    assert [one.mark for one in judged.marks] == [Mark.MOMENT, Mark.ASKS]
    (match,) = judged.reasons.matches
    assert match is not None
    assert (match.rule, match.pool) == ("dach", "dach")


def test_a_lead_that_fits_no_rule_is_sent_nowhere() -> None:
    def only_partners(document: dict[str, Any]) -> None:
        rules = document["parts"]["routing_rule"]
        document["parts"]["routing_rule"] = [one for one in rules if one["key"] == "partner"]

    outcome = alone(Story().touch("demo_request").course(), compiled(only_partners))
    assert outcome.qualified_at == NOW
    judged = judging.judge(Story().touch("demo_request").course(), compiled(only_partners))
    assert [one.pool for one in judged.marks if one.mark is Mark.ASKS] == [""]


def test_what_people_did_counts_only_where_it_is_possible() -> None:
    story = Story().touch("demo_request", real="MQL").step("accept", "SAL", at=NOW + HOUR)
    assert judging.judge(story.course(), KIT).stage == "SAL"
    lost = judging.judge(story.course(), NARROW)
    assert lost.stage == "INQUIRY"
    assert lost.reasons.skipped == (("accept", NOW + HOUR),)


def test_a_rejection_goes_where_the_kits_own_reason_says() -> None:
    story = Story().touch("demo_request", real="MQL")
    story.step("reject", "NURTURE", at=NOW + HOUR, reason="no_interest")
    stricter = compiled(put("reason", "no_interest", outcome="DISQUALIFIED"))
    assert judging.judge(story.course(), KIT).stage == "NURTURE"
    assert judging.judge(story.course(), stricter).stage == "DISQUALIFIED"


def test_a_lead_let_go_and_back_asks_for_an_owner_again() -> None:
    story = Story().touch("demo_request", real="MQL")
    story.step("reject", "NURTURE", at=NOW + HOUR, reason="timing")
    story.touch("demo_request", at=NOW + DAY, real="MQL")
    judged = judging.judge(story.course(), KIT)
    assert [one.mark for one in judged.marks if one.mark is not Mark.MOMENT] == [
        Mark.ASKS, Mark.LET_GO, Mark.ASKS
    ]  # fmt: skip


def test_a_lead_nobody_works_here_is_not_handed_on_either() -> None:
    story = Story().touch("pricing_page_view", "pricing_page_view", "pricing_page_view", real="MQL")
    story.handed(9, at=NOW + HOUR)
    assert Mark.HANDED in [one.mark for one in judging.judge(story.course(), KIT).marks]
    lost = judging.judge(story.course(), NARROW)
    assert lost.marks == ()
    assert lost.reasons.skipped == (("handed on", NOW + HOUR),)


def test_a_channel_that_asks_for_a_person_raises_the_hand() -> None:
    course = Story().touch(channel="PHONE", company_employees=3).course()
    quiet = compiled(lambda document: [
        one.update(asks_for_person=False) for one in document["parts"]["channel"]
    ])  # fmt: skip
    assert [one.mark for one in judging.judge(course, KIT).marks] == [Mark.MOMENT, Mark.ASKS]
    assert judging.judge(course, quiet).marks == ()


def test_where_a_lead_goes_another_way_its_marks_say_so() -> None:
    course = Story().touch("demo_request", real="INQUIRY").course()
    assert {one.astray for one in judging.judge(course, KIT).marks} == {True}
    assert {one.astray for one in judging.judge(course, NARROW).marks} == {False}


# Properties over any course.

KINDS = ("demo_request", "pricing_page_view", "page_view", "email_reply", "unsubscribe")
SIZES = (None, 3, 49, 50, 120, 499, 500, 4_000, 9_000)
ACTS = (
    ("accept", "SAL", ""), ("reject", "NURTURE", "timing"), ("reject", "DISQUALIFIED", "spam"),
    ("self_source", "SAL", ""), ("sales_qualify", "SQL", ""), ("return_to_nurture", "NURTURE", ""),
    ("convert", "OPPORTUNITY", ""), ("win", "WON", ""), ("lose", "LOST", ""),
    ("disqualify", "DISQUALIFIED", ""), ("recycle", "NURTURE", ""), ("reopen", "INQUIRY", ""),
)  # fmt: skip


@st.composite
def courses(draw: st.DrawFn) -> Course:
    """Any order of touches and acts, possible or not."""
    story, at = Story(), NOW
    story.touch(*draw(st.lists(st.sampled_from(KINDS), max_size=4)), at=at,
                company_employees=draw(st.sampled_from(SIZES)))  # fmt: skip
    for what in draw(st.lists(st.sampled_from(["touch", "act", "contact", "hand"]), max_size=8)):
        at += draw(st.integers(0, 5_000)) * MINUTE
        if what == "touch":
            kinds = draw(st.lists(st.sampled_from(KINDS), max_size=3))
            story.touch(*kinds, at=at, company_employees=draw(st.sampled_from(SIZES)),
                        historical=draw(st.booleans()))  # fmt: skip
        elif what == "act":
            transition, to, reason = draw(st.sampled_from(ACTS))
            story.step(transition, to, at=at, reason=reason)
        elif what == "contact":
            story.contact(at=at, said=at - draw(st.integers(0, 90)) * MINUTE)
        else:
            story.handed(draw(st.integers(1, 3)), at=at)
    return story.course()


@given(courses(), st.sampled_from([KIT, NARROW]))
def test_a_version_beside_itself_differs_nowhere(course: Course, kit: Kit) -> None:
    before, after = alone(course, kit), alone(course, kit)
    pairs = comparing.pairs(before.clocks, after.clocks)
    assert comparing.compare(before, after, pairs) == ()


@given(courses(), st.integers(51, 5_000))
def test_a_narrower_profile_only_loses_mqls(course: Course, low: int) -> None:
    before = judging.judge(course, KIT)
    after = judging.judge(course, compiled(profile(low)))
    if before.qualified_at is None:
        assert after.qualified_at is None
    elif after.qualified_at is not None:
        assert after.qualified_at >= before.qualified_at


@given(courses())
def test_what_comes_later_changes_no_earlier_judgement(course: Course) -> None:
    whole = judging.judge(course, KIT)
    for length in range(len(course.steps)):
        shorter = Course(
            **{
                name: getattr(course, name)
                for name in ("lead", "since", "until", "entered_at", "stage")
            },
            steps=course.steps[:length],
        )
        judged = judging.judge(shorter, KIT)
        assert whole.marks[: len(judged.marks)] == judged.marks
        if judged.qualified_at is not None:
            assert whole.qualified_at == judged.qualified_at
            assert whole.reasons.verdict == judged.reasons.verdict


@given(courses(), st.integers(-50, 50))
def test_points_alone_move_no_mql(course: Course, points: int) -> None:
    """The playbook's criteria speak of behaviour and company, not of the score."""
    after = judging.judge(course, compiled(put("score_rule", "demo", points=points)))
    before = judging.judge(course, KIT)
    assert (after.stage, after.qualified_at) == (before.stage, before.qualified_at)
    assert [one.mark for one in after.marks] == [one.mark for one in before.marks]


@given(courses())
def test_a_course_as_it_went_is_never_astray(course: Course) -> None:
    went = as_it_went(course, KIT)
    assert not any(one.astray for one in judging.judge(went, KIT).marks)


@given(courses())
def test_who_is_let_go_was_held_and_who_asks_was_not(course: Course) -> None:
    held = False
    for one in judging.judge(course, KIT).marks:
        if one.mark is Mark.ASKS and not one.anew:
            assert not held
        held = one.mark in (Mark.ASKS, Mark.HANDED) or (held and one.mark is not Mark.LET_GO)
