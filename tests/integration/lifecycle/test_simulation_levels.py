"""Levels of escalation in a replay: they come to whom they really gave each lead."""

from __future__ import annotations

from typing import Any

import pytest

from leads.models import EventKind, Lead, LeadEvent
from lifecycle import actions, jobs
from lifecycle.simulation import wording
from people.models import Leave, User
from routing.models import Pool, PoolMember
from tests import acting_levels, factories
from tests.acting_levels import ANEW, DUE
from tests.factories import DAY, HOUR, MINUTE, NOW, Company
from tests.kit_findings import part, put
from tests.simulating import kit_with, replayed
from web.console import simulation_tables

pytestmark = pytest.mark.django_db

UNTIL = NOW + 2 * DAY
LEVELS: dict[str, Any] = {
    "one": {**ANEW, "then": "two"},
    "two": {"after_minutes": 60, "act": "BACKUP", "then": "three"},
    "three": {"after_minutes": 120, "act": "POOL", "pool": "americas", "then": "four"},
    "four": {"after_minutes": 180, "act": "MANAGER", "then": "five"},
    "five": {"after_minutes": 240, "act": "QUEUE", "pool": "americas"},
}


def idle(document: dict[str, Any]) -> None:
    """Nothing happens after the deadline."""
    part(document, "clock_policy", "accept").pop("escalation")


def sweep_on(*minutes: int) -> None:
    for late in minutes:
        assert jobs.sweep(DUE + late * MINUTE)["errors"] == 0


def really() -> dict[int, list[tuple[int | None, str]]]:
    """By lead to whom levels gave it, or in which queue they left it."""
    found: dict[int, list[tuple[int | None, str]]] = {}
    rows = LeadEvent.objects.filter(kind__in=(EventKind.ASSIGNED, EventKind.QUEUED), actor="sweep")
    for row in rows.order_by("sequence"):
        found.setdefault(row.lead_id, []).append((row.owner_id, row.queue))
    return found


def told(side: dict[str, Any]) -> list[tuple[int | None, str]]:
    return [(one["user"], one["queue"]) for one in side["moves"] if not one["why"]]


@pytest.fixture
def here() -> Company:
    found = acting_levels.company(**LEVELS)
    anna, ben, cleo = found.reps
    User.objects.filter(pk=ben.pk).update(backup=cleo)
    User.objects.filter(pk=cleo.pk).update(backup=anna)
    Leave.objects.create(user=anna, starts_at=DUE + 30 * MINUTE, ends_at=NOW + 9 * DAY)
    factories.rep("zoe", pools=["americas"], cap=2)
    return found


def test_every_level_gives_each_lead_to_whom_it_really_did(here: Company) -> None:
    leads = factories.captures([factories.touch() for _ in range(9)])
    done: dict[str, Any] = {"icp_confirmed": True, "reachable": True}
    actions.accept(lead_id=leads[0].pk, by=leads[0].owner, now=NOW + HOUR, **done)
    sweep_on(1)
    second = Lead.objects.get(pk=leads[1].pk)
    actions.accept(lead_id=second.pk, by=second.owner, now=DUE + 30 * MINUTE, **done)
    actions.reassign(
        lead_id=leads[2].pk, by=here.manager, to=here.manager.pk, reason="-", now=DUE + HOUR / 2
    )
    sweep_on(62, 123, 184, 246)
    actions.claim(lead_id=leads[3].pk, by=User.objects.get(username="zoe"), now=DUE + 5 * HOUR)
    found, rows = replayed(kit_with(idle), until=UNTIL)
    assert {pk: told(rows[pk].before) for pk in really()} == really()
    assert leads[0].pk not in rows
    assert {len(one) for one in really().values()} > {1}
    by_level = {one["key"]: (one["before"], one["after"]) for one in found["levels"]}
    assert set(by_level) == set(LEVELS)
    assert all(sum(after.values()) == 0 for _, after in by_level.values())
    assert by_level["one"][0] == {"moved": 8, "queued": 0, "nobody": 0}
    assert found["moved"] == {"before": 8, "after": 0}
    assert (found["unplayed"], found["kinds"]["LEVEL"]) == ({"before": {}, "after": {}}, 8)
    assert "8 leads to somebody else under v1" in wording.levels(found)
    (table,) = [one for one in simulation_tables.of(found) if "level" in one.title]
    assert table.rows[0].label == "Level one"
    assert table.rows[0].cells[0] == "8 → 0"


