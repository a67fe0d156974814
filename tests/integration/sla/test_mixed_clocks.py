"""Clocks of every course at once, recalculated under a kit of which one counts its holder's hours.

Their deadlines are computed by hand. It is Tuesday 3 March 2026, 11:00 in Berlin (UTC+1).
"""

from __future__ import annotations

import datetime as dt

import pytest

from governance.kit import Kit
from leads.models import Lead
from lifecycle import actions, pausing, permissions, recalculating
from people.models import User
from sla.models import Clock
from tests import factories, kit_edits
from tests.factories import DAY, HOUR, MINUTE, NOW, Company
from tests.integration.sla.test_own_hours import NIGHTS, hand, is_clean, other
from tests.integration.sla.test_retraced_clocks import holder, see, work_since
from tests.kit_edits import Parts, part

pytestmark = pytest.mark.django_db

THEN = NOW + 50 * MINUTE
WEDNESDAY = "2026-03-04"


@pytest.fixture
def company() -> Company:
    return factories.company()


def next_kit(company: Company) -> Kit:
    """E-mails are answered in their holder's hours, and accepting has no Wednesday."""

    def edit(parts: Parts) -> None:
        part(parts, "clock_policy", "first_contact.inbound_email")["hours"] = "HOLDER"
        part(parts, "calendar", "weekdays")["closed"][WEDNESDAY] = "Carnival"

    return kit_edits.publish(edit, by=company.revops, now=THEN)


def a_mail_handed_to_who_works_at_night(company: Company) -> Lead:
    lead = factories.capture(channel="INBOUND_EMAIL")
    hand(lead, nights(lead), company.manager, NOW + 45 * MINUTE)
    return lead


def a_form_handed_on_twice(company: Company) -> Lead:
    lead = factories.capture()
    first = holder(lead)
    hand(lead, nights(lead), company.manager, NOW + 5 * MINUTE)
    hand(Lead.objects.get(pk=lead.pk), first, company.manager, NOW + 10 * MINUTE)
    return lead


def accepted_and_waiting(company: Company) -> Lead:
    """A wait of ten minutes, then handed to somebody who has nothing else."""
    lead = factories.work(factories.capture(), to="SAL", now=NOW)
    by = holder(lead)
    actions.log_activity(lead_id=lead.pk, by=by, kind="CALL", now=NOW + MINUTE)
    pausing.await_buyer(lead_id=lead.pk, by=by, until=NOW + DAY, now=NOW + 2 * MINUTE)
    pausing.go_on(lead_id=lead.pk, by=by, now=NOW + 12 * MINUTE)
    carl = factories.rep("carl", team=company.team)
    hand(Lead.objects.get(pk=lead.pk), carl, company.manager, NOW + 20 * MINUTE)
    return lead


def first_in_a_queue(company: Company) -> Lead:
    lead = factories.capture(company={"country": "SE"})
    assert lead.owner is None
    actions.claim(lead_id=lead.pk, by=company.manager, now=NOW + 30 * MINUTE)
    return lead


def still_in_a_queue(company: Company) -> Lead:
    return factories.capture(company={"country": "SE"}, now=NOW + MINUTE)


def nights(lead: Lead) -> User:
    taker = other(lead)
    work_since(NOW - DAY, taker, *NIGHTS)
    return taker


def due(lead: Lead, obligation: str, scope: str = "STAGE") -> dt.datetime:
    return Clock.objects.get(
        lead=lead, obligation=obligation, scope=scope, void=False, state="RUNNING"
    ).due_at


def test_one_policy_in_its_holders_hours_leaves_all_others_what_they_are(company: Company) -> None:
    mail = a_mail_handed_to_who_works_at_night(company)
    form = a_form_handed_on_twice(company)
    sal = accepted_and_waiting(company)
    claimed = first_in_a_queue(company)
    queued = still_in_a_queue(company)
    routed_by = due(queued, "route")
    kit = next_kit(company)

    shown = see(kit, THEN)
    assert {(one.lead, one.obligation) for one in shown.lines} == {
        (mail.pk, "first_contact"), (mail.pk, "accept"), (form.pk, "accept"),
        (sal.pk, "sales_qualify"), (claimed.pk, "accept"),
    }  # fmt: skip
    recalculating.apply(None, by=company.revops, reason="Hours", seen=shown.seen, now=THEN)

    midnight = NOW.replace(hour=0)
    # 45 of 60 minutes were used by who always works; 15 are left from 20:00 on.
    assert due(mail, "first_contact") == midnight + 20 * HOUR + 15 * MINUTE
    # A day, and Wednesday more: from each start to the same time on Thursday.
    assert due(mail, "accept") == NOW + 2 * DAY
    assert due(mail, "accept", "OWNERSHIP") == NOW + 45 * MINUTE + 2 * DAY
    assert due(form, "accept") == NOW + 2 * DAY
    assert due(form, "accept", "OWNERSHIP") == NOW + 10 * MINUTE + 2 * DAY
    assert due(claimed, "accept") == NOW + 30 * MINUTE + 2 * DAY
    # Ten working days end on Tuesday the 17th; with Wednesday closed, a day and the wait later.
    assert due(sal, "sales_qualify") == NOW + 15 * DAY + 10 * MINUTE
    assert due(queued, "route") == routed_by
    assert recalculating.preview(kit, reach=permissions.EVERYWHERE, now=THEN).lines == ()
    is_clean(THEN)
