"""Many leads go on in one act: as previewed, each told, by whom it may, undone where it can."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import errors
from leads.models import Lead
from lifecycle import actions, bulk_handing, jobs
from lifecycle.handing_rows import Want
from lifecycle.invariants import run as invariants
from lifecycle.models import HandedLead, Reassignment
from people.models import Role, User
from routing.models import Assignment, CreditEntry, Override, Pool, PoolMember
from tests import factories
from tests.factories import HOUR, MINUTE, NOW, Company

pytestmark = pytest.mark.django_db
LATER = NOW + MINUTE


@pytest.fixture
def company() -> Company:
    return factories.company(reps=("anna", "ben", "cleo"))


def leads(count: int = 6) -> list[Lead]:
    return factories.captures([factories.touch() for _ in range(count)], now=NOW)


def owners(some: list[Lead]) -> list[User | None]:
    rows = Lead.objects.select_related("owner").in_bulk([one.pk for one in some])
    return [rows[one.pk].owner for one in some]


def sound() -> None:
    factories.check_rules()
    found = invariants.check(now=NOW + 3 * MINUTE, replay=50)
    assert {one.invariant.key: one.found.offences for one in found if one.broken} == {}


def hand(some: list[Lead], want: Want, by: User) -> Reassignment:
    ids = [one.pk for one in some]
    shown = bulk_handing.preview(ids, want, by=by, now=LATER)
    act = bulk_handing.submit(ids, want, by=by, reason="Anna is ill.", now=LATER)
    assert act.state == "DONE"
    lines = HandedLead.objects.filter(act=act)
    assert sum(shown.users.values()) == lines.filter(to_user__isnull=False, stayed="").count()
    assert sum(shown.stays.values()) == lines.exclude(stayed="").count()
    sound()
    return act


@pytest.mark.parametrize("way", ["PERSON", "ANEW", "POOL"])
def test_leads_go_where_the_preview_said_and_come_back_with_their_turns(
    company: Company, way: str
) -> None:
    some = leads()
    before = owners(some)
    credit = dict(PoolMember.objects.values_list("pk", "credit"))
    if way == "POOL":
        factories.rep("zoe", pools=["americas"])
        Pool.objects.filter(key="americas").update(manager=company.manager)
        credit = dict(PoolMember.objects.values_list("pk", "credit"))
    want = Want(way, company.reps[2].pk if way == "PERSON" else None,
                "americas" if way == "POOL" else "")  # fmt: skip
    act = hand(some, want, company.revops)
    after = owners(some)
    if way == "PERSON":
        assert set(after) == {company.reps[2]}
        assert set(act.leads.exclude(stayed="").values_list("stayed", flat=True)) == {
            "is theirs already"
        }
    elif way == "ANEW":
        assert all(old != new for old, new in zip(before, after, strict=True))
    else:
        assert {str(one) for one in after} == {"Zoe"}
    moved = act.leads.filter(stayed="").count()
    assert Override.objects.filter(kind="REASSIGNED").count() == moved
    back = bulk_handing.undo(act.pk, by=company.revops, now=LATER + MINUTE)
    assert (back.state, owners(some)) == ("DONE", before)
    sound()
    assert dict(PoolMember.objects.values_list("pk", "credit")) == credit
    assert (CreditEntry.objects.filter(why="RETURNED").exists()) == (way != "PERSON")
    with pytest.raises(errors.TooLate):
        bulk_handing.undo(act.pk, by=company.revops, now=LATER + 2 * MINUTE)


def test_what_somebody_worked_on_since_stays_when_the_act_is_undone(company: Company) -> None:
    some = leads(3)
    before = owners(some)
    cleo = company.reps[2]
    held = [one for one, owner in zip(some, before, strict=True) if owner != cleo]
    act = hand(held, Want("PERSON", cleo.pk), company.revops)
    actions.accept(lead_id=held[0].pk, by=cleo, icp_confirmed=True, reachable=True, now=LATER)
    back = bulk_handing.undo(act.pk, by=company.revops, now=LATER + MINUTE)
    assert owners(held)[0] == cleo
    assert cleo not in owners(held)[1:]
    assert list(back.leads.exclude(stayed="").values_list("stayed", flat=True)) == [
        "something followed"
    ]
    sound()


def test_managers_hand_on_what_their_teams_hold_and_nobody_else_anything(company: Company) -> None:
    other = factories.user("otto", role=Role.MANAGER)
    some = leads(4)
    ids = [one.pk for one in some]
    want = Want("PERSON", company.reps[0].pk)
    for who in (company.reps[0], company.marketing):
        with pytest.raises(errors.NotAllowed):
            bulk_handing.preview(ids, want, by=who, now=LATER)
        with pytest.raises(errors.NotAllowed):
            bulk_handing.submit(ids, want, by=who, reason="-", now=LATER)
    before = owners(some)
    act = hand(some, want, other)
    assert owners(some) == before
    assert set(act.leads.values_list("stayed", flat=True)) == {"not yours to hand on"}
    hand(some, want, company.manager)
    assert set(owners(some)) == {company.reps[0]}


@pytest.mark.parametrize(
    ("want", "reason", "field"),
    [
        (Want("PERSON"), "-", "to"),
        (Want("PERSON", 999_999), "-", "to"),
        (Want("POOL", pool="nowhere"), "-", "pool"),
        (Want("SIDEWAYS"), "-", "way"),
        (Want("ANEW"), " ", "reason"),
    ],
)
def test_what_is_wrong_with_an_act_is_named(
    company: Company, want: Want, reason: str, field: str
) -> None:
    with pytest.raises(errors.InvalidInput) as refusal:
        bulk_handing.submit([1], want, by=company.revops, reason=reason, now=LATER)
    assert [one.field for one in refusal.value.errors] == [field]
    with pytest.raises(errors.InvalidInput):
        bulk_handing.submit([], Want("ANEW"), by=company.revops, reason="-", now=LATER)


def test_a_cancelled_act_leaves_the_rest(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk_handing, "AT_ONCE", 0)
    some = leads(2)
    before = owners(some)
    ids = [one.pk for one in some]
    act = bulk_handing.submit(ids, Want("ANEW"), by=company.revops, reason="-", now=LATER)
    assert act.state == "WAITING"
    bulk_handing.cancel(act.pk, by=company.revops, now=LATER)
    bulk_handing.resume(act.pk, now=LATER)
    assert owners(some) == before
    assert Reassignment.objects.get().state == "CANCELLED"


@pytest.mark.parametrize("way", ["PERSON", "ANEW"])
def test_a_chunk_costs_the_same_however_many_leads_it_has(company: Company, way: str) -> None:
    def asked(count: int) -> int:
        ids = [one.pk for one in leads(count)]
        want = Want(way, company.manager.pk if way == "PERSON" else None)
        with CaptureQueriesContext(connection) as seen:
            bulk_handing.submit(ids, want, by=company.revops, reason="-", now=LATER)
        return len(seen)

    asked(2)
    assert asked(40) == asked(60)


def test_where_a_leavers_leads_went_is_kept_and_nothing_flies_back(company: Company) -> None:
    some = leads(4)
    anna = company.reps[0]
    held = [one for one, owner in zip(some, owners(some), strict=True) if owner == anna]
    User.objects.filter(pk=anna.pk).update(is_active=False)
    jobs.sweep(LATER)
    act = Reassignment.objects.get()
    assert (act.way, act.leaver, act.total, act.by) == ("LEFT", anna, len(held), None)
    assert set(act.leads.values_list("lead", flat=True)) == {one.pk for one in held}
    assert list(bulk_handing.visible(company.manager)) == [act]
    with pytest.raises(errors.TooLate, match="Anna is not active; make them active first"):
        bulk_handing.undo(act.pk, by=company.revops, now=LATER)
    User.objects.filter(pk=anna.pk).update(is_active=True)
    jobs.sweep(LATER + HOUR)
    assert anna not in owners(held)
    bulk_handing.undo(act.pk, by=company.revops, now=LATER + HOUR)
    assert set(owners(held)) == {anna}
    assert Assignment.objects.filter(ended_at__isnull=False, end_reason="").count() == 0
    sound()