def test_the_version_in_force_beside_itself_plays_the_same_levels(here: Company) -> None:
    factories.captures([factories.touch() for _ in range(4)])
    sweep_on(1, 62)
    found, rows = replayed(kit_with(), until=UNTIL)
    assert (rows, found["differing"], found["blind"]) == ({}, 0, [])
    assert found["moved"] == {"before": 4, "after": 4}


def test_an_ownership_clock_begins_anew_with_each_of_them_and_the_manager_is_the_last() -> None:
    here = acting_levels.company(
        "anna", "ben", "cleo", "dora",
        scope="OWNERSHIP",
        one={**ANEW, "then": "two"}, two={"after_minutes": 60, "act": "MANAGER"},
    )  # fmt: skip
    Pool.objects.filter(key="dach").update(skips_holders=2)
    factories.captures([factories.touch() for _ in range(3)])
    for step in range(1, 5):
        assert jobs.sweep(NOW + step * (2 * HOUR + MINUTE))["errors"] == 0
    _, rows = replayed(kit_with(idle), until=NOW + 8 * HOUR + 30 * MINUTE)
    assert {pk: told(rows[pk].before) for pk in rows} == really()
    assert all(one[-1] == (here.manager.pk, "") for one in really().values())
    why = [one["why"] for one in next(iter(rows.values())).before["moves"] if one["why"]]
    assert why == ["it was given anew as often as the level says"]


def test_a_lead_that_waits_is_given_by_the_level_and_the_last_stays_in_its_queue() -> None:
    acting_levels.company(clock="route", one={"act": "BACKUP", "rep": "zoe"})
    PoolMember.objects.update(open_cap=0)
    factories.rep("zoe", pools=["americas"], cap=1)
    factories.captures([factories.touch() for _ in range(2)])
    sweep_on(1)
    found, rows = replayed(kit_with(idle_route), until=UNTIL)
    assert {pk: told(rows[pk].before) for pk in really()} == really()
    assert [one["key"] for one in found["levels"]] == ["one", ""]
    waits = found["routing"]
    assert (waits["before"]["waiting"], waits["after"]["waiting"]) == (1, 2)


def idle_route(document: dict[str, Any]) -> None:
    part(document, "clock_policy", "route").pop("escalation")


def test_what_cannot_be_played_faithfully_is_said() -> None:
    acting_levels.company(one=ANEW)
    factories.capture(company={"employees": "40"})
    held = factories.capture(now=NOW - 2 * DAY)

    def wider(document: dict[str, Any]) -> None:
        part(document, "criterion", "icp")["condition"]["all"][0]["value"] = [30, 5000]

    factories.captures_attached(person={"email": held.person.email}, now=NOW)
    found, _ = replayed(kit_with(wider), since=NOW - MINUTE, until=NOW + DAY)
    assert found["unplayed"] == {"before": {}, "after": {"NOT_KNOWN": 1}}
    assert found["carried"] == 1
    said = " ".join(wording.unplayed(found))
    assert "1 level of escalation may have come on leads that never really went that way" in said
    assert "clocks that ran on 1 lead" in said


def test_whom_a_level_tells_is_not_shown_but_what_it_does_is() -> None:
    acting_levels.company(one=ANEW)
    tells, _ = replayed(kit_with(put("escalation_level", "one", tell=["MANAGERS"])))
    acts, _ = replayed(kit_with(put("escalation_level", "one", times=1)))
    assert (tells["blind"], acts["blind"]) == (["escalation_level"], [])


def test_who_said_it_was_not_theirs_gets_it_no_more_in_a_replay_either() -> None:
    here = factories.company(reps=("anna", "ben", "cleo"))
    PoolMember.objects.filter(user=here.reps[0]).update(weight=5)
    lead = factories.capture()
    for step in (1, 2):
        owner = Lead.objects.select_related("owner").get(pk=lead.pk).owner
        assert owner is not None
        actions.misroute(lead_id=lead.pk, by=owner, why="OTHER", now=NOW + step * MINUTE)

    def elsewhere(document: dict[str, Any]) -> None:
        for rule in document["parts"]["routing_rule"]:
            rule["pool"] = "americas"

    _, rows = replayed(kit_with(elsewhere), until=NOW + HOUR)
    assert set(rows[lead.pk].before["owners"]) == {one.pk for one in here.reps}
