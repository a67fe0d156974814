"""What scores were worth: the report on paper, as of each moment, and what a rule would change."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leads.models import Lead
from lifecycle import actions
from reports import ranking, scored, scores
from reports.periods import Period
from reports.scored import Moment, Outcome
from tests import factories, kit_edits
from tests.acting import owner
from tests.factories import DAY, HOUR, MINUTE, NOW, Company
from tests.kit_edits import Parts

pytestmark = pytest.mark.django_db
PERIOD = Period(NOW - HOUR, NOW + DAY)
LATER = NOW + 3 * DAY


def plain_rules(parts: Parts) -> None:
    """Fit by size, and ten points for each look at the prices, of which nothing fades."""
    view = {"category": "INTENT", "signal": "pricing_page_view", "points": "10"}
    big = {"fact": "company.employees", "op": "gte", "value": 100}
    parts["score_rule"] = [
        {"key": "big", "label": "Big", "position": 0, "category": "FIT", "points": "40",
         "condition": big},
        {"key": "views", "label": "Views", "position": 1, **view},
    ]  # fmt: skip
    parts["fixture"] = []
    for one in parts["criterion"]:
        if one["stage"] == "MQL":
            one["condition"] = {"fact": "score.total", "op": "gte", "value": 40}


@pytest.fixture
def company() -> Company:
    found = factories.company()
    kit_edits.publish(plain_rules, by=found.revops, now=NOW - DAY)
    return found


@pytest.fixture
def paper(company: Company) -> dict[str, Lead]:
    """Worked out on paper; all came in at NOW, and looked at the prices later if at all.

    lead      at first   when MQL   now   what became of it      source
    deal      50         50         50    an opportunity         PAID
    yes       40         40         60    accepted               PAID
    no        40         40         40    rejected               EVENT
    late      10         40         40    an opportunity         EVENT
    open      40         40         40    not decided            PAID
    small     0          -          0     nothing                EVENT
    """
    about = {
        "deal": (500, 1, "PAID"), "yes": (500, 0, "PAID"), "no": (500, 0, "EVENT"),
        "late": (5, 1, "EVENT"), "open": (500, 0, "PAID"), "small": (5, 0, "EVENT"),
    }  # fmt: skip
    bodies = [
        factories.touch(
            company={"name": name, "domain": f"{name}.example", "employees": str(size)},
            person={"email": f"kim@{name}.example"},
            signals=[{"kind": "pricing_page_view"}] * views, source={"category": source},
        )
        for name, (size, views, source) in about.items()
    ]  # fmt: skip
    leads = dict(zip(about, factories.captures(bodies), strict=True))
    more(leads["late"], 3, NOW + HOUR)
    leads["late"].refresh_from_db()
    factories.work(leads["deal"], to="OPPORTUNITY", now=NOW + 2 * HOUR)
    factories.work(leads["late"], to="OPPORTUNITY", now=NOW + 2 * HOUR)
    factories.work(leads["yes"], to="SAL", now=NOW + 2 * HOUR)
    more(leads["yes"], 2, NOW + 3 * HOUR)
    reject(leads["no"])
    return leads


def more(lead: Lead, views: int, now: Any) -> None:
    factories.captures_attached(
        person={"email": lead.person.email},
        now=now,
        signals=[{"kind": "pricing_page_view"}] * views,
    )


def reject(lead: Lead) -> None:
    who = owner(lead)
    lead.refresh_from_db()
    actions.reject(
        lead_id=lead.pk,
        by=who,
        reason="no_budget",
        now=NOW + HOUR + MINUTE,
        criterion="",
        note="No",
    )


def made(company: Company, **asked: Any) -> scores.Report:
    return scores.build(company.revops, **{"period": PERIOD, "now": LATER, **asked})


def told(report: scores.Report) -> list[tuple[object, ...]]:
    names = ("leads", "decided", "accepted", "converted", "lift")
    return [(row.key, *(row.figures()[one] for one in names)) for row in report.rows]


def test_each_moment_knows_what_was_known_then(company: Company, paper: dict[str, Lead]) -> None:
    assert told(made(company)) == [
        ("50", 1, 1, 1, 1, "3.00"),
        ("40", 3, 2, 1, 0, "0.00"),
        ("10", 1, 1, 1, 1, "3.00"),
        ("0", 1, 0, 0, 0, "0.00"),
    ]
    assert told(made(company, by="qualified")) == [
        ("50", 1, 1, 1, 1, "2.50"),
        ("40", 4, 3, 2, 1, "0.62"),
    ]
    assert [row[0] for row in told(made(company, by="now"))] == ["60", "50", "40", "0"]


def test_slices_say_how_well_the_score_ranks_their_leads(
    company: Company, paper: dict[str, Lead]
) -> None:
    found = made(company, by="source")
    assert [(row.key, row.figures()["leads"], row.figures()["auc"]) for row in found.rows] == [
        ("EVENT", 3, "0.500"),
        ("PAID", 3, "1.000"),
    ]
    paid = made(company, only={"source": "PAID"})
    assert [row[:2] for row in told(paid)] == [("50", 1), ("40", 2)]
    assert paid.totals.figures()["auc"] == "1.000"
    grown = made(company, only={"now": "60"})
    assert [row[:2] for row in told(grown)] == [("40", 1)]


def test_a_rule_with_more_points_ranks_them_otherwise(
    company: Company, paper: dict[str, Lead]
) -> None:
    found = scores.sample(company.revops, Moment.ENTRY, period=PERIOD, only=None, now=LATER)
    cases = found.cases(Outcome.CONVERTED)
    dearer = scored.supposed(found, "views", 40)
    assert sorted(points for points, _ in cases) == [0, 10, 40, 40, 40, 50]
    assert sorted(one.points for one in dearer.scored) == [0, 40, 40, 40, 50, 90]
    before, after = map(ranking.discrimination, (cases, dearer.cases(Outcome.CONVERTED)))
    assert before is not None
    assert after is not None
    assert (before.auc, after.auc) == (pytest.approx(5 / 8), pytest.approx(1))
    assert scored.supposed(found, "no such rule", 40) == found


def test_it_costs_the_same_queries_whatever_its_length(
    company: Company, paper: dict[str, Lead]
) -> None:
    with CaptureQueriesContext(connection) as few:
        made(company)
    factories.captures([factories.touch() for _ in range(5)])
    with CaptureQueriesContext(connection) as many:
        made(company)
    assert len(many) == len(few) <= 5
