"""Turns of the past: fair, never over a cap, nobody off shift, everybody waiting is served."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from core import work_calendar, worktime
from lifecycle.simulation import rota
from lifecycle.simulation.judging import Mark, Marked
from lifecycle.simulation.rota import Entry, Played
from lifecycle.simulation.staff import Hold, Pools, Staff
from people.availability import Availability
from routing.models import Pool, PoolMember
from tests.factories import DAY, HOUR, MINUTE, NOW
from tests.kit_findings import compiled

KIT = compiled()
UNTIL = NOW + 30 * DAY
WEEK = {day: [["08:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
OFFICE = work_calendar.from_document({"zone": "UTC", "week": WEEK, "closed": [], "opened": {}})


def pools(*users: int, cap: int | None = None, weights: Sequence[int] = ()) -> Pools:
    pool = Pool(key="dach", label="DACH", pk=1)
    shares = weights or [1] * len(users)
    members = [
        PoolMember(pool=pool, user_id=user, weight=weight, open_cap=cap)
        for user, weight in zip(users, shares, strict=True)
    ]
    return Pools({"dach": pool}, {"dach": members})


def staff(*users: int, hours: Any = worktime.ALWAYS, **more: Any) -> Staff:
    return Staff([NOW], [{user: Availability(active=True, hours=hours, **more) for user in users}])


def mark(at: dt.datetime, what: Mark, order: int = 0, **more: Any) -> Marked:
    given = {"stage": "MQL", "astray": False, "known": {}, **more}
    return Marked(at=at, order=order, mark=what, **given)


def asks(lead: int, at: dt.datetime, *, held: dt.timedelta | None = None, **more: Any) -> Entry:
    marks = [mark(at, Mark.ASKS, lead, pool="dach", **more)]
    if held is not None:
        marks.append(mark(at + held, Mark.LET_GO, lead))
    return Entry(lead, None, marks)


def play(
    entries: Sequence[Entry], some: Pools, who: Staff, *, holds: Sequence[Hold] = ()
) -> Played:
    return rota.play(
        entries, some, who, holds, KIT, since=NOW, until=UNTIL, usual=2 * DAY, told=None
    )


def owners(played: Played, *leads: int) -> list[int | None]:
    return [played.of(lead)[0][1].user for lead in leads]


@given(st.integers(1, 60), st.integers(1, 5))
def test_turns_are_fair(count: int, reps: int) -> None:
    users = tuple(range(1, reps + 1))
    played = play(
        [asks(n, NOW + n * MINUTE) for n in range(1, count + 1)], pools(*users), staff(*users)
    )
    given_to = Counter(owners(played, *range(1, count + 1)))
    assert sum(given_to.values()) == count
    assert max(given_to.values()) - min(given_to[user] for user in users) <= 1


def test_weights_are_kept() -> None:
    entries = [asks(n, NOW + n * MINUTE) for n in range(1, 31)]
    played = play(entries, pools(1, 2, weights=(2, 1)), staff(1, 2))
    assert Counter(owners(played, *range(1, 31))) == {1: 20, 2: 10}


@given(
    st.lists(st.tuples(st.integers(0, 300), st.integers(10, 200)), min_size=1, max_size=30),
    st.integers(1, 3),
)
def test_nobody_is_over_the_cap_and_nobody_waits_while_there_is_room(
    visits: list[tuple[int, int]], cap: int
) -> None:
    entries = [
        asks(n, NOW + at * MINUTE, held=held * MINUTE)
        for n, (at, held) in enumerate(visits, start=1)
    ]
    played = play(entries, pools(1, 2, cap=cap), staff(1, 2))
    assert all(one.most <= cap for one in played.load.values())
    told = {entry.lead: played.of(entry.lead)[0][1].at for entry in entries}
    spans = [(at, entry.marks[1].at) for entry in entries if (at := told[entry.lead]) is not None]
    for entry in entries:
        asked, gone = entry.marks[0].at, entry.marks[1].at
        taken = told[entry.lead] or gone
        assert asked <= taken <= gone
        if taken > asked:
            assert sum(since <= asked <= until for since, until in spans) >= 2 * cap


def test_who_comes_by_night_waits_for_the_next_shift_in_order() -> None:
    night = dt.datetime(2026, 3, 3, 22, tzinfo=dt.UTC)
    entries = [asks(2, night), asks(1, night + HOUR)]
    told: list[int] = []
    some, who = pools(1, 2), staff(1, 2, hours=OFFICE)
    played = rota.play(
        entries, some, who, (), KIT, since=NOW, until=UNTIL, usual=DAY,
        told=lambda lead, story: told.append(lead),
    )  # fmt: skip
    morning = dt.datetime(2026, 3, 4, 8, tzinfo=dt.UTC)
    assert [played.of(lead)[0][1].at for lead in (2, 1)] == [morning, morning]
    assert told == [2, 1]
    assert played.waited == {"dach": 2}


def test_a_pool_may_look_ahead_to_the_next_shift() -> None:
    some = pools(1)
    some.pools["dach"].look_ahead_minutes = 120
    played = play([asks(1, NOW.replace(hour=6))], some, staff(1, hours=OFFICE))
    assert played.of(1)[0][1].at == NOW.replace(hour=6)


def test_who_is_on_leave_gets_nothing_until_back() -> None:
    away = staff(1, leaves=((NOW - DAY, NOW + 3 * DAY),))
    played = play([asks(1, NOW + HOUR)], pools(1), away)
    assert played.of(1)[0][1].at == NOW + 3 * DAY


def test_a_lead_is_held_until_it_is_let_go_and_frees_its_place() -> None:
    entries = [asks(1, NOW, held=HOUR), asks(2, NOW + MINUTE)]
    played = play(entries, pools(1, cap=1), staff(1))
    assert played.of(2)[0][1].at == NOW + HOUR


def test_leads_outside_the_replay_count_towards_the_load() -> None:
    busy = [Hold(1, NOW - DAY, NOW + HOUR)]
    played = play([asks(1, NOW + MINUTE)], pools(1, cap=1), staff(1), holds=busy)
    assert played.of(1)[0][1].at == NOW + HOUR


def test_a_lead_that_nobody_really_held_is_held_as_long_as_usual() -> None:
    entries = [asks(1, NOW, astray=True), asks(2, NOW + MINUTE)]
    played = play(entries, pools(1, cap=1), staff(1))
    assert played.of(2)[0][1].at == NOW + 2 * DAY


def test_a_lead_handed_on_burdens_the_other() -> None:
    marks = [mark(NOW, Mark.ASKS, 1, pool="dach"), mark(NOW + HOUR, Mark.HANDED, 1, user=2)]
    played = play([Entry(1, None, marks)], pools(1, 2), staff(1, 2))
    loads = rota.loads(played)
    assert (loads[1].held, loads[2].held, loads[1].given, loads[2].given) == (0, 1, 1, 0)


def test_routed_anew_it_goes_to_somebody_else() -> None:
    marks = [mark(NOW, Mark.ASKS, 1, pool="dach"),
             mark(NOW + HOUR, Mark.ASKS, 2, pool="dach", anew=True)]  # fmt: skip
    played = play([Entry(1, None, marks)], pools(1, 2), staff(1, 2))
    first, second = (told.user for _, told in played.of(1))
    assert {first, second} == {1, 2}


def test_an_unknown_pool_takes_nobody() -> None:
    marks = [mark(NOW, Mark.ASKS, 1, pool="moon")]
    played = play([Entry(1, None, marks)], pools(1), staff(1))
    ((_, told),) = played.of(1)
    assert (told.pool, told.user) == ("", None)


def test_who_waits_to_the_end_has_waited() -> None:
    nobody = staff(1, away_until=UNTIL + DAY)
    played = play([asks(1, NOW)], pools(1), nobody)
    ((_, told),) = played.of(1)
    assert (told.pool, told.user, told.at) == ("dach", None, None)
