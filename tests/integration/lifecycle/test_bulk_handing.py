"""Many leads go on in one act: as previewed, each told, by whom it may, undone where it can."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core import errors
from leads.models import Lead
from lifecycle import actions, bulk_handing, jobs, long_acts, possessions, taking_leads_back
from lifecycle.handing_rows import Want
from lifecycle.invariants import run as invariants
from lifecycle.models import HandedLead, Reassignment
from people.models import Role, User
from routing.models import Assignment, CreditEntry, Override, Pool, PoolMember
from sla.models import Clock
from tests import acting_levels, factories
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


def test_an_act_that_ends_its_worker_again_and_again_is_given_up_and_can_be_undone(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_handing, "AT_ONCE", 0)
    monkeypatch.setattr(bulk_handing, "CHUNK", 2)
    monkeypatch.setattr(bulk_handing.queue, "enqueue", lambda *job: None)
    some = leads(4)
    before = owners(some)
    act = bulk_handing.submit(
        [one.pk for one in some], Want("PERSON", company.manager.pk), by=company.revops,
        reason="-", now=LATER,
    )  # fmt: skip
    step, steps = bulk_handing._step, 0

    def ends_its_process(*given: Any) -> bool:
        nonlocal steps
        steps += 1
        if steps > 1:
            raise SystemExit
        return step(*given)

    monkeypatch.setattr(bulk_handing, "_step", ends_its_process)
    at = LATER
    while Reassignment.objects.get(pk=act.pk).state in bulk_handing.OPEN:
        with pytest.raises(SystemExit):
            bulk_handing.resume(act.pk, now=at)
        at += long_acts.STALLED_AFTER + MINUTE
        bulk_handing.take_up_stalled(now=at)
    assert steps == 2 + 3  # it got on once, ended, and was started three times in vain
    assert Reassignment.objects.get(pk=act.pk).state == "FAILED"
    monkeypatch.setattr(bulk_handing, "_step", step)
    back = bulk_handing.undo(act.pk, by=company.revops, now=at)
    bulk_handing.resume(back.pk, now=at)
    assert owners(some) == before


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
    with pytest.raises(
        errors.TooLate, match="Anna is not here to work leads; make them active reps first"
    ):
        bulk_handing.undo(act.pk, by=company.revops, now=LATER)
    User.objects.filter(pk=anna.pk).update(is_active=True)
    jobs.sweep(LATER + HOUR)
    assert anna not in owners(held)
    bulk_handing.undo(act.pk, by=company.revops, now=LATER + HOUR)
    assert set(owners(held)) == {anna}
    assert Assignment.objects.filter(ended_at__isnull=False, end_reason="").count() == 0
    sound()


class TestUndo:
    @pytest.fixture
    def company(self) -> Company:
        """Whoever gets a lead has two hours of their own."""
        return factories.company(
            reps=("anna", "ben", "cleo"),
            text=acting_levels.text(scope="OWNERSHIP", one=acting_levels.ANEW),
        )

    @staticmethod
    def running(some: list[Lead]) -> list[tuple[object, ...]]:
        fields = ("obligation", "holder", "started_at", "warn_at", "due_at", "warned_at")
        rows = Clock.objects.filter(lead__in=some, state="RUNNING")
        return sorted(rows.values_list("lead", *fields), key=str)

    @pytest.mark.parametrize("way", ["PERSON", "ANEW"])
    def test_clocks_run_on_as_if_nothing_had_happened(self, company: Company, way: str) -> None:
        some = leads(4)
        before, due = self.running(some), {one.pk: one.next_due_at for one in some}
        want = Want(way, company.manager.pk if way == "PERSON" else None)
        act = hand(some, want, company.revops)
        assert self.running(some) != before
        bulk_handing.undo(act.pk, by=company.revops, now=LATER + MINUTE)
        assert self.running(some) == before
        assert dict(Lead.objects.values_list("pk", "next_due_at")) == due
        sound()

    def test_of_leads_that_waited_nobody_owes_anything_again(self, company: Company) -> None:
        PoolMember.objects.update(open_cap=0)
        some = leads(2)
        before = self.running(some)
        act = hand(some, Want("PERSON", company.manager.pk), company.revops)
        assert self.running(some) != before
        bulk_handing.undo(act.pk, by=company.revops, now=LATER + MINUTE)
        assert self.running(some) == before
        sound()

    def test_it_asks_the_same_however_many_turns_come_back(self, company: Company) -> None:
        def asked(count: int) -> int:
            ids = [one.pk for one in leads(count)]
            act = bulk_handing.submit(ids, Want("ANEW"), by=company.revops, reason="-", now=LATER)
            with CaptureQueriesContext(connection) as seen:
                bulk_handing.undo(act.pk, by=company.revops, now=LATER + MINUTE)
            return len(seen)

        asked(2)
        assert asked(10) == asked(20)

    def test_where_some_are_inactive_the_page_says_what_stays(self, company: Company) -> None:
        some = leads(6)
        act = hand(some, Want("PERSON", company.manager.pk), company.revops)
        User.objects.filter(pk=company.reps[0].pk).update(is_active=False)
        said = taking_leads_back.gone(act)
        assert (said.names, said.leads, said.of, said.is_all) == (("Anna",), 2, 6, False)
        back = bulk_handing.undo(act.pk, by=company.revops, now=LATER + MINUTE)
        assert back.leads.exclude(stayed="").count() == said.leads
        assert sorted(map(str, owners(some))) == ["Ben", "Ben", "Cleo", "Cleo", "Mia", "Mia"]
        sound()


@pytest.mark.parametrize("way", ["PERSON", "ANEW"])
def test_the_reason_is_read_by_who_has_the_leads_now(company: Company, way: str) -> None:
    lead = leads(1)[0]
    want = Want(way, company.manager.pk if way == "PERSON" else None)
    act = hand([lead], want, company.revops)
    event = act.leads.get().event
    lead.refresh_from_db()
    assert event is not None
    assert lead.owner is not None
    assert "Anna is ill." in possessions.words_of({event.pk: lead.owner})[event.pk]
    page = Client()
    page.force_login(company.revops)
    assert page.get(f"/leads/{lead.pk}/").content.decode().count("Anna is ill.") == 2
    back = bulk_handing.undo(act.pk, by=company.revops, now=LATER + MINUTE)
    event = back.leads.get().event
    assert event is not None
    lead.refresh_from_db()
    assert lead.owner is not None
    assert "Anna is ill." not in possessions.words_of({event.pk: lead.owner})[event.pk]
