"""What is kept over idle hours is shared by weight, whoever came or went in between."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from core import database
from leads.models import Lead
from lifecycle import keeping, own_time, waiting
from people.models import Leave, Shift, User
from routing.models import Assignment, Decision, Pool, PoolMember
from tests import factories, threads
from tests.factories import HOUR, MINUTE
from tests.idle_weekend import MONDAY, SATURDAY, drain, over_the_weekend, owners, weekend_pool

pytestmark = pytest.mark.django_db

NIGHT = MONDAY + 5 * HOUR
START = MONDAY + 6 * HOUR + 3 * MINUTE
NAMES = ("sam", "sue", "stan")


def kept() -> dict[str, int]:
    rows = Lead.objects.filter(kept_for__isnull=False)
    return dict(Counter(rows.values_list("kept_for__username", flat=True)))


def look(now: dt.datetime = NIGHT) -> dict[str, int]:
    """For whom leads are kept after a pass; a second one moves nothing."""
    waiting.route(now=now)
    found = whose()
    waiting.route(now=now)
    assert whose() == found
    return kept()


def whose() -> dict[int, tuple[str, dt.datetime]]:
    rows = Lead.objects.filter(kept_for__isnull=False)
    return {pk: told for pk, *told in rows.values_list("pk", "kept_for__username", "route_at")}


def comes(number: int, now: dt.datetime = NIGHT) -> list[Lead]:
    return factories.captures([factories.touch() for _ in range(number)], now=now)


@pytest.fixture
def team() -> dict[str, User]:
    """Sixteen leads kept 8:4:4 for sam, sue and stan, who all start at 6:03."""
    factories.company(reps=())
    Pool.objects.filter(key="dach").update(off_shift="SPREAD")
    made = {
        name: factories.rep(
            name,
            pools=["dach"],
            weight=weight,
            shifts=[(day, "06:03", "18:00") for day in range(5)],
        )
        for name, weight in zip(NAMES, (2, 1, 1), strict=True)
    }
    comes(16)
    assert kept() == {"sam": 8, "sue": 4, "stan": 4}
    return made


def monday_off(who: User) -> Leave:
    return own_time.take_leave(who, MONDAY.date(), MONDAY.date(), by=who, now=NIGHT)


def away(who: User, until: dt.datetime | None) -> None:
    own_time.set_away(who, until, by=who, now=NIGHT)


def ticked(who: User, *, active: bool) -> None:
    PoolMember.objects.filter(user=who).update(active=active)


def test_leave_that_is_ended_before_anybody_starts_leaves_no_trace(team: dict[str, User]) -> None:
    leave = monday_off(team["sam"])
    assert look() == {"sue": 8, "stan": 8}
    own_time.end_leave(leave.pk, by=team["sam"], now=NIGHT + MINUTE)
    assert look(NIGHT + 2 * MINUTE) == {"sam": 8, "sue": 4, "stan": 4}
    comes(4, NIGHT + 3 * MINUTE)
    drain(START)
    assert owners() == {"sam": 10, "sue": 5, "stan": 5}
    assert not PoolMember.objects.exclude(credit=0).exists()


def test_who_is_made_inactive_and_active_again_has_what_they_had(team: dict[str, User]) -> None:
    User.objects.filter(pk=team["sam"].pk).update(is_active=False)
    assert look() == {"sue": 8, "stan": 8}
    User.objects.filter(pk=team["sam"].pk).update(is_active=True)
    assert look() == {"sam": 8, "sue": 4, "stan": 4}


def test_who_is_away_and_back_changes_nothing_for_anybody(team: dict[str, User]) -> None:
    before = whose()
    away(team["sue"], NIGHT + HOUR)
    assert look() == {"sam": 8, "sue": 4, "stan": 4}
    away(team["sue"], None)
    look()
    assert whose() == before
    away(team["sue"], MONDAY + 24 * HOUR)
    assert look() == {"sam": 11, "stan": 5}
    away(team["sue"], None)
    assert look() == {"sam": 8, "sue": 4, "stan": 4}


def test_who_leaves_the_pool_and_joins_again_shares_it(team: dict[str, User]) -> None:
    leave = monday_off(team["sam"])
    look()
    ticked(team["sue"], active=False)
    assert look() == {"stan": 16}
    comes(4)
    ticked(team["sue"], active=True)
    assert look() == {"sue": 10, "stan": 10}
    own_time.end_leave(leave.pk, by=team["sam"], now=NIGHT)
    assert look() == {"sam": 10, "sue": 5, "stan": 5}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda sue: PoolMember.objects.filter(user=sue).update(weight=5),
         {"sam": 4, "sue": 10, "stan": 2}),
        (lambda sue: PoolMember.objects.filter(user=sue).update(day_cap=1),
         {"sam": 10, "sue": 1, "stan": 5}),
        (lambda sue: PoolMember.objects.filter(user=sue).update(open_cap=0),
         {"sam": 11, "stan": 5}),
        (lambda _: factories.rep("sonja", pools=["dach"], weight=4, shifts=[(0, "09:00", "18:00")]),
         {"sam": 4, "sue": 2, "stan": 2, "sonja": 8}),
        (lambda sue: Shift.objects.filter(user=sue, weekday=0).delete(), {"sam": 11, "stan": 5}),
    ],
    ids=["weight", "day cap", "open cap", "joins", "hours"],
)  # fmt: skip
def test_weights_caps_hours_and_members_count_as_they_are_now(
    team: dict[str, User], change: Callable[[User], Any], expected: dict[str, int]
) -> None:
    change(team["sue"])
    assert look() == expected


def test_no_more_leads_move_than_must(team: dict[str, User]) -> None:
    before = whose()
    PoolMember.objects.filter(user=team["sue"]).update(weight=5)
    look()
    moved = {lead: (before[lead][0], told[0]) for lead, told in whose().items()
             if told[0] != before[lead][0]}  # fmt: skip
    assert Counter(moved.values()) == {("sam", "sue"): 4, ("stan", "sue"): 2}
    of_sam = [lead for lead, told in before.items() if told[0] == "sam"]
    by_due = list(Lead.objects.filter(pk__in=of_sam).order_by("next_due_at", "pk"))
    assert {lead.pk for lead in by_due[4:]} == {lead for lead in of_sam if lead in moved}


def test_another_policy_and_back_again_shares_it_as_before(team: dict[str, User]) -> None:
    Pool.objects.filter(key="dach").update(off_shift="FIRST_BACK")
    assert look() == {}
    Pool.objects.filter(key="dach").update(off_shift="SPREAD")
    assert look() == {"sam": 8, "sue": 4, "stan": 4}


def test_what_is_kept_for_other_hours_is_kept_until_these(team: dict[str, User]) -> None:
    Shift.objects.filter(user=team["sue"], weekday=0).update(starts=dt.time(9))
    assert look() == {"sam": 8, "sue": 4, "stan": 4}
    starts = dict(whose().values())
    assert starts == {"sam": START, "stan": START, "sue": MONDAY + 9 * HOUR}
    drain(START)
    assert owners() == {"sam": 8, "stan": 4}


def test_when_all_are_off_it_is_shared_over_the_day_after(team: dict[str, User]) -> None:
    rows = [monday_off(who) for who in team.values()]
    assert look() == {"sam": 8, "sue": 4, "stan": 4}
    assert {at for _, at in whose().values()} == {START + 24 * HOUR}
    own_time.end_leave(rows[2].pk, by=team["stan"], now=NIGHT)
    assert look() == {"stan": 16}
    assert {at for _, at in whose().values()} == {START}


def test_beyond_the_room_of_an_earlier_day_it_stays_what_is_due_first_goes() -> None:
    weekend_pool(off_shift="SPREAD")
    over_the_weekend(8)
    by_due = list(Lead.objects.order_by("next_due_at", "pk").values_list("pk", flat=True))
    before = whose()
    factories.rep("dora", pools=["dach"], cap=5, shifts=[(6, "18:00", "20:00")])
    look(SATURDAY + 24 * HOUR)
    found = whose()
    assert {lead for lead, told in found.items() if told[0] == "dora"} == set(by_due[:5])
    assert all(found[lead] == before[lead] for lead in by_due[5:])


def test_once_somebody_has_started_what_is_kept_for_the_others_stays_theirs() -> None:
    team = weekend_pool(off_shift="SPREAD")
    over_the_weekend(16)
    now = MONDAY + 8 * HOUR
    drain(now)
    assert owners() == {"anna": 8}
    PoolMember.objects.filter(user=team["cleo"]).update(weight=9)
    assert look(now + MINUTE) == {"ben": 4, "cleo": 4}
    friday = MONDAY.date() + dt.timedelta(days=4)
    own_time.take_leave(team["ben"], friday, friday, by=team["ben"], now=now + MINUTE)
    assert look(now + MINUTE) == {"ben": 4, "cleo": 4}, "leave on another day changes nothing"
    own_time.set_away(team["anna"], now + 9 * HOUR, by=team["anna"], now=now + MINUTE)
    assert look(now + 2 * MINUTE) == {"ben": 4, "cleo": 4}, "nobody is there, but anna was"


def test_nobody_gets_what_they_said_was_not_theirs(team: dict[str, User]) -> None:
    monday_off(team["sam"])
    look()
    of_sue, of_stan = (
        list(Lead.objects.filter(kept_for=team[name]).order_by("-next_due_at", "-pk"))
        for name in ("sue", "stan")
    )
    refused = of_sue[:3] + of_stan
    for lead in refused:
        Assignment.objects.create(
            lead=lead, user=team["sam"], started_at=NIGHT, ended_at=NIGHT, pool="dach",
            end_reason="misrouted", automatic=True,
            started_by_event=lead.events.first(),
        )  # fmt: skip
    Leave.objects.all().delete()
    assert look() == {"sam": 4, "sue": 4, "stan": 8}, (
        "sue gives her part, though not what is due last"
    )
    assert not set(Lead.objects.filter(kept_for=team["sam"])) & set(refused)


def test_what_another_pool_keeps_counts_towards_caps_there_too(team: dict[str, User]) -> None:
    uk = Pool.objects.get(key="uk-nordics")
    Pool.objects.filter(pk=uk.pk).update(off_shift="SPREAD")
    PoolMember.objects.create(pool=uk, user=team["sam"])
    factories.captures([factories.touch(company={"country": "GB"}) for _ in range(3)], now=NIGHT)
    assert kept() == {"sam": 11, "sue": 4, "stan": 4}
    PoolMember.objects.filter(user=team["sam"]).update(open_cap=7)
    look()
    here = Lead.objects.filter(queue="dach").values_list("kept_for__username", flat=True)
    assert Counter(here) == {"sam": 4, "sue": 6, "stan": 6}
    assert Lead.objects.filter(queue="uk-nordics", kept_for=team["sam"]).count() == 3


@pytest.mark.parametrize("seed", range(6))
def test_whatever_happens_in_between_and_in_whatever_order_shares_end_by_weight(
    team: dict[str, User], seed: int
) -> None:
    chance = random.Random(seed)
    people = list(team.values())
    for _ in range(6):
        who = chance.choice(people)
        chance.choice((
            lambda who=who: ticked(who, active=chance.random() < 0.5),
            lambda who=who: away(who, MONDAY + chance.choice((7, 40)) * HOUR),
            lambda who=who: User.objects.filter(pk=who.pk).update(is_active=chance.random() < 0.5),
            lambda who=who: monday_off(who),
            lambda who=who: PoolMember.objects.filter(user=who).update(weight=chance.randint(1, 9)),
            lambda: comes(chance.randint(0, 3)),
        ))()  # fmt: skip
        if chance.random() < 0.7:
            waiting.route(now=NIGHT)
    Leave.objects.all().delete()
    User.objects.filter(pk__in=[who.pk for who in people]).update(is_active=True, away_until=None)
    for who, weight in zip(people, (2, 1, 1), strict=True):
        PoolMember.objects.filter(user=who).update(active=True, weight=weight)
    found, whole = look(), Lead.objects.count()
    assert sum(found.values()) == whole
    for who, weight in zip(people, (2, 1, 1), strict=True):
        assert abs(found[who.username] - whole * weight / 4) < 1


def test_thousands_are_shared_anew_by_the_same_few_questions(
    team: dict[str, User],
    django_assert_max_num_queries: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    comes(184)
    monkeypatch.setattr(keeping, "AT_ONCE", 60)
    monday_off(team["sam"])
    for expected in ({"sam": 40}, {}):
        with django_assert_max_num_queries(30):
            assert keeping.share_anew(now=NIGHT) == (60 if expected else 40)
        assert kept().get("sam", 0) == expected.get("sam", 0)
    with django_assert_max_num_queries(12):
        assert keeping.share_anew(now=NIGHT) == 0


def test_the_worker_goes_by_the_clock_of_the_database(team: dict[str, User]) -> None:
    Lead.objects.all().update(route_at=None, kept_for=None, queue="elsewhere")
    now = database.now()
    Shift.objects.exclude(weekday=0).delete()
    Shift.objects.exclude(weekday=0).delete()
    Shift.objects.update(weekday=(now.weekday() + 2) % 7)
    comes(8, now)
    User.objects.filter(pk=team["sam"].pk).update(is_active=False)
    assert keeping.share_anew() == 4
    assert kept() == {"sue": 4, "stan": 4}


def test_a_fault_keeps_no_lead_waiting(
    team: dict[str, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> int:
        raise LookupError("broken")

    monkeypatch.setattr(keeping, "_rewrite", fails)
    away(team["sue"], MONDAY + 30 * HOUR)
    monday_off(team["stan"])
    drain(START)
    assert owners()["sam"] >= 8
    assert not Decision.objects.filter(picked__in=[team["sue"], team["stan"]]).exists()


@pytest.mark.django_db(transaction=True)
def test_several_passes_and_new_leads_at_once_end_in_the_same_shares() -> None:
    factories.company(reps=())
    Pool.objects.filter(key="dach").update(off_shift="SPREAD")
    shifts = [(day, "06:03", "18:00") for day in range(5)]
    sam, sue, _ = (
        factories.rep(name, pools=["dach"], weight=weight, shifts=shifts)
        for name, weight in zip(NAMES, (2, 1, 1), strict=True)
    )
    comes(40)
    leave = monday_off(sam)
    waiting.route(now=NIGHT)
    assert kept() == {"sue": 20, "stan": 20}

    def back() -> None:
        own_time.end_leave(leave.pk, by=sam, now=NIGHT)
        waiting.route(now=NIGHT)

    def comes_and_goes() -> None:
        ticked(sue, active=False)
        waiting.route(now=NIGHT)
        ticked(sue, active=True)
        waiting.route(now=NIGHT)

    faults = threads.together([back, comes_and_goes, lambda: comes(4), comes_and_goes])
    assert not [fault for fault in faults if isinstance(fault, Exception)]
    assert look(NIGHT + 2 * MINUTE) == {"sam": 22, "sue": 11, "stan": 11}


@pytest.mark.django_db(transaction=True)
def test_of_two_passes_at_once_the_second_counts_what_the_first_moved() -> None:
    factories.company(reps=())
    Pool.objects.filter(key="dach").update(off_shift="SPREAD")
    shifts = [(day, "06:03", "18:00") for day in range(5)]
    sam, _ = (factories.rep(name, pools=["dach"], shifts=shifts) for name in ("sam", "sue"))
    leave = monday_off(sam)
    comes(30)
    assert kept() == {"sue": 30}
    Leave.objects.filter(pk=leave.pk).delete()
    first, second = threads.in_turn(*[lambda: keeping.share_anew(now=NIGHT)] * 2)
    assert (first, second) == (15, 0)
    assert kept() == {"sam": 15, "sue": 15}
