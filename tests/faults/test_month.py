"""A month with leaves, joins, holidays and bursts: everything holds each night, and all along."""

from __future__ import annotations

import random
from collections import defaultdict
from itertools import pairwise

import pytest

from leads.models import Lead, LeadEvent
from leads.stages import WORKED
from lifecycle.invariants import run
from people.models import User
from routing.models import Assignment, Decision
from tests.faults import house as houses
from tests.faults.house import SHORT
from tests.faults.month import Month

pytestmark = [
    pytest.mark.faults,
    pytest.mark.timeout(3000),
    pytest.mark.django_db(transaction=True),
]

DAYS = 4 if SHORT else 31


@pytest.mark.parametrize("seed", [1] if SHORT else [1, 2])
def test_a_month_of_changes_keeps_every_invariant_and_every_lead_somebody_s(seed: int) -> None:
    month = Month(random.Random(seed))
    month.found()
    for night in month.run(DAYS):
        broken = [one for one in run.check(now=night, replay=0) if one.found.count]
        told = [(one.invariant.key, one.found.offences[:3]) for one in broken]
        assert not told, f"{night}: {told}"
        gone = Assignment.objects.filter(ended_at=None, user__is_active=False).count()
        assert gone == 0, f"{night}: {gone} leads are with people who have left"
    assert month.swept["errors"] == 0, month.swept
    replayed = run.check(now=night, replay=100_000)
    assert [one.invariant.key for one in replayed if one.found.count] == []
    orphaned = [fault for lead in logs().values() for fault in faults_of(lead)]
    assert orphaned == []
    houses.report(
        f"{DAYS} days: {Lead.objects.count()} leads, {Decision.objects.count()} decisions, "
        f"{User.objects.count()} people; {dict(month.done)}; refused {dict(month.refused)}"
    )


def logs() -> dict[int, list[LeadEvent]]:
    """All events by lead, in order."""
    found: dict[int, list[LeadEvent]] = defaultdict(list)
    for event in LeadEvent.objects.order_by("lead_id", "sequence"):
        found[event.lead_id].append(event)
    return found


def faults_of(log: list[LeadEvent]) -> list[str]:
    """Instants from which on a lead that is being worked had not one accountable party.

    From the log alone: what holds after the last event of an instant holds until the next.
    """
    faults = []
    stage, owner, queue = "", None, ""
    for event, after in pairwise([*log, None]):
        if event.kind == "STAGE":
            stage = event.to_stage
        elif event.kind == "ASSIGNED":
            owner, queue = event.owner_id, ""
        elif event.kind == "QUEUED":
            owner, queue = None, event.queue
        elif event.kind == "RELEASED":
            owner, queue = None, ""
        lasts = after is None or after.at > event.at
        if lasts and stage in WORKED and (owner is None) == (queue == ""):
            faults.append(f"lead {event.lead_id} at {stage} from {event.at}: {owner}, “{queue}”")
    return faults
