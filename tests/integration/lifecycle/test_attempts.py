"""Who says that a buyer cannot be reached has tried, as often as the kit asks."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from core import errors
from leads.models import Lead
from lifecycle import actions
from tests import factories
from tests.factories import DAY, HOUR, MINUTE, NOW, Company

pytestmark = pytest.mark.django_db
TRY: dict[str, Any] = {"kind": "CALL", "outcome": "NO_ANSWER"}


@pytest.fixture
def company() -> Company:
    return factories.company()


@pytest.fixture
def lead(company: Company) -> Lead:
    return factories.capture(now=NOW)


def log(lead: Lead, at: dt.datetime, **fields: Any) -> None:
    actions.log_activity(lead_id=lead.pk, by=lead.owner, at=at, now=at, **{**TRY, **fields})  # type: ignore[arg-type]


def reject(lead: Lead, at: dt.datetime) -> None:
    assert lead.owner is not None
    actions.reject(lead_id=lead.pk, by=lead.owner, reason="unreachable", now=at)


def test_it_is_refused_until_enough_attempts_are_logged_on_enough_days(lead: Lead) -> None:
    with pytest.raises(errors.InvalidInput, match=r"0 of 4 attempts logged, on 0 of 2 days"):
        reject(lead, NOW + MINUTE)
    for number in range(4):
        log(lead, NOW + number * HOUR)
    with pytest.raises(errors.InvalidInput, match=r"4 of 4 attempts logged, on 1 of 2 days"):
        reject(lead, NOW + 4 * HOUR)
    log(lead, NOW + DAY, kind="EMAIL", outcome="BOUNCED")
    reject(lead, NOW + DAY + MINUTE)
    lead.refresh_from_db()
    assert (lead.stage, lead.reason) == ("NURTURE", "unreachable")


@pytest.mark.parametrize(
    "fields",
    [
        {"direction": "INBOUND", "kind": "EMAIL", "outcome": "COMPLETED"},
        {"kind": "NOTE", "outcome": "COMPLETED"},
        {"kind": "MEETING", "outcome": "SCHEDULED"},
    ],
    ids=["the buyer's word", "a note", "a plan"],
)
def test_what_is_no_attempt_does_not_count(lead: Lead, fields: dict[str, Any]) -> None:
    for number in range(4):
        log(lead, NOW + number * DAY, **fields)
    with pytest.raises(errors.InvalidInput, match="0 of 4"):
        reject(lead, NOW + 4 * DAY)


def test_what_was_taken_back_does_not_count(lead: Lead) -> None:
    assert lead.owner is not None
    log(lead, NOW + HOUR)
    actions.undo(lead_id=lead.pk, by=lead.owner, now=NOW + HOUR + MINUTE)
    with pytest.raises(errors.InvalidInput, match="0 of 4"):
        reject(lead, NOW + 2 * HOUR)


def test_managers_recycle_as_unreachable_no_sooner(company: Company, lead: Lead) -> None:
    with pytest.raises(errors.InvalidInput, match="0 of 4"):
        actions.recycle(lead_id=lead.pk, by=company.manager, reason="unreachable", now=NOW + MINUTE)
    actions.recycle(lead_id=lead.pk, by=company.manager, now=NOW + MINUTE)


def test_other_reasons_need_none(lead: Lead) -> None:
    assert lead.owner is not None
    actions.reject(lead_id=lead.pk, by=lead.owner, reason="no_interest", now=NOW + MINUTE)
