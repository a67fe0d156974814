"""Who says that a buyer cannot be reached has tried, as often and on as many days as the kit asks.

An attempt is something outbound that was logged in this pass, answered, unanswered or bounced. What
a machine sent, and what was taken back, is none.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from core import errors
from core.errors import FieldError
from governance.terms import Reason
from leads.models import Activity, EventKind, LeadEvent
from lifecycle.acts import Act
from people.models import User

TRIED = (Activity.Outcome.COMPLETED, Activity.Outcome.NO_ANSWER, Activity.Outcome.BOUNCED)
PASSES = ("qualify", "self_source", "begin")
"""Steps by which a pass begins."""


def require(act: Act, reason: Reason) -> None:
    """Raises InvalidInput telling how many attempts of a reason are logged, and what is missing."""
    told = lacking([act.lead.pk], reason, by=act.by).get(act.lead.pk)
    if told is None:
        return
    message = f"“{reason.label}” needs attempts first: {told}. Log each call, e-mail or message."
    raise errors.InvalidInput(message, errors=[FieldError("reason", message, "attempts")])


def lacking(leads: Collection[int], reason: Reason, *, by: User | None) -> dict[int, str]:
    """The leads on which a reason needs more attempts, with how many there are. Two queries.

    Days are those of `by`.
    """
    if not reason.attempts_needed:
        return {}
    made, zone = _made(leads), by.zone if by is not None else None
    found = {}
    for lead in leads:
        days = len({at.astimezone(zone).date() for at in made[lead]})
        if len(made[lead]) >= reason.attempts_needed and days >= reason.attempt_days:
            continue
        found[lead] = f"{len(made[lead])} of {reason.attempts_needed} attempts logged"
        if reason.attempt_days > 1:
            found[lead] += f", on {days} of {reason.attempt_days} days"
    return found


def words(reason: Reason) -> str:
    """What a reason asks for, for who is about to choose it; empty for nothing."""
    if not reason.attempts_needed:
        return ""
    days = f" on {reason.attempt_days} days" if reason.attempt_days > 1 else ""
    return f"Needs {reason.attempts_needed} logged attempts{days}."


def _made(leads: Collection[int]) -> dict[int, list[dt.datetime]]:
    """When each lead's buyer was tried in its present pass."""
    began = dict(
        LeadEvent.objects.filter(lead__in=leads, kind=EventKind.STAGE, transition__in=PASSES)
        .order_by("sequence")
        .values_list("lead", "at")
    )
    rows = Activity.objects.standing().filter(
        lead__in=leads,
        direction=Activity.Direction.OUTBOUND,
        outcome__in=TRIED,
        automatic=False,
    )
    made: dict[int, list[dt.datetime]] = {lead: [] for lead in leads}
    for lead, at in rows.exclude(kind=Activity.Kind.NOTE).values_list("lead", "at"):
        if lead not in began or at >= began[lead]:
            made[lead].append(at)
    return made
