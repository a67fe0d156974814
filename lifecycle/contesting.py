"""Whether the facts contradict a rejection, and until when somebody may dispute it.

A rejection is *contestable* where its failed criterion is one over facts that held when the lead
was rejected, or where all that the kit asks of an MQL did. Any rejection may be disputed; of these
Marketing is told at once.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

from core import worktime
from governance.kit import Kit
from leads import qualification
from leads.qualification import Verdict
from lifecycle.case import Case, criterion_facts


class Why(StrEnum):
    """What the facts say against a rejection."""

    CRITERION = "CRITERION"
    ALL = "ALL"


def because(case: Case, kit: Kit, *, criterion: str, now: dt.datetime) -> dict[str, Any]:
    """What the event of a rejection says of it: what held, and the last instant to dispute it.

    To be asked before the lead has moved. Where the kit lets nobody dispute, it says nothing.
    """
    if not kit.general.dispute:
        return {}
    verdict = qualification.decide(kit, case.facts(kit, now, names=criterion_facts(kit)))
    until = ends(kit, now, kit.general.dispute)
    found = against(verdict, criterion)
    held = [one.as_data() for one in verdict.judged if one.met] if found else []
    told = {"contestable": found.value, "held": held} if found else {}
    return {**told, "disputable_until": until.isoformat()}


def against(verdict: Verdict, criterion: str) -> Why | None:
    """Why a rejection by this criterion can be contested; None where no fact contradicts it."""
    if any(one.criterion == criterion and one.met for one in verdict.judged):
        return Why.CRITERION
    return Why.ALL if verdict.qualified else None


def ends(kit: Kit, start: dt.datetime, span: dt.timedelta) -> dt.datetime:
    """When so much time has passed since `start`, as the kit counts disputes. UTC."""
    calendar = kit.calendars.get(kit.general.dispute_calendar)
    return start + span if calendar is None else worktime.add(calendar, start, span)
