"""What was done with a buyer, as people log it or systems report it, and what follows."""

from __future__ import annotations

import datetime as dt

from leads import references
from leads.models import Activity, EventKind
from leads.references import Kind, Reference
from lifecycle import acts, answering, contacting, handoffs, next_steps, proofs, reaching
from lifecycle.acts import Act
from lifecycle.next_steps import Promise
from lifecycle.proofs import BY_HAND, Reported
from people.models import User


def log_activity(
    *,
    lead_id: int,
    by: User,
    kind: str,
    direction: str = "OUTBOUND",
    outcome: str = "COMPLETED",
    at: dt.datetime | None = None,
    note: str = "",
    reported: Reported = BY_HAND,
    next_step: Promise | None = None,
    now: dt.datetime | None = None,
) -> Activity:
    """Keep what was done with the buyer; reaching out stops the clocks that wait for contact.

    What another system reports is kept once by its id there and given back; its note and its
    address, where it can be seen there, are kept as they were told last. Raises Taken when it is
    told otherwise: what was done is evidence. A `next_step` is promised in the same act.
    """
    called, source, external_id = reported.reference(), reported.source, reported.external_id
    with acts.on(lead_id, by=by, now=now) as act:
        fields = proofs.activity_fields(
            kind=kind, direction=direction, outcome=outcome, at=at, note=note, now=act.now
        )
        known = external_id and Activity.objects.filter(source=source, external_id=external_id)
        if known and (twin := known.first()) is not None:
            proofs.require_same(twin, act.lead.pk, fields, timed=at is not None)
            return _told_again(act, twin, note=fields["note"], called=called)
        activity = Activity(
            lead=act.lead,
            by=by,
            recorded_at=act.now,
            source=source,
            external_id=external_id,
            verified=reported.verified and called is not None,
            automatic=reported.automatic,
            **fields,
        )
        proofs.number(activity)
        act.ledger.add(activity)
        _refer(activity, called, act.now)
        said = answering.word(activity, act.lead)
        verdicts = reaching.judged(act.case, activity)
        event = act.ledger.event(
            act.lead,
            EventKind.ACTIVITY,
            because={
                "activity": activity.pk,
                "kind": activity.kind,
                "outcome": activity.outcome,
                **({"asks": True} if said.asks else {}),
                **contacting.against(act.lead, activity),
                **reaching.because(activity, verdicts),
            },
            at=activity.at,
        )
        answering.heard(act, activity, event, said=said)
        if activity.is_contact:
            reaching.contacted(act, activity, event, by=by, verdicts=verdicts)
        handoffs.at_meeting(act, activity, event)
        if next_step is not None:
            next_steps.promise_with(act, next_step, by=by, contact=event)
    return activity


def _told_again(act: Act, twin: Activity, *, note: str, called: Reference | None) -> Activity:
    if note and note != twin.note:
        twin.note = note
        act.ledger.change(twin, "note")
    _refer(twin, called, act.now)
    return twin


def _refer(activity: Activity, called: Reference | None, now: dt.datetime) -> None:
    if called is not None:
        references.attach(Kind.ACTIVITY, {called: activity.pk}, now=now)
