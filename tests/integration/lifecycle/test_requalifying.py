"""New criteria reach leads that are in the system only by an act that was seen beforehand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import errors
from governance.kit import Kit
from leads.models import Lead, LeadEvent
from lifecycle import (
    actions,
    applying,
    fingerprints,
    gathering,
    jobs,
    permissions,
    requalifying,
)
from lifecycle.invariants import run as invariants
from lifecycle.models import KitApplication
from lifecycle.requalifying import Only, Preview
from sla.models import Clock
from tests import busy_company, factories, kit_edits
from tests.acting import fresh, open_clocks
from tests.factories import DAY, HOUR, MINUTE, NOW, Company
from tests.kit_edits import Parts, criterion, sized

pytestmark = pytest.mark.django_db

SMALL = {"employees": "20"}
LATER = NOW + HOUR


def see(kit: Kit, now: dt.datetime = LATER, **more: Any) -> Preview:
    return requalifying.preview(kit, reach=permissions.EVERYWHERE, now=now, **more)


def apply(by: Any, now: dt.datetime = LATER, **more: Any) -> KitApplication:
    given = {"leads": None, "reason": "The market has grown", "seen": None, **more}
    leads = given.pop("leads")
    return requalifying.apply(leads, by=by, now=now, **given)


def faults(now: dt.datetime) -> list[str]:
    """What `verify` finds once the worker has been by."""
    factories.check_rules()
    jobs.run({**jobs.CLOCKS, **jobs.DECIDING}, now=now)
    found = invariants.check(now=now)
    return [f"{one.invariant.key}: {one.found.offences[:2]}" for one in found if one.found.count]


@pytest.fixture
def company() -> Company:
    return factories.company()


def test_leads_that_meet_the_new_criteria_become_mqls_with_owner_and_clocks_from_now(
    company: Company,
) -> None:
    inside = factories.capture()
    small = factories.capture(company=SMALL, signals=[{"kind": "pricing_page_view"}] * 3)
    tiny = factories.capture(company={"employees": "3"})
    assert (inside.stage, small.stage, tiny.stage) == ("MQL", "INQUIRY", "INQUIRY")
    kit = kit_edits.publish(sized(10), by=company.revops, now=NOW + MINUTE)
    assert fresh(small).stage == "INQUIRY"

    shown = see(kit)
    (line,) = shown.gains
    assert (line.lead, line.pool, shown.losses) == (small.pk, "dach", ())
    assert [(one.criterion, one.met) for one in line.judged] == [("icp", True), ("behaviour", True)]
    assert shown.by_source() == {"PAID": (1, 0)}

    done = apply(company.revops, seen=shown.seen)
    assert (done.state, done.changed, done.total) == ("DONE", 1, 1)
    after = fresh(small)
    assert (after.stage, after.owner in company.reps) == ("MQL", True)
    assert open_clocks(after) >= {"accept"}
    assert Clock.objects.get(lead=after, obligation="accept").started_at == LATER
    event = LeadEvent.objects.get(lead=after, transition="qualify")
    assert (event.by_id, event.kit_id) == (company.revops.pk, kit.id)
    assert event.because["application"] == done.pk
    assert [one["criterion"] for one in event.because["criteria"]] == ["icp", "behaviour"]
    assert faults(LATER) == []


def test_nothing_happens_twice(company: Company) -> None:
    factories.captures([factories.touch(company=SMALL) for _ in "abc"])
    kit = kit_edits.publish(sized(10), by=company.revops, now=NOW + MINUTE)
    apply(company.revops)
    events = LeadEvent.objects.count()
    assert see(kit).gains == ()
    with pytest.raises(errors.InvalidInput, match="No lead"):
        apply(company.revops)
    assert LeadEvent.objects.count() == events


def test_under_the_same_kit_nobody_would_move(company: Company) -> None:
    factories.captures([factories.touch(company=SMALL), factories.touch()])
    shown = see(company.kit)
    assert (shown.gains, shown.losses) == ((), ())


def test_of_a_nurtured_buyer_only_what_came_since_counts(company: Company) -> None:
    rested, awake = factories.captures([factories.touch() for _ in "ab"])
    for lead in (rested, awake):
        actions.recycle(lead_id=lead.pk, by=company.manager, reason="interest_faded", now=LATER)
    again = factories.touch(
        person={"email": awake.person.email}, channel="TRIAL",
        signals=[{"kind": "pricing_page_view"}],
    )  # fmt: skip
    factories.capture(again, now=LATER + MINUTE)
    viewed = {"fact": "signal.pricing_page_view.count_30d", "op": "gte", "value": 1}
    asked = {"fact": "signal.demo_request.count_30d", "op": "gte", "value": 1}
    either = criterion("behaviour", {"any": [viewed, asked]})
    kit = kit_edits.publish(either, by=company.revops, now=LATER + HOUR)
    assert fresh(awake).stage == "NURTURE"
    assert [line.lead for line in see(kit, LATER + HOUR).gains] == [awake.pk]


def test_an_mql_without_owner_is_recycled_only_if_ticked(company: Company) -> None:
    owned = factories.capture(company={"employees": "60"})
    kind = [{"kind": "pricing_page_view"}] * 3
    waiting, also = factories.captures(
        [factories.touch(company={"employees": "60", "country": "US"}, signals=kind) for _ in "ab"]
    )
    assert waiting.queue == "americas"
    kit = kit_edits.publish(sized(100), by=company.revops, now=NOW + MINUTE)
    shown = see(kit)
    assert {line.lead for line in shown.losses} == {waiting.pk, also.pk}
    with pytest.raises(errors.InvalidInput, match="No lead"):
        apply(company.revops)
    done = apply(company.revops, seen=shown.seen, recycle=[waiting.pk, owned.pk])
    assert (done.changed, done.total) == (1, 1)
    assert [fresh(lead).stage for lead in (owned, waiting, also)] == ["MQL", "NURTURE", "MQL"]
    assert fresh(waiting).queue == ""
    assert open_clocks(waiting) == set()
    event = LeadEvent.objects.get(lead=waiting, transition="recycle")
    assert {one["criterion"]: one["met"] for one in event.because["criteria"]}["icp"] is False
    assert faults(LATER) == []


def test_who_asked_for_a_person_is_not_sent_away(company: Company) -> None:
    waiting = factories.capture(company={"employees": "60", "country": "US"})
    assert waiting.hand_raised_at is not None
    kit = kit_edits.publish(sized(100), by=company.revops, now=NOW + MINUTE)
    (line,) = see(kit).losses
    assert (line.lead, line.asked, line.movable) == (waiting.pk, True, False)
    with pytest.raises(errors.InvalidInput):
        apply(company.revops, recycle=[waiting.pk])


def test_a_held_inquiry_stays_with_its_owner(company: Company) -> None:
    lead = factories.capture(company=SMALL)
    owner = fresh(lead).owner
    assert (lead.stage, owner in company.reps) == ("INQUIRY", True)
    kit_edits.publish(sized(10), by=company.revops, now=NOW + MINUTE)
    apply(company.revops)
    after = fresh(lead)
    assert (after.stage, after.owner) == ("MQL", owner)
    assert {"accept", "first_contact"} <= open_clocks(after)
    assert "resolve" not in open_clocks(after)
    assert faults(LATER) == []


CRITERIA: list[dict[str, Any]] = [
    {"fact": "score.total", "op": "gte", "value": 20},
    {"fact": "score.fit", "op": "lt", "value": 5},
    {"not": {"fact": "signal.demo_request.count_30d", "op": "gte", "value": 1}},
    {"fact": "signal.demo_request.last_days", "op": "is_missing"},
    {"any": [{"fact": "lead.touches", "op": "gte", "value": 2},
             {"fact": "signal.pricing_page_view.count_30d", "op": "gte", "value": 1}]},
    {"all": [{"not": {"all": [{"fact": "score.intent", "op": "gte", "value": 1},
                              {"fact": "lead.stage", "op": "eq", "value": "INQUIRY"}]}},
             {"fact": "company.country", "op": "in", "value": ["DE", "SE"]}]},
]  # fmt: skip


def test_the_database_leaves_out_nobody_whom_the_criteria_would_move() -> None:
    company, now = busy_company.busy()
    leads = list(Lead.objects.order_by("pk"))
    for place, condition in enumerate(CRITERIA):

        def edit(
            parts: Parts, condition: dict[str, Any] = condition, factor: float = (2, 0.5)[place % 2]
        ) -> None:
            criterion("behaviour", condition)(parts)
            criterion("icp", {"fact": "company.employees", "op": "gte", "value": 1})(parts)
            for rule in parts["score_rule"]:
                rule["points"] = float(rule["points"]) * factor

        kit = kit_edits.publish(edit, by=company.revops, now=now)
        cases = gathering.open_cases(leads)
        judged = [requalifying._line(case, kit, now) for case in cases.values()]
        expected = {(line.lead, line.verb) for line in judged if line is not None}
        shown = see(kit, now)
        found = {(line.lead, line.verb) for line in (*shown.gains, *shown.losses)}
        assert found == expected, condition


def test_after_any_new_criteria_a_busy_company_keeps_every_invariant() -> None:
    company, now = busy_company.busy()
    kit = kit_edits.publish(
        sized(1), criterion("behaviour", {"fact": "person.has_email", "op": "eq", "value": True}),
        by=company.revops, now=now,
    )  # fmt: skip
    shown = see(kit, now)
    assert shown.gains
    done = apply(company.revops, now, seen=shown.seen)
    assert (done.changed, done.passed_over) == (len(shown.gains), {})
    assert faults(now) == []


def test_what_was_not_seen_is_not_done(company: Company) -> None:
    first, second = factories.captures([factories.touch(company=SMALL) for _ in "ab"])
    kit = kit_edits.publish(sized(10), by=company.revops, now=NOW + MINUTE)
    shown = see(kit)
    actions.self_source(lead_id=first.pk, by=fresh(first).owner, now=LATER)
    with pytest.raises(fingerprints.LookAgain, match="1 lead has changed since"):
        apply(company.revops, seen=shown.seen)
    apply(company.revops, seen=shown.seen, leads=[second.pk])
    assert (fresh(first).stage, fresh(second).stage) == ("SAL", "MQL")


def test_managers_reach_what_their_pools_would_get(company: Company) -> None:
    kind: list[dict[str, str]] = [{"kind": "pricing_page_view"}] * 3
    german, american = factories.captures(
        [factories.touch(company={**SMALL, "country": code}, signals=kind) for code in ("DE", "US")]
    )
    kit = kit_edits.publish(sized(10), by=company.revops, now=NOW + MINUTE)
    assert {line.lead for line in see(kit).gains} == {german.pk, american.pk}
    mine = requalifying.preview(kit, reach=permissions.reach(company.manager), now=LATER)
    assert [line.lead for line in mine.gains] == [german.pk]
    apply(company.manager)
    assert (fresh(german).stage, fresh(american).stage) == ("MQL", "INQUIRY")
    for who in (company.reps[0], company.marketing):
        with pytest.raises(errors.NotAllowed):
            apply(who)


def test_filters_keep_to_a_source_a_channel_a_stage(company: Company) -> None:
    a = factories.capture(company=SMALL)
    b = factories.capture(company=SMALL, channel="CHAT", source={"category": "REFERRAL"})
    kit = kit_edits.publish(sized(10), by=company.revops, now=NOW + MINUTE)

    def leads(**only: Any) -> set[int]:
        return {line.lead for line in see(kit, only=Only(**only)).gains}

    assert leads() == leads(stage="INQUIRY") == {a.pk, b.pk}
    assert leads(source="REFERRAL") == leads(channel="CHAT") == {b.pk}
    assert leads(stage="NURTURE") == set()


def test_one_lead_at_fault_keeps_no_other_from_moving(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, bad, other = factories.captures([factories.touch(company=SMALL) for _ in "abc"])
    kit_edits.publish(sized(10), by=company.revops, now=NOW + MINUTE)
    move = requalifying._move

    def sometimes(case: Any, *args: Any) -> None:
        if case.lead.pk == bad.pk:
            raise ValueError("broken row")
        move(case, *args)

    monkeypatch.setattr(requalifying, "_move", sometimes)
    done = apply(company.revops)
    assert (done.state, done.changed, done.passed_over) == ("DONE", 2, {"failed": 1})
    assert [fresh(lead).stage for lead in (good, bad, other)] == ["MQL", "INQUIRY", "MQL"]


def test_many_are_moved_in_chunks_by_the_worker(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    leads = factories.captures([factories.touch(company=SMALL) for _ in range(7)])
    kit_edits.publish(sized(10), by=company.revops, now=NOW + MINUTE)
    monkeypatch.setattr(applying, "AT_ONCE", 3)
    monkeypatch.setattr(applying, "CHUNK", 2)
    given = apply(company.revops)
    assert (given.state, given.done) == ("WAITING", 0)
    actions.self_source(lead_id=leads[0].pk, by=fresh(leads[0]).owner, now=LATER)
    requalifying.resume(given.pk, now=LATER)
    given.refresh_from_db()
    assert (given.state, given.done, given.changed) == ("DONE", 7, 6)
    assert given.passed_over == {"moved_on": 1}
    assert fresh(leads[0]).stage == "SAL"


def test_a_preview_says_how_many_it_did_not_look_at(company: Company) -> None:
    factories.captures([factories.touch(company=SMALL) for _ in range(5)])
    kit = kit_edits.publish(sized(10), by=company.revops, now=NOW + MINUTE)
    shown = see(kit, limit=2)
    assert (len(shown.gains), shown.looked_at, shown.beyond) == (2, 2, 3)


def test_the_number_of_queries_does_not_hang_on_the_number_of_leads(company: Company) -> None:
    def queries(count: int, low: int, at: dt.datetime) -> tuple[int, int]:
        sizes = {"employees": str(low)}
        factories.captures([factories.touch(company=sizes) for _ in range(count)], now=at)
        kit = kit_edits.publish(sized(low), by=company.revops, now=at)
        with CaptureQueriesContext(connection) as seeing:
            shown = see(kit, at)
        with CaptureQueriesContext(connection) as doing:
            apply(company.revops, at, seen=shown.seen)
        assert len(shown.gains) == count
        return len(seeing), len(doing)

    few = queries(30, 40, NOW)
    many = queries(45, 30, NOW + DAY)
    assert many == few
