"""Four weeks in which something drifts: two under the playbook, two under a kit that asks for less.

    company = drift_story.told(begin)     v1 from `begin` on, v2 a fortnight later

Acceptance falls from 80 % to 20 %; of paid leads three times as many become MQLs.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from leads.models import Lead
from lifecycle import actions
from tests import factories
from tests.factories import DAY, HOUR, Company

FORTNIGHT = 14 * DAY


def told(begin: dt.datetime) -> Company:
    """The company after both fortnights."""
    company = factories.company(now=begin)
    for day in working_days(begin):
        a_day(day, mqls=5, accepted=4)
    factories.next_kit(ask_for_less, by=company.revops, now=begin + FORTNIGHT)
    for day in working_days(begin + FORTNIGHT):
        a_day(day, mqls=15, accepted=1)
    return company


def ask_for_less(parts: dict[str, Any]) -> None:
    """Smaller companies pass, a criterion of another stage says something new, so does a clock."""
    icp = next(one for one in parts["criterion"] if one["stage"] == "MQL")
    icp["prose"] = "Whoever has a handful of people."
    sql = next(one for one in parts["criterion"] if one["stage"] == "SQL")
    sql["prose"] = "Worded anew."
    parts["clock_policy"][0]["prose"] = "Worded anew."


def working_days(begin: dt.datetime) -> list[dt.datetime]:
    """Mondays to Fridays of the fortnight after an instant, at its time of day."""
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
        actions.reject(**common, reason="no_interest")
