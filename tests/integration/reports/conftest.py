"""Four weeks of a company: two under the playbook, then two under a kit that asks for less."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from governance.models import KitVersion
from leads.models import Lead
from lifecycle import actions
from tests import factories
from tests.factories import DAY, HOUR, NOW, Company

PUBLISHED = NOW + 14 * DAY
"""Tuesday, 17 March: nine working days lie before that day and since the first kit."""
LATER = PUBLISHED + 14 * DAY
"""Nine working days after."""


@dataclass(frozen=True, slots=True)
class Drifted:
    """The company, its second version, and the last instant of the story."""

    company: Company
    version: KitVersion
    now: dt.datetime


@pytest.fixture(scope="module")
def _story(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Company]:
    with django_db_blocker.unblock(), transaction.atomic():
        company = factories.company()
        for day in working_days(NOW):
            a_day(day, mqls=5, accepted=4)
        factories.next_kit(ask_for_less, by=company.revops, now=PUBLISHED)
        for day in working_days(PUBLISHED):
            a_day(day, mqls=15, accepted=1)
        yield company
        transaction.set_rollback(True)


@pytest.fixture
def drifted(_story: Company, db: None) -> Drifted:
    """Acceptance fell from 80 % to 20 %, and three times as many leads became MQLs."""
    return Drifted(_story, KitVersion.objects.get(number=2), LATER)


def ask_for_less(parts: dict[str, Any]) -> None:
    """Smaller companies pass, a criterion of another stage says something new, so does a clock."""
    icp = next(one for one in parts["criterion"] if one["stage"] == "MQL")
    icp["prose"] = "Whoever has a handful of people."
    sql = next(one for one in parts["criterion"] if one["stage"] == "SQL")
    sql["prose"] = "Worded anew."
    parts["clock_policy"][0]["prose"] = "Worded anew."


def working_days(begin: dt.datetime) -> list[dt.datetime]:
    """The nine working days of the fortnight after an instant, at its time of day."""
    days = [begin + number * DAY for number in range(1, 14)]
    return [day for day in days if day.weekday() < 5]


def a_day(day: dt.datetime, *, mqls: int, accepted: int) -> None:
    """So many MQLs come in from ads, five of which are decided, and one from a search.

    Of those that are decided `accepted` are taken on.
    """
    found = factories.touch(source={"category": "ORGANIC"})
    leads = factories.captures([*(factories.touch() for _ in range(mqls)), found], now=day)
    for number, lead in enumerate(leads[:5]):
        decide(lead, accept=number < accepted, now=day + HOUR)


def decide(lead: Lead, *, accept: bool, now: dt.datetime) -> None:
    """The owner takes the lead on, or rejects it."""
    common: dict[str, Any] = {"lead_id": lead.pk, "by": lead.owner, "now": now}
    if accept:
        actions.accept(**common, icp_confirmed=True, reachable=True)
    else:
        actions.reject(**common, reason="unreachable")
