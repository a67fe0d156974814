"""From an SDR to an AE, by the kit's rules for it: when a meeting is booked, or at SQL.

A lead that is an SQL and with an SDR, as an AE returned it, is handed on with the next meeting
that is booked, whatever the kit's moment is: nobody marks it as SQL again.

Who had the lead stays who sourced it. The AE may return it with a reason: then it is the SDR's
again, and what the AE owed ends there. A kit without rules for hand-offs leaves leads where they
are, and whoever owns a lead as an AE keeps it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from core import errors
from governance.moments import HandOff, Moment
from leads import services
from leads.models import Activity, EventKind, Lead, LeadEvent
from leads.stages import Stage
from lifecycle import (
    acts,
    causes,
    contacts_undone,
    overriding,
    ownership,
    permissions,
    proofs,
    reasons,
)
from lifecycle.acts import Act
from people import holders, roles
from people.models import Role, User
from routing import rules
from routing import services as routing
from routing.models import Assignment, Override

HANDED_ON = causes.HANDED_ON
RETURNED = causes.RETURNED
"""Why a lead is with its SDR again."""

WORKED = (Stage.SAL, Stage.SQL)
MEETINGS = (Activity.Kind.MEETING, Activity.Kind.DISCOVERY_CALL)


def at_sql(act: Act, event: LeadEvent) -> None:
    """It was marked as SQL: hand it on, unless an AE has it."""
    _hand_on(act, event)


def books(activity: Activity) -> bool:
    """Whether it is a meeting to come: no time is said, or one that was ahead when it was told."""
    is_ahead = activity.at >= activity.recorded_at - proofs.TOLERANCE
    return is_ahead and _is_scheduled(activity.kind, activity.outcome)


def is_past(activity: Activity) -> bool:
    """Whether it is a meeting said to be scheduled for a time that lay in the past already."""
    return _is_scheduled(activity.kind, activity.outcome) and not books(activity)


def was_booked(said: Mapping[str, Any]) -> bool:
    """Whether the event of an activity tells of a meeting to come."""
    return _is_scheduled(said.get("kind"), said.get("outcome")) and not said.get("past_meeting")


def _is_scheduled(kind: str | None, outcome: str | None) -> bool:
    return kind in MEETINGS and outcome == Activity.Outcome.SCHEDULED


def at_meeting(act: Act, activity: Activity, event: LeadEvent) -> None:
    """A meeting was booked: the clocks that waited for one stop, and the lead is handed on, where
    the kit does so as early as that.
    """
    if not books(activity):
        return
    act.case.happen(Moment.MEETING_BOOKED, event, ledger=act.ledger)
    lead, by_meeting = act.lead, act.kit.general.hands_off_at == HandOff.MEETING
    if lead.stage == Stage.SQL or (by_meeting and lead.stage in WORKED):
        _hand_on(act, event)


def at_sal(act: Act, event: LeadEvent) -> None:
    """It is worked from now on: a meeting that was booked before hands it on now, where the kit
    does so at meetings.
    """
    by_meeting = act.kit.general.hands_off_at == HandOff.MEETING
    if by_meeting and rules.has(rules.of_kit(act.kit), rules.HANDOFF) and _is_booked(act):
        _hand_on(act, event)


def _is_booked(act: Act) -> bool:
    """Whether a meeting is to come: its time is, or none was said of the last one of this pass."""
    meetings = Activity.objects.standing().filter(lead=act.lead, kind__in=MEETINGS)
    rows = list(meetings.order_by("recorded_at", "pk"))
    booked = [one for one in rows if one.outcome == Activity.Outcome.SCHEDULED]
    if any(one.at > act.now for one in booked):
        return True
    if not booked or booked[-1] != rows[-1] or booked[-1].at != booked[-1].recorded_at:
        return False
    told = {"kind": EventKind.ACTIVITY, "because__activity": booked[-1].pk}
    return LeadEvent.objects.filter(lead=act.lead, cycle=act.lead.cycle, **told).exists()


def return_handoff(*, lead_id: int, by: User, reason: str, now: dt.datetime | None = None) -> Lead:
    """The AE gives a lead back to the SDR who handed it off, and says why; their turn is returned.

    Raises TooLate when it was not handed off to its owner, or the SDR is not there any more.
    """
    if not reason.strip():
        raise reasons.missing("reason", "Say why, in a few words: the SDR will read it.")
    with acts.on(lead_id, by=by, now=now) as act:
        permissions.require_owner(act.lead, by)
        sdr = _handed_by(act.lead)
        if sdr is None or act.lead.stage not in WORKED:
            raise errors.TooLate(
                "This lead was not handed off to who owns it now; reassign it instead.",
                state=services.state_of(act.lead),
            )
        if not holders.works_leads(sdr):
            raise errors.TooLate(
                f"{sdr}, who handed it off, {_gone(sdr)}; reassign it instead.",
                state=services.state_of(act.lead),
            )
        note = proofs.keep_note(act, reason.strip())
        overriding.note(act, kind=Override.Kind.RETURNED, why=Override.Why.OTHER, to=sdr)
        if act.case.held is not None and act.case.held.decision is not None:
            routing.return_turn(act.case.held.decision, RETURNED, act.ledger)
        ownership.hand_to(act.case, sdr.pk, ledger=act.ledger, why=RETURNED, note=note)
    return act.lead


def _hand_on(act: Act, event: LeadEvent) -> None:
    lead = act.lead
    known = rules.of_kit(act.kit)
    if lead.owner_id is None or not rules.has(known, rules.HANDOFF):
        return
    if User.objects.filter(roles.playing(Role.AE), pk=lead.owner_id).exists():
        return
    if lead.sourced_by_id is None:
        lead.sourced_by_id = lead.owner_id
        act.ledger.change(lead, "sourced_by")
        contacts_undone.remember(event, sourced_by=lead.owner_id)
    anew = ownership.again([act.case], why=HANDED_ON)
    ownership.route([act.case], ledger=act.ledger, again=anew, moment=rules.HANDOFF, cause=event)


def _handed_by(lead: Lead) -> User | None:
    """Who held the lead before it was handed off, through however many AEs it went since."""
    legs = Assignment.objects.filter(lead=lead, started_by_event__cycle=lead.cycle)
    handed = False
    for leg in legs.select_related("user", "decision").order_by("-pk"):
        by_rule = leg.decision is not None and leg.decision.moment == rules.HANDOFF
        if not by_rule and not leg.user.plays(Role.AE):
            return leg.user if handed else None
        handed = handed or by_rule
    return None


def _gone(who: User) -> str:
    return "works no leads any more" if who.is_active else "is not active any more"
