"""Whoever is made inactive keeps no lead: those nobody worked are routed anew, others handed on."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leads.models import EventKind, Lead
from lifecycle import actions, jobs, leavers, ownership
from lifecycle.invariants import run as invariants
from people.models import Role, User
from routing.models import Assignment
from tests import factories
from tests.factories import HOUR, NOW, Company

pytestmark = pytest.mark.django_db
LATER = NOW + HOUR


@pytest.fixture
def company() -> Company:
    return factories.company(reps=("anna", "ben", "cleo"))


def held_by(company: Company, leaver: User, count: int) -> list[Lead]:
    leads = factories.captures([factories.touch() for _ in range(count)], now=NOW)
    for lead in leads:
        if lead.owner_id != leaver.pk:
            actions.reassign(lead_id=lead.pk, by=company.revops, to=leaver.pk, reason="-", now=NOW)
    return list(Lead.objects.filter(pk__in=[lead.pk for lead in leads]).order_by("pk"))


def gone(user: User) -> None:
    user.is_active = False
    user.save()


def broken() -> dict[str, object]:
    results = invariants.check(now=LATER)
    return {one.invariant.key: one.found.offences for one in results if one.broken}


def test_what_nobody_worked_is_routed_anew_and_the_rest_goes_to_the_manager(
    company: Company,
) -> None:
    anna = company.reps[0]
    fresh, worked = held_by(company, anna, 2)
    actions.accept(lead_id=worked.pk, by=anna, icp_confirmed=True, reachable=True, now=NOW)
    gone(anna)
    assert jobs.sweep(LATER)["handed_on"] == 2
    fresh.refresh_from_db()
    worked.refresh_from_db()
    assert fresh.owner in company.reps[1:]
    assert (worked.owner, worked.stage) == (company.manager, "SAL")
    legs = Assignment.objects.filter(lead=fresh).order_by("started_at", "pk")
    assert [leg.ended_at is None for leg in legs] == [False] * (len(legs) - 1) + [True]
    assert legs.last().decision is not None  # type: ignore[union-attr]
    event = worked.events.filter(kind=EventKind.ASSIGNED).latest("sequence")
    assert (event.because["why"], event.actor, event.by) == ("left", "leavers", None)
    assert leavers.hand_on(now=LATER) == 0
    assert broken() == {}


def test_who_gets_a_role_that_works_no_leads_keeps_none(company: Company) -> None:
    anna = company.reps[0]
    fresh, worked = held_by(company, anna, 2)
    actions.accept(lead_id=worked.pk, by=anna, icp_confirmed=True, reachable=True, now=NOW)
    anna.role = Role.REVOPS
    anna.save()
    assert jobs.sweep(LATER)["handed_on"] == 2
    fresh.refresh_from_db()
    worked.refresh_from_db()
    assert fresh.owner in company.reps[1:]
    assert worked.owner == company.manager
    assert broken() == {}


def test_without_anybody_else_they_wait_with_a_queue_and_their_clocks_run_on(
    company: Company,
) -> None:
    [lead] = held_by(company, company.reps[0], 1)
    due = lead.next_due_at
    for rep in company.reps:
        gone(rep)
    assert leavers.hand_on(now=LATER) == 1
    lead.refresh_from_db()
    assert (lead.owner, lead.queue, lead.next_due_at) == (None, "dach", due)
    assert broken() == {}


def test_a_manager_who_left_too_gets_nothing(company: Company) -> None:
    anna = company.reps[0]
    [lead] = held_by(company, anna, 1)
    actions.accept(lead_id=lead.pk, by=anna, icp_confirmed=True, reachable=True, now=NOW)
    gone(company.manager)
    gone(anna)
    assert leavers.hand_on(now=LATER) == 1
    lead.refresh_from_db()
    assert lead.owner in company.reps[1:]


def test_many_cost_no_more_messages_than_few_and_those_due_first_go_first(
    company: Company,
) -> None:
    anna = company.reps[0]
    leads = held_by(company, anna, 12)
    gone(anna)
    costs = []
    for count in (2, 4):  # both few enough to be written in one message
        with CaptureQueriesContext(
            connection,
        ) as told:
            assert leavers.hand_on(now=LATER, limit=count) == count
        costs.append(len(told))
    assert costs[1] <= costs[0] + 1, costs
    left = Lead.objects.filter(owner=anna).order_by("next_due_at", "pk")
    done = Lead.objects.filter(pk__in=[one.pk for one in leads]).exclude(owner=anna)
    assert max(one.next_due_at for one in done) <= min(one.next_due_at for one in left)


def test_one_that_fails_is_left_alone_for_a_while_and_stops_no_other(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = company.reps[0]
    bad, good = held_by(company, anna, 2)
    gone(anna)
    route = ownership.route

    def fails(cases: list[object], **more: object) -> object:
        if any(case.lead.pk == bad.pk for case in cases):  # type: ignore[attr-defined]
            raise ValueError("odd")
        return route(cases, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(leavers.ownership, "route", fails)
    assert leavers.hand_on(now=LATER) == 1
    good.refresh_from_db()
    assert good.owner != anna
    assert leavers.hand_on(now=LATER) == 0
    found = [one for one in invariants.check(now=LATER + HOUR) if one.found.count]
    assert "lead.owner_is_here" not in {one.invariant.key for one in found if one.broken}
