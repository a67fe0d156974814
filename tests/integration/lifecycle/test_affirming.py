"""Accepting: facts fill in the answers, people confirm them, and what showed it is kept."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from core import errors
from leads.models import Lead, LeadEvent
from lifecycle import actions, affirming, contacting
from tests import factories
from tests.acting import LATER, accept, fresh, owner
from tests.factories import NOW

pytestmark = pytest.mark.django_db
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def company() -> factories.Company:
    return factories.company()


def refused(lead: Lead, **given: Any) -> list[tuple[str, str]]:
    with pytest.raises(errors.InvalidInput) as refusal:
        accept(lead, **given)
    assert fresh(lead).stage == "MQL"
    return [(one.field, one.code) for one in refusal.value.errors]


def affirmed(lead: Lead) -> dict[str, Any]:
    kept: dict[str, Any] = LeadEvent.objects.get(lead=lead, transition="accept").because["affirmed"]
    return kept


def bounce(lead: Lead, minutes: int) -> None:
    actions.log_activity(
        lead_id=lead.pk, by=owner(lead), kind="EMAIL", outcome="BOUNCED", now=NOW + minutes * MINUTE
    )


def test_the_facts_answer_for_the_reach_and_are_kept_without_an_address(
    company: factories.Company,
) -> None:
    lead = factories.capture()
    assert refused(lead, icp_confirmed=False, reachable=None) == [("icp_confirmed", "unconfirmed")]
    accept(lead, reachable=None)
    kept = affirmed(lead)
    assert kept["shown"]["reachable"] == {"by": ["EMAIL"]}
    assert kept["shown"]["icp_confirmed"]["by"] == ["ICP"]
    assert kept["shown"]["icp_confirmed"]["facts"]["company.employees"] == 420
    assert kept["unasked"] == ["reachable"]
    assert lead.person.email not in str(kept)


def test_where_nothing_shows_it_somebody_is_asked_and_says_how_they_know(
    company: factories.Company,
) -> None:
    lead = factories.capture()
    bounce(lead, 5)
    assert refused(lead, reachable=None) == [("reachable", "unshown")]
    assert refused(lead) == [("evidence", "required")]
    accept(lead, evidence="Met her at the fair")
    assert affirmed(lead)["shown"].keys() == {"icp_confirmed"}
    assert affirmed(lead)["evidence"] is True


def test_a_bounce_is_outlived_by_an_answer_a_talk_or_another_address(
    company: factories.Company,
) -> None:
    wrote, talked, moved = factories.captures([factories.touch() for _ in range(3)])
    for lead in (wrote, talked, moved):
        bounce(lead, 5)
    at = NOW + 10 * MINUTE
    for lead, kind, direction in ((wrote, "EMAIL", "INBOUND"), (talked, "CALL", "OUTBOUND")):
        actions.log_activity(
            lead_id=lead.pk, by=owner(lead), kind=kind, direction=direction, now=at
        )
    moved.person.email = "petra.neu@firma.de"
    moved.person.save()
    shown = [affirming.of_lead(fresh(one), company.kit, LATER) for one in (wrote, talked, moved)]
    assert [[means.value for means in one["reachable"].by] for one in shown] == [
        ["EMAIL", "ANSWER"], ["ANSWER"], ["EMAIL"],
    ]  # fmt: skip


def test_a_list_shuts_the_address_and_another_company_fills_in_no_profile(
    company: factories.Company,
) -> None:
    lead = factories.capture()
    entries = [contacting.Entry("EMAIL", lead.person.email)]
    contacting.suppress(entries, reach="ALL", source="Unsubscribed", by=company.revops, now=LATER)
    assert lead.account is not None
    lead.account.employees = 3
    lead.account.save()
    assert affirming.of_lead(lead, company.kit, LATER) == {}


def test_a_kit_that_names_no_facts_asks_as_before() -> None:
    text = factories.kit_versions.rules()
    for one in text["parts"]["criterion"]:
        one.pop("shown_by", None)
    factories.company(text=text)
    lead = factories.capture()
    assert refused(lead, reachable=None) == [("reachable", "unshown")]
    accept(lead)
    assert affirmed(lead)["shown"] == {}
