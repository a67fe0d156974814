"""What a governance review says of costs."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from reports import cost_acts, quota_acts
from reports.periods import Period
from reports.reviews import ledger_sections
from reports.reviews.tables import Month
from tests import factories

pytestmark = pytest.mark.django_db

NOVEMBER = dt.date(2026, 11, 1)


def at(day: int, month: int = 11) -> dt.datetime:
    return dt.datetime(2026, month, day, 9, tzinfo=dt.UTC)


def test_a_review_shows_costs_of_its_month_and_what_was_said_late() -> None:
    fiona = factories.user("fiona", role="FINANCE")
    paid = cost_acts.Said(
        first_day=dt.date(2026, 10, 1), last_day=dt.date(2026, 12, 31), source="PAID",
        amount=Decimal(9_200), currency="EUR",
    )  # fmt: skip
    october = cost_acts.Said(
        first_day=dt.date(2026, 10, 1), last_day=dt.date(2026, 10, 31), source="EVENT",
        amount=Decimal(1_000), currency="EUR",
    )  # fmt: skip
    cost_acts.enter(paid, by=fiona, now=at(2))
    event = cost_acts.enter(october, by=fiona, now=at(4))
    less = cost_acts.Said(
        first_day=october.first_day, last_day=october.last_day, source="EVENT",
        amount=Decimal(400), currency="EUR",
    )  # fmt: skip
    cost_acts.correct(event.number, less, reason="A refund", by=fiona, now=at(20))
    quota = quota_acts.Said(
        first_day=dt.date(2026, 9, 1), last_day=dt.date(2026, 9, 30), amount=Decimal(5)
    )
    quota_acts.enter(quota, by=fiona, now=at(21))
    period = Period.of_days(NOVEMBER, dt.date(2026, 11, 30), dt.UTC)
    month = Month(NOVEMBER, period, fiona, at(1, month=12))
    spent = {row["key"]: row for row in ledger_sections.spent(month)["rows"]}
    assert (spent["PAID"]["spent"], spent["PAID"]["entries"]) == ("3000.00", 1)
    assert spent["EVENT"]["spent"] == "not known"
    told = ledger_sections.restated(month)["rows"]
    assert [(one["label"], one["change"], one["reason"]) for one in told] == [
        (f"Cost #{event.number}: Event", "-600.00", "A refund"),
        (told[1]["label"], "+5.00", ""),
    ]
