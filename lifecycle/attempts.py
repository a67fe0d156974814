"""Who says that a buyer cannot be reached has tried, as often and on as many days as the kit asks.

An attempt is something outbound that was logged in this pass, answered, unanswered or bounced. What
a machine sent, and what was taken back, is none.
"""

from __future__ import annotations

import datetime as dt

from core import errors
from core.errors import FieldError
from governance.terms import Reason
from leads.models import Activity, EventKind, LeadEvent
from lifecycle.acts import Act

TRIED = (Activity.Outcome.COMPLETED, Activity.Outcome.NO_ANSWER, Activity.Outcome.BOUNCED)
PASSES = ("qualify", "self_source", "begin")
"""Steps by which a pass begins."""


def require(act: Act, reason: Reason) -> None:
    """Raises InvalidInput telling how many attempts of a reason are logged, and what is missing."""
    if not reason.attempts_needed:
        return
    zone = act.by.zone if act.by is not None else None
    made = _made(act)
    days = len({at.astimezone(zone).date() for at in made})
    if len(made) >= reason.attempts_needed and days >= reason.attempt_days:
        return
    told = f"{len(made)} of {reason.attempts_needed} attempts logged"
    if reason.attempt_days > 1:
        told += f", on {days} of {reason.attempt_days} days"
    message = f"“{reason.label}” needs attempts first: {told}. Log each call, e-mail or message."
    raise errors.InvalidInput(message, errors=[FieldError("reason", message, "attempts")])


def words(reason: Reason) -> str:
    """What a reason asks for, for who is about to choose it; empty for nothing."""
    if not reason.attempts_needed:
        return ""
    days = f" on {reason.attempt_days} days" if reason.attempt_days > 1 else ""
    return f"Needs {reason.attempts_needed} logged attempts{days}."


def _made(act: Act) -> list[dt.datetime]:
    began = LeadEvent.objects.filter(
        lead=act.lead, kind=EventKind.STAGE, transition__in=PASSES
    ).order_by("-sequence")
    since = began.values_list("at", flat=True).first()
    rows = Activity.objects.standing().filter(
        lead=act.lead,
        direction=Activity.Direction.OUTBOUND,
        outcome__in=TRIED,
        automatic=False,
    )
    rows = rows.exclude(kind=Activity.Kind.NOTE)
    return list((rows.filter(at__gte=since) if since else rows).values_list("at", flat=True))
