"""From SDR to AE at SQL or when a meeting is booked; back with a reason; undone."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from core import errors
from governance.kit import Kit
from leads.models import Lead, LeadEvent
from lifecycle import actions, reaching, waiting
from lifecycle.invariants import run
from people.models import User
from routing.models import Assignment, CreditEntry, Decision, Override
from sla.models import Clock
from tests import factories, kit_edits
from tests.factories import DAY, HOUR, MINUTE, NOW, Company
from tests.kit_edits import Edit, Parts

pytestmark = pytest.mark.django_db
SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def company(db: None) -> Company:
    company = factories.company()
    factories.pool("aes", manager=company.manager)
    return company


@pytest.fixture
def karl(company: Company) -> User:
    return factories.rep("karl", pools=["aes"], role="AE")


def to_aes(at: str = "SQL", **entries: Any) -> Edit:
    """A rule that hands every lead to the AEs."""
    rule = {"key": "aes", "label": "To the AEs", "moment": "HANDOFF", "condition": None,
            "pool": "aes", "position": 50, "target": "POOL"}  # fmt: skip

    def edit(parts: Parts) -> None:
        parts["routing_rule"].append({**rule, **entries})
        parts["general_policy"][0]["hands_off_at"] = at

    return edit


def publish(company: Company, *edits: Edit) -> Kit:
    return kit_edits.publish(*edits, by=company.revops, now=NOW)


def accepted() -> Lead:
    lead = factories.capture(now=NOW + HOUR)
    return factories.work(lead, to="SAL", now=NOW + HOUR + MINUTE)


def fresh(lead: Lead) -> Lead:
    factories.check_rules()
    return Lead.objects.get(pk=lead.pk)


def book(lead: Lead, **more: Any) -> Lead:
    told = {"kind": "MEETING", "outcome": "SCHEDULED", "now": NOW + HOUR + 2 * MINUTE, **more}
    actions.log_activity(lead_id=lead.pk, by=lead.owner, **told)
    return fresh(lead)


def open_clocks(lead: Lead) -> dict[str, int | None]:
    rows = Clock.objects.filter(lead=lead, state="RUNNING")
    return dict(rows.values_list("obligation", "holder"))


def broken(now: Any) -> dict[str, list[Any]]:
    return {
        one.invariant.key: list(one.found.offences)
        for one in run.check(now=now)
        if one.found.count and not one.invariant.key.endswith("delivered")
    }


def test_at_sql_an_ae_takes_over_and_the_sdr_stays_who_sourced_it(
    company: Company, karl: User
) -> None:
    publish(company, to_aes())
    lead = accepted()
    sdr = lead.owner
    lead = factories.work(lead, to="SQL", now=NOW + HOUR + 3 * MINUTE)
    made = Decision.objects.get(lead=lead, moment="HANDOFF")
    assert (lead.owner, lead.sourced_by, made.picked) == (karl, sdr, karl)
    assert set(open_clocks(lead).values()) == {karl.pk}
    assert broken(NOW + HOUR + 4 * MINUTE) == {}


@pytest.mark.parametrize(("at", "taken"), [("MEETING", True), ("SQL", False)])
def test_a_booked_meeting_hands_it_off_where_the_kit_says_so(
    company: Company, karl: User, at: str, taken: bool
) -> None:
    publish(company, to_aes(at))
    lead = accepted()
    sdr = lead.owner
    assert book(lead, outcome="COMPLETED").owner == sdr
    assert book(lead, kind="CALL").owner == sdr
    assert (book(lead).owner == karl) is taken
    assert broken(NOW + HOUR + 4 * MINUTE) == {}


@pytest.mark.parametrize(
    ("at", "meeting", "then", "taken"),
    [
        ("MEETING", {"at": NOW + 2 * DAY}, {}, True),
        ("MEETING", {}, {}, True),  # booked, no time said
        ("MEETING", {"at": NOW + HOUR + 90 * SECOND}, {}, False),  # was to be by then
        ("MEETING", {}, {"outcome": "NO_SHOW"}, False),
        ("MEETING", {"kind": "CALL", "at": NOW + 2 * DAY}, {}, False),
        ("SQL", {"at": NOW + 2 * DAY}, {}, False),
    ],
)
def test_a_meeting_booked_before_acceptance_hands_it_off_then_if_it_is_to_come(
    company: Company, karl: User, at: str, meeting: dict[str, Any], then: dict[str, Any],
    taken: bool,
) -> None:  # fmt: skip
    publish(company, to_aes(at))
    lead = factories.capture(now=NOW + HOUR)
    sdr = lead.owner
    assert sdr is not None
    book(lead, **{"now": NOW + HOUR + MINUTE, **meeting})
    if then:
        book(lead, now=NOW + HOUR + 80 * SECOND, **then)
    assert fresh(lead).owner == sdr
    lead = factories.work(fresh(lead), to="SAL", now=NOW + HOUR + 2 * MINUTE)
    assert (lead.stage, lead.owner == karl) == ("SAL", taken)
    assert lead.sourced_by == (sdr if taken else None)
    assert broken(NOW + HOUR + 3 * MINUTE) == {}
    actions.undo(lead_id=lead.pk, by=sdr, now=NOW + HOUR + 4 * MINUTE)
    assert (fresh(lead).stage, fresh(lead).owner, fresh(lead).sourced_by) == ("MQL", sdr, None)
    assert broken(NOW + HOUR + 4 * MINUTE) == {}


def test_a_lead_brought_in_with_a_meeting_booked_is_handed_off_and_undone_to_nobody(
    company: Company, karl: User
) -> None:
    publish(company, to_aes("MEETING"))
    lead = factories.capture(now=NOW + HOUR, channel="OUTBOUND", signals=[{"kind": "page_view"}])
    sdr = company.reps[0]
    assert lead.owner is None
    actions.log_activity(lead_id=lead.pk, by=sdr, kind="MEETING", outcome="SCHEDULED",
                         at=NOW + 2 * DAY, now=NOW + HOUR + MINUTE)  # fmt: skip
    actions.self_source(lead_id=lead.pk, by=sdr, now=NOW + HOUR + 2 * MINUTE)
    assert (fresh(lead).owner, fresh(lead).sourced_by) == (karl, sdr)
    actions.undo(lead_id=lead.pk, by=sdr, now=NOW + HOUR + 3 * MINUTE)
    assert (fresh(lead).owner, fresh(lead).stage) == (None, "INQUIRY")
    assert broken(NOW + HOUR + 4 * MINUTE) == {}


def test_without_rules_for_it_and_with_an_ae_nothing_is_handed_off(company: Company) -> None:
    lead = factories.work(accepted(), to="SQL", now=NOW + HOUR + 3 * MINUTE)
    assert (lead.owner in company.reps, lead.sourced_by) == (True, None)
    publish(company, to_aes())
    User.objects.filter(pk=company.reps[0].pk).update(role="AE")
    User.objects.filter(pk=company.reps[1].pk).update(role="AE")
    other = factories.work(accepted(), to="SQL", now=NOW + HOUR + 3 * MINUTE)
    assert (other.owner in company.reps, other.sourced_by) == (True, None)


def test_an_ae_returns_it_with_a_reason_and_takes_that_back(company: Company, karl: User) -> None:
    publish(company, to_aes("MEETING"))
    lead = accepted()
    sdr = lead.owner
    lead = book(lead)
    owed = set(open_clocks(lead))
    later = NOW + HOUR + 5 * MINUTE
    back = actions.return_handoff(lead_id=lead.pk, by=karl, reason="No budget yet", now=later)
    assert (back.owner, back.sourced_by, back.stage) == (sdr, sdr, "SAL")
    assert set(open_clocks(back).values()) == {sdr.pk if sdr else 0}
    told = LeadEvent.objects.filter(lead=lead, kind="ASSIGNED").latest("sequence")
    assert (told.because["why"], told.by) == ("hand-off returned", karl)
    assert broken(later) == {}
    row = Override.objects.get()
    assert (row.kind, row.by, row.from_user, row.to_user) == ("RETURNED", karl, karl, sdr)

    entry = CreditEntry.objects.get(why="RETURNED")
    assert (entry.pool.key, entry.user, entry.note) == ("aes", karl, "hand-off returned")

    actions.undo(lead_id=lead.pk, by=karl, now=later + MINUTE)
    again = fresh(lead)
    assert again.owner == karl
    assert set(open_clocks(again)) == owed
    assert set(open_clocks(again).values()) == {karl.pk}
    assert broken(later + MINUTE) == {}

    actions.return_handoff(lead_id=lead.pk, by=karl, reason="No", now=later + 2 * MINUTE)
    told = CreditEntry.objects.filter(user=karl, decision=entry.decision).order_by("turn")
    assert [one.why for one in told] == ["RETURNED", "CORRECTED", "RETURNED"]
    assert broken(later + 2 * MINUTE) == {}


def test_marking_as_sql_is_undone_with_its_hand_off(company: Company, karl: User) -> None:
    publish(company, to_aes())
    lead = accepted()
    sdr = lead.owner
    assert sdr is not None
    before = open_clocks(lead)
    factories.work(lead, to="SQL", now=NOW + HOUR + 3 * MINUTE)
    actions.undo(lead_id=lead.pk, by=sdr, now=NOW + HOUR + 4 * MINUTE)
    lead = fresh(lead)
    assert (lead.stage, lead.owner, lead.sourced_by) == ("SAL", sdr, None)
    assert set(open_clocks(lead)) >= set(before) - {"first_contact"}
    assert CreditEntry.objects.get(why="RETURNED").pool.key == "aes"
    assert broken(NOW + HOUR + 4 * MINUTE) == {}


def test_only_a_hand_off_can_be_returned_and_only_by_who_has_it(
    company: Company, karl: User
) -> None:
    publish(company, to_aes())
    lead = accepted()
    sdr = lead.owner
    assert sdr is not None
    with pytest.raises(errors.TooLate):
        actions.return_handoff(lead_id=lead.pk, by=sdr, reason="Why not")
    lead = factories.work(lead, to="SQL", now=NOW + HOUR + 3 * MINUTE)
    with pytest.raises(errors.TooLate, match="belongs to Karl"):
        actions.return_handoff(lead_id=lead.pk, by=sdr, reason="Mine again")
    with pytest.raises(errors.InvalidInput):
        actions.return_handoff(lead_id=lead.pk, by=karl, reason=" ")
    User.objects.filter(pk=sdr.pk).update(is_active=False)
    with pytest.raises(errors.TooLate, match="not active any more"):
        actions.return_handoff(lead_id=lead.pk, by=karl, reason="Not ready")


def test_who_waits_for_an_ae_is_given_out_by_the_same_rules(company: Company) -> None:

    publish(company, to_aes())
    lead = factories.work(accepted(), to="SQL", now=NOW + HOUR + 3 * MINUTE)
    assert (lead.owner, lead.queue) == (None, "aes")
    karl = factories.rep("karl", pools=["aes"], role="AE")
    assert waiting.route(now=NOW + 2 * HOUR) == 1
    assert fresh(lead).owner == karl
    assert Decision.objects.filter(lead=lead).latest("pk").moment == "HANDOFF"


def test_at_a_hand_off_the_current_owner_is_an_ae_of_the_account(
    company: Company, karl: User
) -> None:
    lena = factories.rep("lena", pools=["aes"], role="AE")
    publish(company, to_aes(target="CURRENT_OWNER"))
    same = {"domain": "known.example", "name": "Known"}
    first = factories.capture(now=NOW + HOUR, company=same)
    second = factories.capture(now=NOW + HOUR, company=same)
    owners = [
        factories.work(one, to="SQL", now=NOW + HOUR + MINUTE).owner for one in (first, second)
    ]
    assert owners[0] == owners[1]
    assert owners[0] in (karl, lena)
    assert Assignment.objects.filter(user__role="AE").count() == 2


def test_it_goes_back_to_the_sdr_however_many_aes_had_it(company: Company, karl: User) -> None:
    lena = factories.rep("lena", pools=["aes"], role="AE")
    publish(company, to_aes("MEETING"))
    lead = accepted()
    sdr = lead.owner
    owner = book(lead).owner
    at = NOW + HOUR + 5 * MINUTE
    actions.return_handoff(lead_id=lead.pk, by=owner, reason="Too early", now=at)
    owner = book(fresh(lead), now=at + MINUTE).owner
    assert owner in (karl, lena)
    actions.misroute(lead_id=lead.pk, by=owner, why="SEGMENT", now=at + 2 * MINUTE)
    other = fresh(lead).owner
    assert {owner, other} == {karl, lena}
    back = actions.return_handoff(lead_id=lead.pk, by=other, reason="No", now=at + 3 * MINUTE)
    assert (back.owner, back.sourced_by) == (sdr, sdr)
    assert broken(at + 4 * MINUTE) == {}


def test_an_sql_that_was_returned_is_handed_on_with_the_next_meeting(
    company: Company, karl: User
) -> None:
    publish(company, to_aes("SQL"))
    lead = factories.work(accepted(), to="SQL", now=NOW + HOUR + 3 * MINUTE)
    at = NOW + HOUR + 5 * MINUTE
    actions.return_handoff(lead_id=lead.pk, by=karl, reason="No budget yet", now=at)
    assert book(fresh(lead), now=at + MINUTE, kind="CALL").owner != karl
    assert book(fresh(lead), now=at + MINUTE, outcome="COMPLETED").owner != karl
    lead = book(fresh(lead), now=at + 2 * MINUTE)
    assert (lead.owner, lead.stage) == (karl, "SQL")
    assert broken(at + 3 * MINUTE) == {}
    back = actions.return_handoff(lead_id=lead.pk, by=karl, reason="No", now=at + 4 * MINUTE)
    actions.reassign(lead_id=lead.pk, by=back.owner, to=None, reason="Now.", now=at + 5 * MINUTE)
    assert fresh(lead).owner == karl  # without a meeting: the rules choose, those of hand-offs


@pytest.mark.parametrize(
    ("ago", "taken"), [(3 * DAY, False), (HOUR, False), (MINUTE, True), (-HOUR, True)]
)
def test_a_meeting_scheduled_for_the_past_is_none_that_is_booked(
    company: Company, karl: User, ago: dt.timedelta, taken: bool
) -> None:
    publish(company, to_aes("MEETING"))
    lead, now = accepted(), NOW + HOUR + 2 * MINUTE
    lead = book(lead, at=now - ago, now=now)
    assert (lead.owner == karl) is taken
    event = LeadEvent.objects.filter(lead=lead, kind="ACTIVITY").latest("sequence")
    told = reaching.told(event.because)
    assert (told is not None and told.message == reaching.PAST_MEETING) is not taken
    assert broken(now + MINUTE) == {}
