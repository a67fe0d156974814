"""Leads go to whom the rules mean: owners, who held them before, named reps, queues."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from leads.models import Account, Lead
from lifecycle import actions, waiting
from lifecycle.invariants import run
from people.models import Leave, Shift, User
from routing.models import (
    Assignment,
    Decision,
    Pool,
    PoolMember,
    Territory,
    TerritoryArea,
    TerritoryHolder,
)
from tests import factories, kit_edits
from tests.factories import DAY, HOUR, MINUTE, NOW, Company
from tests.kit_edits import Edit, Parts

pytestmark = pytest.mark.django_db


@pytest.fixture
def company(db: None) -> Company:
    return factories.company()


@pytest.fixture
def karl(company: Company) -> User:
    """An AE who shares no pool."""
    return factories.rep("karl", pools=[], role="AE")


BY_FORM = {"fact": "lead.channel", "op": "eq", "value": "FORM"}


def before(**entries: Any) -> Edit:
    """A rule before all others."""
    rule = {"key": "first", "label": "First", "moment": "INBOUND", "condition": BY_FORM,
            "pool": "dach", "target": "POOL"}  # fmt: skip

    def edit(parts: Parts) -> None:
        parts["routing_rule"].insert(0, {**rule, **entries})
        for place, one in enumerate(parts["routing_rule"]):
            one["position"] = place

    return edit


PASSING = {"otherwise": "NEXT_RULE"}
OWNER = before(target="ACCOUNT_OWNER", **PASSING)
STICKY = before(target="CURRENT_OWNER", **PASSING)


def owned(by: User, **columns: Any) -> Account:
    told = {"domain": "known.example", "name": "Known", "name_key": "known"} | columns
    return Account.objects.create(owner=by, created_at=NOW, **told)


def capture(now: dt.datetime = NOW + HOUR, **parts: Any) -> Lead:
    said = {"company": {"domain": "known.example", "name": "Known"}} | parts
    return factories.capture(now=now, **said)


def decision(lead: Lead) -> Decision:
    return Decision.objects.filter(lead=lead).latest("at", "id")


def broken(now: dt.datetime) -> dict[str, list[Any]]:
    return {
        one.invariant.key: list(one.found.offences)
        for one in run.check(now=now)
        if one.found.count and not one.invariant.key.endswith("delivered")
    }


def test_the_owner_of_the_account_gets_its_leads_and_takes_no_turn(
    company: Company, karl: User
) -> None:
    kit_edits.publish(OWNER, by=company.revops, now=NOW)
    owned(karl)
    lead = capture()
    made = decision(lead)
    assert lead.owner == karl
    assert (made.target, made.picked, made.because) == ("ACCOUNT_OWNER", karl, "owns the account")
    assert made.tried[-1]["meant"] == {"user": karl.pk, "by": ""}
    assert set(PoolMember.objects.values_list("credit", flat=True)) == {0}
    assert broken(NOW + HOUR) == {}


def away(person: User) -> None:
    Leave.objects.create(user=person, starts_at=NOW, ends_at=NOW + DAY)


def inactive(person: User) -> None:
    User.objects.filter(pk=person.pk).update(is_active=False)


def at_cap(person: User) -> None:
    PoolMember.objects.create(pool=Pool.objects.get(key="inbound"), user=person, open_cap=0)


def off_shift(person: User) -> None:
    Shift.objects.filter(user=person).delete()


@pytest.mark.parametrize(
    ("happens", "why"),
    [(away, "on leave"), (inactive, "inactive"), (off_shift, "off shift"),
     (at_cap, "at the cap: 0 of 0 open leads")],
)  # fmt: skip
def test_an_owner_who_cannot_take_it_is_passed_over_and_the_record_says_why(
    company: Company, karl: User, happens: Any, why: str
) -> None:
    kit_edits.publish(OWNER, by=company.revops, now=NOW)
    owned(karl)
    happens(karl)
    lead = capture()
    passed, *_, last = decision(lead).tried
    assert lead.owner in company.reps
    assert (passed["matched"], passed["refused"], last["matched"]) == (False, why, True)
    assert broken(NOW + HOUR) == {}


def test_the_pool_below_takes_what_its_person_cannot(company: Company, karl: User) -> None:
    kit_edits.publish(before(target="ACCOUNT_OWNER", otherwise="POOL"), by=company.revops, now=NOW)
    owned(karl)
    inactive(karl)
    lead = capture()
    made = decision(lead)
    assert (made.target, made.pool, made.picked in company.reps) == ("ACCOUNT_OWNER", "dach", True)
    assert made.snapshot is not None
    assert broken(NOW + HOUR) == {}


def test_a_second_buyer_of_an_account_goes_to_who_holds_the_first(company: Company) -> None:
    kit_edits.publish(STICKY, by=company.revops, now=NOW)
    first, second, third = factories.captures(
        [factories.touch(company={"domain": "known.example", "name": "Known"}) for _ in range(3)],
        now=NOW + HOUR,
    )
    assert first.owner == second.owner == third.owner
    assert [decision(one).target for one in (first, second, third)] == [
        "POOL", "CURRENT_OWNER", "CURRENT_OWNER"
    ]  # fmt: skip
    later = capture(now=NOW + HOUR + MINUTE)
    assert (later.owner, decision(later).because) == (
        first.owner, "holds or held leads of this account"
    )  # fmt: skip
    assert broken(NOW + HOUR + MINUTE) == {}


def test_a_buyer_who_comes_back_goes_by_the_rules_for_re_entries(company: Company) -> None:
    kit_edits.publish(
        before(
            key="again", moment="REENTRY", condition=None, target="CURRENT_OWNER", otherwise="POOL"
        ),
        by=company.revops,
        now=NOW,
    )
    lead = factories.capture(now=NOW + HOUR)
    held_by = lead.owner
    assert held_by is not None
    assert decision(lead).moment == "INBOUND"
    actions.reject(lead_id=lead.pk, by=held_by, reason="timing", now=NOW + 2 * HOUR)
    again = factories.captures_attached(
        now=NOW + DAY, person={"email": lead.person.email}, signals=[{"kind": "demo_request"}]
    )
    made = decision(again)
    assert (again.owner, made.moment, made.target) == (held_by, "REENTRY", "CURRENT_OWNER")
    assert made.because == "holds or held leads of this buyer"
    assert broken(NOW + DAY) == {}


def test_a_named_rep_gets_it_whatever_their_pools(company: Company, karl: User) -> None:
    kit_edits.publish(before(target="REP", rep="karl"), by=company.revops, now=NOW)
    lead = capture()
    assert (lead.owner, decision(lead).because) == (karl, "is named by the rule")


def test_a_queue_waits_for_people_and_routing_leaves_it_there(company: Company) -> None:
    kit_edits.publish(before(target="QUEUE"), by=company.revops, now=NOW)
    lead = capture()
    assert (lead.owner, lead.queue, lead.route_at) == (None, "dach", None)
    assert waiting.route(now=NOW + DAY) == 0
    anna = company.reps[0]
    actions.claim(lead_id=lead.pk, by=anna, now=NOW + 2 * HOUR)
    assert Assignment.objects.get(lead=lead, ended_at=None).user == anna
    assert broken(NOW + 2 * HOUR) == {}


def test_whoever_hands_it_on_does_not_get_it_back(company: Company, karl: User) -> None:
    kit_edits.publish(OWNER, by=company.revops, now=NOW)
    owned(karl)
    lead = capture()
    actions.reassign(lead_id=lead.pk, by=karl, to=None, reason="Away soon", now=NOW + 2 * HOUR)
    lead.refresh_from_db()
    assert lead.owner in company.reps
    assert decision(lead).tried[0]["refused"] == "held it before"
    assert broken(NOW + 2 * HOUR) == {}


def territory(key: str, *areas: tuple[str, str, str]) -> Territory:
    made = Territory.objects.create(key=key, label=key.title())
    for country, region, prefix in areas:
        TerritoryArea.objects.create(
            territory=made, country=country, region=region, postal_prefix=prefix
        )
    return made


def test_a_lead_goes_to_who_holds_its_territory_on_that_day(company: Company, karl: User) -> None:
    kit_edits.publish(before(target="TERRITORY", **PASSING), by=company.revops, now=NOW)
    south = territory("south", ("DE", "Bayern", ""), ("DE", "", "7"))
    whole, empty = territory("germany", ("DE", "", "")), territory("nobody", ("DE", "", "0"))
    first, next_day = NOW.date(), (NOW + DAY).date()
    inbound = Pool.objects.get(key="inbound")
    lena = factories.rep("lena", pools=["inbound"])
    TerritoryHolder.objects.create(territory=south, starts_on=first, user=karl)
    TerritoryHolder.objects.create(territory=south, starts_on=next_day, user=lena)
    TerritoryHolder.objects.create(territory=whole, starts_on=first, pool=inbound)
    in_bavaria, in_hesse, in_saxony = factories.captures(
        [
            factories.touch(company={"region": "bayern"}),
            factories.touch(company={"postal_code": "60311"}),
            factories.touch(company={"postal_code": "01067"}),
        ],
        now=NOW + HOUR,
    )
    assert (in_bavaria.owner, decision(in_bavaria).because) == (karl, "holds the territory south")
    assert (in_hesse.owner, decision(in_hesse).pool) == (lena, "inbound")
    assert decision(in_saxony).tried[0]["refused"] == "nobody holds it now"
    assert in_saxony.owner in company.reps
    assert empty.holders.count() == 0
    assert broken(NOW + HOUR) == {}
    later = factories.capture(now=NOW + DAY, company={"postal_code": "70173"})
    assert later.owner == lena


def test_targets_cost_one_message_whatever_they_mean_and_pools_none(
    company: Company, django_assert_max_num_queries: Any
) -> None:
    def reads(count: int, now: dt.datetime) -> int:
        """Messages that ask something; more rows are written in other ways than few."""
        bodies = [factories.touch() for _ in range(count)]
        with django_assert_max_num_queries(1000) as seen:
            factories.captures(bodies, now=now)
        return sum(one["sql"].lstrip().startswith("SELECT") for one in seen.captured_queries)

    reads(1, NOW)
    plain = reads(3, NOW + HOUR)
    kit_edits.publish(
        STICKY,
        before(key="owner", target="ACCOUNT_OWNER", **PASSING),
        before(key="rep", target="REP", rep="mia", **PASSING),
        before(key="territory", target="TERRITORY", **PASSING),
        by=company.revops,
        now=NOW,
    )
    reads(1, NOW + 2 * HOUR)
    assert reads(3, NOW + 3 * HOUR) == reads(60, NOW + 4 * HOUR) == plain + 1
