"""Counting the latest leads a condition fits: never for long, and never in silence."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.db.models import FloatField, Func

from governance import conditions
from governance.condition_sql import NotSelectable
from governance.conditions import Test
from governance.facts import Fact, FactType, Registry
from leads import condition_count
from tests import factories


class Sleep(Func):
    """A value that takes its time."""

    output_field = FloatField()
    template = "(SELECT 1.0 FROM pg_sleep(5))"


def registry(sql: Any) -> Registry:
    made = Registry()
    made.register(Fact("lead.slow", "Slow", FactType.NUMBER, read=lambda lead: 1.0, sql=sql))
    return made


@pytest.fixture
def lead(db: None) -> Any:
    factories.company()
    return factories.capture()


def test_a_count_that_takes_too_long_is_stopped_and_the_connection_lives_on(
    lead: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(condition_count, "PATIENCE_MS", 50)
    facts = registry(lambda now: Sleep())
    with pytest.raises(condition_count.TooSlowToCount):
        condition_count.latest(Test("lead.slow", "gt", 0), registry=facts, now=factories.NOW)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)


def test_a_fact_that_no_query_knows_cannot_be_counted(lead: Any) -> None:
    with pytest.raises(NotSelectable):
        condition_count.latest(
            Test("lead.slow", "gt", 0), registry=registry(None), now=factories.NOW
        )


def test_only_leads_of_the_window_are_looked_at(lead: Any) -> None:
    facts = registry(None)

    def looked_at(days: int) -> int:
        later = factories.NOW + days * factories.DAY
        return condition_count.latest(conditions.ALWAYS, registry=facts, now=later).looked_at

    assert (looked_at(0), looked_at(29), looked_at(31)) == (1, 1, 0)
    before = factories.NOW - factories.DAY
    assert condition_count.latest(None, registry=facts, now=before).looked_at == 0
