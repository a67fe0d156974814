"""Evidence that arrives late but is from before the deadline."""

from __future__ import annotations

import pytest

from leads.models import LeadEvent
from lifecycle import actions
from lifecycle.proofs import Reported
from reports import sla
from reports.periods import Period
from sla import sweeps
from sla.models import Clock, ClockEvent
from tests import factories
from tests.factories import DAY, HOUR, MINUTE, NOW

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("called_after", "verified", "met", "corrections"),
    [
        (10, True, 1, 1),
        (15, True, 1, 1),
        (16, True, 0, 0),
        (10, False, 0, 0),  # their own word, an hour and more afterwards
    ],
)
def test_a_call_in_time_that_is_reported_late_meets_the_clock_with_a_correction(
    called_after: int, verified: bool, met: int, corrections: int
) -> None:
    company = factories.company()
    lead = factories.capture()
    assert sweeps.warn_and_breach(now=NOW + HOUR).breached == 1
    actions.log_activity(
        lead_id=lead.pk,
        by=lead.owner,
        kind="CALL",
        at=NOW + called_after * MINUTE,
        reported=Reported("phone", "c-1", verified=verified),
        now=NOW + 2 * HOUR,
    )
    factories.check_rules()
    report = sla.build(
        company.revops,
        period=Period(NOW - DAY, NOW + DAY),
        only={"obligation": "first_contact"},
        now=NOW + 2 * HOUR,
    )
    assert (report.totals.met, report.totals.late) == (met, 1 - met)
    clock = Clock.objects.get(lead=lead, obligation="first_contact")
    kinds = ClockEvent.objects.filter(clock=clock).values_list("kind", flat=True)
    assert (list(kinds).count("BREACHED"), list(kinds).count("CORRECTED")) == (1, corrections)
    assert LeadEvent.objects.filter(lead=lead, kind="CORRECTED").count() == corrections
