"""Facts follow the log of leads, and are summed up by day without a number changing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoDbBlocker

from leads.models import Opportunity, Outbox
from lifecycle import actions, jobs
from lifecycle.invariants.invariant import Context
from people.models import Role
from reports import funnel, registry, rejections, sla, speed, steps
from reports.facts import company_days, cubes, days, deals, deriving, keeping, proving
from reports.metrics import catalogue
from reports.models import (
    ClockFact,
    DaySum,
    DealFact,
    FactsBuild,
    LeadFact,
    PassFact,
    StaleDay,
    VisitFact,
)
from reports.periods import Period
from tests import factories
from tests.factories import DAY, HOUR, NOW, Company, touch, work

pytestmark = pytest.mark.django_db

PERIOD = Period(NOW - HOUR, NOW + 2 * HOUR)
WHOLE = Period(NOW - 40 * DAY, NOW + 40 * DAY)
PAID, EVENT = {"category": "PAID"}, {"category": "EVENT", "campaign": "Hannover"}
TINY = {"employees": "3"}
LATER = NOW + DAY
FACTS = (LeadFact, PassFact, VisitFact, ClockFact)


def follow(now: dt.datetime = LATER + HOUR) -> None:
    """Let the facts catch up with the log, and sum all days up."""
    steps.facts(now, float("inf"))


def everything() -> list[tuple[object, ...]]:
    """All facts, whatever their own numbers."""
    orders = ("lead", "sequence", "sequence", "clock")
    return [
        tuple(row[name] for name in sorted(row) if name != "id")
        for model, order in zip(FACTS, orders, strict=True)
        for row in model.objects.order_by("lead", order).values()
    ]


def told() -> Company:
    """Seven leads in the period, one after it.

    paid:  1 stays MQL · 2 accepted, SQL, opportunity, won · 3 accepted, SQL, opportunity, lost
           4 rejected · 5 accepted, then taken back
    event: 6 no MQL, self-sourced, SQL · 7 no MQL, disqualified
    """
    made = factories.company()
    mql, won, lost, rejected, back = factories.captures([touch(source=PAID) for _ in range(5)])
    sourced, gone = factories.captures(
        [touch(source=EVENT, company=TINY, channel="EVENT") for _ in range(2)], now=NOW + HOUR
    )
    work(won, to="WON", now=LATER)
    work(lost, to="LOST", now=LATER)
    actions.reject(lead_id=rejected.pk, by=rejected.owner, reason="no_interest", now=LATER)
    work(back, to="SAL", now=LATER)
    actions.undo(lead_id=back.pk, by=back.owner, now=LATER)
    actions.self_source(lead_id=sourced.pk, by=sourced.owner, now=LATER)
    sourced.refresh_from_db()
    work(sourced, to="SQL", now=LATER)
    actions.disqualify(lead_id=gone.pk, by=gone.owner, reason="spam", now=LATER)
    factories.capture(now=PERIOD.end)
    assert mql.stage == "MQL"
    jobs.run(jobs.CLOCKS, now=LATER)
    follow()
    return made


@pytest.fixture(scope="module")
def _story(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Company]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield told()
        transaction.set_rollback(True)


@pytest.fixture
def company(_story: Company, db: None) -> Company:
    """It is told once; what a test does to it is taken back."""
    return _story


PAPER = {
    "inquiry_to_mql": (6, 5, 5 / 6),
    "mql_to_sal": (5, 2, 2 / 5),
    "mql_to_sql": (5, 2, 2 / 5),
    "lead_conversion": (7, 1, 1 / 7),
}
ON_THE_NEXT_DAY = {
    "sal_to_sql": (3, 3, 1.0),
    "sql_to_opportunity": (3, 2, 2 / 3),
    "opportunity_to_won": (2, 1, 1 / 2),
}


@pytest.mark.parametrize("key", [*PAPER, *ON_THE_NEXT_DAY])
def test_rates_equal_those_counted_by_hand(company: Company, key: str) -> None:
    period = PERIOD if key in PAPER else Period(LATER - HOUR, LATER + HOUR)
    told = registry.build(key, company.revops, period=period, now=LATER).totals.figures()
    paper = PAPER[key] if key in PAPER else ON_THE_NEXT_DAY[key]
    assert (told["n"], told["part"], told["rate"]) == paper


def test_accepted_rejected_and_undecided_are_all(company: Company) -> None:
    told = registry.build("acceptance", company.revops, period=PERIOD, now=LATER).totals.figures()
    assert [told[name] for name in ("n", "accepted", "rejected", "undecided")] == [5, 2, 1, 2]
    assert told["rate"] == pytest.approx(2 / 3)


def test_a_rejection_has_its_reason(company: Company) -> None:
    made = registry.build("rejection", company.revops, period=PERIOD, by="reason", now=LATER)
    [row] = made.rows
    assert (row.key, row.figures()["rejected"], row.figures()["n"]) == ("no_interest", 1, 1)
    assert row.figures()["rate"] == pytest.approx(1 / 3)


def test_spans_are_measured(company: Company) -> None:
    made = registry.build("cycle_length", company.revops, period=WHOLE, by="source", now=LATER)
    [row] = made.rows
    told = row.figures()
    assert (told["n"], told["median"], told["p90"]) == (1, 86400.0, 86400.0)
    # NOW is a Tuesday.
    assert (told["weekdays"], told["contacted"]) == (86400.0, 1)
    stays = registry.build("time_in_stage", company.revops, period=WHOLE, by="stage", now=LATER)
    told = {row.key: row.figures() for row in stays.rows}
    assert list(told) == ["INQUIRY", "MQL", "SAL", "SQL", "OPPORTUNITY"]
    assert (told["MQL"]["n"], told["MQL"]["median"]) == (3, 86400.0)


@pytest.mark.parametrize("key", catalogue.ALL)
def test_no_number_changes_by_being_summed_up(company: Company, key: str) -> None:
    metric = catalogue.ALL[key]

    def all_of_it() -> list[object]:
        made = [
            registry.build(key, company.revops, period=period, by=by, now=LATER)
            for by in metric.slices
            for period in (PERIOD, WHOLE)
        ]
        return [
            (row.key, row.label, row.figures()) for one in made for row in (*one.rows, one.totals)
        ]

    summed = all_of_it()
    StaleDay.objects.bulk_create(
        StaleDay(cube=metric.cube.key, day=day, since=NOW)
        for day in (company_days.of(NOW), company_days.of(LATER))
    )
    assert all_of_it() == summed
    DaySum.objects.filter(cube=metric.cube.key).delete()
    StaleDay.objects.all().delete()
    cut = company_days.cut(WHOLE)
    StaleDay.objects.bulk_create(
        StaleDay(cube=metric.cube.key, day=day, since=NOW) for day in cut.days()
    )
    assert all_of_it() == summed


def test_kept_facts_equal_those_made_anew(company: Company) -> None:
    kept = everything()
    for model in FACTS:
        model.objects.all().delete()
    keeping.rebuild(now=LATER)
    follow()
    assert everything() == kept
    assert keeping.is_built()


def test_other_rules_make_all_anew(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    follow()
    assert keeping.is_built()
    monkeypatch.setattr(deriving, "RULES", 99)
    assert not keeping.is_built()
    follow()
    assert FactsBuild.objects.count() == 2
    assert keeping.is_built()


def test_days_of_another_zone_are_counted_anew(company: Company, settings: Any) -> None:
    settings.REPORT_ZONE = "Pacific/Auckland"
    assert not keeping.is_built()
    follow()
    there = {company_days.of(NOW), company_days.of(PERIOD.end)}
    assert {*DaySum.objects.filter(cube="leads").values_list("day", flat=True)} == there
    told = registry.build("lead_conversion", company.revops, period=PERIOD, now=LATER)
    assert told.totals.figures()["n"] == 7


def test_what_happens_later_is_followed(company: Company) -> None:
    before = registry.build("mql_to_sal", company.revops, period=PERIOD, now=LATER)
    lead = PassFact.objects.filter(decision="").order_by("lead").first()
    assert lead is not None
    work(lead.lead, to="SAL", now=LATER + HOUR)
    assert Outbox.objects.filter(consumer=keeping.CONSUMER, done_at=None).count() == 1
    follow(LATER + 2 * HOUR)
    after = registry.build("mql_to_sal", company.revops, period=PERIOD, now=LATER)
    assert after.totals.figures()["part"] == before.totals.figures()["part"] + 1


def test_they_agree_with_the_reports(company: Company) -> None:
    told = funnel.build(company.revops, period=PERIOD, by="source", now=LATER)
    ours = registry.build("mql_to_sal", company.revops, period=PERIOD, by="source", now=LATER)
    by_source = {row.key: row.figures()["rate"] for row in ours.rows}
    for row in told.rows:
        assert row.figures()["acceptance_rate"] == by_source.get(row.key)
    decided = rejections.build(company.revops, period=PERIOD, now=LATER).totals.figures()
    own = registry.build("acceptance", company.revops, period=PERIOD, now=LATER).totals.figures()
    assert own["accepted"] == decided["accepted"]


def test_reps_see_colleagues_as_one(company: Company) -> None:
    anna = company.reps[0]
    made = registry.build("mql_to_sal", company.manager, period=PERIOD, by="rep", now=LATER)
    assert {row.label for row in made.rows} == {"Anna", "Ben"}
    own = registry.build("mql_to_sal", anna, period=PERIOD, by="rep", now=LATER)
    assert [row.label for row in own.rows if row.key == str(anna.pk)] == ["Anna"]
    assert "Ben" not in {row.label for row in own.rows}


def test_finance_counts_all_but_no_single_person(company: Company) -> None:
    fiona = factories.user("fiona", role=Role.FINANCE)
    made = registry.build("mql_to_sal", fiona, period=PERIOD, by="rep", now=LATER)
    assert [row.label for row in made.rows] == ["Colleagues"]
    assert made.totals.figures()["n"] == 5


@pytest.mark.parametrize("key", catalogue.ALL)
def test_the_number_of_queries_does_not_depend_on_the_data(company: Company, key: str) -> None:
    def queries(period: Period) -> int:
        with CaptureQueriesContext(connection) as seen:
            registry.build(key, company.revops, period=period, now=NOW)
        return len(seen)

    few = Period(LATER - HOUR, LATER + HOUR) if key not in PAPER else PERIOD
    assert queries(few) <= queries(WHOLE) <= 9


def test_removed_leads_leave_no_facts(company: Company) -> None:
    lead = LeadFact.objects.order_by("pk").first()
    assert lead is not None
    keeping.forget([lead.pk])
    assert not LeadFact.objects.filter(pk=lead.pk).exists()
    assert StaleDay.objects.filter(cube="leads", day=company_days.of(lead.came_at)).exists()


@pytest.fixture
def unknown_reps(company: Company) -> Company:
    """Whose they were is known of those alone that went on."""
    PassFact.objects.filter(sql_at=None).update(rep=None)
    for day in (NOW, LATER):
        for cube in cubes.of_model(PassFact):
            StaleDay.objects.get_or_create(
                cube=cube.key, day=company_days.of(day), defaults={"since": NOW}
            )
    days.sum_up(now=LATER)
    return company


def test_no_rate_by_rep_where_the_data_cannot_give_it(unknown_reps: Company) -> None:
    made = registry.build("mql_to_sql", unknown_reps.revops, period=PERIOD, by="rep", now=LATER)
    told = {row.label: row.figures() for row in made.rows}
    assert {name: (one["n"], one["rate"], one["low"]) for name, one in told.items()} == {
        name: (one["n"], None, None) if name != "Nobody" else (3, 0.0, 0.0)
        for name, one in told.items()
    }
    assert made.totals.figures()["rate"] == pytest.approx(2 / 5)
    assert "cannot be stated" in made.declaration.meaning


def test_attainment_is_that_of_the_sla_report(company: Company) -> None:
    for by in ("obligation", "rep", "channel", "stage", "team"):
        ours = registry.build("sla_attainment", company.revops, period=WHOLE, by=by, now=LATER)
        theirs = sla.build(company.revops, period=WHOLE, by=by, now=LATER)
        names = ("met", "late", "breached", "running", "cancelled")
        assert {row.key: [row.figures()[name] for name in names] for row in ours.rows} == {
            row.key: [row.figures()[name] for name in names] for row in theirs.rows
        }


def test_every_second_of_an_answer_has_its_cause(company: Company) -> None:
    ours = registry.build("speed_to_lead", company.revops, period=WHOLE, by="channel", now=LATER)
    theirs = speed.build(company.revops, period=WHOLE, by="channel", now=LATER)
    told, report = ours.totals.figures(), theirs.totals.figures()
    assert report["answered"]
    same = {"n": "answered", "median": "elapsed_median", "p90": "elapsed_p90", "with_rep": "rep"}
    same |= {name: name for name in ("waiting", "verified", "intake", "routing", "queue")}
    for own, other in same.items():
        assert told[own] == pytest.approx(report[other]), own


@pytest.mark.parametrize(
    ("since", "until", "hours"),
    [
        ("2026-03-06T12:00+01:00", "2026-03-09T12:00+01:00", 24),  # Friday noon to Monday noon
        ("2026-03-07T10:00+01:00", "2026-03-08T10:00+01:00", 0),  # Saturday to Sunday
        ("2026-03-06T23:00+00:00", "2026-03-08T23:00+00:00", 0),  # the same weekend, to the minute
        ("2026-03-02T00:00+01:00", "2026-03-16T00:00+01:00", 10 * 24),
        ("2026-03-27T00:00+01:00", "2026-03-30T00:00+02:00", 24),  # a clock change on Sunday
    ],
)
def test_weekdays_leave_out_weekends(
    company: Company, settings: Any, since: str, until: str, hours: int
) -> None:
    settings.REPORT_ZONE = "Europe/Berlin"
    LeadFact.objects.filter(won_at__isnull=False).update(
        came_at=dt.datetime.fromisoformat(since), won_at=dt.datetime.fromisoformat(until)
    )
    period = Period(NOW - 40 * DAY, NOW + 60 * DAY)
    made = registry.build("cycle_length", company.revops, period=period, now=LATER)
    assert made.totals.figures()["weekdays"] == hours * 3600


def test_won_opportunities_are_counted_with_their_value(company: Company) -> None:
    made = registry.build("win_rate", company.revops, period=WHOLE, now=LATER)
    assert (made.totals.figures()["n"], made.totals.figures()["part"]) == (2, 1)
    size = registry.build("deal_size", company.revops, period=WHOLE, now=LATER).totals.figures()
    deal = Opportunity.objects.get(status="WON")
    assert size["value"] == float(deal.amount_base or 0)


def test_revenue_is_put_down_to_touchpoints(company: Company) -> None:
    Opportunity.objects.filter(status="WON").update(amount_base=1_200)
    deals.follow(now=LATER)
    made = registry.build("attributed_revenue", company.revops, period=WHOLE, now=LATER)
    for figure in made.totals.figures().values():
        assert figure == pytest.approx(1_200)
    assert [row.label for row in made.rows] == ["Paid"]


def test_facts_of_an_opportunity_follow_it(company: Company) -> None:
    assert deals.changed(limit=10) == []
    Opportunity.objects.filter(status="WON").update(amount_base=7, partner_role="")
    [changed] = deals.changed(limit=10)
    assert deals.follow(now=LATER) == 1
    assert DealFact.objects.get(pk=changed).value == 7


def broken(now: dt.datetime = LATER + HOUR) -> dict[str, list[str]]:
    """What `verify` finds wrong of facts."""
    context = Context(now=now)
    return {
        one.key: [offence.id for offence in found.offences]
        for one in proving.INVARIANTS
        if (found := one.look(context)).count
    }


def test_facts_are_proven(company: Company) -> None:
    assert broken() == {}


def test_a_fact_that_was_changed_is_found(company: Company) -> None:
    fact = PassFact.objects.filter(decision="ACCEPTED").first()
    assert fact is not None
    PassFact.objects.filter(pk=fact.pk).update(reason="because")
    assert broken()["fact.as_the_log_says"] == [str(fact.lead_id)]


def test_a_fact_that_is_missing_is_found(company: Company) -> None:
    fact = LeadFact.objects.latest("pk")
    keeping.forget([fact.pk])
    follow()
    assert broken()["fact.complete"] == [str(fact.pk)]


def test_a_sum_that_is_wrong_is_found(company: Company) -> None:
    one = DaySum.objects.filter(cube="mqls", slice="").latest("pk")
    DaySum.objects.filter(pk=one.pk).update(sums=[99.0] * len(one.sums))
    assert broken() == {"day_sum.as_the_facts": [str(one.day), str(one.day)]}
    DaySum.objects.filter(pk=one.pk).update(sums=one.sums)
    DaySum.objects.filter(cube="mqls", slice="rep").delete()
    assert set(broken()) == {"day_sum.as_the_facts"}


def test_an_opportunity_that_went_on_alone_is_found(company: Company) -> None:
    Opportunity.objects.filter(status="WON").update(reason="price")
    assert set(broken()) == {"deal_fact.as_it_stands"}
