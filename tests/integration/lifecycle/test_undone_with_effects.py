"""A step is taken back with all that followed from it: nothing of it stays, nor counts."""

from __future__ import annotations

from typing import Any

import pytest

from core.errors import TooLate
from leads.models import Lead, LeadEvent
from leads.stages import UNDO, Stage
from lifecycle import actions, editing, notices, taking_back
from lifecycle.invariants import run
from lifecycle.invariants.invariant import Severity
from lifecycle.models import Notice
from reports import measures, mql_passes
from reports.periods import Period
from routing.models import PoolMember
from sla.models import Clock
from tests import factories
from tests.acting import accept, fresh, owner
from tests.factories import HOUR, MINUTE, NOW, Company

pytestmark = pytest.mark.django_db

LATER = NOW + HOUR
STANDS = (
    "stage", "cycle", "owner_id", "queue", "route_at", "reason", "exclusion", "passed_exclusions",
    "before_exclusion", "wake_at", "wake_on", "unheard_at", "hand_raised_at", "quarantined_at",
    "next_due_at", "sourced_by_id",
)  # fmt: skip


@pytest.fixture
def company() -> Company:
    return factories.company()


def stands(lead: Lead) -> dict[str, Any]:
    """The lead, what is owed, who is owed a turn, and the steps that reports count."""
    found = fresh(lead)
    counted = measures.taken().filter(lead=lead).exclude(transition=UNDO)
    turns = PoolMember.objects.order_by("pk").values_list("pk", "credit", "lent")
    return {
        **{name: getattr(found, name) for name in STANDS},
        "clocks": sorted(
            Clock.objects.filter(lead=lead, state="RUNNING").values_list("obligation", "due_at")
        ),
        "met": Clock.objects.filter(lead=lead, state="STOPPED", void=False).count(),
        "turns": list(turns),
        "steps": list(counted.order_by("pk").values_list("pk", flat=True)),
    }


def assert_sound(now: Any) -> None:
    broken = {
        one.invariant.key: one.found
        for one in run.check(now=now)
        if one.found.count and one.invariant.severity is Severity.FAILURE
    }
    assert not broken


@pytest.mark.parametrize("country", ["DE", "US"], ids=["goes to somebody", "waits in a queue"])
def test_letting_pass_is_undone_with_the_mql_and_the_owner_it_made(
    company: Company, country: str
) -> None:
    student = {"person": {"title": "Student"}, "company": {"country": country}}
    lead = factories.capture(**student)
    before = stands(lead)
    assert (before["stage"], before["unheard_at"]) == ("DISQUALIFIED", NOW)
    actions.reopen(lead_id=lead.pk, by=company.manager, reason="Buys too.", now=LATER)
    let_in = fresh(lead)
    assert (let_in.stage, bool(let_in.owner_id), bool(let_in.queue)) == (
        "MQL", country == "DE", country == "US",
    )  # fmt: skip
    actions.undo(lead_id=lead.pk, by=company.manager, now=LATER + MINUTE)
    assert stands(lead) == before
    backs = LeadEvent.objects.filter(lead=lead, transition=UNDO).order_by("sequence")
    assert [(one.to_stage, "within" in one.because) for one in backs] == [
        ("INQUIRY", True), ("DISQUALIFIED", False),
    ]  # fmt: skip
    assert_sound(LATER + MINUTE)
    assert not mql_passes.selected(company.revops, period=Period(NOW, LATER + HOUR)).exists()
    with pytest.raises(TooLate, match="nothing of yours"):
        actions.undo(lead_id=lead.pk, by=company.manager, now=LATER + MINUTE)


@pytest.mark.parametrize("told", [True, False], ids=["told already", "not told yet"])
@pytest.mark.parametrize("step", ["misroute", "let pass", "edit"])
def test_who_had_the_lead_until_the_undo_has_no_news_of_it(
    company: Company, step: str, told: bool
) -> None:
    student = {"person": {"title": "Student"}} if step != "misroute" else {}
    lead = factories.capture(**student)
    by = owner(lead) if step == "misroute" else company.revops
    notices.drain(now=NOW)
    if step == "let pass":
        actions.reopen(lead_id=lead.pk, by=by, reason="Buys too.", now=LATER)
    elif step == "edit":
        editing.edit(lead_id=lead.pk, by=by, values={"person.title": "Buyer"}, now=LATER)
    else:
        actions.misroute(lead_id=lead.pk, by=by, why="SEGMENT", now=LATER)
    theirs = Notice.objects.filter(to=owner(fresh(lead)), kind="ASSIGNED")
    if told:
        notices.drain(now=LATER)
        assert theirs.get().read_at is None
    taking_back.undo(lead_id=lead.pk, by=by, now=LATER + MINUTE)
    notices.drain(now=LATER + MINUTE)
    found = [(one.read_at, one.mail_due_at) for one in theirs]
    assert found == ([(LATER + MINUTE, None)] if told else [])
    if step == "misroute":
        assert Notice.objects.get(to=by, kind="ASSIGNED").read_at is None  # it is theirs again


