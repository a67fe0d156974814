"""What escalated to a manager, and the disputes of their teams."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from leads.models import Lead
from lifecycle import actions, disputes, jobs
from lifecycle.models import Notice
from people.models import Leave, Role, User
from tests import factories
from tests.acting_levels import text
from tests.factories import HOUR, MINUTE

pytestmark = pytest.mark.django_db

QUERIES = 15


def company() -> factories.Company:
    levels = text(one={"tell": ["TEAM_MANAGER", "REVOPS"]})
    return factories.company(now=timezone.now() - dt.timedelta(days=1), text=levels)


def opened(reader: User) -> Client:
    client = Client()
    client.force_login(reader)
    return client


def page(client: Client, address: str = "/team/escalations/") -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def overdue(count: int = 1) -> Lead:
    """Leads nobody did anything with for three hours, warned, breached and escalated."""
    now = timezone.now()
    leads = [factories.capture(now=now - 3 * HOUR) for _ in range(count)]
    for back in (HOUR - MINUTE, HOUR / 2, MINUTE):
        assert jobs.sweep(now - back)["errors"] == 0
    return Lead.objects.select_related("owner", "person").get(pk=leads[0].pk)


def test_a_manager_sees_what_escalated_until_somebody_acts() -> None:
    here = company()
    boss = opened(here.manager)
    assert "Nothing that is open has escalated to you." in page(boss)
    lead = overdue()
    owner = lead.owner
    assert owner is not None
    shown = page(boss)
    assert lead.person.name in shown
    assert "Level one" in shown
    assert "Nothing logged since the clock began." in shown
    assert f"Have {owner} act, or reassign it." in shown
    assert f"mailto:{owner.email}" in shown
    assert f"/leads/{lead.pk}/reassign/?next=/team/escalations/" in shown
    now = timezone.now()
    actions.log_activity(
        lead_id=lead.pk, by=owner, kind="CALL", outcome="NO_ANSWER", note="", now=now
    )
    Leave.objects.create(user=owner, starts_at=now - MINUTE, ends_at=now + 24 * HOUR)
    shown = page(boss)
    assert "1 activity logged; last call (no answer) by" in shown
    assert f"{owner} is on leave until" in shown
    home = page(boss, "/team/")
    assert "Escalated to you" in home
    assert lead.person.name in home
    actions.reassign(lead_id=lead.pk, by=here.manager, to=here.manager.pk, reason="-", now=now)
    assert "It is with you now" in page(boss)
    actions.accept(
        lead_id=lead.pk, by=here.manager, icp_confirmed=True, reachable=True, now=timezone.now()
    )
    assert lead.person.name not in page(boss)


def test_what_was_seen_counts_no_more_and_is_nobody_elses() -> None:
    here = company()
    lead = overdue()
    boss, rep = opened(here.manager), opened(here.reps[0])
    assert '<span class="side__count">1</span>' in page(boss, "/reports/")
    clock = lead.clocks.get(obligation="accept")
    seen = f"/team/escalations/{clock.pk}/seen/"
    assert rep.post(seen).status_code == 404
    assert lead.person.name not in page(rep)
    assert "Escalated to you" not in page(rep, "/team/")
    assert boss.post(seen, {"next": "/team/"})["Location"] == "/team/"
    assert '<span class="side__count">' not in page(boss, "/reports/")
    shown = page(boss)
    assert lead.person.name in shown
    assert ">Seen <" in shown
    told = Notice.objects.filter(to=here.manager, lead=lead, kind="ESCALATED")
    assert not told.filter(read_at=None).exists()


def test_who_may_not_give_it_to_anybody_is_not_offered_it() -> None:
    here = company()
    lead = overdue()
    User.objects.filter(pk=here.manager.pk).update(role=Role.MARKETING)
    shown = page(opened(here.manager))
    assert lead.person.name in shown
    assert "/reassign/" not in shown
    assert "or their manager reassigns it." in shown
    home = page(opened(here.revops), "/home/")
    assert "Escalated to you" in home
    assert lead.person.name in home


def test_the_pages_cost_the_same_for_little_and_for_much() -> None:
    here = company()
    overdue()
    boss = opened(here.manager)
    revops = opened(here.revops)
    pages = ((boss, "/team/"), (boss, "/team/escalations/"), (revops, "/home/"))
    for client, address in pages:
        client.get(address)
        with CaptureQueriesContext(connection) as before:
            client.get(address)
        overdue(3)
        with CaptureQueriesContext(connection) as after:
            client.get(address)
        assert len(after) == len(before) <= QUERIES


def test_a_manager_knows_of_disputes_of_their_teams_and_does_not_decide_them() -> None:
    now = timezone.now()
    here = factories.company(now=now - dt.timedelta(days=1))
    lead = factories.capture(now=now)
    assert lead.owner is not None
    actions.reject(lead_id=lead.pk, by=lead.owner, reason="outside_icp", note="Too small.", now=now)
    boss = opened(here.manager)
    assert "No rejection of your teams is disputed." in page(boss, "/team/")
    disputes.dispute(lead_id=lead.pk, by=here.marketing, note="It fits.", now=now)
    shown = page(boss, "/team/")
    assert "1 open" in shown
    assert f"Rejected by {lead.owner} (“" in shown
    assert "It fits." in shown
    assert "RevOps decides disputes." in shown
    assert "Disputed rejections" not in page(opened(here.reps[0]), "/team/")
    other = factories.user("otto", role=Role.MANAGER)
    assert "No rejection of your teams is disputed." in page(opened(other), "/team/")
    disputes.rule(lead_id=lead.pk, by=here.revops, outcome="UPHELD", note="Rightly.", now=now)
    assert "0 open" in page(boss, "/team/")
    assert "Rightly." in page(boss, "/team/")
