"""Realignment: previewed, taken at its day in batches once each, told once."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.errors import DomainError, InvalidInput, NotAllowed
from leads.models import Account, EventKind, Opportunity, OpportunityStep
from lifecycle import actions, jobs
from lifecycle.models import Notice, RealignedRow, Realignment
from lifecycle.realigning import handing, planning, undoing, working
from lifecycle.realigning.charting import Asked
from people.models import User
from routing.models import Assignment, Pool, Territory, TerritoryHolder
from routing.realignment import Holder
from tests import factories, realigning
from tests.factories import DAY, HOUR, NOW, Company
from tests.realigning import (
    TODAY,
    TOMORROW,
    applied,
    broken,
    fates,
    holder_on,
    leads,
    owner,
    wanted,
)

pytestmark = pytest.mark.django_db
Kind, State = RealignedRow.Kind, RealignedRow.State


@pytest.fixture
def company() -> Company:
    return realigning.company()


def test_a_preview_counts_by_person_and_writes_nothing(company: Company) -> None:
    anna, ben = company.reps
    fresh, worked = leads(company, to=anna, count=2)
    actions.accept(lead_id=worked.pk, by=anna, icp_confirmed=True, reachable=True, now=NOW)
    Account.objects.filter(pk=fresh.account_id).update(owner=anna)
    shown = planning.preview(wanted(company), by=company.revops, now=NOW)
    assert shown.moving == {Kind.LEAD: 1, Kind.ACCOUNT: 1}
    assert shown.staying == {Kind.LEAD: 1}
    assert shown.stages == {("MQL", True): 1, ("SAL", False): 1}
    assert shown.between[Kind.LEAD, anna.pk, "", ben.pk, ""] == 1
    assert shown.stays == {(Kind.LEAD, "leads being worked stay, as chosen"): 1}
    assert not Realignment.objects.exists()
    assert TerritoryHolder.objects.count() == 2
    assert owner(fresh) == anna


def test_unaccepted_leads_and_accounts_go_along_the_rest_stays(company: Company) -> None:
    anna, ben = company.reps
    fresh, worked, elsewhere = leads(company, to=anna, count=3)
    Account.objects.filter(pk=elsewhere.account_id).update(postal_code="10115")
    actions.accept(lead_id=worked.pk, by=anna, icp_confirmed=True, reachable=True, now=NOW)
    Account.objects.filter(pk__in=[fresh.account_id, worked.account_id]).update(owner=anna)
    deal = Opportunity.objects.create(
        account_id=worked.account_id, name="Deal", owner=anna, created_at=NOW, version=1
    )
    OpportunityStep.objects.create(
        opportunity=deal, sequence=1, kind="OPENED", owner=anna, at=NOW, recorded_at=NOW
    )
    act = applied(company)
    assert act.state == "DONE"
    assert (owner(fresh), owner(worked), owner(elsewhere)) == (ben, anna, anna)
    assert set(Account.objects.filter(owner=ben)) == {fresh.account, worked.account}
    deal.refresh_from_db()
    assert deal.owner == anna
    assert fates(act) == {
        (Kind.ACCOUNT, State.MOVED): 2, (Kind.LEAD, State.MOVED): 1,
        (Kind.LEAD, State.STAYED): 1, (Kind.OPPORTUNITY, State.STAYED): 1,
    }  # fmt: skip
    leg = Assignment.objects.get(lead=fresh, ended_at__isnull=False, user=anna)
    assert leg.end_reason == "realigned"
    assert holder_on(TODAY, "DE", "", "70173") == (ben.pk, "")
    assert broken() == {}


def test_everything_can_go_along(company: Company) -> None:
    anna, ben = company.reps
    (worked,) = leads(company, to=anna)
    actions.accept(lead_id=worked.pk, by=anna, icp_confirmed=True, reachable=True, now=NOW)
    deal = Opportunity.objects.create(
        account_id=worked.account_id, name="Deal", owner=anna, created_at=NOW
    )
    act = applied(company, worked=True, opportunities=True)
    deal.refresh_from_db()
    assert (owner(worked), deal.owner) == (ben, ben)
    assert set(act.rows.values_list("state", flat=True)) == {State.MOVED}
    assert broken() == {}


def test_it_waits_for_midnight_utc_of_its_day(company: Company) -> None:
    anna, ben = company.reps
    (lead,) = leads(company, to=anna)
    act = planning.submit(wanted(company, day=TOMORROW), by=company.revops, reason="-", now=NOW)
    midnight = dt.datetime.combine(TOMORROW, dt.time(), dt.UTC)
    jobs.sweep(midnight - dt.timedelta(seconds=1))
    assert owner(lead) == anna
    assert holder_on(TODAY, "DE", "Bayern") == (anna.pk, "")
    assert holder_on(TOMORROW, "DE", "Bayern") == (ben.pk, "")
    assert jobs.sweep(midnight)["realigned"] == 1
    assert owner(lead) == ben
    act.refresh_from_db()
    assert (act.state, act.finished_at) == ("DONE", midnight)


def test_a_crash_on_the_way_hands_nothing_over_twice(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = leads(company, to=company.reps[0], count=3)
    act = planning.submit(wanted(company), by=company.revops, reason="-", now=NOW)
    monkeypatch.setattr(working, "BATCH", 2)
    working.run(act.pk, now=NOW + HOUR, until=0)

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(handing, "hand_over", crash)
        with pytest.raises(KeyboardInterrupt):
            working.run(act.pk, now=NOW + HOUR)
    assert Counter(act.rows.values_list("state", flat=True)) == {State.MOVED: 2, State.PENDING: 1}
    working.run(act.pk, now=NOW + HOUR)
    working.run(act.pk, now=NOW + HOUR)
    for lead in made:
        told = lead.events.filter(kind=EventKind.ASSIGNED, because__why="realigned")
        assert told.count() == 1
    act.refresh_from_db()
    assert act.state == "DONE"


def test_a_row_at_fault_stays_and_the_others_go_on(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = leads(company, to=company.reps[0], count=2)
    real = handing.to_user

    def broken_for_one(case: Any, *args: Any, **told: Any) -> None:
        if case.lead.pk == first.pk:
            raise ValueError("odd")
        real(case, *args, **told)

    monkeypatch.setattr(handing, "to_user", broken_for_one)
    act = applied(company)
    assert act.state == "DONE"
    assert (owner(first), owner(second)) == tuple(company.reps)
    assert "ValueError" in act.rows.get(number=first.pk, kind=Kind.LEAD).why


def test_what_somebody_else_has_by_then_is_theirs(company: Company) -> None:
    anna, _ = company.reps
    (lead,) = leads(company, to=anna)
    act = planning.submit(wanted(company), by=company.revops, reason="-", now=NOW)
    working._begin(act.pk, NOW + HOUR)
    actions.reassign(
        lead_id=lead.pk, by=company.revops, to=company.manager.pk, reason="-", now=NOW + HOUR
    )
    working.run(act.pk, now=NOW + HOUR)
    assert owner(lead) == company.manager
    assert act.rows.get().why == "somebody else had it by then"


def test_each_person_is_told_once_and_of_no_single_lead(company: Company) -> None:
    anna, ben = company.reps
    leads(company, to=anna, count=3)
    jobs.sweep(NOW + HOUR)
    Notice.objects.all().delete()
    act = applied(company)
    jobs.sweep(NOW + HOUR)
    told = Notice.objects.order_by("to_id")
    assert [(one.to, one.kind, one.realignment) for one in told] == [
        (anna, "REALIGNED", act), (ben, "REALIGNED", act),
    ]  # fmt: skip
    assert told[0].words == {"came": {}, "went": {"LEAD": 3}, "undone": False}


def test_two_realignments_of_one_territory_do_not_go_together(company: Company) -> None:
    first = planning.submit(wanted(company, day=TOMORROW), by=company.revops, reason="-", now=NOW)
    with pytest.raises(planning.Overlaps, match=f"Realignment {first.pk} of “south”"):
        planning.preview(wanted(company), by=company.revops, now=NOW)
    asked = Asked(holders={"north": Holder(company.reps[0].pk)})
    planning.submit(planning.want(asked, TODAY), by=company.revops, reason="-", now=NOW)
    planning.cancel(first.pk, by=company.revops, now=NOW)
    planning.submit(wanted(company), by=company.revops, reason="-", now=NOW)


def test_nobody_confirms_what_they_have_not_seen(company: Company) -> None:
    anna, _ = company.reps
    leads(company, to=anna)
    seen = planning.preview(wanted(company), by=company.revops, now=NOW).seen
    leads(company, to=anna, code="71034")
    with pytest.raises(DomainError, match="Look again"):
        planning.submit(wanted(company), by=company.revops, reason="-", seen=seen, now=NOW)
    assert not Realignment.objects.exists()


@pytest.mark.parametrize(
    ("asked", "day", "fault"),
    [
        (Asked(), TODAY, "Nothing would change"),
        (Asked(holders={"west": Holder(pool="dach")}), TODAY, "cannot be done"),
        (Asked(holders={"south": Holder(10**9)}), TODAY, "cannot be done"),
        (Asked(holders={"south": Holder(pool="none")}), TODAY, "cannot be done"),
        (Asked(areas={("DE", "", "8"): "west"}), TODAY, "cannot be done"),
        (Asked(areas={("Germany", "", "8"): "south"}), TODAY, "cannot be done"),
        (Asked(areas={("DE", "", "8" * 17): "south"}), TODAY, "cannot be done"),
        (Asked(holders={"south": Holder()}), TODAY - dt.timedelta(days=1), "today"),
        (Asked(holders={"south": Holder()}), TODAY + dt.timedelta(days=900), "two years"),
    ],
)
def test_what_cannot_be_is_refused_with_a_word(
    company: Company, asked: Asked, day: dt.date, fault: str
) -> None:
    with pytest.raises(InvalidInput, match=fault):
        planning.submit(planning.want(asked, day), by=company.revops, reason="-", now=NOW)
    assert not Realignment.objects.exists()


def test_only_revops_and_managers_realign(company: Company) -> None:
    anna = company.reps[0]
    act = planning.submit(wanted(company, day=TOMORROW), by=company.manager, reason="-", now=NOW)
    for call in (
        lambda: planning.preview(wanted(company), by=anna, now=NOW),
        lambda: planning.submit(wanted(company), by=anna, reason="-", now=NOW),
        lambda: planning.cancel(act.pk, by=anna, now=NOW),
        lambda: undoing.begin(act.pk, by=anna, now=NOW),
    ):
        with pytest.raises(NotAllowed):
            call()


def test_a_new_holder_who_is_gone_by_its_day_gets_nothing(company: Company) -> None:
    anna, ben = company.reps
    (lead,) = leads(company, to=anna)
    act = planning.submit(wanted(company, day=TOMORROW), by=company.revops, reason="-", now=NOW)
    User.objects.filter(pk=ben.pk).update(is_active=False)
    working.run(act.pk, now=NOW + DAY)
    assert owner(lead) == anna
    assert act.rows.get().why == "the new holder is not active"


def test_a_batch_takes_as_many_queries_for_many_as_for_few(company: Company) -> None:
    def cost(count: int) -> int:
        made = leads(company, to=company.reps[0], count=count, code=f"7{count:04}")
        Account.objects.filter(pk__in=[one.account_id for one in made]).update(
            owner=company.reps[0]
        )
        act = planning.submit(wanted(company), by=company.revops, reason="-", now=NOW)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            working.run(act.pk, now=NOW + HOUR)
        undoing.begin(act.pk, by=company.revops, now=NOW + HOUR)
        working.run(act.pk, now=NOW + HOUR)
        Account.objects.update(country="AT")
        return len(queries)

    cost(15)
    assert cost(15) == cost(30)


def test_pool_leads_of_a_territory_go_to_its_new_holder(company: Company) -> None:
    anna, _ = company.reps
    (lead,) = leads(company, to=anna)
    held = Assignment.objects.get(lead=lead, ended_at__isnull=True)
    Assignment.objects.filter(pk=held.pk).update(pool="dach")
    south = Territory.objects.get(key="south")
    TerritoryHolder.objects.filter(territory=south).update(
        user=None, pool=Pool.objects.get(key="dach")
    )
    karl = factories.rep("karl", pools=[])
    asked = Asked(holders={"south": Holder(karl.pk)})
    act = planning.submit(planning.want(asked, TODAY), by=company.revops, reason="-", now=NOW)
    working.run(act.pk, now=NOW + HOUR)
    assert owner(lead) == karl