@pytest.mark.parametrize("stood", ["MQL", "NURTURE"])
def test_it_is_out_again_from_where_it_stood(company: Company, stood: str) -> None:
    lead = factories.capture(company={"country": "US" if stood == "MQL" else "DE"})
    if stood == "NURTURE":
        actions.reject(lead_id=lead.pk, by=owner(lead), reason="timing", now=NOW + MINUTE)
    student = {"person.title": "Student"}
    editing.edit(lead_id=lead.pk, by=company.revops, values=student, now=NOW + 2 * MINUTE)
    before = stands(lead)
    assert before["exclusion"] == "student"
    actions.reopen(lead_id=lead.pk, by=company.manager, reason="Buys too.", now=LATER)
    assert fresh(lead).stage == stood
    actions.undo(lead_id=lead.pk, by=company.manager, now=LATER + MINUTE)
    assert stands(lead) == before
    assert_sound(LATER + MINUTE)


def test_it_is_not_once_its_new_owner_has_acted_and_that_is_said(company: Company) -> None:
    lead = factories.capture(person={"title": "Student"})
    actions.reopen(lead_id=lead.pk, by=company.manager, reason="Buys too.", now=LATER)
    lead = fresh(lead)
    accept(lead, now=LATER + MINUTE)
    with pytest.raises(TooLate, match=f"followed by: MQL to SAL by {lead.owner}"):
        actions.undo(lead_id=lead.pk, by=company.manager, now=LATER + 2 * MINUTE)
    assert fresh(lead).stage == Stage.SAL


def test_a_second_exclusion_that_catches_it_is_an_effect_too(company: Company) -> None:
    lead = factories.capture(person={"title": "Student", "email": "kim@norrlund.example"})
    before = stands(lead)
    actions.reopen(lead_id=lead.pk, by=company.manager, reason="A test.", now=LATER)
    assert fresh(lead).exclusion == "student"
    actions.undo(lead_id=lead.pk, by=company.manager, now=LATER + MINUTE)
    assert stands(lead) == before
    assert_sound(LATER + MINUTE)


def test_who_took_a_lead_out_of_quarantine_puts_it_back(company: Company) -> None:
    thin = {"industry": None, "employees": None, "country": None}
    lead = factories.capture(channel="IMPORT", company=thin, signals=[])
    before = stands(lead)
    assert before["quarantined_at"] is not None
    actions.self_source(lead_id=lead.pk, by=company.reps[0], now=LATER)
    assert fresh(lead).stage == Stage.SAL
    actions.undo(lead_id=lead.pk, by=company.reps[0], now=LATER + MINUTE)
    assert stands(lead) == before
    assert_sound(LATER + MINUTE)


BOUGHT = {
    "channel": "IMPORT", "company": {"employees": ""},
    "source": {"category": "content_syndication"}, "signals": [{"kind": "pricing_page_view"}] * 3,
}  # fmt: skip


@pytest.mark.parametrize(
    ("came", "edited"),
    [({"person": {"email": "kim@norrlund.example"}}, {"person.email": "kim@firma.example"}),
     ({"person": {"title": "Student"}, "company": {"country": "US"}}, {"person.title": "Buyer"}),
     (dict(BOUGHT), {"company.employees": "700"}),
     ({"company": {"employees": ""}}, {"company.employees": "700"}),
     ({"company": {"country": "US"}}, {"company.country": "DE"})],
    ids=["let in", "let in to a queue", "out of quarantine", "made an MQL", "out of a queue"],
)  # fmt: skip
def test_an_edit_is_undone_with_all_that_it_brought_about(
    company: Company, came: dict[str, Any], edited: dict[str, str]
) -> None:
    lead = factories.capture(**came)
    before = stands(lead)
    editing.edit(lead_id=lead.pk, by=company.revops, values=edited, now=NOW + MINUTE)
    moved = fresh(lead)
    assert (moved.stage, bool(moved.owner_id or moved.queue)) == ("MQL", True)
    assert stands(lead) != before
    actions.undo(lead_id=lead.pk, by=company.revops, now=NOW + 2 * MINUTE)
    after = stands(lead)
    if before["queue"]:  # routing tries again at once
        assert after.pop("route_at") == NOW + 2 * MINUTE
        del before["route_at"]
    assert after == before
    assert_sound(NOW + 2 * MINUTE)


def test_an_edit_is_undone_on_every_lead_until_an_owner_it_brought_has_acted(
    company: Company,
) -> None:
    firm = {"name": "Nordwind", "domain": "nordwind.example", "employees": ""}
    small: dict[str, Any] = {**BOUGHT, "company": firm}
    first, beside = factories.capture(**small), factories.capture(**small)
    before = stands(first), stands(beside)
    edit: dict[str, Any] = {
        "lead_id": first.pk,
        "by": company.revops,
        "values": {"company.employees": "700"},
    }
    editing.edit(**edit, now=NOW + MINUTE)
    assert (before[0]["owner_id"], before[1]["owner_id"]) == (None, None)
    assert owner(fresh(first)) != owner(fresh(beside))
    actions.undo(lead_id=first.pk, by=company.revops, now=NOW + 2 * MINUTE)
    assert (stands(first), stands(beside)) == before
    editing.edit(**edit, now=LATER)
    accept(fresh(beside), now=LATER + MINUTE)
    at = LATER + 2 * MINUTE
    with pytest.raises(TooLate, match=f"MQL to SAL by .* on lead {beside.pk}"):
        actions.undo(lead_id=first.pk, by=company.revops, now=at)
    accept(fresh(first), now=at)
    with pytest.raises(TooLate, match="followed by: MQL to SAL"):
        actions.undo(lead_id=first.pk, by=company.revops, now=at + MINUTE)
    assert fresh(first).stage == Stage.SAL
