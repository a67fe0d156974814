"""A lead given to somebody is back with who had it, by who gave it, while nothing followed."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from core import errors
from leads.models import Lead, LeadEvent
from lifecycle import actions, bulk_handing, gathering, jobs, taking_back
from lifecycle.invariants import run
from lifecycle.models import Notice
from people.models import User
from routing import overrides
from routing.models import Override, PoolMember
from sla.models import Clock
from tests import factories
from tests.acting import LATER, fresh
from tests.factories import MINUTE, Company

pytestmark = pytest.mark.django_db

AT = LATER + MINUTE


@pytest.fixture
def company() -> Company:
    return factories.company()


@pytest.fixture
def lead(company: Company) -> Lead:
    return factories.capture()


def waiting(company: Company) -> Lead:
    """One that nobody could take."""
    PoolMember.objects.update(active=False)
    lead = factories.capture()
    assert lead.owner is None
    assert lead.queue
    PoolMember.objects.update(active=True)
    return lead


def colleague(lead: Lead) -> User:
    return User.objects.filter(role="SDR").exclude(pk=lead.owner_id or 0).order_by("pk")[0]


def give(lead: Lead, by: User, to: User | None, **more: Any) -> Lead:
    given = {"reason": "They speak Danish", "why": "LANGUAGE", "now": LATER, **more}
    return actions.reassign(lead_id=lead.pk, by=by, to=to.pk if to else None, **given)


def undo(lead: Lead, by: User, *, now: dt.datetime = AT) -> taking_back.TakenBack:
    return taking_back.take_back(lead_id=lead.pk, by=by, now=now)


def standing(lead: Lead) -> tuple[Any, ...]:
    found = fresh(lead)
    rows = Clock.objects.filter(lead=lead, void=False).exclude(state="CANCELLED")
    owed = {(one.policy, one.state, one.holder_id, one.due_at) for one in rows}
    turns = list(PoolMember.objects.order_by("pk").values_list("user", "credit"))
    return owed, found.stage, found.owner_id, found.queue, found.next_due_at, turns


def broken(now: dt.datetime) -> list[str]:
    keys = (one.invariant.key for one in run.check(now=now) if one.found.count)
    return [key for key in keys if not key.endswith(".delivered")]


@pytest.mark.parametrize("way", ["named", "rules"])
def test_who_had_it_has_it_again_and_owes_the_same(company: Company, lead: Lead, way: str) -> None:
    before = standing(lead)
    give(lead, company.manager, colleague(lead) if way == "named" else None)
    assert standing(lead) != before
    back = undo(lead, company.manager)
    assert back.moved
    assert standing(lead) == before
    assert Override.objects.filter(lead=lead).exists()
    assert not overrides.standing().filter(lead=lead).exists()
    assert broken(AT) == []


def test_its_owner_who_handed_it_on_has_it_again(company: Company, lead: Lead) -> None:
    owner = lead.owner
    assert owner is not None
    give(lead, owner, colleague(lead))
    undo(lead, owner)
    assert fresh(lead).owner == owner


def test_what_waited_waits_again(company: Company) -> None:
    lead = waiting(company)
    before = standing(lead)
    give(lead, company.manager, colleague(lead))
    assert fresh(lead).owner is not None
    undo(lead, company.manager)
    assert standing(lead)[1:5] == before[1:5]
    assert {one[:3] for one in standing(lead)[0]} == {one[:3] for one in before[0]}
    assert broken(AT) == []


def test_the_new_owner_is_not_told_any_more(company: Company, lead: Lead) -> None:
    whom = colleague(lead)
    give(lead, company.manager, whom)
    jobs.sweep(now=LATER)
    assert Notice.objects.filter(to=whom, lead=lead, read_at=None).exists()
    undo(lead, company.manager)
    assert not Notice.objects.filter(to=whom, lead=lead, read_at=None).exists()


def test_what_happened_since_is_named(company: Company, lead: Lead) -> None:
    whom = colleague(lead)
    give(lead, company.manager, whom)
    actions.log_activity(lead_id=lead.pk, by=whom, kind="CALL", now=LATER + MINUTE)
    with pytest.raises(errors.TooLate, match=f"followed by: Activity by {whom}"):
        undo(lead, company.manager, now=AT + MINUTE)
    assert fresh(lead).owner == whom


def test_nobody_else_takes_it_back_nor_does_anybody_later(company: Company, lead: Lead) -> None:
    whom = colleague(lead)
    give(lead, company.manager, whom)
    for by, now in ((whom, AT), (company.revops, AT), (company.manager, LATER + 11 * MINUTE)):
        with pytest.raises(errors.TooLate, match="nothing of yours"):
            undo(lead, by, now=now)


def test_who_is_gone_by_then_gets_nothing_back(company: Company, lead: Lead) -> None:
    owner = lead.owner
    assert owner is not None
    give(lead, company.manager, colleague(lead))
    User.objects.filter(pk=owner.pk).update(is_active=False)
    with pytest.raises(errors.TooLate, match="works no leads any more"):
        undo(lead, company.manager)


def test_one_of_many_is_not_taken_back_alone(company: Company, lead: Lead) -> None:
    want = bulk_handing.Want("PERSON", colleague(lead).pk)
    act = bulk_handing.submit([lead.pk], want, by=company.manager, reason="Leave", now=LATER)
    assert LeadEvent.objects.filter(lead=lead, because__reassignment=act.pk).exists()
    with pytest.raises(errors.TooLate, match="nothing of yours"):
        undo(lead, company.manager)
    assert gathering.open_cases([fresh(lead)])
