"""What ended a clock, and how sure that is, in words."""

from __future__ import annotations

from datetime import datetime, tzinfo

from leads.models import Activity
from people.models import User
from sla.models import Proof
from web.console import words

MOMENTS = {
    "HAND_RAISED": "the buyer asked for a person",
    "QUALIFIED": "it was qualified",
    "ASSIGNED": "it was assigned",
    "REASSIGNED": "it was given to somebody else",
    "ANSWERED": "the request was closed as answered",
    "ACCEPTED": "it was accepted",
    "REJECTED": "it was rejected",
    "SALES_QUALIFIED": "it was marked as SQL",
    "CONVERTED": "the opportunity was created",
    "CLOSED": "the deal was closed",
    "RETURNED": "it was returned to nurture",
    "RECYCLED": "it was recycled",
    "DISQUALIFIED": "it was disqualified",
    "CLEANSED": "its record was completed",
    "NEXT_STEP_SET": "another next step was promised",
}


def stopped_by(row: Activity, *, now: datetime, zone: tzinfo) -> str:
    """`Stopped by Anna's call of today 10:10 (verified, from aircall).`"""
    at = words.moment(row.at, now=now, zone=zone)
    kind = row.get_kind_display().lower()
    outcome = "" if row.outcome == Activity.Outcome.COMPLETED else (
        f", {row.get_outcome_display().lower()}"
    )  # fmt: skip
    return f"Stopped by {whose(row.by)} {kind} of {at}{outcome} ({sure(row)})."


def sure(row: Activity) -> str:
    """`verified, from aircall`, or `self-reported`."""
    if not row.verified:
        return Proof.SELF.label.lower()
    return f"verified, from {row.source}" if row.source else Proof.VERIFIED.label.lower()


def whose(somebody: User) -> str:
    """`Anna Berg's`, `Jonas'`."""
    name = str(somebody)
    return f"{name}'" if name.endswith("s") else f"{name}'s"


def happened(moment: str) -> str:
    """`it was accepted`; what no word is known for, as it is."""
    return MOMENTS.get(moment, moment.replace("_", " ").lower())
