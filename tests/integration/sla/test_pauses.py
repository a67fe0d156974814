"""Clocks that stand still: while the customer is waited for, while their holder is on leave."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from core.errors import DomainError, TooLate
from leads.models import Lead, LeadEvent
from lifecycle import actions, pausing, playbook
from lifecycle.invariants import run
from people.models import Leave, User
from sla import segments, selectors, sweeps
from sla.models import Clock
from tests import factories
from tests.factories import DAY, HOUR, MINUTE, NOW

pytestmark = pytest.mark.django_db


def text() -> dict[str, Any]:
    """The playbook, in which to accept and to answer waits for customers and for who is away."""
    document = playbook.document()
    document["parts"].pop("fixture", None)
    for entry in document["parts"]["clock_policy"]:
        if entry["key"] in ("accept", "respond.again"):
            entry |= {"pauses_for": ["CUSTOMER", "LEAVE"], "pause_days": 7, "calendar": "always"}
    return document


@pytest.fixture(autouse=True)
def _company() -> None:
    factories.company(text=text())


def accept(lead: Lead) -> Clock:
    return Clock.objects.get(lead=lead, obligation="accept", void=False, scope="STAGE")


def course(clock: Clock) -> list[tuple[str, dt.timedelta]]:
    found = segments.of(clock, selectors.notes_of([clock.pk])[clock.pk])
    return [("RUNS" if one.runs else one.cause, one.since - clock.started_at) for one in found]


def is_clean(now: dt.datetime) -> None:
    broken = [
        f"{one.invariant.key}: {one.found.offences}" for one in run.check(now=now) if one.broken
    ]
    assert not broken


def called(now: dt.datetime = NOW + HOUR) -> Lead:
    """A lead whose buyer was called an hour after they came."""
    lead = factories.capture()
    actions.log_activity(lead_id=lead.pk, by=lead.owner, kind="CALL", now=now)
    return lead


def test_a_pause_moves_the_deadline_and_ends_by_itself_at_its_time() -> None:
    lead = called()
    due = accept(lead).due_at
    until = NOW + 2 * DAY
    pausing.await_buyer(lead_id=lead.pk, by=lead.owner, until=until, now=NOW + 2 * HOUR)
    waiting = accept(lead)
    assert (waiting.state, waiting.due_at - due) == ("PAUSED", until - (NOW + 2 * HOUR))
    lead.refresh_from_db()
    assert lead.next_due_at == waiting.due_at
    sweeps.warn_and_breach(now=until - MINUTE)
    assert accept(lead).state == "PAUSED"
    is_clean(until - MINUTE)
    sweeps.warn_and_breach(now=until + 3 * HOUR)  # the worker was away
    clock = accept(lead)
    assert (clock.state, clock.due_at) == ("RUNNING", waiting.due_at)
    assert course(clock) == [
        ("RUNS", 0 * HOUR), ("CUSTOMER", 2 * HOUR), ("RUNS", 2 * DAY),
    ]  # fmt: skip
    is_clean(until + 3 * HOUR)


@pytest.mark.parametrize("way", ["touch", "activity"])
def test_a_pause_ends_when_the_buyer_is_heard_of(way: str) -> None:
    lead = called()
    due = accept(lead).due_at
    pausing.await_buyer(lead_id=lead.pk, by=lead.owner, until=NOW + 3 * DAY, now=NOW + 2 * HOUR)
    back = NOW + 5 * HOUR
    if way == "touch":
        factories.capture(person={"email": lead.person.email}, channel="PORTAL", now=back)
    else:
        actions.log_activity(
            lead_id=lead.pk, by=lead.owner, kind="EMAIL", direction="INBOUND", now=back
        )
    assert (accept(lead).state, accept(lead).due_at) == ("RUNNING", due + 3 * HOUR)
    is_clean(back)


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ({"channel": "EVENT", "signals": []}, "PAUSED"),
        ({"channel": "EVENT", "signals": [{"kind": "demo_request"}]}, "RUNNING"),
        ({"channel": "IMPORT"}, "PAUSED"),
        ({"channel": "PORTAL", "occurred_at": NOW.isoformat()}, "PAUSED"),
    ],
)
def test_a_list_or_what_was_before_the_call_ends_no_wait(said: Any, state: str) -> None:
    lead = called()
    pausing.await_buyer(lead_id=lead.pk, by=lead.owner, until=NOW + 3 * DAY, now=NOW + 2 * HOUR)
    factories.capture(person={"email": lead.person.email}, now=NOW + 5 * HOUR, **said)
    assert accept(lead).state == state


def test_a_mail_of_before_the_call_that_is_logged_late_ends_no_wait() -> None:
    lead = called()
    pausing.await_buyer(lead_id=lead.pk, by=lead.owner, until=NOW + 3 * DAY, now=NOW + 2 * HOUR)
    for at, state in ((NOW + MINUTE, "PAUSED"), (NOW + 90 * MINUTE, "RUNNING")):
        actions.log_activity(
            lead_id=lead.pk, by=lead.owner, kind="EMAIL", direction="INBOUND", at=at,
            now=NOW + 3 * HOUR,
        )  # fmt: skip
        assert accept(lead).state == state


def test_evidence_ends_a_paused_clock_without_the_time_it_stood_still() -> None:
    lead = called()
    pausing.await_buyer(lead_id=lead.pk, by=lead.owner, until=NOW + 3 * DAY, now=NOW + 2 * HOUR)
    actions.accept(
        lead_id=lead.pk, by=lead.owner, icp_confirmed=True, reachable=True, now=NOW + DAY
    )
    clock = accept(lead)
    assert (clock.state, clock.working_seconds) == ("STOPPED", 2 * 3600)
    actions.undo(lead_id=lead.pk, by=lead.owner, now=NOW + DAY + MINUTE)
    again = accept(lead)
    assert (again.state, again.due_at) == ("RUNNING", NOW + DAY + 22 * HOUR)
    is_clean(NOW + DAY + MINUTE)


def test_what_was_warned_about_is_not_warned_about_twice_and_can_still_be_missed() -> None:
    lead = called()
    sweeps.warn_and_breach(now=NOW + 20 * HOUR)
    pausing.await_buyer(lead_id=lead.pk, by=lead.owner, until=NOW + 2 * DAY, now=NOW + 20 * HOUR)
    sweeps.warn_and_breach(now=NOW + 3 * DAY)
    told = LeadEvent.objects.filter(lead=lead, because__obligation="accept").order_by("sequence")
    assert [one.kind for one in told if one.kind != "ESCALATED"] == [
        "WARNED", "RESUMED", "BREACHED",
    ]  # fmt: skip
    assert accept(lead).breached_at == NOW + 2 * DAY + 4 * HOUR


@pytest.mark.parametrize(
    ("spoil", "what"),
    [
        (lambda lead: {"until": NOW}, "until"),
        (lambda lead: {"until": NOW + 8 * DAY}, "until"),
        (lambda lead: {"activity": 0}, "activity"),
        (lambda lead: {"now": NOW + 3 * DAY}, "is late already"),
    ],
)
def test_a_wait_without_proof_time_or_clock_is_refused(spoil: Any, what: str) -> None:
    lead = called()
    given = {"until": NOW + 4 * DAY, "now": NOW + 2 * HOUR, **spoil(lead)}
    with pytest.raises(DomainError) as refusal:
        pausing.await_buyer(lead_id=lead.pk, by=lead.owner, **given)
    named = [fault.field for fault in refusal.value.errors or ()]
    assert what in named or what in str(refusal.value)


def test_somebody_waits_no_longer_and_what_stood_still_runs_on() -> None:
    lead = called()
    due = accept(lead).due_at
    pausing.await_buyer(
        lead_id=lead.pk, by=lead.owner, until=NOW + DAY, note="Asked for dates", now=NOW + 2 * HOUR
    )
    lead.owner.time_zone = "Asia/Kathmandu"
    with pytest.raises(TooLate, match=r"already, until .*:45 \(Asia/Kathmandu\)"):
        pausing.await_buyer(lead_id=lead.pk, by=lead.owner, until=NOW + DAY, now=NOW + 3 * HOUR)
    pausing.go_on(lead_id=lead.pk, by=lead.owner, now=NOW + 5 * HOUR)
    assert (accept(lead).state, accept(lead).due_at) == ("RUNNING", due + 3 * HOUR)
    with pytest.raises(TooLate, match="any more"):
        pausing.go_on(lead_id=lead.pk, by=lead.owner, now=NOW + 6 * HOUR)
    is_clean(NOW + 6 * HOUR)


def test_one_call_stops_the_clocks_once() -> None:
    lead = called()
    pausing.await_buyer(lead_id=lead.pk, by=lead.owner, until=NOW + 7 * DAY, now=NOW + 2 * HOUR)
    sweeps.warn_and_breach(now=NOW + 8 * DAY)
    with pytest.raises(DomainError):
        pausing.await_buyer(lead_id=lead.pk, by=lead.owner, until=NOW + 9 * DAY, now=NOW + 8 * DAY)


def leave(user: User | None, start: dt.datetime, end: dt.datetime) -> Leave:
    assert user is not None
    return Leave.objects.create(user=user, starts_at=start, ends_at=end)


def test_a_clock_follows_the_leave_of_its_holder() -> None:
    lead = called()
    due = accept(lead).due_at
    away = leave(lead.owner, NOW + 3 * HOUR, NOW + 2 * DAY)
    assert pausing.follow_leave(now=NOW + 2 * HOUR) == 0
    assert pausing.follow_leave(now=NOW + 4 * HOUR) == 1  # a little late: from its beginning on
    assert pausing.follow_leave(now=NOW + 4 * HOUR) == 0
    assert accept(lead).due_at == due + (2 * DAY - 3 * HOUR)
    away.ends_at = NOW + 3 * DAY
    away.save()
    assert pausing.follow_leave(now=NOW + 5 * HOUR) == 1
    assert accept(lead).resume_at == NOW + 3 * DAY
    away.delete()
    assert pausing.follow_leave(now=NOW + 13 * HOUR) == 1
    assert (accept(lead).state, accept(lead).due_at) == ("RUNNING", due + 10 * HOUR)
    kinds = LeadEvent.objects.filter(lead=lead, kind__in=["PAUSED", "MOVED", "RESUMED"])
    assert list(kinds.order_by("sequence").values_list("kind", flat=True)) == [
        "PAUSED", "MOVED", "RESUMED",
    ]  # fmt: skip
    is_clean(NOW + 13 * HOUR)


def test_a_hand_over_ends_the_wait_for_who_is_on_leave() -> None:
    lead = called()
    due = accept(lead).due_at
    leave(lead.owner, NOW + 2 * HOUR, NOW + 5 * DAY)
    pausing.follow_leave(now=NOW + 2 * HOUR)
    other = User.objects.filter(role="SDR").exclude(pk=lead.owner_id)[0]
    manager = User.objects.get(role="REVOPS")
    actions.reassign(lead_id=lead.pk, by=manager, to=other.pk, reason="Away", now=NOW + 6 * HOUR)
    assert (accept(lead).state, accept(lead).due_at) == ("RUNNING", due + 4 * HOUR)
    assert [what for what, _ in course(accept(lead))] == ["RUNS", "LEAVE", "RUNS"]
    is_clean(NOW + 6 * HOUR)


def test_what_is_missed_never_stands_still() -> None:
    lead = called()
    sweeps.warn_and_breach(now=NOW + 3 * DAY)
    leave(lead.owner, NOW + HOUR, NOW + 9 * DAY)
    assert pausing.follow_leave(now=NOW + 3 * DAY) == 0
    assert accept(lead).breached_at == accept(lead).due_at
