"""What ended a clock, and what was logged that did not: two queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo

from core.texts import _
from governance import selectors as kits
from governance.moments import Moment
from leads.models import Activity, LeadEvent
from sla import evidence
from sla.models import OPEN, Clock
from sla.services import ACTIVITY
from web.console import evidence_words, todo, words

MOST = 20


@dataclass(frozen=True, slots=True)
class Uncounted:
    """Something that was logged while the clock ran, and why it does not meet it, or only later."""

    at: datetime
    text: str


def ended(clock: Clock, *, now: datetime, zone: tzinfo) -> str:
    """`Stopped by Anna's call of today 10:10 (verified, from aircall).`; empty while it is open."""
    if clock.state in OPEN or clock.stopped_at is None:
        return ""
    if clock.evidence == ACTIVITY:
        row = Activity.objects.filter(pk=clock.evidence_id or 0).select_related("by").first()
        if row is not None:
            return evidence_words.stopped_by(row, now=now, zone=zone) + _known_later(
                clock, now=now, zone=zone
            )
    when = words.moment(clock.stopped_at, now=now, zone=zone)
    did = _("Stopped") if clock.is_stopped else _("Ended")
    event = LeadEvent.objects.filter(pk=clock.evidence_id or 0, lead=clock.lead_id).first()
    by = str(clock.stopped_by) if clock.stopped_by else _("the system")
    deal = event.because.get("opportunity") if event is not None else None
    which = _(", opportunity {deal}").format(deal=deal) if deal else ""
    return _("{did} because {happened}, by {by}, {when}{which}.").format(
        did=did, happened=evidence_words.happened(clock.evidence), by=by, when=when, which=which
    )


def _known_later(clock: Clock, *, now: datetime, zone: tzinfo) -> str:
    if clock.effective_at is None or clock.stopped_at is None:
        return ""
    known = words.moment(clock.stopped_at, now=now, zone=zone)
    return _(" That became known later, after it had been stopped at {known}.").format(known=known)


def uncounted(clock: Clock, *, now: datetime, zone: tzinfo) -> tuple[Uncounted, ...]:
    """What was logged from its start to its end and meets it not, or only from when it was written.

    Empty for clocks that no contact stops.
    """
    policy = todo.policy_of(clock)
    if policy is None or Moment.CONTACTED not in policy.stopped_by:
        return ()
    limit = kits.kit_of(clock.kit_id).general.backdating
    rows = Activity.objects.standing().filter(
        lead=clock.lead_id, recorded_at__range=(clock.started_at, clock.stopped_at or now)
    )
    rows = rows.exclude(kind=Activity.Kind.NOTE).filter(direction=Activity.Direction.OUTBOUND)
    found = []
    for row in rows.select_related("by").order_by("pk")[:MOST]:
        verdict = evidence.judge(row, clock, backdating=limit)
        why = evidence.LATE if verdict.backdated else ""
        if verdict.why_not is not None:
            why = evidence.WORDS[verdict.why_not]
        if why:
            at = words.moment(row.at, now=now, zone=zone)
            what = _("{whose} {get_kind_display} of {at}").format(
                whose=evidence_words.whose(row.by),
                get_kind_display=row.get_kind_display().lower(),
                at=at,
            )
            found.append(Uncounted(row.recorded_at, f"{what}: {why}."))
    return tuple(found)
