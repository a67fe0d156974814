"""Evidence that came after a clock had stopped, and is of before: it was done earlier than known.

When the clock stopped stays as it was written. Since when it is met, and by what, is corrected, and
each correction is told with an event of its own. The order in which evidence comes decides nothing:
the earliest of all that counts does.
"""

from __future__ import annotations

from governance import selectors as kits
from governance.moments import Moment
from leads.ledger import Ledger
from leads.models import Activity, EventKind, Lead, LeadEvent
from sla import evidence, notes, selectors, services
from sla.evidence import Verdict
from sla.models import Clock, ClockEvent


def correct(lead: Lead, activity: Activity, *, ledger: Ledger, cause: LeadEvent) -> list[Clock]:
    """Correct the stopped clocks of a locked lead that this contact meets earlier, or more surely.

    Returns those. One query where the contact is of before, none otherwise.
    """
    if activity.at >= ledger.now:
        return []
    found = []
    for clock in selectors.stopped_since(lead.pk, activity.at):
        if Moment.CONTACTED not in selectors.policy_of(clock).stopped_by:
            continue
        limit = kits.kit_of(clock.kit_id).general.backdating
        verdict = evidence.judge(activity, clock, backdating=limit)
        if evidence.is_better(verdict, than=_known(clock)):
            _correct(clock, lead, activity, verdict, ledger=ledger, cause=cause)
            found.append(clock)
    return found


def _known(clock: Clock) -> Verdict:
    """What is known to have stopped it."""
    return Verdict(clock.ended_at or clock.started_at, clock.proof)


def _correct(
    clock: Clock,
    lead: Lead,
    activity: Activity,
    verdict: Verdict,
    *,
    ledger: Ledger,
    cause: LeadEvent,
) -> None:
    was = clock.ended_at
    because = {
        **notes.because(clock),
        "evidence": services.ACTIVITY,
        "activity": activity.pk,
        "at": verdict.at.isoformat(),
        "was": was.isoformat() if was else None,
        "was_by": {"evidence": clock.evidence, "row": clock.evidence_id},
    }
    clock.effective_at, clock.proof = verdict.at, verdict.proof
    clock.evidence, clock.evidence_id = services.ACTIVITY, activity.pk
    clock.stopped_by_id = activity.by_id
    clock.working_seconds = services.worked(clock, None, ledger).total_seconds()
    ledger.change(clock, "effective_at", "working_seconds", *services.WHAT_STOPPED)
    told = ledger.event(lead, EventKind.CORRECTED, because=because, cause=cause)
    notes.write(clock, ClockEvent.Kind.CORRECTED, ledger.now, ledger=ledger, event=told)
