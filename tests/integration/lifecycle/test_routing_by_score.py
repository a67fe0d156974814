"""A rule that goes by the score is tried on the lead's score, whoever asks for the route."""

from __future__ import annotations

import pytest

from leads.models import Lead
from lifecycle import actions, misrouting, waiting
from routing.models import Decision, PoolMember
from tests import factories, kit_edits
from tests.factories import HOUR, MINUTE, NOW, Company
from tests.kit_edits import Parts

pytestmark = pytest.mark.django_db
LATER = NOW + HOUR


@pytest.fixture
def company(db: None) -> Company:
    """Whoever scores 70 or more goes to anna and ben, everybody else to karl."""
    company = factories.company()
    factories.pool("others", manager=company.manager)
    factories.rep("karl", pools=["others"])

    def by_score(parts: Parts) -> None:
        hot = {"fact": "score.total", "op": "gte", "value": 70}
        parts["routing_rule"] = [
            {"key": "hot", "label": "Hot", "position": 10, "condition": hot, "pool": "dach"},
            {"key": "rest", "label": "The rest", "position": 20, "condition": None,
             "pool": "others"},
        ]  # fmt: skip

    kit_edits.publish(by_score, by=company.revops, now=NOW)
    return company


def last(lead: Lead) -> tuple[str, bool]:
    """The pool of its last decision, and whether the score there is what it was worth."""
    decision = Decision.objects.filter(lead=lead).latest("pk")
    return decision.pool, float(str(decision.facts["score.total"])) >= 70


def test_a_lead_that_waited_is_routed_by_its_score(company: Company) -> None:
    PoolMember.objects.filter(pool__key="dach").update(active=False)
    lead = factories.capture(now=NOW + MINUTE)
    assert lead.queue == "dach"
    PoolMember.objects.filter(pool__key="dach").update(active=True)
    waiting.route(now=LATER)
    assert last(lead) == ("dach", True)


def test_a_lead_given_anew_is_routed_by_its_score(company: Company) -> None:
    lead = factories.capture(now=NOW + MINUTE)
    misrouting.misroute(lead_id=lead.pk, by=lead.owner, why="LOAD", now=LATER)
    assert last(lead) == ("dach", True)
    again = Lead.objects.get(pk=lead.pk)
    actions.reassign(lead_id=lead.pk, by=company.revops, to=None, reason="anew", now=LATER + MINUTE)
    assert last(again) == ("dach", True)


def test_what_is_shown_as_the_threshold_reaches_it(company: Company) -> None:
    """Milliseconds between a touchpoint and its decision make no difference."""
    whole = factories.capture(now=NOW + MINUTE)
    total = Decision.objects.get(lead=whole).facts["score.total"]
    (moment,) = factories.captures(
        [factories.touch(occurred_at=(NOW + MINUTE - 400 * MINUTE / 60_000).isoformat())],
        now=NOW + MINUTE,
    )
    assert Decision.objects.get(lead=moment).facts["score.total"] == total
