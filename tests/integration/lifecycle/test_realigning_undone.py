"""Realignments that are called off, or taken back where nothing followed."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest

from core.errors import DomainError
from leads.models import Account
from lifecycle import actions, jobs
from lifecycle.models import RealignedRow
from lifecycle.realigning import planning, undoing, working
from lifecycle.realigning.charting import Asked
from routing.models import Territory, TerritoryArea, TerritoryHolder
from routing.realignment import Holder
from tests import realigning
from tests.factories import DAY, HOUR, NOW, Company
from tests.realigning import (
    TODAY,
    TOMORROW,
    applied,
    broken,
    holder_on,
    leads,
    owner,
    territory,
    wanted,
)

pytestmark = pytest.mark.django_db
Kind, State = RealignedRow.Kind, RealignedRow.State


@pytest.fixture
def company() -> Company:
    return realigning.company()


def test_areas_move_to_another_territory_and_are_new_ones(company: Company) -> None:
    anna, ben = company.reps
    bavarian, suabian = leads(company, to=anna), leads(company, to=anna, code="73033")
    Account.objects.filter(pk=bavarian[0].account_id).update(region="Bayern", postal_code="90402")
    territory("munich", user=ben)
    asked = Asked(areas={("DE", "bayern", ""): "munich", ("DE", "", "80"): "munich"})
    act = planning.submit(
        planning.want(asked, TODAY), by=company.manager, reason="Munich opens", now=NOW
    )
    working.run(act.pk, now=NOW + HOUR)
    assert (owner(bavarian[0]), owner(suabian[0])) == (ben, anna)
    assert holder_on(TODAY, "DE", "", "80331") == (ben.pk, "")
    assert holder_on(TODAY - dt.timedelta(days=1), "DE", "Bayern") == (anna.pk, "")
    undoing.begin(act.pk, by=company.manager, now=NOW + HOUR)
    working.run(act.pk, now=NOW + HOUR)
    assert owner(bavarian[0]) == anna
    assert holder_on(TODAY, "DE", "Bayern") == (anna.pk, "")
    assert not TerritoryArea.objects.filter(postal_prefix="80").exists()


def test_what_a_pool_takes_over_waits_for_its_next_and_comes_back(company: Company) -> None:
    anna = company.reps[0]
    (lead,) = leads(company, to=anna)
    asked = Asked(holders={"south": Holder(pool="dach")})
    act = planning.submit(planning.want(asked, TODAY), by=company.revops, reason="-", now=NOW)
    working.run(act.pk, now=NOW + HOUR)
    assert (owner(lead), lead.queue) == (None, "dach")
    jobs.sweep(NOW + HOUR)
    assert owner(lead) is not None
    undoing.begin(act.pk, by=company.revops, now=NOW + HOUR)
    jobs.sweep(NOW + HOUR)
    assert owner(lead) == anna
    assert broken() == {}


def test_undoing_leaves_what_somebody_acted_on_and_says_so(company: Company) -> None:
    anna, ben = company.reps
    first, second = leads(company, to=anna, count=2)
    Account.objects.filter(pk=first.account_id).update(owner=anna)
    act = applied(company)
    actions.accept(lead_id=second.pk, by=ben, icp_confirmed=True, reachable=True, now=NOW + HOUR)
    undoing.begin(act.pk, by=company.revops, now=NOW + HOUR)
    jobs.sweep(NOW + 2 * HOUR)
    act.refresh_from_db()
    assert (act.state, act.kept) == ("UNDONE", [])
    assert (owner(first), owner(second)) == (anna, ben)
    assert Account.objects.get(pk=first.account_id).owner == anna
    left = act.rows.get(state=State.LEFT)
    assert (left.number, left.why) == (second.pk, "somebody acted on it since")
    assert holder_on(TODAY, "DE", "Bayern") == (anna.pk, "")
    with pytest.raises(DomainError, match="undone already"):
        undoing.begin(act.pk, by=company.revops, now=NOW + HOUR)
    assert broken() == {}


def test_undoing_days_later_leaves_the_days_between_as_they_were(company: Company) -> None:
    anna, ben = company.reps
    act = applied(company)
    later = NOW + 3 * DAY
    undoing.begin(act.pk, by=company.revops, now=later)
    assert holder_on(TODAY, "DE", "Bayern") == (ben.pk, "")
    assert holder_on(later.date(), "DE", "Bayern") == (anna.pk, "")


def test_undoing_says_where_a_territory_was_given_on_since(company: Company) -> None:
    act = applied(company)
    south = Territory.objects.get(key="south")
    TerritoryHolder.objects.create(territory=south, starts_on=TOMORROW, user=company.manager)
    undoing.begin(act.pk, by=company.revops, now=NOW + 2 * DAY)
    act.refresh_from_db()
    assert act.kept == ["South: somebody changed it since."]
    assert holder_on(TOMORROW, "DE", "Bayern") == (company.manager.pk, "")


def test_what_is_called_off_before_its_day_never_was(company: Company) -> None:
    act = planning.submit(wanted(company, day=TOMORROW), by=company.revops, reason="-", now=NOW)
    planning.cancel(act.pk, by=company.revops, now=NOW)
    assert holder_on(TOMORROW, "DE", "Bayern") == (company.reps[0].pk, "")
    assert TerritoryHolder.objects.count() == 2
    with pytest.raises(DomainError, match="nothing to undo"):
        undoing.begin(act.pk, by=company.revops, now=NOW)


def test_what_is_called_off_on_its_way_keeps_the_rest(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna, ben = company.reps
    made = leads(company, to=anna, count=3)
    act = planning.submit(wanted(company), by=company.revops, reason="-", now=NOW)
    monkeypatch.setattr(working, "BATCH", 1)
    working.run(act.pk, now=NOW + HOUR, until=0)
    planning.cancel(act.pk, by=company.revops, now=NOW + HOUR)
    assert working.run(act.pk, now=NOW + HOUR) == 0
    assert Counter(owner(lead) for lead in made) == {anna: 2, ben: 1}
    undoing.begin(act.pk, by=company.revops, now=NOW + HOUR)
    working.run(act.pk, now=NOW + HOUR)
    assert {owner(lead) for lead in made} == {anna}
