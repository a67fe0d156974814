"""Undo, whatever the last thing was: a change of fields, else a step, or a contact logged."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from core import database
from governance import selectors as kits
from leads.models import EventKind, Lead
from lifecycle import contacts_undone, edits_undone, last_steps, undoing
from lifecycle.edits_undone import TakenBack
from people.models import User


def undo(*, lead_id: int, by: User, now: dt.datetime | None = None) -> Lead:
    """Take back this person's last act on a lead, within the kit's window, if nothing followed.

    Raises NothingToUndo.
    """
    return take_back(lead_id=lead_id, by=by, now=now).lead


@transaction.atomic
def take_back(*, lead_id: int, by: User, now: dt.datetime | None = None) -> TakenBack:
    """The same, and which fields are as before, where it was a change of fields."""
    window = kits.active_kit().general.undo
    at = now or database.now()
    if edits_undone.may_undo(lead_id, by, window=window, now=at) is not None:
        return edits_undone.undo(lead_id=lead_id, by=by, now=now)
    lead, step = undoing.undo(lead_id=lead_id, by=by, now=now)
    logged = step.kind == EventKind.ACTIVITY
    promised = logged and contacts_undone.promised_with(step) is not None
    moved = step.kind in last_steps.MOVES
    return TakenBack(lead, contact=logged, promise=promised, moved=moved, step=step.transition)
