"""What ended a clock, and how sure that is, in words."""

from __future__ import annotations

from datetime import datetime, tzinfo

from core.texts import _, lazy
from leads.models import Activity
from people.models import User
from sla.models import Proof
from web.console import words

MOMENTS = {
    "HAND_RAISED": lazy("the buyer asked for a person"),
    "QUALIFIED": lazy("it was qualified"),
    "ASSIGNED": lazy("it was assigned"),
    "REASSIGNED": lazy("it was given to somebody else"),
    "ANSWERED": lazy("the request was closed as answered"),
    "ACCEPTED": lazy("it was accepted"),
    "REJECTED": lazy("it was rejected"),
    "SALES_QUALIFIED": lazy("it was marked as SQL"),
    "CONVERTED": lazy("the opportunity was created"),
    "CLOSED": lazy("the deal was closed"),
    "RETURNED": lazy("it was returned to nurture"),
    "RECYCLED": lazy("it was recycled"),
    "DISQUALIFIED": lazy("it was disqualified"),
    "CLEANSED": lazy("its record was completed"),
    "NEXT_STEP_SET": lazy("another next step was promised"),
}


def stopped_by(row: Activity, *, now: datetime, zone: tzinfo) -> str:
    """`Stopped by Anna's call of today 10:10 (verified, from aircall).`"""
    at = words.moment(row.at, now=now, zone=zone)
    kind = row.get_kind_display().lower()
    outcome = "" if row.outcome == Activity.Outcome.COMPLETED else (
        f", {row.get_outcome_display().lower()}"
    )  # fmt: skip
    return _("Stopped by {whose} {kind} of {at}{outcome} ({sure}).").format(
        whose=whose(row.by), kind=kind, at=at, outcome=outcome, sure=sure(row)
    )


def sure(row: Activity) -> str:
    """`verified, from aircall`, or `self-reported`."""
    if not row.verified:
        return Proof.SELF.label.lower()
    return (
        _("verified, from {source}").format(source=row.source)
        if row.source
        else Proof.VERIFIED.label.lower()
    )


def whose(somebody: User) -> str:
    """`Anna Berg's`, `Jonas'`."""
    name = str(somebody)
    return f"{name}'" if name.endswith("s") else f"{name}'s"


def happened(moment: str) -> str:
    """`it was accepted`; what no word is known for, as it is."""
    return MOMENTS.get(moment, moment.replace("_", " ").lower())
