"""An opportunity goes on to another sales stage, and back when that was a mistake."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from core import database, errors
from core.errors import FieldError
from governance import selectors as kits
from leads import deal_stages
from leads.ledger import Ledger
from leads.models import Opportunity, OpportunityStep
from lifecycle import (
    deal_closing,
    deal_lines,
    deal_rights,
    deal_standing,
    deal_steps,
    deal_undoing,
    undoing,
)
from lifecycle.last_steps import NothingToUndo
from people.models import User

Kind = OpportunityStep.Kind
CLOSING = (Kind.WON, Kind.LOST)
UNDOABLE = (Kind.STAGE, Kind.PRODUCTS, *CLOSING)


@transaction.atomic
def move(
    *,
    opportunity_id: int,
    by: User,
    stage: str,
    version: int | None = None,
    now: dt.datetime | None = None,
) -> Opportunity:
    """Put an open opportunity at a sales stage of the kit, forwards or back.

    `version` is the one somebody saw; another by now is refused. Raises NotFound, NotAllowed,
    TooLate for one that is closed or was moved meanwhile, and InvalidInput.
    """
    kit = kits.active_kit()
    leads = deal_closing.lock_leads(opportunity_id)
    deal = deal_closing.lock(opportunity_id)
    deal_rights.require(deal, leads, by)
    deal_closing.require_open(deal)
    if version is not None and version != deal.version:
        raise errors.TooLate(
            f"Somebody was faster: it stands at “{deal_stages.label(kit, deal.sales_stage)}” now.",
            code="moved_on",
            state={"stage": deal.sales_stage, "version": deal.version},
        )
    if deal_stages.find(kit, stage) is None:
        text = deal_stages.choose(kit)
        raise errors.InvalidInput(text, errors=[FieldError("stage", text, "unknown")])
    if stage == deal.sales_stage:
        return deal
    ledger = Ledger(kit=kit, now=now or database.now(), actor="user", by_id=by.pk)
    _put(deal, stage, Kind.STAGE, ledger, since=ledger.now)
    ledger.flush()
    return deal


@transaction.atomic
def undo(*, opportunity_id: int, by: User, now: dt.datetime | None = None) -> Opportunity:
    """Take back this person's last step of an opportunity, within the kit's window.

    One that was won or lost is open again, and the leads closed with it are too. Raises NotFound,
    NotAllowed, and NothingToUndo saying why.
    """
    kit = kits.active_kit()
    steps = OpportunityStep.objects.filter(opportunity_id=opportunity_id)
    step = steps.order_by("sequence").last()
    lead = step.because.get("lead") if step is not None and step.kind in CLOSING else None
    if lead is not None:
        undoing.undo(lead_id=lead, by=by, now=now)
        return Opportunity.objects.get(pk=opportunity_id)
    account = deal_closing.lock_account_of(opportunity_id)
    leads = deal_closing.lock_leads_beside(account, opportunity_id, kit=kit)
    deal = deal_closing.lock(opportunity_id)
    deal_rights.require(deal, leads, by)
    at = now or database.now()
    step = may_undo(deal, by, window=kit.general.undo, now=at)
    if step is None:
        raise NothingToUndo(
            "There is nothing of yours to undo here: the last step is older than "
            f"{kit.general.undo.total_seconds() / 60:.0f} minutes, or somebody else's."
        )
    ledger = Ledger(kit=kit, now=at, actor="user", by_id=by.pk)
    if step.kind in CLOSING:
        deal_undoing.reopen(deal, account, ledger=ledger)
        deal_standing.restore(account, step.because.get("account_status"), ledger=ledger)
    elif step.kind == Kind.PRODUCTS:
        deal_lines.take_back(deal, step, ledger=ledger)
    else:
        since = step.because.get("since")
        before = dt.datetime.fromisoformat(since) if since else at
        _put(deal, step.from_stage, Kind.TAKEN_BACK, ledger, since=before)
    ledger.flush()
    deal_standing.follow(ledger)
    return deal


def may_undo(
    deal: Opportunity, by: User, *, window: dt.timedelta, now: dt.datetime
) -> OpportunityStep | None:
    """The step this person could take back now, if any; for pages that offer it.

    None of those that an import of history tells of: what followed for companies came of all rows.
    """
    step = deal.steps.order_by("sequence").last()
    undoable = step is not None and step.kind in UNDOABLE and step.by_id == by.pk
    if not undoable or step is None or step.because.get("history"):
        return None
    return step if now - step.recorded_at <= window else None


def _put(deal: Opportunity, stage: str, kind: Kind, ledger: Ledger, *, since: dt.datetime) -> None:
    before, earlier = deal.sales_stage, deal.sales_stage_at
    deal.sales_stage, deal.sales_stage_at = stage, since
    ledger.change(deal, "sales_stage", "sales_stage_at")
    told = {"since": earlier.isoformat()} if earlier is not None else {}
    deal_steps.note(deal, kind, ledger=ledger, from_stage=before, because=told)
