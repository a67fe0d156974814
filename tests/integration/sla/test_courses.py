"""What clocks know of their course: when their cause came, who held them, through undo and kits."""

from __future__ import annotations

import datetime as dt

import pytest

from leads.models import Lead
from lifecycle import actions
from lifecycle.invariants import courses
from lifecycle.invariants.invariant import Context
from people.models import User
from reports import periods, sla
from sla import segments, selectors
from sla.models import Clock, ClockEvent
from tests import factories
from tests.factories import DAY, HOUR, MINUTE, NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _company() -> None:
    factories.company()


def others(lead: Lead) -> list[User]:
    """The owner of a lead first, then the other reps."""
    reps = User.objects.filter(role="SDR").order_by("pk")
    return sorted(reps, key=lambda one: one.pk != lead.owner_id)


def course(clock: Clock) -> list[tuple[dt.timedelta, str]]:
    """From when after its start on who held it."""
    names = dict(User.objects.values_list("pk", "username"))
    found = segments.of(clock, selectors.notes_of([clock.pk])[clock.pk])
    return [(one.since - clock.started_at, names.get(one.holder or 0, "")) for one in found]


def clock_of(lead: Lead, obligation: str) -> Clock:
    return Clock.objects.get(lead=lead, obligation=obligation, void=False, scope="STAGE")


def is_sound(now: dt.datetime) -> None:
    found = {one.key: one.look(Context(now)).offences for one in courses.INVARIANTS}
    assert not any(found.values()), found


def test_what_is_uploaded_late_counts_from_when_we_had_it() -> None:
    lead = factories.capture(occurred_at=(NOW - 3 * DAY).isoformat())
    clock = clock_of(lead, "first_contact")
    assert (clock.event_at, clock.received_at) == (NOW - 3 * DAY, NOW)
    assert (clock.started_at, clock.due_at) == (NOW, NOW + 15 * MINUTE)
    assert clock.tzdata


def test_a_clock_of_the_same_act_is_noted_with_who_got_the_lead_in_it() -> None:
    lead = factories.capture()
    assert lead.owner is not None
    for clock in Clock.objects.filter(lead=lead, stopped_at=None):
        assert [one.kind for one in clock.events.order_by("pk")] == ["STARTED"]
        assert course(clock) == [(dt.timedelta(), lead.owner.username)]
    is_sound(NOW)


def test_a_hand_over_is_noted_once_and_survives_an_undo() -> None:
    lead = factories.capture()
    first, second, *_ = others(lead)
    manager = User.objects.get(role="REVOPS")
    actions.reassign(
        lead_id=lead.pk, by=manager, to=second.pk, reason="More at home", now=NOW + 5 * MINUTE
    )
    wanted = [(dt.timedelta(), first.username), (5 * MINUTE, second.username)]
    accept = clock_of(lead, "accept")
    assert course(accept) == wanted
    actions.accept(
        lead_id=lead.pk, by=second, icp_confirmed=True, reachable=True, now=NOW + 6 * MINUTE
    )
    actions.undo(lead_id=lead.pk, by=second, now=NOW + 7 * MINUTE)
    again = clock_of(lead, "accept")
    assert again.pk != accept.pk
    assert course(again) == wanted
    assert course(Clock.objects.get(pk=accept.pk)) == wanted
    is_sound(NOW + HOUR)


def test_a_deadline_missed_unseen_is_noted_before_the_hand_over() -> None:
    lead = factories.capture()
    second = others(lead)[1]
    manager = User.objects.get(role="REVOPS")
    actions.reassign(lead_id=lead.pk, by=manager, to=second.pk, reason="Late", now=NOW + HOUR)
    notes = list(clock_of(lead, "first_contact").events.order_by("pk"))
    assert [(one.kind, one.holder_id) for one in notes] == [
        ("STARTED", lead.owner_id),
        (ClockEvent.Kind.BREACHED, lead.owner_id),
        ("HANDED", second.pk),
    ]


def respond(lead: Lead) -> list[tuple[str, str, dt.datetime]]:
    rows = Clock.objects.filter(lead=lead, obligation="respond").order_by("pk")
    return [(one.policy, one.state, one.started_at) for one in rows]


def contacted(now: dt.datetime) -> Lead:
    """A form that was answered after five minutes."""
    lead = factories.capture(now=now - HOUR)
    actions.log_activity(
        lead_id=lead.pk, by=others(lead)[0], kind="CALL", now=now - HOUR + 5 * MINUTE
    )
    return lead


def again(lead: Lead, now: dt.datetime, **parts: object) -> None:
    """The same buyer comes back."""
    same = factories.capture(now=now, person={"email": lead.person.email}, **parts)
    assert same.pk == lead.pk


@pytest.mark.parametrize("channel", ["INBOUND_EMAIL", "PORTAL", "FORM"])
def test_whoever_writes_again_after_a_contact_is_owed_one_answer(channel: str) -> None:
    lead = contacted(NOW)
    again(lead, NOW, channel=channel)
    again(lead, NOW + MINUTE, channel="FORM")
    assert respond(lead) == [("respond.again", "RUNNING", NOW)]
    assert Clock.objects.filter(lead=lead, obligation="first_contact").count() == 1
    clock = clock_of(lead, "respond")
    assert [one.kind for one in clock.events.order_by("pk")] == ["STARTED", "JOINED"]
    actions.log_activity(lead_id=lead.pk, by=others(lead)[0], kind="EMAIL", now=NOW + 10 * MINUTE)
    assert respond(lead) == [("respond.again", "STOPPED", NOW)]
    is_sound(NOW + HOUR)


