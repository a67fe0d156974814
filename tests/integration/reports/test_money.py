"""What leads cost and bring, the pipeline and its quota, who stays: against sums made by hand."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from core.errors import InvalidInput
from leads.models import Opportunity, OpportunityStep
from people.models import Role
from reports import cost_acts, quota_acts, registry
from reports.facts import company_days, deals
from reports.metrics import behind, catalogue
from reports.models import DealFact
from reports.periods import Period
from tests import factories
from tests.factories import DAY, NOW, Company, touch, work
from tests.integration.reports import test_facts

pytestmark = pytest.mark.django_db

LATER = NOW + DAY
FIRST = company_days.of(NOW)
ONE_DAY = company_days.between(FIRST, FIRST)
BOTH = company_days.between(FIRST, FIRST + company_days.DAY)
Told = dict[str, dict[str, object]]


def story() -> Company:
    """The seven leads of the facts' story on one day, and an eighth, a referral.

    Paid: 3,000 for five, of whom two became SQL and opportunity: one won with 1,200 after it had
    been open for ten days, one lost. Event: 500 for two, of whom one became SQL. The referral is an
    open opportunity of 4,000 at 25 %.
    """
    made = test_facts.told()
    fiona = factories.user("fiona", role=Role.FINANCE)
    for source, amount in (("PAID", 3_000), ("EVENT", 500)):
        said = cost_acts.Said(
            first_day=FIRST, last_day=FIRST, source=source, amount=Decimal(amount), currency="EUR",
            label=source,
        )  # fmt: skip
        cost_acts.enter(said, by=fiona, now=NOW)
    quota = quota_acts.Said(
        first_day=FIRST, last_day=FIRST + company_days.DAY, amount=Decimal(5_200)
    )
    quota_acts.enter(quota, by=fiona, now=NOW)
    work(factories.capture(touch(source={"category": "REFERRAL"})), to="OPPORTUNITY", now=LATER)
    Opportunity.objects.filter(status="WON").update(amount_base=1_200)
    left = Opportunity.objects.filter(status="OPEN")
    left.update(amount_base=4_000)
    step = OpportunityStep.objects.filter(opportunity__in=left).latest("sequence")
    OpportunityStep.objects.create(
        opportunity_id=step.opportunity_id, sequence=step.sequence + 1, kind=step.kind,
        owner_id=step.owner_id, at=LATER, recorded_at=LATER, win_percent=25,
    )  # fmt: skip
    test_facts.follow()
    deals.follow(now=LATER)
    DealFact.objects.filter(status="WON").update(opened_at=LATER - 10 * DAY)
    return made


@pytest.fixture(scope="module")
def _story(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Company]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield story()
        transaction.set_rollback(True)


@pytest.fixture
def company(_story: Company, db: None) -> Company:
    return _story


def told(
    company: Company, key: str, by: str, *columns: str, period: Period = ONE_DAY,
    now: dt.datetime = LATER,
) -> Told:  # fmt: skip
    made = registry.build(key, company.revops, period=period, by=by, now=now)
    rows = {row.key: row.figures() for row in made.rows} | {"All": made.totals.figures()}
    return {key: {one: row[one] for one in columns} for key, row in rows.items()}


COSTS = {
    # n, cost, and what each cost
    "cost_per_lead": {
        "PAID": (6, 3_000, 500), "EVENT": (2, 500, 250), "REFERRAL": (1, None, None),
        "All": (9, 3_500, 3_500 / 9),
    },
    "cost_per_mql": {
        "PAID": (6, 3_000, 500), "EVENT": (0, 500, None), "REFERRAL": (1, None, None),
        "All": (7, 3_500, 500),
    },
    "cost_per_sql": {
        "PAID": (2, 3_000, 1_500), "EVENT": (1, 500, 500), "REFERRAL": (1, None, None),
        "All": (4, 3_500, 875),
    },
    "cost_per_opportunity": {
        "PAID": (2, 3_000, 1_500), "EVENT": (0, 500, None), "REFERRAL": (1, None, None),
        "All": (3, 3_500, 3_500 / 3),
    },
}  # fmt: skip


@pytest.mark.parametrize("key", COSTS)
def test_a_lead_costs_what_was_spent_on_its_source(company: Company, key: str) -> None:
    found = told(company, key, "source", "n", "cost", "each")
    assert {name: tuple(row.values()) for name, row in found.items()} == COSTS[key]


def test_the_cost_of_a_source_is_shared_among_its_leads(company: Company) -> None:
    # One of six paid leads was sent back to Nurture and never became an SQL: a sixth of 3,000.
    assert told(company, "cost_per_lead", "nurtured", "n", "cost") == {
        "false": {"n": 8, "cost": 3_000.0},
        "true": {"n": 1, "cost": 500.0},
        "All": {"n": 9, "cost": 3_500.0},
    }
    assert told(company, "cost_per_sql", "segment", "each") == {
        "1-10": {"each": 500.0}, "201-500": {"each": 1_000.0}, "All": {"each": 875.0},
    }  # fmt: skip


@pytest.mark.parametrize("by", catalogue.ALL["cost_per_lead"].slices)
def test_however_it_is_cut_nothing_of_a_cost_is_lost(company: Company, by: str) -> None:
    found = told(company, "cost_per_lead", by, "cost", period=BOTH)
    whole = found.pop("All")["cost"]
    assert sum(float(str(row["cost"] or 0)) for row in found.values()) == pytest.approx(whole)


def test_a_cost_without_a_rate_is_not_known_and_a_late_one_is_said_so(company: Company) -> None:
    fiona = factories.user("finn", role=Role.FINANCE)
    said = cost_acts.Said(
        first_day=FIRST, last_day=FIRST, source="REFERRAL", amount=Decimal(90), currency="EUR",
        label="Bonus",
    )  # fmt: skip
    cost_acts.enter(said, by=fiona, now=NOW + 30 * DAY)
    row = told(company, "cost_per_lead", "source", "each", "late")["REFERRAL"]
    assert row == {"each": 90.0, "late": 1}
    cost_acts.enter(
        dataclasses.replace(said, currency="USD", label="Gift"), by=fiona, now=NOW + 30 * DAY
    )
    row = told(company, "cost_per_lead", "source", "each", "cost", "unvalued")["REFERRAL"]
    assert row == {"each": None, "cost": None, "unvalued": 1}


def test_reps_are_not_told_what_leads_cost(company: Company) -> None:
    made = registry.build("cost_per_lead", company.reps[0], period=ONE_DAY, now=LATER)
    assert made.totals.figures()["n"]
    assert made.totals.figures()["cost"] is None


def test_revenue_is_held_against_what_was_spent_by_every_model(company: Company) -> None:
    found = told(
        company, "source_roi", "source", "revenue_first", "roi_first", "roi_decay", period=BOTH
    )
    assert found["PAID"] == {"revenue_first": 1_200.0, "roi_first": 0.4, "roi_decay": 0.4}
    assert found["EVENT"] == {"revenue_first": 0.0, "roi_first": 0.0, "roi_decay": 0.0}
    assert found["All"]["roi_first"] == pytest.approx(1_200 / 3_500)
    labels = [one.label for one in catalogue.ALL["source_roi"].figures]
    assert "Return, time decay (half-life 7 days)" in labels


def test_revenue_for_each_lead(company: Company) -> None:
    assert told(company, "lead_to_revenue", "source", "n", "revenue", "each", period=BOTH) == {
        "PAID": {"n": 6, "revenue": 1_200.0, "each": 200.0},
        "EVENT": {"n": 2, "revenue": 0.0, "each": 0.0},
        "REFERRAL": {"n": 1, "revenue": 0.0, "each": 0.0},
        "All": {"n": 9, "revenue": 1_200.0, "each": pytest.approx(1_200 / 9)},
    }


def test_velocity_is_n_times_win_rate_times_value_by_cycle(company: Company) -> None:
    found = told(
        company, "pipeline_velocity", "team",
        "open", "ended", "win_rate", "size", "cycle", "velocity", period=BOTH,
    )  # fmt: skip
    # 1 open × 1/2 × 1,200 ÷ 10 days
    assert found["All"] == {
        "open": 1, "ended": 2, "win_rate": 0.5, "size": 1_200.0, "cycle": 864_000.0,
        "velocity": 60.0,
    }  # fmt: skip


def test_coverage_of_what_is_still_to_be_won(company: Company) -> None:
    columns = ("quota", "left", "weighted", "coverage", "needed")
    found = told(company, "pipeline_coverage", "team", *columns, period=BOTH)
    # 5,200 − 1,200 won; 4,000 × 25 %; 3,000 ÷ (1/9 × 1,200) = 22.5 leads
    assert found["All"] == {
        "quota": 5_200.0, "left": 4_000.0, "weighted": 1_000.0, "coverage": 0.25, "needed": 23,
    }  # fmt: skip
    team = str(company.reps[0].team_id)
    assert (found[team]["quota"], found[team]["coverage"]) == (None, None)
    months = told(company, "pipeline_coverage", "month", *columns, period=BOTH)
    assert months[f"{FIRST:%Y-%m}-01"] == found["All"]


def test_who_stayed_by_stage_once_it_can_be_judged(company: Company) -> None:
    def kept(now: dt.datetime) -> dict[str, tuple[object, ...]]:
        columns = ("n", "n_30", "kept_30", "lost_30", "kept_60")
        found = told(company, "lead_retention", "stage", *columns, period=BOTH, now=now)
        return {stage: tuple(row.values()) for stage, row in found.items()}

    after = kept(LATER + 31 * DAY)
    assert after["INQUIRY"] == (9, 9, pytest.approx(8 / 9), pytest.approx(1 / 9), None)
    assert after["MQL"] == (7, 7, pytest.approx(6 / 7), pytest.approx(1 / 7), None)
    assert after["SAL"] == after["SQL"] == (4, 4, 1.0, 0.0, None)
    assert after["OPPORTUNITY"] == (3, 3, pytest.approx(2 / 3), pytest.approx(1 / 3), None)
    # A day earlier nothing of the second day can be judged.
    before = kept(LATER + 30 * DAY - factories.HOUR)
    assert before["MQL"] == after["MQL"]
    assert before["SAL"] == (4, 0, None, None, None)
    assert kept(LATER)["MQL"] == (7, None, None, None, None)


def test_behind_what_is_counted_beside_are_its_leads_or_none(company: Company) -> None:
    metric = catalogue.ALL["lead_retention"]
    asked = behind.read(metric, of="lost_30", by="stage", row="MQL")
    late = LATER + 31 * DAY
    facts = behind.counted(metric, company.revops, asked, period=BOTH, now=late)
    assert sorted(one.hit for one in facts) == [False] * 6 + [True]
    metric = catalogue.ALL["cost_per_lead"]
    with pytest.raises(InvalidInput, match="not counted from leads"):
        behind.counted(metric, company.revops, behind.read(metric, of="cost"), period=BOTH)
    each = behind.counted(metric, company.revops, behind.read(metric, of="each"), period=BOTH)
    assert each.count() == 9
