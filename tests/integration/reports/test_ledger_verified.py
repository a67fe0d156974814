"""What must hold of costs and quotas, broken behind the database's back."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from lifecycle.invariants import run
from reports import cost_acts, invariants, quota_acts
from tests import factories
from tests.breaking import ids, off_guard, without

pytestmark = pytest.mark.django_db

FIRST, LAST = dt.date(2026, 10, 1), dt.date(2026, 10, 31)


@pytest.fixture
def books() -> None:
    rita = factories.user("rita", role="REVOPS")
    cost = cost_acts.Said(
        first_day=FIRST, last_day=LAST, source="PAID", amount=Decimal(10), currency="EUR"
    )
    quota = quota_acts.Said(first_day=FIRST, last_day=LAST, amount=Decimal(10))
    for module, said in ((cost_acts, cost), (quota_acts, quota)):
        entry = module.enter(said, by=rita, now=factories.NOW)  # type: ignore[attr-defined]
        module.withdraw(entry.number, reason="x", by=rita, now=factories.NOW)  # type: ignore[attr-defined]
        module.undo(entry.number, by=rita, now=factories.NOW)  # type: ignore[attr-defined]


TWICE = """
        INSERT INTO reports_costentry (kind, root_id, replaces_id, version, withdrawn, first_day,
                last_day, external_id, note, reason, via, recorded_at,
                source, channel, campaign, label, amount, currency)
        SELECT kind, root_id, replaces_id, version, withdrawn, first_day, last_day, external_id,
               note, reason, via, recorded_at, source, channel, campaign, label,
                amount, currency
          FROM reports_costentry WHERE version = 3
        RETURNING root_id"""


def broken() -> dict[str, set[str]]:
    return {
        one.invariant.key: {offence.id for offence in one.found.offences}
        for one in run.check(now=factories.NOW, replay=0, seals=0)
        if one.found.count and one.invariant in invariants.INVARIANTS
    }


def test_all_holds(books: None) -> None:
    assert broken() == {}


@pytest.mark.parametrize(("table", "key"), [("costentry", "cost"), ("quotaentry", "quota")])
def test_a_gap_in_a_chain_is_named(books: None, table: str, key: str) -> None:
    with off_guard():
        named = ids(f"UPDATE reports_{table} SET version = 7 WHERE version = 3 RETURNING id")
    assert broken() == {f"{key}.one_line": named}


def test_two_last_rows_are_named(books: None) -> None:
    with off_guard():
        without("reports_costentry", "reports_costentry_replaces_id_key")
        without("reports_costentry", "cost_versions_in_one_line")
        root = ids(TWICE)
    assert broken() == {"cost.one_head": root}


@pytest.mark.parametrize(("table", "key"), [("costentry", "cost"), ("quotaentry", "quota")])
def test_a_span_without_sense_is_named(books: None, table: str, key: str) -> None:
    with off_guard():
        named = ids(
            f"""UPDATE reports_{table} SET last_day = '2029-01-01' WHERE version = 1
                RETURNING id"""
        )
    assert broken() == {f"{key}.span": named}


def test_a_worth_against_its_rate_is_named(books: None) -> None:
    with off_guard():
        named = ids("UPDATE reports_costentry SET amount_base = 11 WHERE version = 3 RETURNING id")
    assert broken() == {"cost.worth_by_its_rate": named}


def test_quotas_that_share_days_are_named(books: None) -> None:
    with off_guard():
        without("reports_quotaentry", "quota_replaces_for_a_reason")
        ids(
            """INSERT INTO reports_quotaentry (kind, version, withdrawn, first_day, last_day,
                       external_id, note, reason, via, recorded_at, amount)
               VALUES ('ENTERED', 1, FALSE, '2026-10-31', '2026-11-30', '', '', '', 'PAGE', now(),
                       5)
               RETURNING id"""
        )
        named = ids(
            """SELECT id FROM reports_quotaentry q WHERE NOT EXISTS
                   (SELECT FROM reports_quotaentry l WHERE l.replaces_id = q.id)"""
        )
    assert broken() == {"quota.apart": named}
