"""A clock's past counted again by another policy, each period by the hours that held then."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from core.work_calendar import WorkCalendar
from governance import selectors
from governance.kit import Kit
from sla import course, histories, hours, pauses, recalculation, retracing, sweeps
from sla.hours import Hours
from sla.models import ClockState
from sla.pins import Pins
from sla.recalculation import Outcome, Running
from sla.retracing import Retraced, Turn
from sla.segments import HANDED, MOVED, PAUSED, RESUMED, STARTED
from tests.unit.sla import test_course_properties as plays
from tests.unit.sla.test_course_properties import ANNA, BEN, DAY, HOUR, Played
from tests.unit.sla.test_recalculation import kit, policy

MONDAY = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
UTC = dt.UTC


def own(*spans: tuple[int, int], leaves: tuple[hours.Span, ...] = ()) -> Hours:
    """These hours of every day, in UTC."""
    week = (tuple((a * 60, b * 60) for a, b in spans),) * 7
    return Hours(WorkCalendar("UTC", week), leaves, own=True)


def at(day: int, hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime(2026, 3, day, hour, minute, tzinfo=UTC)


EARLY, LATE, DAYS = own((6, 12)), own((14, 20)), own((9, 17))
HOLDERS = kit(policy("a", minutes=600, hours="HOLDER", pauses_for=["CUSTOMER"]))
"""Ten hours of whoever holds the lead; the office, while nobody does, is open from 9 to 17."""

BEGUN = Turn(STARTED, MONDAY, ANNA, DAYS)
CASES: dict[str, tuple[Sequence[Turn], dt.datetime, dt.datetime]] = {
    # Eight hours on Monday, two on Tuesday; the warning after five.
    "nothing happened": ((BEGUN,), at(2, 14), at(3, 11)),
    # Until noon three hours; from then 14 to 20 o'clock, six on Monday, one on Tuesday.
    "a shift changed in between": (
        (BEGUN, Turn(MOVED, at(2, 12), ANNA, LATE)), at(2, 16), at(3, 15),
    ),
    # The same, and back again at 16: three, two and an hour until 17, four of Tuesday.
    "a shift changed there and back": (
        (BEGUN, Turn(MOVED, at(2, 12), ANNA, LATE), Turn(MOVED, at(2, 16), ANNA, DAYS)),
        at(2, 16), at(3, 13),
    ),
    # Anna until 15: six hours. Ben works from 6 to 12: four hours of Tuesday.
    "a hand-over in between": (
        (BEGUN, Turn(HANDED, at(2, 15), BEN, EARLY)), at(2, 14), at(3, 10),
    ),
    # Anna one hour, the office until it closes, seven, then Ben two.
    "a wait in a queue in between": (
        (BEGUN, Turn(HANDED, at(2, 10)), Turn(HANDED, at(3, 0), BEN, EARLY)),
        at(2, 14), at(3, 8),
    ),
    # On leave from 11 to noon of the next day: two hours on Monday, five on Tuesday, three.
    "leave in between": (
        (Turn(STARTED, MONDAY, ANNA, own((9, 17), leaves=((at(2, 11), at(3, 12)),))),),
        at(3, 15), at(4, 12),
    ),
    # The leave of who has handed it on before takes nothing from who got it.
    "leave of somebody else": (
        (Turn(STARTED, MONDAY, ANNA, own((9, 17), leaves=((at(2, 11), at(5, 12)),))),
         Turn(HANDED, at(2, 12), BEN, LATE)),
        at(2, 17), at(3, 16),
    ),
    # Two hours, a day for the customer, then from 11 on Tuesday six and two on Wednesday.
    "a pause in between": (
        (BEGUN, Turn(PAUSED, at(2, 11), cause="CUSTOMER"), Turn(RESUMED, at(3, 11))),
        at(3, 14), at(4, 11),
    ),
    # Two hours, then Ben has it and other hours while it stands still; eight from 14 on Tuesday.
    "handed on in a pause": (
        (BEGUN, Turn(PAUSED, at(2, 11), cause="CUSTOMER"), Turn(HANDED, at(2, 12), BEN, EARLY),
         Turn(MOVED, at(2, 13), BEN, LATE), Turn(RESUMED, at(3, 11))),
        at(3, 17), at(4, 16),
    ),
    # What stood still for leave on the calendar is no working time of hers, and no pause.
    "a pause for leave": (
        (BEGUN, Turn(PAUSED, at(2, 11), cause="LEAVE"), Turn(RESUMED, at(3, 11))),
        at(2, 14), at(3, 11),
    ),
    # Due at eleven on Tuesday: neither who gets it then nor a pause moves that.
    "the deadline had passed": (
        (BEGUN, Turn(MOVED, at(3, 11), ANNA, LATE), Turn(HANDED, at(3, 12), BEN, LATE),
         Turn(PAUSED, at(3, 13), cause="CUSTOMER"), Turn(RESUMED, at(4, 13))),
        at(2, 14), at(3, 11),
    ),
    # Ten hours of nobody's: eight on the office's Monday, two on Tuesday.
    "no hours at all": ((Turn(STARTED, MONDAY, ANNA, None),), at(2, 14), at(3, 11)),
}  # fmt: skip


def retrace(turns: Sequence[Turn], under: Kit = HOLDERS) -> Retraced:
    found = retracing.of(under, under.policies[0], turns)
    counted = course.of(
        found.steps, allowance=under.policies[0].allowance, hours=lambda one: one.hours  # type: ignore[attr-defined]
    )  # fmt: skip
    assert counted[-1].due_at == found.due_at
    assert MONDAY <= found.warn_at <= found.due_at
    return found


@pytest.mark.parametrize("name", CASES)
def test_each_period_counts_by_the_hours_that_held_then(name: str) -> None:
    turns, warn_at, due_at = CASES[name]
    found = retrace(turns)
    assert (found.warn_at, found.due_at) == (warn_at, due_at)


def test_pins_say_what_counted_from_each_note_on() -> None:
    turns, _, _ = CASES["a wait in a queue in between"]
    told = [(one.kind, one.holder_id, one.pinned) for one in retrace(turns).steps]
    assert told == [
        (STARTED, ANNA, hours.to_document(DAYS)),
        (HANDED, None, hours.to_document(DAYS)),
        (MOVED, None, None),
        (HANDED, BEN, None),
        (MOVED, BEN, hours.to_document(EARLY)),
    ]


def test_who_never_works_so_long_is_held_to_the_calendar() -> None:
    once = WorkCalendar("UTC", ((),) * 7, opened=((at(2, 0).date(), ((0, 60),)),))
    seldom = Hours(once, own=True)
    found = retrace([Turn(STARTED, MONDAY, ANNA, seldom)])
    assert found.due_at == at(3, 11)
    assert found.steps[0].pinned == hours.to_document(seldom, falls_back=True)


def test_nobody_is_late_at_once_for_leave_that_was_taken_back() -> None:
    """Away from Monday noon to Friday, taken back on Thursday, when it has passed as leave."""
    away = own((9, 17), leaves=((at(2, 12), at(6, 9)),))
    found = retrace([Turn(STARTED, MONDAY, ANNA, away), Turn(MOVED, at(5, 9), ANNA, DAYS)])
    assert found.due_at == at(5, 16)  # three hours of Monday, seven of Thursday


def test_a_calendar_counts_what_is_left_of_pauses_and_nobodys_hours() -> None:
    office = kit(policy("a", minutes=600, pauses_for=["CUSTOMER", "LEAVE"]))
    turns = [
        BEGUN,
        Turn(HANDED, at(2, 10), BEN, LATE),
        Turn(PAUSED, at(2, 11), cause="LEAVE"),
        Turn(RESUMED, at(3, 11)),
    ]
    found = retrace(turns, office)
    assert (found.due_at, [one.pinned for one in found.steps]) == (at(4, 11), [None] * 4)


def running(under: Kit, turns: Sequence[Turn]) -> Running:
    found = retrace(turns, under)
    return Running(
        policy="a", obligation="accept", scope="STAGE", started_at=MONDAY, warn_at=found.warn_at,
        due_at=found.due_at, breached=False, stage="MQL", channel="FORM", turns=tuple(turns),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("leaves", "outcome"), [((), "MOVES"), (((at(2, 10), at(2, 11)),), "STAYS")]
)
def test_leave_that_would_have_been_a_pause_leaves_a_deadline_alone(
    leaves: tuple[hours.Span, ...], outcome: str
) -> None:
    clock = running(HOLDERS, [Turn(STARTED, MONDAY, ANNA, own((9, 17), leaves=leaves))])
    office = kit(policy("a", minutes=60, pauses_for=["LEAVE"]))
    found = recalculation.decide(clock, old=HOLDERS, new=office, now=at(2, 9, 30), facts=dict)
    assert found.outcome == outcome


# Any course, from scratch and counted again

OFFICE = kit(policy("a", minutes=6000, pauses_for=["CUSTOMER"]))
LONGER = kit(policy("a", minutes=6000, hours="HOLDER", pauses_for=["CUSTOMER"]))
KITS = {one.id: one for one in (HOLDERS, OFFICE, LONGER, plays.KIT)}


@pytest.fixture(autouse=True, scope="module")
def _no_database() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Pins, "_pin", plays._pin)
        patch.setattr(sweeps, "_resumes", [pauses.wake_in_time])
        patch.setattr(selectors, "kit_of", KITS.__getitem__)
        yield


@dataclass
class Both:
    """The same acts on two clocks: one that is counted again, one that counted so from scratch."""

    was: Played
    scratch: Played
    kept: dict[int, list[tuple[dt.datetime, Hours | None]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.kept = {who: [(self.was.now, works)] for who, works in self.was.works.items()}

    def act(self, gap: dt.timedelta, what: str, given_: Sequence[Any]) -> None:
        if what == "change":
            who, works = given_
            self.kept[who].append((self.was.now + gap, works))
        for one in (self.was, self.scratch):
            one.now += gap
            getattr(one, what)(*given_)

    def again(self, *, by_pins: bool) -> recalculation.Verdict:
        clock = self.was.clock
        worked = None if by_pins else self.kept.__getitem__
        turns = histories.turns(self.was.notes, worked=worked)
        one = Running(
            policy="a", obligation="accept", scope="STAGE", started_at=clock.started_at,
            warn_at=clock.warn_at, due_at=clock.due_at, breached=False, stage="MQL",
            channel="FORM", turns=turns,
        )  # fmt: skip
        old, new = self.was.kit, self.scratch.kit
        return recalculation.decide(one, old=old, new=new, now=self.was.now, facts=dict)


AWAY = {
    ANNA: ((plays.NOW + 5 * HOUR, plays.NOW + 30 * HOUR),),
    BEN: ((plays.NOW - DAY, plays.NOW + HOUR), (plays.NOW + 2 * DAY, plays.NOW + 3 * DAY)),
}
weeks = st.sampled_from([plays.EARLY, plays.LATE, DAYS.calendar])
others = st.sampled_from([ANNA, BEN]).flatmap(
    lambda who: st.tuples(
        st.just("change"), st.just(who),
        st.none() | weeks.map(lambda week: Hours(week, AWAY[who], own=True)),
    )
)  # fmt: skip
steps_of = st.lists(st.tuples(plays.gaps, plays.acts | others), max_size=8)


@pytest.mark.parametrize(("old", "by_pins"), [(OFFICE, False), (LONGER, True)])
@given(steps_of)
@settings(max_examples=150, deadline=None)
def test_counted_again_it_is_due_as_if_it_had_begun_so(old: Kit, by_pins: bool, steps: Any) -> None:
    works: dict[int, Hours | None] = {
        who: Hours(found.calendar, AWAY[who], own=True)
        for who, found in plays.WORKS.items()
        if found is not None
    }
    both = Both(Played(old, works=dict(works)), Played(plays.KIT, works=dict(works)))
    for gap, (what, *given_) in steps:
        both.act(gap, what, given_)
    clock, scratch = both.was.clock, both.scratch.clock
    assume(clock.state == ClockState.RUNNING and clock.breached_at is None)
    found = both.again(by_pins=by_pins)
    if found.outcome is Outcome.SAME:
        assert (clock.warn_at, clock.due_at) == (scratch.warn_at, scratch.due_at)
        return
    assert found.due is not None
    assert (found.due.warn_at, found.due.due_at) == (scratch.warn_at, scratch.due_at)
    told = [(note.kind, note.holder_id) for note in both.scratch.notes]
    kinds = {STARTED, HANDED, PAUSED, RESUMED}
    assert [(one.kind, one.holder_id) for one in found.steps if one.kind in kinds] == [
        one for one in told if one[0] in kinds
    ]
    for step in found.steps:
        if step.pinned:
            assert step.pinned.get("falls_back") or hours.from_document(step.pinned) == step.hours


@given(st.lists(st.tuples(plays.gaps, plays.acts | plays.changes), max_size=6))
@settings(max_examples=100, deadline=None)
def test_counted_again_by_its_own_policy_it_is_due_when_it_was(steps: Any) -> None:
    one = Played(LONGER)
    for gap, (what, *given_) in steps:
        one.now += gap
        getattr(one, what)(*given_)
    clock = one.clock
    assume(clock.state == ClockState.RUNNING and clock.breached_at is None)
    found = retracing.of(LONGER, LONGER.policies[0], histories.turns(one.notes))
    assert (found.warn_at, found.due_at) == (clock.warn_at, clock.due_at)
