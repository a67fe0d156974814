"""A new kit reaches running clocks only by an act that was seen beforehand, and then exactly so."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import errors
from governance.kit import Kit
from leads.models import EventKind, Lead, LeadEvent
from lifecycle import actions, fingerprints, jobs, last_steps, permissions, recalculating
from lifecycle.invariants import run as invariants
from lifecycle.models import KitApplication
from lifecycle.recalculated import Only, Preview
from reports import sla as sla_report
from reports.periods import Period
from sla import sweeps
from sla.models import Clock, ClockEvent, ClockState
from tests import factories, kit_edits
from tests.acting import fresh
from tests.factories import DAY, HOUR, MINUTE, NOW, Company
from tests.kit_edits import Edit, Parts, holiday, minutes, part

pytestmark = pytest.mark.django_db

WEDNESDAY = "2026-03-04"


def see(kit: Kit, now: dt.datetime, **more: Any) -> Preview:
    return recalculating.preview(kit, reach=permissions.EVERYWHERE, now=now, **more)


def apply(by: Any, now: dt.datetime, **more: Any) -> KitApplication:
    given = {"clocks": None, "reason": "The new calendar", "seen": None, **more}
    clocks = given.pop("clocks")
    return recalculating.apply(clocks, by=by, now=now, **given)


def running(lead: Lead, obligation: str) -> Clock:
    return Clock.objects.get(lead=lead, obligation=obligation, state=ClockState.RUNNING)


def faults(now: dt.datetime) -> list[str]:
    """What `verify` finds once the worker has been by."""
    factories.check_rules()
    jobs.run({**jobs.CLOCKS, **jobs.DECIDING}, now=now)
    found = invariants.check(now=now)
    return [f"{one.invariant.key}: {one.found.offences[:2]}" for one in found if one.found.count]


@pytest.fixture
def company() -> Company:
    return factories.company()


def test_a_holiday_lists_exactly_the_open_clocks_whose_deadline_it_moves(company: Company) -> None:
    waiting, accepted, contacted = factories.captures([factories.touch() for _ in "abc"])
    factories.work(accepted, to="SAL", now=NOW + HOUR)
    actions.log_activity(lead_id=contacted.pk, by=contacted.owner, kind="CALL", now=NOW + MINUTE)
    before = {row["id"]: row for row in Clock.objects.exclude(state="RUNNING").values()}
    kit = kit_edits.publish(holiday(WEDNESDAY), by=company.revops, now=NOW + HOUR)

    shown = see(kit, NOW + HOUR)
    # Contact is due on Tuesday yet; to accept and to qualify there is time beyond the holiday.
    expected = {
        running(waiting, "accept").pk, running(contacted, "accept").pk,
        running(accepted, "sales_qualify").pk,
    }  # fmt: skip
    assert {line.clock for line in shown.lines} == expected
    assert {line.new_due_at - line.due_at for line in shown.lines if line.new_due_at} == {DAY}
    assert shown.counts["later"] == 3
    assert Clock.objects.exclude(kit=company.kit.id).count() == 0

    done = apply(company.revops, NOW + 2 * HOUR, seen=shown.seen)
    assert (done.state, done.changed, done.passed_over) == ("DONE", 3, {})
    after = {row["id"]: row for row in Clock.objects.filter(pk__in=before).values()}
    assert after == before
    assert running(waiting, "accept").kit_id == kit.id
    assert running(waiting, "accept").started_at == NOW
    assert faults(NOW + 2 * HOUR) == []


def test_clocks_keep_the_kit_that_started_them_until_the_act(company: Company) -> None:
    old = factories.capture()
    kit = kit_edits.publish(minutes("accept", 60), by=company.revops, now=NOW + MINUTE)
    new = factories.capture(now=NOW + 2 * MINUTE)
    assert running(old, "accept").due_at == NOW + DAY
    assert running(new, "accept").due_at == NOW + 2 * MINUTE + HOUR
    apply(company.revops, NOW + 3 * MINUTE)
    assert running(old, "accept").due_at == NOW + HOUR
    assert running(new, "accept").kit_id == kit.id
    assert fresh(old).next_due_at == Clock.objects.filter(
        lead=old, state="RUNNING"
    ).order_by("due_at").values_list("due_at", flat=True).first()  # fmt: skip


def test_the_act_is_in_the_log_with_both_times_both_kits_and_its_record(company: Company) -> None:
    lead = factories.capture()
    kit_edits.publish(minutes("accept", 60), by=company.revops, now=NOW + MINUTE)
    done = apply(company.revops, NOW + 2 * MINUTE, reason="Answer faster")
    (event,) = LeadEvent.objects.filter(lead=lead, kind=EventKind.RECALCULATED)
    (told,) = event.because["clocks"]
    assert (event.by_id, event.because["application"]) == (company.revops.pk, done.pk)
    assert (told["kit"], event.because["kit"]) == (1, 2)
    assert told["from"] == (NOW + DAY).isoformat()
    assert told["to"] == (NOW + HOUR).isoformat()
    assert "Answer faster" not in str(event.because)
    assert done.reason == "Answer faster"
    kinds = ClockEvent.objects.filter(event=event).order_by("pk").values_list("kind", flat=True)
    assert sorted(kinds) == ["CANCELLED", "STARTED", "VOIDED"]


def test_recalculating_twice_is_recalculating_once(company: Company) -> None:
    factories.captures([factories.touch() for _ in "abc"])
    kit = kit_edits.publish(minutes("accept", 60), by=company.revops, now=NOW + MINUTE)
    apply(company.revops, NOW + 2 * MINUTE)
    clocks = list(Clock.objects.order_by("pk").values())
    assert see(kit, NOW + 3 * MINUTE).lines == ()
    with pytest.raises(errors.InvalidInput, match="No clock"):
        apply(company.revops, NOW + 3 * MINUTE)
    assert list(Clock.objects.order_by("pk").values()) == clocks


def test_a_kit_that_says_the_same_changes_nothing(company: Company) -> None:
    factories.captures([factories.touch() for _ in "ab"])

    def reword(parts: Parts) -> None:
        part(parts, "clock_policy", "accept")["prose"] = "Said in other words."
        part(parts, "calendar", "weekdays")["label"] = "Mondays to Fridays"

    assert see(company.kit, NOW + MINUTE).lines == ()
    kit = kit_edits.publish(reword, by=company.revops, now=NOW + MINUTE)
    shown = see(kit, NOW + MINUTE)
    assert (shown.lines, shown.stays, shown.looked_at) == ((), (), 0)


def test_a_breach_is_never_cured(company: Company) -> None:
    lead = factories.capture()
    late = NOW + DAY + HOUR
    sweeps.warn_and_breach(now=late)
    kit = kit_edits.publish(minutes("accept", 10_000), by=company.revops, now=late)
    shown = see(kit, late)
    assert shown.lines == ()
    assert [(line.obligation, line.verdict.why) for line in shown.stays] == [
        ("accept", "It is breached already, and a breach is never cured.")
    ]
    with pytest.raises(errors.InvalidInput):
        apply(company.revops, late)
    assert running(lead, "accept").breached_at == NOW + DAY


def test_a_deadline_that_passed_before_the_sweep_saw_it_is_a_breach_too(company: Company) -> None:
    lead = factories.capture()
    late = NOW + DAY + MINUTE
    kit = kit_edits.publish(minutes("accept", 10_000), by=company.revops, now=late)
    assert [line.obligation for line in see(kit, late).stays] == ["accept"]
    sweeps.warn_and_breach(now=late)
    assert running(lead, "accept").breached_at == NOW + DAY
    assert faults(late) == []


def test_what_is_overdue_at_once_is_shown_first_and_breaches_at_its_new_deadline(
    company: Company,
) -> None:
    early = factories.capture()
    later = factories.capture(now=NOW + 2 * HOUR)
    at = NOW + 2 * HOUR + 30 * MINUTE
    sweeps.warn_and_breach(now=at)
    kit = kit_edits.publish(minutes("accept", 60), by=company.revops, now=at)
    shown = see(kit, at)
    assert [(line.lead, line.overdue_at_once) for line in shown.lines] == [
        (early.pk, True), (later.pk, False),
    ]  # fmt: skip
    assert shown.counts["overdue"] == 1
    apply(company.revops, at, seen=shown.seen)
    assert running(early, "accept").breached_at is None
    sweeps.warn_and_breach(now=at)
    clock = running(early, "accept")
    assert clock.breached_at == clock.due_at == NOW + HOUR
    assert running(later, "accept").breached_at is None
    assert faults(at) == []


def test_a_warning_is_not_given_twice_unless_there_is_new_time(company: Company) -> None:
    lead = factories.capture()
    warned = NOW + 20 * HOUR
    sweeps.warn_and_breach(now=warned)
    told = LeadEvent.objects.filter(lead=lead, kind=EventKind.WARNED)
    count = told.count()
    kit_edits.publish(minutes("accept", 1500), by=company.revops, now=warned)
    apply(company.revops, warned)
    sweeps.warn_and_breach(now=warned)
    assert told.count() == count
    kit_edits.publish(minutes("accept", 2400), by=company.revops, now=warned)
    apply(company.revops, warned)
    sweeps.warn_and_breach(now=running(lead, "accept").warn_at)
    assert told.count() == count + 1
    assert faults(running(lead, "accept").warn_at) == []


def test_an_exempted_cell_owes_nothing_any_more(company: Company) -> None:
    lead = factories.capture()

    def exempt(parts: Parts) -> None:
        parts["clock_exemption"] = [
            {"key": "forms", "stages": ["MQL"], "channels": ["FORM"],
             "obligation": "first_contact", "because": "A robot calls them."}
        ]  # fmt: skip

    kit = kit_edits.publish(exempt, by=company.revops, now=NOW + MINUTE)
    (line,) = see(kit, NOW + MINUTE).lines
    assert (line.obligation, line.new_due_at) == ("first_contact", None)
    assert line.verdict.why == "A robot calls them."
    apply(company.revops, NOW + MINUTE)
    clock = Clock.objects.get(lead=lead, obligation="first_contact")
    assert (clock.state, clock.void) == ("CANCELLED", False)
    assert faults(NOW + MINUTE) == []


def test_a_wholly_exempted_lead_is_left_without_any_clock(company: Company) -> None:
    lead = factories.capture()
    because = {"key": "forms", "stages": ["MQL"], "channels": ["FORM"], "because": "None reads."}

    def exempt(parts: Parts) -> None:
        parts["clock_exemption"] = [{**because, "obligation": ""}]

    kit_edits.publish(exempt, by=company.revops, now=NOW + MINUTE)
    apply(company.revops, NOW + MINUTE)
    assert fresh(lead).next_due_at is None
    assert faults(NOW + MINUTE) == []


def test_what_follows_a_step_cannot_be_undone_past_it(company: Company) -> None:
    before, after = factories.captures([factories.touch() for _ in "ab"])
    factories.work(before, to="SAL", now=NOW + MINUTE)
    kit_edits.publish(
        minutes("accept", 600), minutes("sales_qualify", 600), by=company.revops, now=NOW + MINUTE
    )
    apply(company.revops, NOW + 2 * MINUTE)
    with pytest.raises(last_steps.NothingToUndo) as refused:
        actions.undo(lead_id=before.pk, by=before.owner, now=NOW + 3 * MINUTE)
    at = (NOW + 2 * MINUTE).astimezone(fresh(before).owner.zone)
    told = f"followed by: SLAs recalculated by {company.revops} at {at:%H:%M}."
    assert refused.value.message.endswith(told)
    factories.work(after, to="SAL", now=NOW + 3 * MINUTE)
    actions.undo(lead_id=after.pk, by=after.owner, now=NOW + 4 * MINUTE)
    assert running(after, "accept").due_at == NOW + 10 * HOUR
    assert faults(NOW + 4 * MINUTE) == []


def test_a_clock_whose_policy_is_gone_ends_unless_it_is_the_last(company: Company) -> None:
    lead, alone = factories.captures([factories.touch() for _ in "ab"])
    factories.work(alone, to="SAL", now=NOW + MINUTE)
    actions.log_activity(lead_id=alone.pk, by=alone.owner, kind="CALL", now=NOW + MINUTE)

    def drop(parts: Parts) -> None:
        dropped = {"sales_qualify", "first_contact.form"}
        kept = [one for one in parts["clock_policy"] if one["key"] not in dropped]
        spare = dict(part(parts, "clock_policy", "sales_qualify"), key="spare", obligation="spare")
        parts["clock_policy"] = [*kept, spare]

    kit = kit_edits.publish(drop, by=company.revops, now=NOW + 2 * MINUTE)
    shown = see(kit, NOW + 2 * MINUTE)
    fates = {(line.lead, line.obligation): line.verdict.outcome for line in shown.lines}
    stays = {(line.lead, line.obligation) for line in shown.stays}
    assert (alone.pk, "sales_qualify") in stays
    assert fates[(lead.pk, "first_contact")] == "MOVES"
    apply(company.revops, NOW + 2 * MINUTE)
    assert running(alone, "sales_qualify").kit_id == company.kit.id
    assert faults(NOW + 2 * MINUTE) == []


def test_what_was_not_seen_is_not_done(company: Company) -> None:
    first, second, third = factories.captures([factories.touch() for _ in "abc"])
    kit = kit_edits.publish(minutes("accept", 60), by=company.revops, now=NOW + MINUTE)
    shown = see(kit, NOW + MINUTE)
    factories.work(first, to="SAL", now=NOW + 2 * MINUTE)
    with pytest.raises(fingerprints.LookAgain, match="1 clock has changed since"):
        apply(company.revops, NOW + 3 * MINUTE, seen=shown.seen)
    ticked = {running(second, "accept").pk}
    apply(company.revops, NOW + 3 * MINUTE, seen=shown.seen, clocks=ticked)
    assert running(second, "accept").kit_id == kit.id
    assert running(third, "accept").kit_id == company.kit.id
    kit_edits.publish(minutes("accept", 90), by=company.revops, now=NOW + 4 * MINUTE)
    with pytest.raises(fingerprints.LookAgain, match="Kit v3 is in force now"):
        apply(company.revops, NOW + 5 * MINUTE, seen=shown.seen)


@pytest.mark.parametrize("seen", ["", "nonsense", "x.y", "é.é"])
def test_a_fingerprint_that_cannot_be_read_asks_to_look_again(company: Company, seen: str) -> None:
    factories.capture()
    kit = kit_edits.publish(minutes("accept", 60), by=company.revops, now=NOW + MINUTE)
    for text in (seen, f"{kit.checksum[:16]}.{seen}"):
        with pytest.raises(fingerprints.LookAgain):
            apply(company.revops, NOW + MINUTE, seen=text)
    assert not KitApplication.objects.exists()


def test_the_reason_must_be_given(company: Company) -> None:
    factories.capture()
    kit_edits.publish(minutes("accept", 60), by=company.revops, now=NOW + MINUTE)
    for reason in ("", "  \n ", "x" * 501, "nul \0"):
        with pytest.raises(errors.InvalidInput):
            apply(company.revops, NOW + MINUTE, reason=reason)
    assert not KitApplication.objects.exists()


def test_managers_reach_their_teams_and_pools_and_reps_reach_nothing(company: Company) -> None:
    mine = factories.capture()
    others = factories.team("Nordics", manager=factories.user("otto", role="MANAGER"))
    factories.rep("nils", pools=["uk-nordics"], team=others)
    theirs = factories.capture(company={"country": "SE"})
    queued = factories.capture(company={"country": "US"})
    kit = kit_edits.publish(
        minutes("accept", 60), minutes("route", 30),
        by=company.revops, now=NOW + MINUTE,
    )  # fmt: skip
    seen = {
        name: {line.lead for line in recalculating.preview(
            kit, reach=permissions.reach(who), now=NOW + MINUTE).lines}
        for name, who in (("rita", company.revops), ("mia", company.manager))
    }  # fmt: skip
    assert seen["rita"] == {mine.pk, theirs.pk, queued.pk}
    assert seen["mia"] == {mine.pk}
    apply(company.manager, NOW + MINUTE)
    assert running(mine, "accept").kit_id == kit.id
    assert running(theirs, "accept").kit_id == company.kit.id
    for who in (company.reps[0], company.marketing):
        with pytest.raises(errors.NotAllowed):
            apply(who, NOW + MINUTE)


def test_filters_keep_to_an_obligation_an_owner_a_team(company: Company) -> None:
    a, b = factories.captures([factories.touch() for _ in "ab"])
    kit = kit_edits.publish(holiday(WEDNESDAY), by=company.revops, now=NOW + MINUTE)
    assert a.owner_id != b.owner_id

    def leads(**only: Any) -> set[int]:
        return {line.lead for line in see(kit, NOW + MINUTE, only=Only(**only)).lines}

    assert leads(obligation="accept") == leads(team=company.team.pk) == {a.pk, b.pk}
    assert leads(obligation="route") == leads(team=0) == set()
    assert leads(owner=a.owner_id) == {a.pk}


def test_a_preview_says_how_many_it_did_not_look_at(company: Company) -> None:
    factories.captures([factories.touch() for _ in "abcde"])
    kit = kit_edits.publish(minutes("accept", 60), by=company.revops, now=NOW + MINUTE)
    shown = see(kit, NOW + MINUTE, limit=2)
    assert (len(shown.lines), shown.looked_at, shown.beyond) == (2, 2, 3)


def test_the_report_counts_each_obligation_once(company: Company) -> None:
    lead = factories.capture()
    period = Period(NOW - DAY, NOW + DAY)

    def counted() -> dict[str, tuple[int, int, int]]:
        report = sla_report.build(company.revops, period=period, now=NOW + HOUR)
        return {row.key: (row.running, row.met, row.cancelled) for row in report.rows}

    before = counted()
    kit_edits.publish(minutes("accept", 120), by=company.revops, now=NOW + MINUTE)
    apply(company.revops, NOW + MINUTE)
    assert counted() == before
    factories.work(lead, to="SAL", now=NOW + 30 * MINUTE)
    assert counted()["accept"] == (0, 1, 0)
    assert faults(NOW + 30 * MINUTE) == []


def test_the_number_of_queries_does_not_hang_on_the_number_of_clocks(company: Company) -> None:
    def queries(count: int, edit: Edit, at: dt.datetime) -> tuple[int, int]:
        factories.captures([factories.touch() for _ in range(count)], now=at)
        kit = kit_edits.publish(edit, by=company.revops, now=at)
        with CaptureQueriesContext(
            connection,
        ) as seeing:
            shown = see(kit, at)
        with CaptureQueriesContext(connection) as doing:
            apply(company.revops, at, seen=shown.seen)
        return len(seeing), len(doing)

    few = queries(30, minutes("accept", 600), NOW)
    many = queries(45, minutes("accept", 500), NOW + MINUTE)
    assert many == few
