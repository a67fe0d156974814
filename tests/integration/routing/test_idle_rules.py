"""Rules that have stood for three months without a lead are told; others are left alone."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from governance import selectors
from governance.kit import Kit
from routing import idle_rules
from tests import factories
from tests.factories import DAY, NOW

LONG_AGO = NOW - 100 * DAY


@pytest.fixture(autouse=True)
def few_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idle_rules, "FEWEST", 2)


def told(kit: Kit | None = None, at: dt.datetime = NOW) -> list[str]:
    found = idle_rules.findings(kit or selectors.active_kit(), at)
    return [one.field.removeprefix("routing_rule.") for one in found]


@pytest.fixture
def company(db: None) -> factories.Company:
    """A kit of a hundred days, and two leads for DACH of today."""
    made = factories.company(now=LONG_AGO)
    factories.captures([factories.touch(), factories.touch()], now=NOW)
    return made


def test_a_rule_without_a_lead_in_ninety_days_is_told(company: factories.Company) -> None:
    assert told() == ["partner_registered", "partner", "uk_nordics", "americas"]
    (_, message, *_) = [one.message for one in idle_rules.findings(company.kit, NOW)]
    assert message == "“Partner leads” has got no lead in 90 days."


def test_leads_of_longer_ago_do_not_count(company: factories.Company) -> None:
    factories.capture(company={"country": "US"}, now=NOW - 95 * DAY)
    assert "americas" in told()
    factories.capture(company={"country": "US"}, now=NOW - 5 * DAY)
    assert "americas" not in told()


def test_a_kit_that_is_young_says_nothing(db: None) -> None:
    factories.company(now=NOW - 80 * DAY)
    factories.captures([factories.touch(), factories.touch()], now=NOW)
    assert told() == []


def test_a_rule_that_was_changed_meanwhile_starts_anew(company: factories.Company) -> None:
    def widen(parts: dict[str, Any]) -> None:
        (rule,) = [one for one in parts["routing_rule"] if one["key"] == "americas"]
        rule["condition"]["any"][0]["value"].append("PE")

    kit = factories.next_kit(widen, by=company.revops, now=NOW - 10 * DAY)
    assert told(kit) == ["partner_registered", "partner", "uk_nordics"]


def test_where_few_leads_were_routed_nothing_is_said(
    company: factories.Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idle_rules, "FEWEST", 3)
    assert told() == []


def test_where_the_newest_decisions_do_not_reach_back_nothing_is_said(
    company: factories.Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idle_rules, "LATEST", 1)
    assert told() == []
