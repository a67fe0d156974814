"""Behind every figure are just the facts that it counts, whoever reads it, however it is sliced."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from people.models import Role, User
from reports import registry
from reports.metrics import bare, behind, catalogue
from reports.metrics.declaring import Share
from reports.periods import Period
from tests import factories
from tests.factories import Company
from tests.integration.reports.test_facts import LATER, NOW, WHOLE, told

pytestmark = pytest.mark.django_db

NARROW = Period(NOW, LATER)


@pytest.fixture(scope="module")
def _story(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Company]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield told()
        transaction.set_rollback(True)


@pytest.fixture
def company(_story: Company, db: None) -> Company:
    """It is told once."""
    return _story


def behind_is_what_is_counted(key: str, reader: User, period: Period) -> int:
    """Hold each figure of each line of each slice against its facts; returns how many."""
    metric, held = catalogue.ALL[key], 0
    for by in metric.slices:
        made = registry.build(key, reader, period=period, by=by, now=LATER)
        for row in (*made.rows, made.totals):
            at = None if row is made.totals else row.key
            for figure in metric.figures:
                if not behind.counts(figure):
                    continue
                asked = behind.read(metric, of=figure.key, by=by, row=at)
                facts = behind.counted(metric, reader, asked, period=period)
                assert facts.count() == row.figures()[figure.key], (by, row.key, figure.key)
                held += 1
    return held


@pytest.mark.parametrize("key", catalogue.ALL)
def test_as_many_as_the_figure_says(company: Company, key: str) -> None:
    held = behind_is_what_is_counted(key, company.revops, WHOLE)
    counted = any(behind.counts(one) for one in catalogue.ALL[key].figures)
    assert bool(held) is counted


def test_as_many_in_a_part_of_the_time(company: Company) -> None:
    assert behind_is_what_is_counted("acceptance", company.revops, NARROW)


def test_as_many_as_a_rep_is_told(company: Company) -> None:
    assert behind_is_what_is_counted("mql_to_sal", company.reps[0], WHOLE)


@pytest.mark.parametrize("key", catalogue.ALL)
def test_of_a_share_they_tell_which_went_on(company: Company, key: str) -> None:
    metric = catalogue.ALL[key]
    totals = registry.build(key, company.revops, period=WHOLE, now=LATER).totals.figures()
    for figure in metric.figures:
        if isinstance(figure.how, Share):
            asked = behind.read(metric, of=figure.key)
            facts = list(behind.counted(metric, company.revops, asked, period=WHOLE, now=LATER))
            hits = sum(one.hit for one in facts)
            told = totals[figure.key]
            assert (hits / len(facts) if facts else None) == told


def test_filters_narrow_the_figure_and_its_facts_alike(company: Company) -> None:
    metric, only = catalogue.ALL["mql_to_sal"], {"source": "PAID"}
    made = registry.build(metric.key, company.revops, period=WHOLE, only=only, now=LATER)
    facts = behind.counted(
        metric, company.revops, behind.read(metric, of="n"), period=WHOLE, only=only
    )
    assert facts.count() == made.totals.figures()["n"] > 0


def test_finance_counts_what_it_may_not_open(company: Company) -> None:
    fiona, metric = factories.user("fiona", role=Role.FINANCE), catalogue.ALL["mql_to_sal"]
    facts = behind.counted(metric, fiona, behind.read(metric, of="n"), period=WHOLE)
    assert facts.count() > behind.openable(fiona, facts).count() == 0
    assert behind.hides_some(fiona)
    assert not behind.hides_some(company.revops)


@pytest.mark.parametrize("key", catalogue.ALL)
def test_bare_numbers_are_those_of_the_report(company: Company, key: str) -> None:
    metric = catalogue.ALL[key]
    for reader in (company.revops, company.reps[0]):
        for by in metric.slices:
            made = registry.build(key, reader, period=WHOLE, by=by, now=LATER)
            same = bare.asked_of(metric, reader, period=WHOLE, by=by, now=LATER).read()
            shown = {row.key: row.figures() for row in made.rows}
            assert {name: same.rows[name].figures() for name in shown} == shown
            assert same.totals.figures() == made.totals.figures()
        whole = bare.asked_of(metric, reader, period=WHOLE, now=LATER).read()
        assert whole.totals.figures() == made.totals.figures()
