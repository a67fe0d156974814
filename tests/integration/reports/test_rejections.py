"""Rejection rates before and after disputes, and rules to look at, worked out by hand."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leads.models import Lead
from lifecycle import actions, disputes
from reports import rejections, rules_to_look_at
from reports.periods import Period
from reports.rules_to_look_at import ABOVE, EVEN, TOO_FEW
from tests import factories
from tests.factories import DAY, HOUR, MINUTE, NOW, Company, work

pytestmark = pytest.mark.django_db

PERIOD = Period(NOW - HOUR, NOW + 12 * HOUR)


def overturn(lead: Lead, company: Company) -> None:
    common = {"lead_id": lead.pk, "note": "Look again."}
    disputes.dispute(**common, by=company.marketing, now=NOW + 2 * HOUR)
    disputes.rule(**common, by=company.revops, outcome="OVERTURNED", now=NOW + 3 * HOUR)


@pytest.fixture
def company() -> Company:
    """Seven MQLs: 1 accepted · 2, 3 rejected · 4 rejected, overturned, accepted ·
    5 rejected, overturned · 6 rejected, which was undone · 7 nothing.
    """
    made = factories.company()
    some = factories.captures([factories.touch() for _ in range(7)])
    work(some[0], to="SAL", now=NOW + MINUTE)
    for lead in some[1:6]:
        reason = "not_involved" if lead == some[2] else "outside_icp"
        actions.reject(lead_id=lead.pk, by=lead.owner, reason=reason, note="x", now=NOW + HOUR)
    for lead in some[3:5]:
        overturn(lead, made)
    work(Lead.objects.get(pk=some[3].pk), to="SAL", now=NOW + 4 * HOUR)
    actions.undo(lead_id=some[5].pk, by=some[5].owner, now=NOW + HOUR + MINUTE)
    return made


def test_before_and_after_add_up_to_all(company: Company) -> None:
    report = rejections.build(company.revops, period=PERIOD, now=NOW + DAY)
    (row,) = report.rows
    assert row.figures() == report.totals.figures()
    told = row.figures()
    assert (told["mqls"], told["accepted"], told["rejected"], told["undecided"]) == (7, 1, 4, 2)
    assert told["rate"] == pytest.approx(4 / 5)
    assert told["acceptance"] == pytest.approx(1 / 5)
    after = ("accepted_after", "rejected_after", "undecided_after")
    assert [told[name] for name in after] == [2, 2, 3]
    assert told["rate_after"] == pytest.approx(2 / 4)
    assert (told["contestable"], told["disputed"], told["overturned"]) == (4, 2, 2)


@pytest.mark.parametrize(
    ("by", "told"),
    [
        ("reason", {"outside_icp": (3, 1), "not_involved": (1, 1)}),
        ("criterion", {"icp": (3, 1), "icp_confirmed": (1, 1)}),
        ("source", {"PAID": (4, 2)}),
        ("kit", {"1": (4, 2)}),
    ],
)
def test_each_cut_adds_up(company: Company, by: str, told: dict[str, tuple[int, int]]) -> None:
    report = rejections.build(company.revops, period=PERIOD, by=by, now=NOW + DAY)
    assert told == {
        row.key: (row.counts["rejected"], row.counts["rejected_after"]) for row in report.rows
    }
    assert {(row.of, row.of_after) for row in report.rows} == {(5, 4)}


def test_each_rep_answers_for_theirs_and_sees_colleagues_together(company: Company) -> None:
    anna, ben = company.reps
    whole = rejections.build(company.revops, period=PERIOD, by="rep", now=NOW + DAY)
    assert {row.label for row in whole.rows} == {str(anna), str(ben)}
    assert sum(row.counts["mqls"] for row in whole.rows) == 7
    mine = rejections.build(anna, period=PERIOD, by="rep", now=NOW + DAY)
    assert {row.label for row in mine.rows} == {str(anna), "Colleagues"}


def test_who_qualifies_again_is_counted_again(company: Company) -> None:
    lead = factories.capture(now=NOW)
    common = {"by": lead.owner, "reason": "no_interest", "note": "x"}
    actions.reject(lead_id=lead.pk, **common, now=NOW + HOUR)
    person = {"email": lead.person.email}
    factories.captures_attached(now=NOW + 2 * HOUR, person=person)
    again = Lead.objects.get(pk=lead.pk)
    assert again.stage == "MQL"
    work(again, to="SAL", now=NOW + 3 * HOUR)
    told = rejections.build(company.revops, period=PERIOD, now=NOW + DAY).totals.counts
    assert (told["mqls"], told["accepted"], told["rejected"]) == (9, 2, 5)


def test_it_costs_as_many_queries_for_many(company: Company) -> None:
    counts = []
    for build in (rejections.build, rules_to_look_at.build):
        for _ in range(2):
            with CaptureQueriesContext(connection) as read:
                build(company.revops, period=PERIOD, now=NOW + DAY)
            counts.append(len(read))
            factories.captures([factories.touch() for _ in range(3)])
    assert counts[0] == counts[1] <= 5
    assert counts[2] == counts[3] <= 9


@pytest.mark.parametrize(
    ("decided", "rejected", "usual", "verdict"),
    [
        (9, 9, 0.3, TOO_FEW),
        (20, 16, 0.3, ABOVE),
        (20, 8, 0.3, EVEN),
        (20, 0, 0.3, EVEN),
        (20, 16, None, ""),
    ],
)
def test_only_what_is_clearly_above_is_marked(
    decided: int, rejected: int, usual: float | None, verdict: str
) -> None:
    row = rules_to_look_at.Row("source.PAID", "Paid", "Source", decided, rejected, 0, usual)
    assert row.verdict == verdict


def test_rules_to_look_at_names_every_sort_and_puts_the_clearest_first(company: Company) -> None:
    bad = [factories.touch(source={"category": "EVENT"}) for _ in range(12)]
    good = [factories.touch(source={"category": "REFERRAL"}) for _ in range(30)]
    for lead in factories.captures(bad):
        actions.reject(lead_id=lead.pk, by=lead.owner, reason="spam", now=NOW + HOUR)
    for lead in factories.captures(good):
        work(lead, to="SAL", now=NOW + HOUR)
    report = rules_to_look_at.build(company.revops, period=PERIOD, now=NOW + DAY)
    told = {row.key: row for row in report.rows}
    first = report.rows[0]
    assert (first.key, first.verdict, first.decided, first.rejected) == (
        "source.EVENT", ABOVE, 12, 12,
    )  # fmt: skip
    assert first.usual == pytest.approx(16 / 47)
    assert told["source.REFERRAL"].verdict == EVEN
    assert told["source.PAID"].verdict == TOO_FEW
    assert told["source.PAID"].overturned == 2
    spam = told["reason.spam"]
    assert (spam.decided, spam.rejected, spam.label) == (47, 12, "Spam or made-up details")
    assert spam.usual == pytest.approx(16 / 47 / 3)
    assert {row.kind for row in report.rows} == {
        "Failed criterion", "Reason", "Source", "Routing rule", "Score band",
    }  # fmt: skip
    assert told["rule.dach"].label
    only = rules_to_look_at.build(company.revops, period=PERIOD, by="source", now=NOW + DAY)
    assert {row.kind for row in only.rows} == {"Source"}
