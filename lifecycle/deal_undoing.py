"""An opportunity whose last step is taken back: open again, or gone if it was never worked."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from core import bulk, errors
from leads.ledger import Ledger
from leads.models import (
    Account,
    ExternalReference,
    Opportunity,
    OpportunityLine,
    OpportunityStep,
)
from lifecycle import customer_following, deal_steps

WORKED = "Somebody has worked this opportunity since; lose it with its reason instead."


def reopen(deal: Opportunity, account: Account | None, *, ledger: Ledger) -> None:
    """A locked opportunity that was won or lost is open again, as it stood before."""
    if deal.status == Opportunity.Status.WON:
        customer_following.unwon(account, deal, ledger=ledger)
    last = deal.steps.filter(kind=deal.status).order_by("sequence").last()
    before = last.because.get("before") if last is not None else None
    if before is not None:
        for name in ("amount", "amount_base", "rate"):
            told = before[name]
            setattr(deal, name, Decimal(told) if told is not None else None)
        day = before["rate_date"]
        deal.rate_date = dt.date.fromisoformat(day) if day is not None else None
        deal.currency = before["currency"]
    deal.status, deal.closed_at = Opportunity.Status.OPEN, None
    deal.reason = deal.competitor = ""
    ledger.change(deal, "status", "closed_at", "reason", "competitor", "amount", "currency",
                  "amount_base", "rate", "rate_date")  # fmt: skip
    undone = {"undone": last.sequence} if last is not None else {}
    deal_steps.note(deal, deal_steps.Kind.REOPENED, ledger=ledger, because=undone)


def remove(deal_id: int) -> None:
    """An opportunity that was just opened and never worked goes, with its log and its names.

    Raises TooLate where anything was done with it.
    """
    if OpportunityStep.objects.filter(opportunity_id=deal_id, sequence__gt=1).exists():
        raise errors.TooLate(WORKED)
    bulk.delete(OpportunityLine.objects.filter(opportunity_id=deal_id))
    bulk.delete(OpportunityStep.objects.filter(opportunity_id=deal_id))
    bulk.delete(ExternalReference.objects.filter(opportunity_id=deal_id))
    Opportunity.objects.filter(pk=deal_id).delete()