@pytest.mark.parametrize("channel", ["OUTBOUND", "IMPORT"])
def test_what_we_did_ourselves_is_owed_no_answer(channel: str) -> None:
    lead = contacted(NOW)
    again(lead, NOW, channel=channel)
    assert respond(lead) == []


def test_nor_is_what_was_sent_before_the_contact() -> None:
    lead = contacted(NOW)
    again(lead, NOW, channel="EVENT", occurred_at=(NOW - DAY).isoformat())
    assert respond(lead) == []


@pytest.mark.parametrize(
    ("kind", "direction", "outcome", "owed"),
    [
        ("EMAIL", "INBOUND", "COMPLETED", True),
        ("SOCIAL", "INBOUND", "COMPLETED", True),
        ("CALL", "INBOUND", "NO_ANSWER", True),
        ("CALL", "INBOUND", "COMPLETED", False),
        ("NOTE", "INBOUND", "COMPLETED", False),
        ("EMAIL", "OUTBOUND", "COMPLETED", False),
    ],
)
def test_a_logged_message_of_the_buyer_is_owed_an_answer(
    kind: str, direction: str, outcome: str, owed: bool
) -> None:
    lead = contacted(NOW)
    actions.log_activity(
        lead_id=lead.pk,
        by=others(lead)[0],
        kind=kind,
        direction=direction,
        outcome=outcome,
        now=NOW,
    )
    assert bool(respond(lead)) is owed


def test_while_the_first_contact_is_owed_nothing_else_is() -> None:
    lead = factories.capture()
    again(lead, NOW + MINUTE, channel="PORTAL")
    assert respond(lead) == []


def test_each_holder_has_a_time_of_their_own_beside_the_whole() -> None:
    lead = factories.capture()
    first, second, *_ = others(lead)
    manager = User.objects.get(role="REVOPS")
    actions.reassign(lead_id=lead.pk, by=manager, to=second.pk, reason="Away", now=NOW + HOUR)
    actions.reassign(lead_id=lead.pk, by=manager, to=first.pk, reason="Back", now=NOW + 2 * HOUR)
    actions.accept(
        lead_id=lead.pk, by=first, icp_confirmed=True, reachable=True, now=NOW + 3 * HOUR
    )
    found = Clock.objects.filter(lead=lead, obligation="accept").order_by("pk")
    assert [(one.scope, one.holder, one.state, one.started_at) for one in found] == [
        ("STAGE", first, "STOPPED", NOW),
        ("OWNERSHIP", second, "CANCELLED", NOW + HOUR),
        ("OWNERSHIP", first, "STOPPED", NOW + 2 * HOUR),
    ]
    period = periods.Period(NOW - DAY, NOW + DAY)
    counted = {
        by: [
            (row.key, row.met, row.cancelled)
            for row in sla.build(manager, period=period, by=by).rows
        ]
        for by in ("obligation", "scope")
    }
    assert ("accept", 1, 0) in counted["obligation"]
    assert ("OWNERSHIP", 1, 2) in counted["scope"]  # the first holder's own time, too
    assert ("STAGE", 2, 0) in counted["scope"]  # to route it is owed by nobody
    is_sound(NOW + 4 * HOUR)


def test_the_first_holder_answers_for_their_own_time_and_the_last_for_the_whole() -> None:
    lead = factories.capture()
    first, second, *_ = others(lead)
    manager = User.objects.get(role="REVOPS")
    late = NOW + 3 * DAY
    actions.reassign(lead_id=lead.pk, by=manager, to=second.pk, reason="Away", now=late)
    actions.accept(lead_id=lead.pk, by=second, icp_confirmed=True, reachable=True, now=late + HOUR)
    period = periods.Period(NOW - DAY, late + DAY)

    def by_rep(reader: User, **only: str) -> dict[str, tuple[int, int]]:
        found = sla.build(reader, period=period, by="rep", only={"obligation": "accept", **only})
        return {row.key: (row.met, row.late) for row in found.rows}

    assert by_rep(manager) == {str(second.pk): (0, 1)}
    each = {str(first.pk): (0, 1), str(second.pk): (1, 0)}
    assert by_rep(manager, scope="OWNERSHIP") == each
    assert by_rep(User.objects.get(username="mia"), scope="OWNERSHIP") == each
    assert by_rep(first, scope="OWNERSHIP") == {str(first.pk): (0, 1)}
    assert by_rep(second, scope="OWNERSHIP", team=str(second.team_id)) == {str(second.pk): (1, 0)}
    report = sla.build(manager, period=period, by="scope", only={"obligation": "accept"})
    rows = {row.key: (row.met, row.late) for row in report.rows}
    assert rows == {"STAGE": (0, 1), "OWNERSHIP": (1, 1)}
    assert (report.totals.met, report.totals.late) == (0, 1)  # a lead counts once


def test_a_lead_that_waits_again_leaves_a_missed_leg_with_who_missed_it() -> None:
    lead = factories.capture()
    second = others(lead)[1]
    manager = User.objects.get(role="REVOPS")
    actions.reassign(lead_id=lead.pk, by=manager, to=second.pk, reason="Away", now=NOW + HOUR)
    late = NOW + 3 * DAY
    actions.reassign(lead_id=lead.pk, by=manager, to=None, reason="Nothing came", now=late)
    leg = Clock.objects.filter(lead=lead, scope="OWNERSHIP").earliest("pk")
    assert (leg.state, leg.holder, leg.breached_at) == ("STOPPED", second, leg.due_at)
    is_sound(late)
