"""Deadlines under any kit, held against what people really did; and what two outcomes differ in."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.simulation import comparing
from lifecycle.simulation.comparing import Differs, Outcome
from lifecycle.simulation.course import Carried, Course
from lifecycle.simulation.ticking import How, Ticked
from tests.factories import DAY, HOUR, MINUTE, NOW
from tests.kit_findings import Change, compiled, put
from tests.simulating import Story, alone, as_it_went
from tests.unit.lifecycle.test_simulation_judging import NARROW, courses

KIT = compiled()
LATER = NOW + 50 * DAY


def by_obligation(outcome: Outcome) -> dict[str, Ticked]:
    return {one.obligation: one for one in outcome.clocks}


def story(**real: str) -> Story:
    return Story().touch("demo_request", at=NOW, real="MQL", **real)


def test_clocks_start_stop_and_are_cancelled_as_those_of_live_leads() -> None:
    worked = story().contact(at=NOW + 10 * MINUTE)
    worked.step("accept", "SAL", at=NOW + 2 * HOUR)
    worked.step("return_to_nurture", "NURTURE", at=NOW + 3 * HOUR)
    found = by_obligation(alone(worked.course(), KIT))
    told = {key: (one.how, one.moment) for key, one in found.items()}
    assert told == {
        "route": (How.MET, "ASSIGNED"),
        "first_contact": (How.MET, "CONTACTED"),
        "accept": (How.MET, "ACCEPTED"),
        "sales_qualify": (How.MET, "RETURNED"),
    }
    assert found["route"].due_at == NOW + 4 * HOUR
    assert found["first_contact"].due_at == NOW + 15 * MINUTE
    assert found["accept"].due_at == NOW + DAY


def test_a_lead_that_waits_is_accepted_by_a_deadline_from_when_somebody_took_it() -> None:
    outcome = alone(story().course(NOW + 2 * HOUR), KIT, wait=HOUR)
    found = by_obligation(outcome)
    assert found["route"].ended_at == NOW + HOUR
    assert found["accept"].started_at == NOW + HOUR
    assert found["accept"].how is How.RUNNING


@pytest.mark.parametrize(
    ("contacted", "until", "how"),
    [
        (15, LATER, How.MET),
        (16, LATER, How.LATE),
        (None, NOW + 10 * MINUTE, How.RUNNING),
        (None, LATER, How.OVERDUE),
    ],
)
def test_a_deadline_is_kept_or_not(contacted: int | None, until: dt.datetime, how: How) -> None:
    told = story()
    if contacted is not None:
        told.contact(at=NOW + contacted * MINUTE)
    found = by_obligation(alone(told.course(until), KIT))
    assert found["first_contact"].how is how


def test_evidence_counts_from_when_it_happened() -> None:
    said = NOW + 14 * MINUTE
    late = story().contact(at=NOW + 5 * HOUR, said=said).course(LATER)
    assert by_obligation(alone(late, KIT))["first_contact"].how is How.MET


@pytest.mark.parametrize(
    ("minutes", "kind"),
    [(5, Differs.BREACH_CAUSED), (10, None), (20, None)],
)
def test_fewer_minutes_cause_a_breach_where_people_were_slower(
    minutes: int, kind: Differs | None
) -> None:
    course = story().contact(at=NOW + 10 * MINUTE).course(NOW + HOUR)
    after = compiled(put("clock_policy", "first_contact.form", minutes=minutes))
    both = alone(course, KIT), alone(course, after)
    pairs = comparing.pairs(both[0].clocks, both[1].clocks)
    differs = comparing.compare(*both, pairs)
    assert differs == ((Differs.DUE, kind) if kind else (Differs.DUE,))
    back = comparing.compare(both[1], both[0], comparing.pairs(both[1].clocks, both[0].clocks))
    assert (Differs.BREACH_AVOIDED in back) is (kind is not None)


def test_where_the_lead_never_went_that_way_nobody_knows() -> None:
    course = Story().touch("demo_request", real="INQUIRY").course(LATER)
    gained = by_obligation(alone(course, KIT))
    assert gained["accept"].how is How.NOT_KNOWN
    assert gained["accept"].breached is None
    assert gained["accept"].due_at == NOW + DAY
    assert gained["route"].how is How.MET  # the replay itself gave it to somebody
    pairs = comparing.pairs(alone(course, NARROW).clocks, alone(course, KIT).clocks)
    assert not any(pair.caused or pair.avoided for pair in pairs)


@pytest.mark.parametrize(("held", "how"), [(True, How.MET), (False, How.NOT_KNOWN)])
def test_whoever_really_answered_for_a_lead_called_it_at_any_stage(held: bool, how: How) -> None:
    told = Story().touch("demo_request", real="MQL", held=held).contact(at=NOW + 10 * MINUTE)
    found = by_obligation(alone(told.course(LATER), NARROW))
    assert found["first_contact"].how is how
    assert found["resolve"].how is How.NOT_KNOWN


def test_a_clock_from_before_the_window_runs_on_under_its_own_policy() -> None:
    policy = compiled(put("clock_policy", "first_contact.form", minutes=600)).policy(
        "first_contact.form"
    )
    carried = Carried(policy, NOW - HOUR, NOW + 5 * HOUR)
    told = Story(stage="MQL", owner=7, asked=True, carried=(carried,))
    told.touch("demo_request", real="MQL").contact(at=NOW + HOUR)
    (clock,) = alone(told.course(LATER), KIT).clocks
    assert (clock.started_at, clock.due_at) == (NOW - HOUR, NOW + 5 * HOUR)
    assert clock.how is How.MET


def test_a_calendar_that_never_opens_makes_nothing_due() -> None:
    shut = compiled(put("calendar", "office_hours", week={}))
    found = by_obligation(alone(story().course(), shut))
    assert (found["first_contact"].due_at, found["first_contact"].how) == (None, How.NEVER_DUE)


# Properties over any course.


def scaled(share: float) -> Change:
    """All clocks with that share of their time."""

    def change(document: dict[str, object]) -> None:
        for policy in document["parts"]["clock_policy"]:  # type: ignore[index]
            policy["minutes"] = max(1, int(policy["minutes"] * share))

    return change


@given(courses())
def test_no_two_clocks_of_one_obligation_run_at_once(course: Course) -> None:
    taken: dict[tuple[str, str], dt.datetime] = {}
    for clock in sorted(alone(course, KIT).clocks, key=lambda one: one.started_at):
        slot = clock.obligation, clock.scope
        assert taken.get(slot, clock.started_at) <= clock.started_at
        taken[slot] = max(clock.ended_at or course.until, clock.started_at)


@given(courses())
def test_less_time_avoids_no_breach_and_more_causes_none(course: Course) -> None:
    went = as_it_went(course, KIT)
    usual = alone(went, KIT).clocks
    shorter = alone(went, compiled(scaled(0.5))).clocks
    assert not any(pair.avoided for pair in comparing.pairs(usual, shorter))
    assert not any(pair.caused for pair in comparing.pairs(shorter, usual))


@given(courses())
def test_every_clock_ends_after_it_starts_and_says_how(course: Course) -> None:
    for clock in alone(as_it_went(course, KIT), KIT).clocks:
        assert clock.ended_at is None or clock.ended_at >= clock.started_at
        assert clock.how is not How.NOT_KNOWN
        if clock.how is How.LATE:
            assert clock.ended_at is not None
            assert clock.due_at is not None
            assert clock.ended_at > clock.due_at


# What two outcomes differ in.

PLAIN = Outcome("MQL", NOW, "hot", ("dach",), (1,), ())
NEVER = Outcome("INQUIRY", None, "hot", (), (), ())


@pytest.mark.parametrize(
    ("before", "after", "kinds"),
    [
        (PLAIN, PLAIN, ()),
        (NEVER, PLAIN, (Differs.MQL_GAINED, Differs.STAGE, Differs.OWNER_GAINED)),
        (PLAIN, NEVER, (Differs.MQL_LOST, Differs.STAGE, Differs.OWNER_LOST)),
        (PLAIN, Outcome("MQL", LATER, "hot", ("dach",), (1,), ()), (Differs.MQL_MOVED,)),
        (PLAIN, Outcome("SAL", NOW, "hot", ("dach",), (1,), ()), (Differs.STAGE,)),
        (PLAIN, Outcome("MQL", NOW, "warm", ("dach",), (1,), ()), (Differs.BAND,)),
        (PLAIN, Outcome("MQL", NOW, "hot", ("emea",), (2,), ()), (Differs.POOL,)),
        (PLAIN, Outcome("MQL", NOW, "hot", ("dach",), (2,), ()), (Differs.OWNER,)),
        (PLAIN, Outcome("MQL", NOW, "hot", ("dach", "dach"), (1, 2), ()), (Differs.OWNER,)),
        (
            PLAIN,
            Outcome("MQL", NOW, "hot", ("dach",), (None,), ()),
            (Differs.OWNER, Differs.WAITING),
        ),
        (
            PLAIN,
            Outcome("MQL", NOW, "hot", ("",), (None,), ()),
            (Differs.POOL, Differs.UNROUTED),
        ),
    ],
)
def test_each_difference_has_its_name(
    before: Outcome, after: Outcome, kinds: tuple[Differs, ...]
) -> None:
    assert comparing.compare(before, after, ()) == kinds


@given(courses(), st.sampled_from([NARROW, compiled(scaled(0.1))]))
def test_both_directions_tell_of_the_same_deadlines(course: Course, other: object) -> None:
    before, after = alone(course, KIT), alone(course, other)  # type: ignore[arg-type]
    there = comparing.pairs(before.clocks, after.clocks)
    back = comparing.pairs(after.clocks, before.clocks)
    assert sum(pair.moved for pair in there) == sum(pair.moved for pair in back)
    assert sum(pair.caused for pair in there) == sum(pair.avoided for pair in back)
    assert len(there) == len(back)
