"""From SDR to AE at SQL or when a meeting is booked; back with a reason; undone."""

from __future__ import annotations

from typing import Any

import pytest

from core import errors
from governance.kit import Kit
from leads.models import Lead, LeadEvent
from lifecycle import actions, waiting
from lifecycle.invariants import run
from people.models import User
from routing.models import Assignment, CreditEntry, Decision
from sla.models import Clock
from tests import factories, kit_edits
from tests.factories import HOUR, MINUTE, NOW, Company
from tests.kit_edits import Edit, Parts

pytestmark = pytest.mark.django_db


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

    entry = CreditEntry.objects.get(why="RETURNED")
    assert (entry.pool.key, entry.user, entry.note) == ("aes", karl, "hand-off returned")

    actions.undo(lead_id=lead.pk, by=karl, now=later + MINUTE)
    again = fresh(lead)
    assert again.owner == karl
    assert set(open_clocks(again)) == owed
    assert set(open_clocks(again).values()) == {karl.pk}
    assert broken(later + MINUTE) == {}


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
