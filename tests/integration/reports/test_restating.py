"""A metric as it was told at an instant, told of that time today, and as it stands."""

from __future__ import annotations

import datetime as dt

import pytest

from core.errors import InvalidInput
from lifecycle import actions, intake, pipeline
from reports import registry, steps
from reports.facts import then
from reports.metrics import catalogue, restating
from reports.models import LeadFact, PassFact
from reports.periods import Period
from tests import factories
from tests.factories import DAY, HOUR, MINUTE, NOW, Company, work

pytestmark = pytest.mark.django_db

PERIOD = Period(NOW - HOUR, NOW + HOUR)
FROZEN = NOW + DAY
LATER = NOW + 2 * DAY
RATE = catalogue.ALL["mql_to_sal"]


def follow(now: dt.datetime) -> None:
    steps.facts(now, float("inf"))


@pytest.fixture
def company() -> Company:
    """Four MQLs; the first two are accepted before the instant at which figures are frozen."""
    made = factories.company()
    leads = factories.captures([factories.touch() for _ in range(4)])
    for lead in leads[:2]:
        work(lead, to="SAL", now=FROZEN - 4 * MINUTE)
    follow(FROZEN)
    return made


def told(company: Company) -> dict[str, object]:
    return dict(registry.build("mql_to_sal", company.revops, period=PERIOD).totals.figures())


def test_what_was_told_then_is_told_today(company: Company) -> None:
    frozen = told(company)
    waiting = PassFact.objects.filter(decision="").order_by("pk").first()
    assert waiting is not None
    work(waiting.lead, to="SAL", now=LATER)
    factories.capture(now=LATER)
    follow(LATER)
    assert told(company)["part"] == 3
    again = restating.as_of(RATE, company.revops, period=PERIOD, at=FROZEN)
    assert again.totals.figures() == frozen
    assert told(company)["part"] == 3


def test_what_has_happened_since_is_no_restatement(company: Company) -> None:
    waiting = PassFact.objects.filter(decision="").order_by("pk").first()
    assert waiting is not None
    work(waiting.lead, to="SAL", now=LATER)
    follow(LATER)
    found = restating.compare(RATE, company.revops, period=PERIOD, at=FROZEN, now=LATER)
    assert found.holds
    parts = [one.totals.figures()["part"] for one in (found.frozen, found.restated, found.today)]
    assert parts == [2, 2, 3]


def test_a_step_that_is_taken_back_restates_and_says_by_whom(company: Company) -> None:
    taken = PassFact.objects.filter(decision="ACCEPTED").order_by("pk").first()
    assert taken is not None
    owner = taken.lead.owner
    actions.undo(lead_id=taken.lead_id, by=owner, now=FROZEN + 4 * MINUTE)
    follow(LATER)
    found = restating.compare(RATE, company.revops, period=PERIOD, at=FROZEN, now=LATER)
    assert [one.totals.figures()["part"] for one in (found.frozen, found.restated)] == [2, 1]
    [row] = found.rows
    assert row.lead == taken.lead_id
    assert {name for _, name in {*row.before} - {*row.after}} >= {"sal"}
    [because] = row.because
    assert (because.transition, because.by) == ("undo", owner.pk)


def test_history_that_comes_in_late_restates(company: Company) -> None:
    conversion = catalogue.ALL["lead_conversion"]
    body = factories.touch() | {"occurred_at": NOW.isoformat()}
    [kept] = intake.receive([body], scope="import", keys=["1"], now=LATER, historical=True)
    pipeline.advance([kept.touch_id or 0], now=LATER)
    follow(LATER)
    found = restating.compare(conversion, company.revops, period=PERIOD, at=FROZEN, now=LATER)
    assert [one.totals.figures()["n"] for one in (found.frozen, found.restated)] == [4, 5]
    [row] = found.rows
    assert not row.before
    assert row.because[0].at < FROZEN < row.because[0].recorded_at


def test_nobody_else_sees_the_facts_of_then(company: Company) -> None:
    before = list(LeadFact.objects.order_by("pk").values())
    factories.capture(now=LATER)
    follow(LATER)
    with then.at(NOW - DAY):
        assert not LeadFact.objects.exists()
    assert list(LeadFact.objects.order_by("pk").values())[:4] == before


def test_what_the_log_does_not_make_cannot_be_told_of_then(company: Company) -> None:
    with pytest.raises(InvalidInput, match="as it stands"):
        restating.as_of(catalogue.ALL["win_rate"], company.revops, period=PERIOD, at=FROZEN)


def test_too_much_since_is_said(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(then, "MOST", 2)
    with pytest.raises(then.TooMuch, match="later instant"):
        restating.as_of(RATE, company.revops, period=PERIOD, at=NOW - DAY)
