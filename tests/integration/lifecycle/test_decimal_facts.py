"""Rules over numbers with decimals, such as the score: judged, recorded, replayed, shown."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client

from leads.models import LeadEvent, Touch
from lifecycle.invariants import run as invariants
from routing.models import Decision
from tests import factories, kit_edits
from tests.factories import HOUR, MINUTE, NOW
from tests.kit_edits import Parts

pytestmark = pytest.mark.django_db


def by_score(parts: Parts) -> None:
    """An MQL is who has 30.5 points; who has 60 goes to the DACH pool before any other rule."""
    test = {"fact": "score.total", "op": "gte"}
    kit_edits.part(parts, "criterion", "behaviour")["condition"] = {**test, "value": 30.5}
    for rule in parts["routing_rule"]:
        rule["position"] += 1
    hot = {"key": "hot", "label": "Hot", "condition": {**test, "value": 60}, "pool": "dach"}
    parts["routing_rule"].insert(0, {**parts["routing_rule"][0], **hot, "position": 0})


def test_a_score_with_decimals_decides_and_is_kept_with_every_digit() -> None:
    company = factories.company()
    kit_edits.publish(by_score, by=company.revops, now=NOW)
    faded = [{"kind": "demo_request", "occurred_at": (NOW - 30 * HOUR).isoformat()}]
    lead = factories.capture(company={"country": "SE"}, signals=faded, now=NOW + MINUTE)
    assert not Touch.objects.exclude(status="ADVANCED").exists()
    lead.refresh_from_db()
    assert (lead.stage, lead.owner in company.reps) == ("MQL", True)
    event = LeadEvent.objects.get(lead=lead, transition="qualify")
    judged = {one["criterion"]: one for one in event.because["criteria"]}
    kept = Decimal(judged["behaviour"]["facts"]["score.total"])
    assert kept != kept.to_integral_value()
    first = Decision.objects.filter(lead=lead).earliest("pk")
    assert first.tried[0]["rule"] == "hot"
    found = {one.invariant.key: one.found.offences for one in invariants.check(now=NOW + HOUR)}
    assert found["decision.replays"] == ()
    page = Client()
    page.force_login(company.revops)
    assert f"Score {round(kept, 1)} points" in page.get(f"/leads/{lead.pk}/").content.decode()
