"""A rep adds a buyer they found themselves: through the usual door, then theirs as SAL.

There is no second way in: what was typed becomes a touchpoint, is recognised, scored and judged as
any other, and `actions.self_source` makes it the rep's own where nobody works it yet.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core import errors
from leads.models import Lead
from leads.stages import Stage
from lifecycle import actions, intake, permissions
from people.models import User

SCOPE = "desk"
_BEGINS = frozenset({Stage.INQUIRY.value, Stage.NURTURE.value})


@dataclass(frozen=True, slots=True)
class Added:
    """What became of it: the lead, unless it waits at intake, and why it is not theirs if so."""

    lead: Lead | None
    mine: bool
    why_not: str = ""


def add(body: Mapping[str, Any], *, by: User, now: dt.datetime | None = None) -> Added:
    """Take in what a rep typed, as the capture API takes it, and make it theirs where they may.

    The same sent twice is taken once. Raises NotAllowed, and InvalidInput naming each fault by its
    path.
    """
    permissions.require_rep(by)
    [answer] = intake.capture([body], scope=f"{SCOPE}:{by.pk}", now=now)
    if answer.errors:
        raise errors.InvalidInput(answer.errors[0].message, errors=list(answer.errors))
    lead_id = (answer.receipt or {}).get("lead")
    if lead_id is None:
        return Added(None, mine=False, why_not="It waits at intake and is tried again by itself.")
    lead = _read(int(lead_id))
    if lead.stage not in _BEGINS or lead.owner_id not in (None, by.pk):
        mine = lead.owner_id == by.pk
        return Added(lead, mine=mine, why_not=_known(lead) if mine else _standing(lead))
    try:
        actions.self_source(lead_id=lead.pk, by=by, now=now)
    except errors.DomainError as refusal:
        return Added(_read(lead.pk), mine=False, why_not=refusal.message)
    return Added(_read(lead.pk), mine=True)


def _read(lead_id: int) -> Lead:
    return Lead.objects.select_related("person", "account", "owner__team").get(pk=lead_id)


def _known(lead: Lead) -> str:
    """That it was theirs before: nothing of it is undone by an undo of the adding."""
    return (
        f"It was yours already, at {lead.get_stage_display()}; what you added is on its timeline."
    )


def _standing(lead: Lead) -> str:
    """Who has it by now, or that nobody does."""
    stage = lead.get_stage_display()
    if lead.owner is None:
        return f"It is known here at {stage}" + (", and waits in a queue." if lead.queue else ".")
    team = f", {lead.owner.team}" if lead.owner.team else ""
    return f"It is worked by {lead.owner}{team}, at {stage}; what you added is on its timeline."
