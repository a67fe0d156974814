"""The end of an opportunity: won or lost, for every lead on it, and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from core import database, errors
from core.errors import FieldError
from governance import selectors as kits
from governance.kit import Kit
from leads import exchange, present, services
from leads.ledger import Ledger
from leads.models import Account, AccountStatus, Lead, Opportunity
from leads.stages import Stage
from lifecycle import (
    acts,
    customer_following,
    deal_loop,
    deal_rights,
    deal_standing,
    deal_steps,
    deals,
    ownership,
    permissions,
    proofs,
    reasons,
    standings,
)
from lifecycle.acts import Act
from people.models import User

WIN, LOSE = "win", "lose"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it ended: a reason of the kit, a note, who else competed, what it was worth at last.

    `rate` is what one unit of the opportunity's currency is worth in the base currency, where
    somebody says so; otherwise the rate that was entered for the day counts.
    """

    step: str
    reason: str = ""
    note: str = ""
    competitor: str = ""
    amount: Decimal | None = None
    rate: Decimal | None = None


def win(
    *,
    lead_id: int,
    by: User,
    amount: Decimal | None = None,
    rate: Decimal | None = None,
    reason: str = "",
    note: str = "",
    competitor: str = "",
    now: dt.datetime | None = None,
) -> Lead:
    """The opportunity is won, for every lead on it; the account is a customer.

    Raises what `close` raises, and TooLate where the lead is another's or on no opportunity.
    """
    return _of_lead(lead_id, Outcome(WIN, reason, note, competitor, amount, rate), by, now)


def lose(
    *,
    lead_id: int,
    by: User,
    reason: str = "",
    note: str = "",
    competitor: str = "",
    now: dt.datetime | None = None,
) -> Lead:
    """The opportunity is lost, for every lead on it. Raises as `win`."""
    return _of_lead(lead_id, Outcome(LOSE, reason, note, competitor), by, now)


@transaction.atomic
def close(
    *, opportunity_id: int, by: User, outcome: Outcome, now: dt.datetime | None = None
) -> Opportunity:
    """End an opportunity, with every lead on it, if there are any.

    Raises NotFound, NotAllowed, TooLate for one that is closed, and InvalidInput.
    """
    kit = kits.active_kit()
    account = lock_account_of(opportunity_id)
    leads = lock_leads_beside(account, opportunity_id, kit=kit)
    deal = lock(opportunity_id)
    deal_rights.require(deal, leads, by)
    require_open(deal)
    _close(deal, leads, leads[0].pk if leads else None, account, outcome, by, kit, now,
           override=deal.owner_id != by.pk)  # fmt: skip
    return deal


@transaction.atomic
def _of_lead(lead_id: int, outcome: Outcome, by: User, now: dt.datetime | None) -> Lead:
    kit = kits.active_kit()
    first = Lead.objects.filter(pk=lead_id).values("account_id", "opportunity_id").first()
    if first is None:
        raise errors.NotFound(f"There is no lead {lead_id}.")
    account = _lock_account(first["account_id"])
    leads = lock_leads_beside(account, first["opportunity_id"], lead_id, kit=kit)
    lead = next(one for one in leads if one.pk == lead_id)
    override = permissions.require_opportunity_owner(lead, by)
    if lead.opportunity_id is None or lead.stage != Stage.OPPORTUNITY:
        raise services.WrongStage(
            f"This lead is at {lead.stage}; “{outcome.step}” does not start there.",
            state=services.state_of(lead),
        )
    deal = lock(lead.opportunity_id)
    _close(deal, leads, lead_id, account, outcome, by, kit, now, override=override)
    return lead


def lock_account_of(opportunity_id: int) -> Account | None:
    """The company of an opportunity, locked; before its leads. Raises NotFound."""
    found = Opportunity.objects.filter(pk=opportunity_id).values("account_id").first()
    if found is None:
        raise errors.NotFound(f"There is no opportunity {opportunity_id}.")
    return _lock_account(found["account_id"])


def lock(opportunity_id: int) -> Opportunity:
    """The opportunity, locked; after its account and leads. Raises NotFound."""
    rows = Opportunity.objects.select_related("owner__team").filter(pk=opportunity_id)
    deal = rows.select_for_update(of=("self",), no_key=True).first()
    if deal is None:
        raise errors.NotFound(f"There is no opportunity {opportunity_id}.")
    return deal


def lock_leads(opportunity_id: int) -> list[Lead]:
    """The leads that stand on an opportunity, locked in their order."""
    rows = Lead.objects.filter(_on(opportunity_id)).select_related("owner__team").order_by("pk")
    return list(rows.select_for_update(of=("self",), no_key=True))


def lock_leads_beside(
    account: Account | None, opportunity_id: int | None, lead_id: int | None = None, *, kit: Kit
) -> list[Lead]:
    """The leads that stand on an opportunity, and this one; locked in their order, with all that
    follow how its locked account stands to us.
    """
    wanted = Q(pk=lead_id or 0)
    if opportunity_id is not None:
        wanted |= _on(opportunity_id)
    return standings.lock(wanted, [account] if account is not None else [], kit=kit)


def _on(opportunity_id: int) -> Q:
    return Q(opportunity_id=opportunity_id, stage=Stage.OPPORTUNITY.value)


def require_open(deal: Opportunity) -> None:
    """Raises TooLate for an opportunity that is won or lost already."""
    if deal.status != Opportunity.Status.OPEN:
        raise errors.TooLate(
            f"This opportunity is {deal.get_status_display().lower()} already.",
            state={"status": deal.status},
        )


