"""A kit from before the check of it says of a level what never comes: all else goes on."""

from __future__ import annotations

import datetime as dt

import pytest

from governance import checks
from leads.models import Lead, LeadEvent
from lifecycle import actions, notices
from lifecycle.invariants import run
from lifecycle.models import Notice
from sla import sweeps
from sla.models import Clock
from tests import factories
from tests.factories import HOUR, MINUTE, NOW
from tests.integration.sla.test_escalation import DUE, text
from web.console import clock_page

pytestmark = pytest.mark.django_db

NEVER = 5_000_000
"""More minutes than office hours are in ten years."""


@pytest.fixture(autouse=True)
def company(monkeypatch: pytest.MonkeyPatch) -> factories.Company:
    """Whoever missed a first contact is told of after an hour; then nobody ever."""
    monkeypatch.setattr(checks, "_dated", [])
    levels = {
        "soon": {"after_minutes": 60, "tell": ["MANAGERS"], "then": "far"},
        "far": {"after_minutes": NEVER, "tell": ["REVOPS"], "then": "last"},
        "last": {"after_minutes": NEVER, "tell": ["REVOPS"]},
    }
    document = text(first="far", **levels)
    policies = {one["key"]: one for one in document["parts"]["clock_policy"]}
    policies["accept"].update(escalation="soon", minutes=30, calendar="office_hours")
    return factories.company(text=document)


def clock(lead: Lead, obligation: str = "first_contact") -> Clock:
    return Clock.objects.get(lead=lead, obligation=obligation, void=False, scope="STAGE")


def faults(now: dt.datetime) -> list[str]:
    broken = [one for one in run.check(now=now) if one.broken]
    return [f"{one.invariant.key}: {one.found.offences}" for one in broken]


@pytest.mark.parametrize("count", [2, sweeps.MANY])
def test_the_breach_is_told_and_healthy_levels_come(count: int, company: factories.Company) -> None:
    lead = factories.captures([factories.touch() for _ in range(count)])[0]
    sweeps.warn_and_breach(now=DUE + 2 * HOUR)
    missed, accept = clock(lead), clock(lead, "accept")
    assert (missed.breached_at, missed.parked_until) == (DUE, None)
    assert (missed.escalation, missed.escalate_at) == ("far", None)
    told = LeadEvent.objects.filter(lead=lead, kind="ESCALATED").order_by("sequence")
    assert [(one.because["level"], one.at) for one in told] == [("soon", NOW + 30 * MINUTE + HOUR)]
    assert (accept.escalation, accept.escalate_at) == ("far", None)
    notices.drain(now=DUE + 2 * HOUR, limit=1_000)
    assert Notice.objects.filter(kind="BREACHED", event__lead=lead).exists()
    assert sweeps.warn_and_breach(now=DUE + 3 * HOUR).total == 0
    assert faults(DUE + 3 * HOUR) == []


def test_what_people_do_works_though_the_breach_was_not_seen_before() -> None:
    lead, given = factories.captures([factories.touch() for _ in "ab"])
    late = DUE + HOUR
    actions.log_activity(lead_id=lead.pk, by=lead.owner, kind="CALL", now=late)
    missed = clock(lead)
    assert (missed.state, missed.breached_at, missed.stopped_at) == ("STOPPED", DUE, late)
    other = next(one for one in factories.standing().reps if one.pk != given.owner_id)
    by = factories.standing().manager
    actions.reassign(lead_id=given.pk, by=by, to=other.pk, reason="Theirs", now=late)
    assert clock(given).breached_at == DUE
    factories.work(Lead.objects.get(pk=lead.pk), to="SAL", now=late)
    assert faults(late) == []


def test_its_page_says_that_the_level_never_comes() -> None:
    lead = factories.capture()
    sweeps.warn_and_breach(now=DUE + MINUTE)

    def said(obligation: str) -> str:
        found = clock_page.build(lead, clock(lead, obligation).pk, now=DUE + HOUR, zone=dt.UTC)
        assert found is not None
        return found.next_level

    assert said("first_contact") == "Far: never, its time does not come within ten years"
    sweeps.warn_and_breach(now=DUE + 30 * MINUTE)
    assert said("accept") == "Soon: 11:30 today"
