"""Disputed rejections of a manager's teams: what is to be decided, by whom, and what was lately."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet
from django.urls import reverse

from core.texts import _
from governance import selectors as kits
from leads import selectors
from leads.models import LeadEvent
from lifecycle import permissions
from lifecycle.models import RejectionDispute
from people import teams
from people.models import User

LATELY = timedelta(days=7)
SHOWN = 8
TONES = {
    RejectionDispute.State.OPEN: "warn",
    RejectionDispute.State.UPHELD: "ok",
    RejectionDispute.State.OVERTURNED: "late",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One dispute. `ruled_at` is None while it is open, `due_at` once it is decided."""

    name: str
    line: str
    note: str
    state: str
    tone: str
    url: str
    due_at: datetime | None
    ruled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Disputes:
    """The panel."""

    rows: tuple[Row, ...]
    open: int
    """How many of those shown are to be decided."""
    rules: bool
    """Whether the reader decides them; else RevOps does."""
    has_more: bool
    url: str


def build(reader: User, *, now: datetime) -> Disputes:
    """What is to be decided, the first due first, then what was decided lately. One query."""
    found = list(_of(reader, now)[: SHOWN + 1])
    rows = tuple(_row(one) for one in found[:SHOWN])
    return Disputes(
        rows,
        sum(one.ruled_at is None for one in rows),
        permissions.rules_disputes(reader),
        len(found) > SHOWN,
        reverse("console:rejections") + "?standing=disputed",
    )


def _of(reader: User, now: datetime) -> QuerySet[RejectionDispute]:
    """Of rejections by the reader's people, or of leads that these have now."""
    led = teams.led_by(reader)
    theirs = Q(rejection__by__team__in=led) | Q(lead__owner__team__in=led)
    asked = Q(state=RejectionDispute.State.OPEN) | Q(ruled_at__gte=now - LATELY)
    beside = ("lead__person", "rejection__by", "opened_by", "ruled_by", "note", "ruling")
    return (
        RejectionDispute.objects.filter(theirs, asked, lead__in=selectors.visible_to(reader))
        .select_related(*beside)
        .order_by(F("ruled_at").desc(nulls_first=True), "due_at", "pk")
    )


def _row(one: RejectionDispute) -> Row:
    said = _("Rejected by {by} (“{reason}”), disputed by {opened_by}").format(
        by=one.rejection.by, reason=_reason(one.rejection), opened_by=one.opened_by
    )
    decided = _("; decided by {ruled_by}").format(ruled_by=one.ruled_by) if one.ruled_by else ""
    activity = one.ruling or one.note
    return Row(
        one.lead.person.name,
        said + decided,
        activity.note,
        one.get_state_display(),
        TONES.get(RejectionDispute.State(one.state), "none"),
        reverse("console:lead", args=[one.lead_id]),
        one.due_at if one.state == RejectionDispute.State.OPEN else None,
        one.ruled_at,
    )


def _reason(event: LeadEvent) -> str:
    kit = kits.kit_of(event.kit_id) if event.kit_id else None
    key = str(event.because.get("reason") or "")
    known = kit.reasons.get(key) if kit else None
    return known.label if known else key.replace("_", " ")
