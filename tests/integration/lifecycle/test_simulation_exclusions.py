"""Exclusions in a replay: they take out and let in as they really did, and as a draft's would."""

from __future__ import annotations

from typing import Any

import pytest

from leads.models import Lead
from lifecycle import accounts, actions, editing
from tests import factories
from tests.factories import DAY, HOUR, MINUTE, NOW, capture
from tests.kit_findings import part
from tests.simulating import assert_as_it_was, kit_with, replayed

pytestmark = pytest.mark.django_db

STUDENT: dict[str, Any] = {"person": {"title": "Student"}}


def edit(lead: Lead, company: factories.Company, title: str, *, now: Any) -> None:
    editing.edit(lead_id=lead.pk, by=company.revops, values={"person.title": title}, now=now)


def worked() -> dict[str, Lead]:
    """Leads that exclusions took out, and let in again in all ways there are."""
    company = factories.company()
    leads = {
        "buyer": capture(),
        "student": capture(**STUDENT),
        "colleague": capture(person={"email": "kim@norrlund.example"}, signals=[]),
        "edited": capture(**STUDENT),
        "passed": capture(**STUDENT),
        "quiet": capture(signals=[], **STUDENT),
        "waiting": capture(company={"country": "US"}),
        "owned": capture(),
        "rival": capture(company={"country": "US"}),
        "back": capture(company={"country": "US"}),
        "rested": capture(),
        "woken": capture(),
        "again": capture(company={"country": "US"}),
    }
    for name in ("rested", "woken"):
        lead = leads[name]
        actions.reject(lead_id=lead.pk, by=lead.owner, reason="timing", now=NOW + MINUTE)
    for name in ("rested", "woken", "again"):
        edit(leads[name], company, "Student", now=NOW + HOUR)
    person = {"email": leads["woken"].person.email, "title": "Student"}
    factories.captures_attached(now=NOW + 2 * HOUR, person=person)
    for name in ("rested", "woken", "again"):
        edit(leads[name], company, "VP Operations", now=NOW + 3 * HOUR)
    edit(leads["edited"], company, "VP Operations", now=NOW + HOUR)
    actions.reopen(lead_id=leads["passed"].pk, by=company.manager, reason="Buys.", now=NOW + HOUR)
    actions.reopen(lead_id=leads["quiet"].pk, by=company.manager, reason="x", now=NOW + HOUR)
    edit(leads["waiting"], company, "Student", now=NOW + HOUR)
    edit(leads["owned"], company, "Student", now=NOW + HOUR)
    for name in ("rival", "back"):
        accounts.edit(
            account_id=leads[name].account_id or 0, by=company.revops, status="COMPETITOR",
            reason="Heard it.", now=NOW + HOUR,
        )  # fmt: skip
    accounts.edit(
        account_id=leads["back"].account_id or 0, by=company.revops, status="PROSPECT",
        reason="Wrong.", now=NOW + DAY,
    )  # fmt: skip
    person = {"email": leads["student"].person.email, "title": "Student"}
    factories.captures_attached(now=NOW + DAY, person=person)
    return {name: Lead.objects.get(pk=lead.pk) for name, lead in leads.items()}


def test_a_replay_takes_out_and_lets_in_as_it_was() -> None:
    leads = worked()
    assert {name: lead.exclusion for name, lead in leads.items() if lead.exclusion} == {
        "student": "student", "colleague": "own_staff", "waiting": "student",
        "rival": "competitor",
    }  # fmt: skip
    assert_as_it_was(leads)


def test_the_version_in_force_beside_itself_differs_nowhere() -> None:
    worked()
    told, rows = replayed(kit_with(), until=NOW + 2 * DAY)
    assert (told["differing"], rows) == (0, {})
    assert told["fidelity"]["same"] == told["leads"]


def test_a_draft_without_an_exclusion_gains_whom_it_kept_out() -> None:
    leads = worked()

    def narrower(document: dict[str, Any]) -> None:
        part(document, "exclusion", "student")["condition"] = {
            "fact": "person.title", "op": "eq", "value": "Nobody"
        }  # fmt: skip

    told, rows = replayed(kit_with(narrower), until=NOW + 2 * DAY)
    assert leads["student"].pk in rows
    assert told["mqls"]["after"] > told["mqls"]["before"]
