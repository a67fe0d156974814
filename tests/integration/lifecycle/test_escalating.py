"""Levels that act: who does nothing loses the lead to somebody who is there, never to nobody."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leads.models import EventKind, Lead, LeadEvent
from lifecycle import actions, jobs, notices
from lifecycle.invariants import run as invariants
from lifecycle.models import Notice
from people.models import Leave, User
from routing import asked_pool, batch, decision_seen, escalation, replay
from routing.discretion import Sight
from routing.models import Assignment, Decision, Pool, PoolMember
from routing.redeciding import Supposed
from sla import sweeps
from sla.models import Clock
from tests import factories
from tests.acting_levels import ANEW, DUE, company, text
from tests.factories import DAY, HOUR, MINUTE, NOW
from web.console import decision_words

pytestmark = pytest.mark.django_db


def fresh(lead: Lead) -> Lead:
    return Lead.objects.select_related("owner").get(pk=lead.pk)


def sweep(at: dt.datetime) -> None:
    assert jobs.sweep(at)["errors"] == 0
    factories.check_rules()
    broken = [one for one in invariants.check(now=at + MINUTE, replay=50) if one.broken]
    assert {one.invariant.key: one.found.offences for one in broken} == {}


def acted(lead: Lead) -> list[dict[str, Any]]:
    rows = LeadEvent.objects.filter(lead=lead, kind=EventKind.ESCALATED).order_by("sequence")
    return [row.because for row in rows]


def legs(lead: Lead) -> list[tuple[str, str]]:
    rows = Assignment.objects.filter(lead=lead).order_by("started_at", "pk").select_related("user")
    return [(row.user.username, row.end_reason) for row in rows]


def away(*users: User, since: dt.datetime = NOW + MINUTE) -> None:
    for user in users:
        Leave.objects.create(user=user, starts_at=since, ends_at=since + 30 * DAY)


def names(user: User, backup: User | None) -> None:
    User.objects.filter(pk=user.pk).update(backup=backup)


def test_who_does_nothing_loses_it_to_the_next_and_after_three_the_manager_has_it() -> None:
    here = company(
        "anna", "ben", "cleo", "dora",
        scope="OWNERSHIP",
        one={**ANEW, "then": "two"},
        two={"after_minutes": 60, "act": "MANAGER"},
    )  # fmt: skip
    Pool.objects.filter(key="dach").update(skips_holders=2)
    lead = factories.capture()
    held = [fresh(lead).owner]
    for step in range(1, 5):
        sweep(NOW + 2 * step * HOUR - MINUTE)
        assert fresh(lead).owner == held[-1]
        sweep(NOW + step * (2 * HOUR + MINUTE))
        held.append(fresh(lead).owner)
    assert set(held[:4]) <= set(here.reps)
    for place, one in enumerate(held[:4]):
        assert one not in held[max(0, place - 2) : place]
    assert held[4] == here.manager
    why = "escalated: level one of clock accept"
    assert [ended for _, ended in legs(lead)] == [why, why, why,
        "escalated: level two of clock accept", ""]  # fmt: skip
    assert [row["acted"] for row in acted(lead)] == [True, True, True, False, True]
    assert acted(lead)[3]["why"] == "it was given anew as often as the level says"
    rows = Assignment.objects.filter(lead=lead).order_by("started_at")
    assert [row.ended_at for row in rows][:-1] == [row.started_at for row in rows][1:]
    for hours in (10, 11, 12, 14):
        sweep(NOW + hours * HOUR + 30 * MINUTE)
        assert fresh(lead).owner == here.manager  # there is nobody behind them
    assert acted(lead)[-1]["why"] == "it stays with the manager who has it"
    actions.accept(
        lead_id=lead.pk, by=here.manager, icp_confirmed=True, reachable=True, now=NOW + 15 * HOUR
    )
    sweep(NOW + 9 * DAY)
    assert fresh(lead).owner == here.manager


def test_who_did_nothing_gets_it_no_more_while_others_are_left() -> None:
    here = company(scope="OWNERSHIP", one={**ANEW, "times": 5, "then": "two"},
                   two={"after_minutes": 60, "act": "QUEUE", "pool": "dach"})  # fmt: skip
    lead = factories.capture()
    for hours in range(2, 16):
        sweep(NOW + hours * HOUR + MINUTE)
    held = [name for name, _ in legs(lead)]
    assert sorted(held) == sorted(one.username for one in here.reps)
    assert fresh(lead).queue == "dach"
    assert escalation.NOBODY_CAN in [row.get("why") for row in acted(lead)]


def test_nobody_gets_back_what_they_missed() -> None:
    here = company(
        one={**ANEW, "then": "two"},
        two={"after_minutes": 60, "act": "BACKUP", "then": "three"},
        three={"after_minutes": 120, "act": "MANAGER"},
    )
    lead = factories.capture()
    first = fresh(lead).owner
    sweep(DUE + MINUTE)
    second = fresh(lead).owner
    assert first is not None
    assert second not in (None, first)
    names(second, first)
    names(first, None)
    sweep(DUE + HOUR + 2 * MINUTE)
    assert fresh(lead).owner == here.manager


def test_a_stage_clock_runs_on_and_its_levels_act_one_after_the_other() -> None:
    here = company(
        one={**ANEW, "then": "two"},
        two={"after_minutes": 60, "act": "BACKUP", "then": "three"},
        three={"after_minutes": 120, "act": "MANAGER"},
    )
    lead = factories.capture()
    clock = Clock.objects.get(lead=lead, obligation="accept")
    first = fresh(lead).owner
    sweep(DUE + MINUTE)
    second = fresh(lead).owner
    assert second not in (None, first)
    backup = next(one for one in here.reps if one not in (first, second))
    names(second, backup)
    sweep(DUE + HOUR)
    assert fresh(lead).owner == second  # a minute short of its hour
    sweep(DUE + HOUR + MINUTE)
    assert fresh(lead).owner == backup
    sweep(DUE + 3 * HOUR)
    assert fresh(lead).owner == here.manager
    clock.refresh_from_db()
    assert (clock.state, clock.holder, clock.due_at) == ("RUNNING", here.manager, DUE)
    told = Decision.objects.filter(lead=lead).order_by("pk")
    assert [(row.moment, row.target, row.picked) for row in told] == [
        ("INBOUND", "POOL", first),
        ("INBOUND", "POOL", second),
        ("ESCALATION", "BACKUP", backup),
        ("ESCALATION", "MANAGER", here.manager),
    ]
    assert {row.kit_id for row in told} == {clock.kit_id}
    actions.reassign(
        lead_id=lead.pk, by=here.manager, to=first.pk, reason="Yours again.", now=DUE + 4 * HOUR
    )
    sweep(DUE + 9 * HOUR)
    assert fresh(lead).owner == first


def test_a_worker_that_was_down_takes_no_time_from_whoever_gets_it() -> None:
    here = company(
        one={**ANEW, "then": "two"}, two={"after_minutes": 60, "act": "MANAGER"}
    )  # fmt: skip
    lead = factories.capture()
    late = DUE + 5 * HOUR
    sweep(late)
    assert fresh(lead).owner in here.reps
    assert len(acted(lead)) == 1
    sweep(late + HOUR - MINUTE)
    assert fresh(lead).owner in here.reps
    sweep(late + HOUR)
    assert fresh(lead).owner == here.manager


def test_absent_backups_are_followed_to_one_who_is_there_and_circles_end() -> None:
    here = company(
        "anna", "ben", "cleo", "dora",
        one={"act": "BACKUP", "then": "two"}, two={"after_minutes": 60, "act": "MANAGER"},
    )  # fmt: skip
    anna, ben, cleo, dora = here.reps
    PoolMember.objects.exclude(user=anna).filter(user__in=here.reps).update(active=False)
    for user, backup in ((anna, ben), (ben, cleo), (cleo, dora)):
        names(user, backup)
    away(ben)
    User.objects.filter(pk=cleo.pk).update(is_active=False)
    lead, other = factories.captures([factories.touch(), factories.touch()])
    sweep(DUE + MINUTE)
    assert fresh(lead).owner == dora
    tried = Decision.objects.get(lead=lead, moment="ESCALATION").tried
    assert [one.get("refused", "") for one in tried] == ["on leave", "inactive", ""]
    assert tried[-1]["meant"]["by"] == "Cleo"
    assert fresh(other).owner == dora
    names(dora, anna)
    third = factories.capture(now=DUE + HOUR)
    away(dora, since=DUE + 2 * HOUR)
    sweep(DUE + 3 * HOUR + MINUTE)
    assert fresh(third).owner == here.manager  # all of them, then anna again: a circle
    assert [one["acted"] for one in acted(third)] == [False, True]


@pytest.mark.parametrize("state", ["inactive", "on leave", "at cap", "off shift", "none", "there"])
def test_a_backup_the_kit_names_has_it_only_if_they_can_take_it(state: str) -> None:
    here = company(one={"act": "BACKUP", "rep": "zoe", "then": "two"},
                   two={"after_minutes": 60, "act": "QUEUE", "pool": "dach"})  # fmt: skip
    if state != "none":
        shifts = {"shifts": ()} if state == "off shift" else {}
        zoe = factories.rep(
            "zoe", pools=["americas"], cap=0 if state == "at cap" else None, **shifts
        )
        if state == "inactive":
            User.objects.filter(pk=zoe.pk).update(is_active=False)
        if state == "on leave":
            away(zoe)
    lead = factories.capture()
    sweep(DUE + MINUTE)
    now = fresh(lead)
    if state == "there":
        assert now.owner is not None
        assert now.owner.username == "zoe"
        return
    assert (now.owner, now.queue, now.route_at) == (None, "dach", None)
    [last] = LeadEvent.objects.filter(lead=lead, kind=EventKind.QUEUED)
    assert last.because["again"] == "escalated"
    sweep(DUE + DAY)
    assert fresh(lead).owner is None  # people claim it; routing leaves it alone
    actions.claim(lead_id=lead.pk, by=here.reps[1], now=DUE + DAY)
    assert fresh(lead).owner == here.reps[1]
    sweep(DUE + DAY + MINUTE)


def test_another_pool_gives_it_by_its_strategy_and_where_nobody_can_the_next_level_comes() -> None:
    company(one={"act": "POOL", "pool": "americas", "then": "two"},
            two={"after_minutes": 60, "tell": ["MANAGERS"]})  # fmt: skip
    zoe = factories.rep("zoe", pools=["americas"], cap=1)
    Pool.objects.filter(key="americas").update(manager=User.objects.get(username="mia"))
    lead, other = factories.captures([factories.touch(), factories.touch()])
    sweep(DUE + MINUTE)
    first, last = sorted((fresh(lead), fresh(other)), key=lambda one: one.owner_id is None)
    assert first.owner == zoe
    made = Decision.objects.get(lead=first, moment="ESCALATION")
    assert (made.pool, made.target, made.turn) == ("americas", "POOL", 1)
    # Nobody further: told to the managers at once, and then the queue of its own pool.
    assert (last.owner, last.queue, last.route_at) == (None, "dach", None)
    assert [row["level"] for row in acted(last)] == ["one", "two"]
    assert acted(last)[-1]["last_resort"]
    assert [ended for _, ended in legs(last)] == ["escalated: level last_resort of clock accept"]


@pytest.mark.parametrize("full", [batch.FULL, 1])
def test_the_record_keeps_the_pool_that_was_asked_in_vain(
    full: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "FULL", full)  # of large pools, too
    here = company(one={"act": "POOL", "pool": "americas", "then": "two"},
                   two={"after_minutes": 60, "act": "MANAGER"})  # fmt: skip
    zoe = factories.rep("zoe", pools=["americas"], cap=0)
    yan = factories.rep("yan", pools=["americas"], shifts=())
    lead = factories.capture()
    sweep(DUE + MINUTE)
    made = Decision.objects.select_related("kit", "snapshot").get(lead=lead, moment="ESCALATION")
    assert (made.target, made.picked, made.candidates) == ("MANAGER", here.manager, [])
    (asked,) = asked_pool.in_record(made.tried)
    assert asked["pool"] == "americas"
    assert {one["user"]: one["excluded"] for one in asked["candidates"]} == {
        zoe.pk: "at the cap: 0 of 0 open leads", yan.pk: "off shift",
    }  # fmt: skip
    assert replay.of(made).is_same
    would = replay.suppose(made, [Supposed(zoe.pk, has_room=True)])
    assert (would.user, would.unknown) == (zoe.pk, "")
    assert would.match is not None
    assert (would.match.pool, would.match.target) == ("americas", "POOL")
    assert replay.suppose(made, [Supposed(zoe.pk, at_work=True)]).user == here.manager.pk
    told = decision_words.of_record(
        decision_seen.of(made, Sight(zoe.pk)), kit=1, pool="DACH",
        names={zoe.pk: "Zoe", yan.pk: "Yan", here.manager.pk: "Mia"}, reader_id=zoe.pk,
    )  # fmt: skip
    assert "was asked before: none of its 2 could take it" in told.candidates_line
    assert told.of_reader == "Why not you: excluded: at the cap: 0 of 0 open leads."
    assert {one.name: one.text for one in told.candidates}["Yan"] == "Excluded: off shift"
    (hidden,) = asked_pool.in_record(decision_seen.of(made, Sight(yan.pk)).tried)
    assert {one["user"]: "open_cap" in one for one in hidden["candidates"]} == {
        zoe.pk: False, yan.pk: True,
    }  # fmt: skip
    # Records of before hold no such pool, and say the same as they did.
    made.tried = [{k: v for k, v in one.items() if k != "asked"} for one in made.tried]
    assert replay.of(made).is_same


def test_whoever_acts_at_that_instant_keeps_it() -> None:
    company(one=ANEW)
    lead = factories.capture()
    owner = fresh(lead).owner
    assert owner is not None
    at = DUE + MINUTE
    actions.accept(lead_id=lead.pk, by=owner, icp_confirmed=True, reachable=True, now=at)
    sweep(at)
    assert fresh(lead).owner == owner
    assert acted(lead) == []


def test_two_clocks_of_one_lead_move_it_once_at_a_time() -> None:
    document = text(one={**ANEW, "then": "two"}, two={"after_minutes": 600, "tell": ["REVOPS"]})
    for entry in document["parts"]["clock_policy"]:
        if entry["key"] == "first_contact.form":
            entry |= {"escalation": "one", "minutes": 120, "calendar": "always"}
    factories.company(reps=("anna", "ben", "cleo"), text=document)
    lead = factories.capture()
    sweep(DUE + MINUTE)
    assert len(legs(lead)) == 2
    assert sorted(row["acted"] for row in acted(lead)) == [False, True]


def test_a_level_that_only_tells_leaves_the_lead_where_it_is() -> None:
    company(one={"tell": ["HOLDER"]})
    lead = factories.capture()
    owner = fresh(lead).owner
    sweep(DUE + MINUTE)
    assert fresh(lead).owner == owner
    assert "act" not in acted(lead)[0]


def test_old_and_new_owner_read_why() -> None:
    company(one=ANEW)
    lead = factories.capture()
    before = fresh(lead).owner
    sweep(DUE + MINUTE)
    while notices.drain(now=DUE + MINUTE).done:
        pass
    after = fresh(lead).owner
    old = Notice.objects.get(to=before, kind="ESCALATED", lead=lead)
    new = Notice.objects.get(to=after, kind="ASSIGNED", lead=lead)
    assert old.words["holder"] == after.pk
    assert (new.words["level"], new.words["label"]) == ("Level one", "Accept or reject")


def test_any_number_of_leads_is_escalated_with_the_same_queries() -> None:
    company("anna", "ben", "cleo", "dora",
            one={**ANEW, "then": "two"}, two={"after_minutes": 60, "act": "BACKUP"})  # fmt: skip

    def asked(count: int, at: dt.datetime) -> int:
        factories.captures([factories.touch() for _ in range(count)], now=at)
        sweeps.warn_and_breach(now=at + 2 * HOUR - MINUTE)
        with CaptureQueriesContext(connection) as seen:
            assert sweeps.warn_and_breach(now=at + 2 * HOUR + MINUTE).escalated == count
        return len(seen)

    asked(1, NOW)
    assert asked(9, NOW + 12 * HOUR) == asked(27, NOW + 24 * HOUR)
