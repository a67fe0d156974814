"""The log of an opportunity: each step appended in the transaction of what it tells of."""

from __future__ import annotations

import datetime as dt
from typing import Any

from leads import deal_stages
from leads.ledger import Ledger
from leads.models import Opportunity, OpportunityStep

Kind = OpportunityStep.Kind


def begin(
    deal: Opportunity, *, ledger: Ledger, stage: str = "", because: dict[str, Any] | None = None
) -> None:
    """A new opportunity stands at `stage`, else at the kit's first, from `created_at` on."""
    stages = deal_stages.of_kit(ledger.kit)
    deal.sales_stage = stage or (stages[0].key if stages else "")
    deal.sales_stage_at = deal.created_at
    note(deal, Kind.OPENED, ledger=ledger, at=deal.created_at, because=because)


def note(
    deal: Opportunity,
    kind: Kind,
    *,
    ledger: Ledger,
    at: dt.datetime | None = None,
    from_stage: str | None = None,
    because: dict[str, Any] | None = None,
) -> OpportunityStep:
    """Append one step of a locked or new opportunity, as it stands after it."""
    deal.version += 1
    found = deal_stages.find(ledger.kit, deal.sales_stage)
    step = OpportunityStep(
        opportunity=deal,
        sequence=deal.version,
        kind=kind,
        from_stage=from_stage or "",
        to_stage=deal.sales_stage,
        win_percent=found.win_percent if found is not None else None,
        amount_base=deal.amount_base,
        owner_id=deal.owner_id,
        by_id=ledger.by_id,
        because=because or {},
        kit_id=ledger.kit.id,
        at=at or ledger.now,
        recorded_at=ledger.now,
    )
    ledger.add(step)
    ledger.change(deal, "version")
    return step


def closed(
    deal: Opportunity, *, ledger: Ledger, at: dt.datetime | None = None, **because: Any
) -> None:
    """The step that ends a deal whose status says how."""
    note(deal, Kind(deal.status), ledger=ledger, at=at, from_stage=deal.sales_stage,
         because=because)  # fmt: skip
