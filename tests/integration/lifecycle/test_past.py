"""An import of history tells the log what was: stages, owner, deal; reports work from day one."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import database
from leads import outbox
from leads.models import EventKind, Lead, LeadEvent, Opportunity, Touch
from lifecycle import intake, pipeline
from lifecycle.importing import runs, undoing, working
from lifecycle.invariants import run as invariants
from lifecycle.models import ImportRun, Notice
from reports import funnel
from reports.periods import Period
from routing.models import Assignment
from sla.models import Clock
from tests import factories
from tests.factories import Company
from tests.integration.lifecycle.test_import_undo import LATE, dump

pytestmark = pytest.mark.django_db

CAME = "2025-03-03T09:00:00+00:00"


@pytest.fixture
def company(db: None) -> Company:
    return factories.company()


def record(number: int, **history: str) -> dict[str, Any]:
    return {
        "channel": "IMPORT",
        "occurred_at": CAME,
        "external_id": str(number),
        "person": {"first_name": "Kim", "last_name": f"No{number}", "email": f"k{number}@a.test"},
        "company": {"name": f"Co {number}", "domain": f"co{number}.test"},
        **({"history": history} if history else {}),
    }


def told(*bodies: dict[str, Any], now: dt.datetime | None = None) -> list[dict[str, Any]]:
    """The receipts of touches that came in as history."""
    received = intake.receive(
        bodies, scope="old", keys=[None] * len(bodies), now=now, historical=True
    )
    receipts = pipeline.advance([one.touch_id for one in received if one.touch_id], now=now)
    factories.check_rules()
    assert not list(Touch.objects.filter(status="PARKED").values_list("last_error", flat=True))
    assert [one.touch_id in receipts for one in received] == [True] * len(bodies)
    return [receipts[one.touch_id] for one in received if one.touch_id]


def sound() -> None:
    results = invariants.check(now=database.now())
    broken = {one.invariant.key: one.found.offences for one in results if one.found.count}
    assert not broken.keys() - LATE, broken


def steps(lead: Lead) -> list[tuple[str, str]]:
    rows = LeadEvent.objects.filter(lead=lead, kind=EventKind.STAGE).order_by("sequence")
    return [(one.to_stage, one.at.date().isoformat()) for one in rows]


def test_a_won_deal_is_there_with_its_way_its_owner_and_its_amount(company: Company) -> None:
    anna = company.reps[0]
    [receipt] = told(record(
        1, stage="WON", mql_at="2025-03-10T00:00:00Z", sql_at="2025-04-01T00:00:00Z",
        closed_at="2025-06-30T00:00:00Z", owner="Anna@Example.com", amount="12.500,50",
        currency="eur",
    ))  # fmt: skip
    lead = Lead.objects.get()
    assert (receipt["stage"], receipt["remarks"], lead.owner) == ("WON", [], None)
    assert steps(lead) == [
        ("INQUIRY", "2025-03-03"), ("MQL", "2025-03-10"), ("SAL", "2025-04-01"),
        ("SQL", "2025-04-01"), ("OPPORTUNITY", "2025-06-30"), ("WON", "2025-06-30"),
    ]  # fmt: skip
    deal = lead.opportunity
    assert deal is not None
    assert (deal.owner, deal.status, deal.amount, deal.currency) == (
        anna, "WON", Decimal("12500.50"), "EUR",
    )  # fmt: skip
    [held] = Assignment.objects.filter(lead=lead)
    assert (held.user, held.started_at.isoformat(), held.ended_at) == (
        anna, "2025-03-10T00:00:00+00:00", deal.closed_at,
    )  # fmt: skip
    assert Clock.objects.count() == outbox.news().count() == Notice.objects.count() == 0
    sound()


@pytest.mark.parametrize(
    ("stage", "obligation"),
    [("MQL", "accept"), ("SAL", "sales_qualify"), ("SQL", "convert"), ("OPPORTUNITY", "close")],
)
def test_what_is_still_worked_has_its_owner_and_a_clock_that_runs_from_now(
    company: Company, stage: str, obligation: str
) -> None:
    now = database.now()
    told(record(1, stage=stage, mql_at="2025-03-10T00:00:00Z", owner="anna"), now=now)
    lead = Lead.objects.get()
    assert (lead.stage, lead.owner) == (stage, company.reps[0])
    assert obligation in {one.obligation for one in Clock.objects.filter(state="RUNNING")}
    assert {one.started_at for one in Clock.objects.all()} == {now}
    assert outbox.news().count() == Notice.objects.count() == 0
    sound()


@pytest.mark.parametrize(
    ("history", "stage", "word"),
    [
        ({"stage": "SQL"}, "INQUIRY", "nobody would answer for it"),
        ({"stage": "SQL", "owner": "gone"}, "INQUIRY", "nobody would answer for it"),
        ({"stage": "WON", "owner": "Stranger"}, "INQUIRY", "Nobody here is called “Stranger”"),
        ({"stage": "WON", "owner": "gone"}, "WON", ""),
        ({"stage": "DISQUALIFIED"}, "DISQUALIFIED", ""),
        ({"stage": "DISQUALIFIED", "reason": "spam"}, "DISQUALIFIED", ""),
        ({"stage": "DISQUALIFIED", "reason": "ghosts"}, "DISQUALIFIED", "is no reason of the kit"),
        ({"stage": "NURTURE", "sal_at": "2025-04-01T00:00:00Z"}, "NURTURE", ""),
        ({"stage": "LOST", "owner": "anna", "amount": "much", "currency": "€"}, "LOST",
         "“€” is no currency"),
        ({"owner": "anna"}, "INQUIRY", ""),
        ({"stage": "WON", "owner": "Stranger", "owner_else": "ben"}, "WON", "“Stranger”"),
        ({"stage": "SQL", "owner": "gone", "owner_else": "ben"}, "SQL", ""),
        ({"stage": "OPPORTUNITY", "owner": "anna", "closed_at": "2126-01-01T00:00:00Z"},
         "OPPORTUNITY", ""),
    ],
)  # fmt: skip
def test_what_nobody_can_answer_for_comes_in_as_an_inquiry_and_the_row_says_why(
    company: Company, history: dict[str, str], stage: str, word: str
) -> None:
    factories.user("gone", is_active=False)
    [receipt] = told(record(1, **history))
    assert receipt["stage"] == stage
    remarks = [one["message"] for one in receipt["remarks"]]
    assert any(word in one for one in remarks) if word else remarks == []
    sound()


def test_a_lead_that_somebody_works_or_that_came_in_live_keeps_its_own_past(
    company: Company,
) -> None:
    body = record(1, stage="WON", owner="anna")
    live = {**body, "channel": "PHONE"}
    del live["history"]
    intake.capture([live], scope="old", keys=["live"], now=database.now())
    before = Lead.objects.values_list("stage", "cycle", "owner").get()
    [receipt] = told(body)
    assert Lead.objects.values_list("stage", "cycle", "owner").get() == before
    assert "known already" in receipt["remarks"][0]["message"]
    sound()


def test_a_past_can_be_told_later_to_a_lead_known_from_imports_alone(company: Company) -> None:
    told(record(1))
    told(record(1, stage="LOST", owner="anna", closed_at="2025-05-05T00:00:00Z"))
    assert steps(Lead.objects.get())[-1] == ("LOST", "2025-05-05")
    [again] = told(record(1, stage="WON", owner="anna"))
    assert (again["stage"], Lead.objects.get().stage) == ("LOST", "LOST")
    sound()


def test_a_buyer_with_a_past_who_comes_back_takes_the_usual_way(company: Company) -> None:
    told(record(1, stage="LOST", owner="anna"))
    factories.capture(
        person={"email": "k1@a.test", "first_name": "Kim", "last_name": "No1", "phone": ""},
        company={"name": "Co 1", "domain": "co1.test"},
        now=database.now(),
    )
    lead = Lead.objects.get(person__email="k1@a.test")
    assert (lead.cycle, lead.stage) == (2, "MQL")
    sound()


def test_the_funnel_shows_the_past(company: Company) -> None:
    told(
        record(1, stage="WON", owner="anna"), record(2, stage="LOST", owner="ben"),
        record(3, stage="SQL", owner="ben"), record(4, stage="DISQUALIFIED"), record(5),
    )  # fmt: skip
    begin = dt.datetime(2025, 3, 1, tzinfo=dt.UTC)
    period = Period(begin, begin + dt.timedelta(days=31))
    figures = funnel.build(company.revops, period=period).totals.figures()
    names = ("leads", "mql", "accepted", "sql", "opportunity", "won", "lost", "disqualified")
    assert [figures[name] for name in names] == [5, 3, 3, 3, 2, 1, 1, 1]


def test_a_past_costs_the_same_queries_for_one_and_for_many(company: Company) -> None:
    def queries(bodies: list[dict[str, Any]]) -> int:
        received = intake.receive(bodies, scope="old", historical=True)
        with CaptureQueriesContext(connection) as caught:
            pipeline.advance([one.touch_id for one in received if one.touch_id])
        return len(caught)

    kinds = ("WON", "LOST", "OPPORTUNITY", "SQL", "MQL")
    few, many = (
        [record(n, stage=kinds[n % 5], owner=("anna", "ben")[n % 2]) for n in some]
        for some in (range(10), range(100, 130))
    )
    assert queries(few) == queries(many)


TABLE = """Id,Mail,Firma,Seit,Status,Ende,Wer,Wert
1,kim@alt-co.com,Alt Co,2025-03-03T09:00:00Z,Gewonnen,2025-05-05T00:00:00Z,anna@example.com,5000
2,ana@bel-co.com,Bel Co,2025-03-04T09:00:00Z,Offen,,ben,
3,leo@cee-co.com,Cee Co,2025-03-05T09:00:00Z,Tot,2025-04-01T00:00:00Z,,
"""
DOCUMENT = {
    "system": "old",
    "exact": True,
    "columns": {
        "external_id": ["Id"],
        "person.email": ["Mail"],
        "company.name": ["Firma"],
        "occurred_at": ["Seit"],
        "history.stage": {
            "from": ["Status"],
            "words": {"Gewonnen": "WON", "Offen": "SQL", "Tot": "DISQUALIFIED"},
        },
        "history.closed_at": ["Ende"],
        "history.owner": ["Wer"],
        "history.amount": ["Wert"],
    },
}


def imported(company: Company, monkeypatch: pytest.MonkeyPatch, *, live: bool) -> ImportRun:
    monkeypatch.setattr(runs.queue, "enqueue", lambda *_, **__: None)
    run = runs.upload([TABLE.encode()], name="old.csv", by=company.marketing)
    runs.check(run.pk, document=DOCUMENT, by=company.marketing, live=live)
    working.work(run.pk)
    runs.start(run.pk, by=company.marketing)
    working.work(run.pk)
    run.refresh_from_db()
    assert run.state == "DONE", run.error
    factories.check_rules()
    return run


def test_undoing_an_import_takes_back_the_past_it_told_with_its_deals(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = dump()
    run = imported(company, monkeypatch, live=False)
    order = Lead.objects.order_by("pk").values_list("stage", flat=True)
    assert list(order) == ["WON", "SQL", "DISQUALIFIED"]
    sound()
    done = undoing.undo(run_id=run.pk, by=company.marketing)
    assert (done.removed.leads, done.stays) == (3, {})
    assert dump() == before
    sound()


def test_a_deal_that_somebody_changed_since_keeps_its_lead(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = imported(company, monkeypatch, live=False)
    deal = Opportunity.objects.get()
    deal.amount = deal.amount_base = Decimal(7000)
    deal.save()
    done = undoing.undo(run_id=run.pk, by=company.marketing)
    assert (done.removed.leads, done.stays) == (2, {"DEAL": 1})
    sound()


def test_rows_that_come_in_live_have_no_past_with_us(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = imported(company, monkeypatch, live=True)
    assert set(run.tallies) <= {"CREATED", "REVIEW", "QUARANTINED"}
    assert not Touch.objects.filter(payload__has_key="history").exists()
    assert Touch.objects.filter(payload__fields__Status="Gewonnen").exists()
    assert Opportunity.objects.count() == 0