def _lock_account(account_id: int | None) -> Account | None:
    rows = Account.objects.filter(pk=account_id or 0)
    return rows.select_for_update(no_key=True).first()


def _close(
    deal: Opportunity,
    leads: Sequence[Lead],
    lead_id: int | None,
    account: Account | None,
    outcome: Outcome,
    by: User,
    kit: Kit,
    now: dt.datetime | None,
    *,
    override: bool,
) -> None:
    if outcome.reason:
        reasons.require(kit, outcome.reason, outcome.step, note=outcome.note)
    _require_worth(deal, outcome)
    at = now or (present.of([one.pk for one in leads]) if leads else database.now())
    if not leads:
        ledger = Ledger(kit=kit, now=at, actor="user", by_id=by.pk)
        _finish(deal, outcome, account, ledger, lead=None, loop={})
        ledger.flush()
        deal_standing.follow(ledger)
        return
    with acts.on_many(leads, by=by, now=at, kit=kit, actor="user") as all_acts:
        first, *others = sorted(all_acts, key=lambda one: one.lead.pk != lead_id)
        loop = deal_loop.of(leads, until=at)
        told = _because(deal, outcome, first, override=override) | {"loop": loop}
        for act in (first, *others):
            _end(act, outcome, told | {"with": None if act is first else first.lead.pk})
        _finish(deal, outcome, first.case.buyer.account, first.ledger, lead=lead_id, loop=loop)


def _because(deal: Opportunity, outcome: Outcome, act: Act, *, override: bool) -> dict[str, Any]:
    note = outcome.note.strip()
    return {
        "opportunity": deal.pk,
        "reason": outcome.reason,
        # Free text about people is kept with the lead, where an erasure blanks it.
        "note": proofs.keep_note(act, note) if note else None,
        "override": override,
    }


def _end(act: Act, outcome: Outcome, because: dict[str, Any]) -> None:
    because |= {"account_status": deals.status_of(act)}
    event = act.move(outcome.step, because=because)
    ownership.let_go(act.case, ledger=act.ledger, why=outcome.step, cause=event)
    act.lead.reason = outcome.reason
    act.ledger.change(act.lead, "reason")


def _require_worth(deal: Opportunity, outcome: Outcome) -> None:
    faults = []
    if outcome.amount is not None and not 0 <= outcome.amount < exchange.MOST:
        faults.append(FieldError("amount", "An amount is not negative and below 10^16."))
    if outcome.rate is not None and not 0 < outcome.rate < Decimal(10) ** 10:
        faults.append(FieldError("rate", "A rate is above nought."))
    if outcome.rate is not None and deal.currency in ("", settings.BASE_CURRENCY):
        faults.append(FieldError("rate", "This opportunity is in the base currency."))
    if len(outcome.competitor) > 120:
        faults.append(FieldError("competitor", "Use at most 120 characters."))
    if faults:
        raise errors.InvalidInput("The opportunity cannot be closed so.", errors=faults)


def _finish(
    deal: Opportunity,
    outcome: Outcome,
    account: Account | None,
    ledger: Ledger,
    *,
    lead: int | None,
    loop: dict[str, Any],
) -> None:
    before = {
        name: _plain(getattr(deal, name)) for name in ("amount", "currency", *exchange.COLUMNS)
    }
    deal.status = Opportunity.Status.WON if outcome.step == WIN else Opportunity.Status.LOST
    deal.closed_at = ledger.now
    deal.reason, deal.competitor = outcome.reason, outcome.competitor.strip()
    said_anew = outcome.amount is not None and outcome.amount != deal.amount
    if outcome.amount is not None:
        deal.amount = outcome.amount
        deal.currency = deal.currency or settings.BASE_CURRENCY
    _value(deal, outcome, ledger, said_anew=said_anew)
    ledger.change(deal, "status", "closed_at", "reason", "competitor", "amount", "currency",
                  *exchange.COLUMNS)  # fmt: skip
    status = account.status if account is not None else None
    deal_steps.closed(
        deal, ledger=ledger, reason=outcome.reason, lead=lead, loop=loop,
        before=before, account_status=status,
    )  # fmt: skip
    if outcome.step == WIN:
        deal_standing.mark(account, AccountStatus.CUSTOMER, ledger=ledger)
        customer_following.won(account, deal, ledger=ledger)
    elif account is not None and not _has_another(deal):
        deal_standing.mark(
            account,
            customer_following.lost_to(account),
            ledger=ledger,
            only_from=AccountStatus.OPEN_OPPORTUNITY,
        )


def _value(deal: Opportunity, outcome: Outcome, ledger: Ledger, *, said_anew: bool) -> None:
    """By the rate of the day it ends; where none is known, an earlier one of the same amount."""
    earlier = {name: getattr(deal, name) for name in exchange.COLUMNS}
    rates = ledger.once(exchange.Rates)
    exchange.value(deal, ledger.now.date(), rates, by_hand=outcome.rate)
    if deal.amount_base is None and not said_anew:
        for name, known in earlier.items():
            setattr(deal, name, known)


def _has_another(deal: Opportunity) -> bool:
    rows = Opportunity.objects.filter(account=deal.account, status=Opportunity.Status.OPEN)
    return rows.exclude(pk=deal.pk).exists()


def _plain(value: object) -> str | None:
    return str(value) if value is not None else None
