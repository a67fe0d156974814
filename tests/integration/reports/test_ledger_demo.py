"""The demo company's costs and quotas, told by themselves."""

from __future__ import annotations

import datetime as dt

import pytest

from lifecycle.demo import chapters
from people.models import Team, User
from reports import costs, ledger_demo, quotas, spreading
from reports.models import CostEntry
from reports.models.statement import Kind
from reports.periods import Period
from tests import factories

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 11, 24, 13, tzinfo=dt.UTC)
ROLES = {"nina": "MARKETING", "fiona": "FINANCE", "rita": "REVOPS", "oliver": "MANAGER",
         "david": "AE", "harry": "AE", "leo": "AE"}  # fmt: skip


@pytest.mark.parametrize("now", [NOW, NOW.replace(day=1, hour=1), NOW.replace(month=3, day=31)])
def test_the_story_is_told_at_any_hour(now: dt.datetime) -> None:
    people = {name: factories.user(name, role=role) for name, role in ROLES.items()}
    Team.objects.create(name="Americas")
    Team.objects.create(name="DACH")
    uk = factories.team("UK & Nordics", manager=people["oliver"])
    User.objects.filter(username="harry").update(team=uk)
    deeds = sorted(
        ledger_demo.planned(since=now - dt.timedelta(days=104), now=now), key=lambda one: one[0]
    )
    for at, deed in deeds:
        if at <= now:
            deed(at)
    month = now.date().replace(day=1) - dt.timedelta(days=40)
    spent = costs.spent(spreading.month_of(month.replace(day=1)))
    assert {"PAID", "ORGANIC", "PARTNER"} <= set(spent)
    kinds = set(CostEntry.objects.values_list("kind", flat=True))
    assert {Kind.ENTERED, Kind.CORRECTED, Kind.WITHDRAWN} <= kinds
    assert any(costs.is_late(one) for one in costs.entries_as_of())
    today = Period.of_days(now.date(), now.date(), dt.UTC)
    for party in (None, uk, people["harry"]):
        found = quotas.of(party, today)
        assert found is not None
        assert found.amount > 0


def test_reports_have_a_part_in_the_demo() -> None:
    assert chapters.FURTHER["ledger"] is ledger_demo
