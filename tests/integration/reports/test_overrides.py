"""Overrides against a cohort worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.errors import InvalidInput
from leads.models import Lead
from lifecycle import actions
from people.models import User
from reports import csv, overrides, registry
from reports.overrides import build, verdict
from reports.periods import Period
from tests import factories
from tests.factories import DAY, HOUR, MINUTE, NOW, Company, work

pytestmark = pytest.mark.django_db

PERIOD = Period(NOW - HOUR, NOW + 12 * HOUR)


def owner(lead: Lead) -> User:
    lead.refresh_from_db()
    assert lead.owner is not None
    return lead.owner


@pytest.fixture
def company() -> Company:
    """Seven leads. Misrouted: 1, then accepted · 2, then rejected · 3, then misrouted again ·
    4, since then nothing. Reassigned: 5, then won. Left alone: 6 accepted · 7 rejected.
    """
    made = factories.company(reps=("anna", "ben", "cleo"))
    some = factories.captures([factories.touch() for _ in range(7)])
    later = NOW + 2 * HOUR
    for lead in some[:4]:
        why = "SEGMENT" if lead == some[0] else "TERRITORY"
        actions.misroute(lead_id=lead.pk, by=owner(lead), why=why, now=NOW + MINUTE)
    actions.misroute(lead_id=some[2].pk, by=owner(some[2]), why="LANGUAGE", now=NOW + 5 * MINUTE)
    to = next(one for one in made.reps if one != owner(some[4]))
    actions.reassign(
        lead_id=some[4].pk, by=made.manager, to=to.pk, reason="Knows them.", why="KNOWN",
        now=NOW + MINUTE,
    )  # fmt: skip
    for lead in (some[0], some[4], some[5]):
        owner(lead)
        work(lead, to="WON" if lead == some[4] else "SAL", now=later)
    for lead in (some[1], some[6]):
        actions.reject(lead_id=lead.pk, by=owner(lead), reason="no_interest", now=later)
    return made


def test_it_equals_the_cohort_counted_by_hand(company: Company) -> None:
    report = build(company.revops, period=PERIOD, now=NOW + DAY)
    (row,) = report.rows
    told = row.figures()
    # Seven first decisions, and one more for each of the five misroutes.
    assert (told["decisions"], told["overridden"]) == (12, 6)
    assert (told["misrouted"], told["reassigned"], told["handed_over"]) == (5, 1, 0)
    assert told["rate"] == pytest.approx(6 / 12)
    assert told["misroute_rate"] == pytest.approx(5 / 12)
    assert (told["right"], told["wrong"], told["undecided"]) == (2, 2, 2)
    assert (told["others_right"], told["others_wrong"]) == (1, 1)
    assert told["verdict"] == "Too few to say: 4 decided"
    assert row.label
    assert report.kits == (1,)


@pytest.mark.parametrize(
    ("by", "told"),
    [
        ("reason", {"Another language": 1, "Another segment, size or industry": 1,
                    "Another territory or country": 3, "Somebody knows the buyer": 1}),
        ("kind", {"Said not to be theirs": 5, "Reassigned by a manager": 1}),
        ("kit", {"v1": 6}),
        ("pool", {"DACH": 6}),
    ],
)  # fmt: skip
def test_each_cut_adds_up(company: Company, by: str, told: dict[str, int]) -> None:
    report = build(company.revops, period=PERIOD, by=by, now=NOW + DAY)
    assert {row.label: row.counts["overridden"] for row in report.rows} == told
    assert {row.of for row in report.rows} == {12}
    assert report.totals.counts["overridden"] == 6


def test_a_person_has_no_rate_and_a_reason_one_of_all_decisions(company: Company) -> None:
    mine = build(company.revops, period=PERIOD, by="by", now=NOW + DAY)
    told = {row.label: row.figures() for row in mine.rows}
    assert told[str(company.manager)]["overridden"] == 1
    names = ("decisions", "rate", "rate_low", "misroute_rate", "misroute_high")
    assert {one[name] for one in told.values() for name in names} == {None}
    reasons = build(company.revops, period=PERIOD, by="reason", now=NOW + DAY).rows
    found = {row.key: row.figures() for row in reasons}["TERRITORY"]
    assert (found["decisions"], found["overridden"]) == (12, 3)
    assert found["rate"] == pytest.approx(3 / 12)


def test_reps_see_themselves_and_colleagues_together(company: Company) -> None:
    anna, other = company.reps[:2]
    query = {"from": "2026-03-03", "to": "2026-03-03", "by": "by"}
    whole = build(company.revops, period=PERIOD, by="by", now=NOW + DAY)
    counts = {row.key: row.counts["overridden"] for row in whole.rows}
    assert counts.keys() > {str(other.pk)}
    assert {row.label for row in build(anna, period=PERIOD, by="by", now=NOW + DAY).rows} <= {
        str(anna), "Colleagues",
    }  # fmt: skip
    client = Client()
    client.force_login(anna)
    asked = ("/reports/overrides/", "/api/v1/reports/overrides/", "/reports/overrides.csv")
    answers = [client.get(url, query) for url in asked]
    texts = [(b"".join(one) if one.streaming else one.content).decode() for one in answers]
    texts.append(client.get(asked[0], query | {"row": "-1"}).content.decode())
    assert all("olleague" in text for text in texts)
    for one in (*company.reps[1:], company.manager):
        assert not any(
            f">{one}<" in text or f'"{one}"' in text or f"\n{one}," in text for text in texts
        )
    assert not overrides.chosen(anna, period=PERIOD, by="by", key=str(other.pk)).exists()


def test_what_was_given_back_and_taken_back_overrides_nothing(company: Company) -> None:
    lead = factories.capture(now=NOW + HOUR)
    holder = owner(lead)
    actions.misroute(lead_id=lead.pk, by=holder, why="OTHER", now=NOW + HOUR + MINUTE)
    before = build(company.revops, period=PERIOD, now=NOW + DAY).totals.counts
    actions.undo(lead_id=lead.pk, by=holder, now=NOW + HOUR + 2 * MINUTE)
    after = build(company.revops, period=PERIOD, now=NOW + DAY).totals.counts
    assert (before["misrouted"], after["misrouted"]) == (6, 5)


def test_behind_a_number_stand_its_leads(company: Company) -> None:
    found = overrides.chosen(
        company.revops, period=PERIOD, by="reason", key="TERRITORY", fate="WRONG"
    )
    assert [(one.kind, one.why) for one in found] == [("MISROUTED", "TERRITORY")] * 2  # type: ignore[attr-defined]
    with pytest.raises(InvalidInput):
        overrides.chosen(company.revops, period=PERIOD, by="rule", key="", fate="MAYBE")


def test_what_was_taken_back_decides_nothing(company: Company) -> None:
    lead = Lead.objects.filter(stage="SAL", overrides__kind="MISROUTED")[0]
    actions.undo(lead_id=lead.pk, by=owner(lead), now=NOW + 2 * HOUR + MINUTE)
    told = build(company.revops, period=PERIOD, now=NOW + DAY).totals.figures()
    assert (told["right"], told["undecided"]) == (1, 3)


def test_everybody_counts_the_leads_they_see(company: Company) -> None:
    stranger = factories.user("stranger")
    assert build(stranger, period=PERIOD, now=NOW + DAY).rows == ()
    mine = build(company.reps[0], period=PERIOD, now=NOW + DAY).totals.counts["decisions"]
    assert 0 < mine <= 12


def test_the_number_of_queries_does_not_grow_with_the_leads(company: Company) -> None:
    with CaptureQueriesContext(connection) as few:
        build(company.revops, period=PERIOD, by="by", now=NOW + DAY)
    factories.captures([factories.touch() for _ in range(6)], now=NOW + HOUR)
    with CaptureQueriesContext(connection) as more:
        build(company.revops, period=PERIOD, by="by", now=NOW + DAY)
    assert len(more) == len(few) <= 6


def test_page_file_and_api_show_it(company: Company) -> None:
    made: Any = registry.build("overrides", company.revops, period=PERIOD, now=NOW + DAY)
    assert "misroute_low" in next(iter(csv.stream(made)))
    client = Client()
    client.force_login(company.revops)
    query = {"from": "2026-03-03", "to": "2026-03-03", "by": "reason"}
    page = client.get("/reports/overrides/", query).content.decode()
    assert "Another territory or country" in page
    row = client.get("/reports/overrides/", query | {"row": "TERRITORY"}).content.decode()
    assert row.count('href="/leads/') >= 3
    assert client.get("/reports/overrides/", query | {"fate": "X"}).status_code == 422
    answer = client.get("/api/v1/reports/overrides/", query)
    assert answer.json()["totals"]["overridden"] == 6


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ((0, 0, 50, 50), "None decided yet"),
        ((3, 2, 50, 50), "Too few"),
        ((30, 2, 4, 1), "Nothing to compare"),
        ((60, 5, 50, 50), "Yes"),
        ((5, 60, 50, 50), "No: worse"),
        ((6, 6, 50, 50), "No difference"),
    ],
)
def test_the_verdict_says_only_what_the_numbers_bear(
    counts: tuple[int, int, int, int], words: str
) -> None:
    assert verdict(*counts).startswith(words)
