"""Leads nobody can take at once: held over idle hours, on call, drained by what is due first."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter

import pytest

from leads.models import Lead
from lifecycle import actions, waiting
from lifecycle.invariants import run
from people.models import Leave, Shift, User
from routing.models import Decision, PoolMember
from tests import factories
from tests.factories import HOUR, MINUTE
from tests.idle_weekend import MONDAY, SATURDAY, drain, over_the_weekend, owners, weekend_pool

pytestmark = pytest.mark.django_db


def test_a_weekend_is_shared_by_weight_and_not_by_who_logs_in_first() -> None:
    weekend_pool(off_shift="SPREAD")
    over_the_weekend(90)
    assert not owners()
    drain(MONDAY + 7 * HOUR)
    assert not owners()
    drain(MONDAY + 8 * HOUR)
    assert owners() == {"anna": 45}
    drain(MONDAY + 9 * HOUR)
    drain(MONDAY + 10 * HOUR)
    shares = owners()
    assert shares.total() == 90
    assert abs(shares["anna"] - 45) <= 1
    assert abs(shares["ben"] - 22.5) <= 1
    assert abs(shares["cleo"] - 22.5) <= 1
    assert not PoolMember.objects.exclude(credit=0).exists()


def test_nobody_is_kept_more_than_their_cap_and_the_rest_goes_to_the_others() -> None:
    weekend_pool(off_shift="SPREAD")
    PoolMember.objects.filter(user__username="anna").update(open_cap=20)
    PoolMember.objects.filter(user__username="ben").update(open_cap=5)
    over_the_weekend(60)
    drain(MONDAY + 10 * HOUR)
    assert owners() == {"anna": 20, "ben": 5, "cleo": 35}


def test_while_it_waits_a_held_lead_says_for_whom_and_is_accounted_for() -> None:
    weekend_pool(off_shift="SPREAD")
    (lead,) = over_the_weekend(1)
    assert lead.queue == "dach"
    assert lead.kept_for is not None
    assert lead.route_at == MONDAY + 8 * HOUR
    assert lead.next_due_at is not None
    decision = Decision.objects.get(lead=lead)
    assert decision.picked is None
    assert decision.because == "nobody works now: kept for Anna until they start"


def test_what_is_kept_for_somebody_who_then_is_ill_goes_to_whoever_is_at_work() -> None:
    team = weekend_pool(off_shift="SPREAD")
    over_the_weekend(8)
    Leave.objects.create(
        user=team["anna"], starts_at=MONDAY, ends_at=MONDAY + 24 * HOUR, reason="ill"
    )
    drain(MONDAY + 8 * HOUR)
    assert not owners()
    drain(MONDAY + 9 * HOUR)
    drain(MONDAY + 10 * HOUR)
    assert owners().total() == 8
    assert owners()["anna"] == 0


def test_what_is_kept_for_who_will_not_be_there_is_kept_for_another_at_once() -> None:
    team = weekend_pool(off_shift="SPREAD")
    over_the_weekend(8)
    now = SATURDAY + HOUR
    waiting.route(now=now)
    kept = Counter(Lead.objects.values_list("kept_for__username", flat=True))
    assert kept == {"anna": 4, "ben": 2, "cleo": 2}
    Leave.objects.create(user=team["anna"], starts_at=MONDAY, ends_at=MONDAY + 24 * HOUR)
    waiting.route(now=now)
    kept = Counter(Lead.objects.values_list("kept_for__username", flat=True))
    assert kept == {"ben": 4, "cleo": 4}
    User.objects.filter(pk=team["ben"].pk).update(is_active=False)
    User.objects.filter(pk=team["cleo"].pk).update(away_until=MONDAY + 40 * HOUR)
    waiting.route(now=now)
    rows = Lead.objects.values_list("kept_for__username", "route_at")
    assert {row[0] for row in rows} == {"anna", "cleo"}
    assert min(at for _, at in rows if at) == MONDAY + 32 * HOUR
    assert waiting.route(now=now) == 0


def test_the_first_back_takes_the_weekend_where_the_pool_says_so() -> None:
    weekend_pool(off_shift="FIRST_BACK")
    over_the_weekend(10)
    drain(MONDAY + 8 * HOUR)
    assert owners() == {"anna": 10}


def test_who_is_on_call_takes_leads_while_nobody_works_and_the_decision_says_so() -> None:
    weekend_pool(off_shift="ON_CALL")
    PoolMember.objects.filter(user__username__in=["ben", "cleo"]).update(on_call=True)
    Leave.objects.create(
        user=User.objects.get(username="cleo"), starts_at=SATURDAY - HOUR, ends_at=MONDAY
    )
    (lead,) = over_the_weekend(1)
    assert lead.owner is not None
    assert lead.owner.username == "ben"
    decision = Decision.objects.get(lead=lead)
    assert decision.because == "on call while nobody works, next in the weighted rotation"
    assert {one["excluded"] for one in decision.candidates} == {"off shift", "on leave", None}


def test_on_call_ends_when_somebody_is_at_work() -> None:
    weekend_pool(off_shift="ON_CALL")
    PoolMember.objects.filter(user__username="cleo").update(on_call=True)
    factories.captures([factories.touch() for _ in range(4)], now=MONDAY + 8 * HOUR)
    assert owners() == {"anna": 4}


def queue_of(number: int, *, now: dt.datetime) -> list[int]:
    """So many leads that wait in `dach` where everybody is at their cap, due in mixed order."""
    factories.captures([factories.touch() for _ in range(number)], now=now)
    leads = list(Lead.objects.filter(queue="dach"))
    chance = random.Random(5)
    due = [now + MINUTE * minute for minute in chance.sample(range(10_000), len(leads))]
    for lead, at in zip(leads, due, strict=True):
        lead.next_due_at = at
    Lead.objects.bulk_update(leads, ["next_due_at"])
    return list(
        Lead.objects.filter(queue="dach").order_by("next_due_at").values_list("pk", flat=True)
    )


def taken() -> list[int]:
    """Leads in the order in which they got an owner."""
    found = Decision.objects.filter(picked__isnull=False).order_by("pk")
    return list(found.values_list("lead_id", flat=True))


def test_a_queue_of_five_hundred_drains_in_the_order_of_what_is_due() -> None:
    factories.company(reps=("anna",))
    PoolMember.objects.update(open_cap=0)
    by_due = queue_of(500, now=factories.NOW)
    assert len(by_due) == 500
    at = factories.NOW + MINUTE
    for room in (1, 7, 300, 301, 600):
        PoolMember.objects.update(open_cap=room)
        drain(at)
        assert Lead.objects.filter(queue="").count() == min(room, 500)
        at += MINUTE
    assert taken() == by_due


def test_room_is_seen_at_once_however_it_came_about() -> None:
    company = factories.company(reps=("anna", "ben"))
    anna, ben = company.reps
    PoolMember.objects.filter(user=anna).update(open_cap=1)
    PoolMember.objects.filter(user=ben).update(active=False)
    held = factories.capture()
    first, second, third, fourth = queue_of(4, now=factories.NOW)
    now = factories.NOW + MINUTE
    assert waiting.route(now=now) == 0

    actions.disqualify(lead_id=held.pk, by=anna, reason="no_need", note="x", now=now)
    assert waiting.route(now=now) == 1
    assert taken()[1:] == [first]

    PoolMember.objects.filter(user=anna).update(open_cap=2)
    assert waiting.route(now=now) == 1

    User.objects.filter(pk=ben.pk).update(away_until=now + HOUR)
    PoolMember.objects.filter(user=ben).update(active=True, open_cap=1)
    assert waiting.route(now=now) == 0
    User.objects.filter(pk=ben.pk).update(away_until=None)
    assert waiting.route(now=now) == 1

    Shift.objects.filter(user=ben).delete()
    PoolMember.objects.filter(user=ben).update(open_cap=9)
    assert waiting.route(now=now) == 0
    Shift.objects.create(user=ben, weekday=1, starts=dt.time(0), ends=dt.time(0))
    assert waiting.route(now=now) == 1
    assert taken()[1:] == [first, second, third, fourth]


@pytest.mark.parametrize("days", [8, 100])
def test_no_lead_is_too_old_to_be_given_to_somebody(days: int) -> None:
    (rep,) = factories.company(reps=("anna",)).reps
    PoolMember.objects.filter(user=rep).update(open_cap=0)
    lead = factories.capture()
    assert lead.owner is None
    PoolMember.objects.filter(user=rep).update(open_cap=None)
    assert waiting.route(now=factories.NOW + dt.timedelta(days=days)) == 1
    lead.refresh_from_db()
    assert lead.owner == rep


def test_a_lead_that_fails_though_there_is_room_is_not_tried_at_every_pass(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    factories.company(reps=("anna",))
    PoolMember.objects.update(open_cap=0)
    queue_of(1, now=factories.NOW)
    PoolMember.objects.update(open_cap=5)
    tries = []

    def refuse(cases: list[object], **_: object) -> None:
        tries.append(len(cases))
        raise LookupError("broken")

    monkeypatch.setattr(waiting.ownership, "route", refuse)
    for second in range(30):
        waiting.route(now=factories.NOW + MINUTE + dt.timedelta(seconds=second))
    assert tries == [1]
    monkeypatch.undo()
    assert waiting.route(now=factories.NOW + 3 * MINUTE) == 1


def test_a_pass_over_pools_without_room_asks_the_same_few_questions(
    django_assert_max_num_queries: object,
) -> None:
    factories.company(reps=("anna",))
    PoolMember.objects.update(open_cap=0)
    queue_of(5, now=factories.NOW)
    with django_assert_max_num_queries(8):  # type: ignore[operator]
        waiting.route(now=factories.NOW + MINUTE)


def test_held_leads_keep_every_invariant() -> None:
    weekend_pool(off_shift="SPREAD")
    over_the_weekend(5)
    for now in (SATURDAY + HOUR, MONDAY + 8 * HOUR):
        drain(now)
        found = [one for one in run.check(now=now) if one.found.count]
        undelivered = {"outbox.delivered", "kit_outbox.delivered", "clock.breach_seen"}
        assert {one.invariant.key for one in found} <= undelivered
