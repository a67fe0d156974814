"""Where a lead stands, noted before a step away from it, for whoever may bring it back there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from leads.ledger import Ledger
from leads.models import Lead
from leads.stages import Stage

STOOD = "stood"
"""What events call the note."""


def noted(lead: Lead) -> dict[str, Any]:
    """Where it stands: stage, since when, why, and what wakes it. For its event; not personal."""
    return {
        "stage": lead.stage,
        "since": lead.entered_stage_at.isoformat(),
        "reason": lead.reason,
        "wake_at": lead.wake_at.isoformat() if lead.wake_at else None,
        "wake_on": lead.wake_on,
    }


def since(stage: str, stood: Mapping[str, Any]) -> dt.datetime | None:
    """Since when a lead stands at this stage that came back to it; None where it stood elsewhere.

    Also where it is made an MQL by what was decided while it was out.
    """
    return None if stage != stood.get("stage") else instant(stood.get("since"))


def restore(lead: Lead, stood: Mapping[str, Any], *, ledger: Ledger) -> None:
    """Have a lead that came back stand as it stood; since now, and for no reason, if elsewhere."""
    back = lead.stage == stood.get("stage")
    lead.reason = str(stood.get("reason") or "") if back else ""
    lead.entered_stage_at = since(lead.stage, stood) or ledger.now
    ledger.change(lead, "reason", "entered_stage_at")
    if back and lead.stage == Stage.NURTURE:
        lead.wake_at, lead.wake_on = instant(stood["wake_at"]), stood["wake_on"]
        ledger.change(lead, "wake_at", "wake_on")


def instant(text: str | None) -> dt.datetime | None:
    """An instant as events hold it."""
    return dt.datetime.fromisoformat(text) if text else None
