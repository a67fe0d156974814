"""Data quality against a cohort worked out by hand, and the query against the predicate."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from governance import conditions, facts
from governance.terms import QualityRule
from leads import quality, quality_sql
from leads.models import Account, Lead, Person
from lifecycle import gathering, playbook
from reports import csv, declaration, registry
from reports.periods import Period
from reports.quality import build
from tests import factories
from tests.factories import DAY, HOUR, NOW, Company, touch

pytestmark = pytest.mark.django_db

PERIOD = Period(NOW - HOUR, NOW + HOUR)
PAID, EVENT = {"category": "PAID"}, {"category": "EVENT"}
NOTHING_KNOWN = {"name": None, "industry": None, "employees": None, "country": None}


@pytest.fixture
def company() -> Company:
    """Four leads in the period, one after it.

    paid:  two with everything, one without size and industry
    event: one of which nothing is known but a phone
    """
    made = factories.company()
    factories.captures(
        [
            touch(source=PAID),
            touch(source=PAID),
            touch(source=PAID, company={"employees": None, "industry": None}),
            touch(
                source=EVENT,
                company=NOTHING_KNOWN,
                person={"email": None, "phone": "+49 30 901820"},
            ),
        ]
    )
    factories.capture(touch(source=EVENT, signals=[{"kind": "page_view"}]), now=PERIOD.end)
    return made


def test_it_equals_the_cohort_counted_by_hand(company: Company) -> None:
    report = build(company.revops, period=PERIOD, by="source", now=NOW)
    assert [row.label for row in report.rows] == ["Event", "Paid"]
    event, paid = (row.figures() for row in report.rows)
    assert event == {
        "leads": 1, "complete": 0, "quality": 1 / 4, "has_country": 0, "has_company_size": 0,
        "has_industry": 0, "has_reachable": 1, "before": None, "quarantined": 0,
    }  # fmt: skip
    assert (paid["leads"], paid["complete"]) == (3, 2)
    assert paid["has_company_size"] == paid["has_industry"] == pytest.approx(2 / 3)
    assert paid["has_country"] == paid["has_reachable"] == 1
    assert paid["quality"] == pytest.approx(10 / 12)
    assert report.totals.figures()["quality"] == pytest.approx(11 / 16)
    assert report.kits == (1,)


def test_every_rule_of_the_kit_is_a_column_wherever_the_report_is_shown(
    company: Company,
) -> None:
    report = registry.build("data_quality", company.revops, period=PERIOD, now=NOW)
    headings = next(iter(csv.stream(report)))
    assert "has_company_size" in headings
    data: dict[str, Any] = declaration.as_data(report)
    assert {"key": "has_reachable", "label": "A way to reach the buyer", "unit": "share"} in data[
        "columns"
    ]
    client = Client()
    client.force_login(company.revops)
    page = client.get(
        reverse("console:report", args=["data_quality"]),
        {"from": "2026-03-01", "to": "2026-03-31"},
    ).content.decode()
    assert "A way to reach the buyer" in page


def test_it_tells_how_good_records_were_before_and_which_wait(company: Company) -> None:
    thin = {"industry": None, "employees": None, "country": None}
    factories.capture(touch(channel="IMPORT", source=PAID, company=thin, signals=[]))
    later = Period(PERIOD.end, PERIOD.end + (PERIOD.end - PERIOD.start))
    report = build(company.revops, period=later, by="source", now=NOW)
    assert report.totals.figures()["before"] == pytest.approx(12 / 20)
    (event,) = report.rows
    assert event.figures()["before"] == pytest.approx(1 / 4)
    by_channel = build(company.revops, period=PERIOD, by="channel", now=NOW)
    waiting = {row.label: row.figures()["quarantined"] for row in by_channel.rows}
    assert waiting == {"Web form": 0, "Import": 1}


def test_a_rep_counts_what_they_may_see(company: Company) -> None:
    nobody = factories.user("nobody")
    assert build(nobody, period=PERIOD, now=NOW).totals.leads == 0
    seen = build(company.reps[0], period=PERIOD, now=NOW).totals.leads
    assert 0 < seen < 4


def test_the_number_of_queries_is_fixed(company: Company) -> None:
    with CaptureQueriesContext(connection) as few:
        build(company.revops, period=PERIOD, now=NOW)
    factories.captures([touch(source=EVENT) for _ in range(6)])
    with CaptureQueriesContext(connection) as many:
        build(company.revops, period=PERIOD, now=NOW)
    assert len(many) == len(few) <= 7


def test_a_kit_that_asks_for_nothing_has_no_quality() -> None:
    document = playbook.document()
    del document["parts"]["quality_rule"]
    made = factories.company(text=document)
    lead = factories.capture()
    report = build(made.revops, period=PERIOD, now=NOW)
    assert report.totals.figures() == {"leads": 1, "complete": 1, "quality": None,
                                        "before": None, "quarantined": 0}  # fmt: skip
    assert quality_sql.of_lead(lead.pk, (), now=NOW).share is None


RULES = [
    {"fact": "company.employees", "op": "gte", "value": 100},
    {"fact": "company.industry", "op": "contains", "value": "SOFT"},
    {"not": {"fact": "company.country", "op": "in", "value": ["DE", "AT"]}},
    {"any": [{"fact": "person.has_phone", "op": "eq", "value": True},
             {"fact": "person.title", "op": "is_missing"}]},
    {"fact": "signal.demo_request.count_30d", "op": "gte", "value": 1},
    {"fact": "company.annual_revenue", "op": "is_set"},
    None,
]  # fmt: skip


def test_the_query_fulfils_a_rule_exactly_where_the_predicate_does(company: Company) -> None:
    Account.objects.filter(pk=Account.objects.order_by("pk")[0].pk).update(annual_revenue=10)
    Person.objects.filter(pk=Person.objects.order_by("pk")[1].pk).update(title="", phone="+49")
    rules = [
        QualityRule(f"r{number}", "", "", conditions.parse(one, facts.registry) if one else None)
        for number, one in enumerate(RULES)
    ]
    judged, names = quality_sql.annotate(Lead.objects.all(), rules, now=NOW + DAY)
    assert len(judged) == 5
    outcomes = set()
    for lead in judged:
        known = gathering.open_cases([lead])[lead.pk].facts(company.kit, NOW + DAY)
        by_hand = quality.decide(rules, known)
        fulfilled = [rule for rule, name in zip(rules, names, strict=True) if getattr(lead, name)]
        assert fulfilled == list(by_hand.met)
        assert quality_sql.of_lead(lead.pk, rules, now=NOW + DAY) == by_hand
        outcomes |= {(rule.key, rule in by_hand.met) for rule in rules}
    assert len(outcomes) == 2 * len(RULES) - 1, "each rule but the last holds here and fails there"


def test_the_page_of_a_lead_tells_what_is_missing(company: Company) -> None:
    lead = Lead.objects.get(account__employees=None, account__isnull=False)
    client = Client()
    client.force_login(company.revops)
    page = client.get(reverse("console:lead", args=[lead.pk])).content.decode()
    assert "2 of 4: company size, industry missing" in page
