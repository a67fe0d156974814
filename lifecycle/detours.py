"""Where leads stood that an exclusion took out: they come back there, as if nothing had been.

A nurtured lead rests as it did: since then, for that reason, and until the same day, behaviour or
score; what came of it meanwhile wakes it by the usual way. An MQL that nobody owns is one again in
the same pass, with new clocks, unless it would have been recycled meanwhile. Below all that a
rejection stands: it can be disputed, and decided.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db.models import BigIntegerField, Exists, OuterRef, Q, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from leads import resting
from leads.exclusion import REJECTION
from leads.ledger import Ledger
from leads.models import EventKind, Lead, LeadEvent
from leads.stages import UNDO, Stage
from lifecycle import turns
from lifecycle.case import Case

STEPS = Q(kind=EventKind.STAGE) & (
    Q(because__has_key="exclusion") | Q(transition=UNDO, because__transition="readmit")
)
"""Steps by which leads go out and come back: nothing else became of them by that."""


def lasting() -> QuerySet[LeadEvent]:
    """Changes of stage that something became of: no detours, nothing that was taken back."""
    undone = LeadEvent.objects.filter(lead=OuterRef("lead"), transition=UNDO)
    steps = LeadEvent.objects.filter(kind=EventKind.STAGE).exclude(STEPS).exclude(transition=UNDO)
    return steps.exclude(Exists(undone.annotate(step=_UNDONE).filter(step=OuterRef("pk"))))


_UNDONE = Cast(KeyTextTransform("undone", "because"), BigIntegerField())


def stage_below(lead: Lead) -> str:
    """Where a lead stands, but for an exclusion that has it out."""
    return str(lead.before_exclusion.get("stage") or lead.stage)


def leads_to(case: Case, ledger: Ledger) -> Stage:
    """Where a lead comes back to, now that nothing keeps it out."""
    stood = Stage(case.lead.before_exclusion.get("stage") or Stage.INQUIRY)
    if stood is not Stage.MQL:
        return stood
    score = case.score if case.score is not None else case.appraise(ledger.kit, ledger.now)
    return turns.comes_back_to(
        stood,
        account_status=case.account_status,
        faded=score.total < ledger.kit.general.recycle_below,
    )


def stand_again(lead: Lead, *, ledger: Ledger) -> None:
    """A lead that has just come back stands there since it did, or now where it stood elsewhere."""
    stood, lead.before_exclusion = lead.before_exclusion, {}
    ledger.change(lead, "before_exclusion")
    resting.restore(lead, stood, ledger=ledger)


def since_told(because: Mapping[str, Any]) -> dt.datetime | None:
    """Since when the lead stands where a step led, if it stood there before; else None."""
    return resting.instant(because.get("since"))


def overturn(lead: Lead, rejection: int, *, ledger: Ledger) -> None:
    """The rejection below was overturned: the lead comes back as an MQL."""
    stood = {"stage": Stage.MQL.value, "since": None, "reason": "", REJECTION: rejection}
    lead.before_exclusion = {**lead.before_exclusion, **stood, "wake_at": None, "wake_on": ""}
    ledger.change(lead, "before_exclusion")
