"""From sales-qualified lead to opportunity, and its end: convert, win, lose."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.conf import settings
from django.db import transaction

from core import bulk, database, errors
from core.errors import FieldError
from governance import selectors as kits
from leads import overwriting, references, services
from leads.models import Account, AccountStatus, Lead, Opportunity
from leads.overwriting import Source
from leads.references import Kind, Reference
from leads.stages import Stage
from lifecycle import acts, ownership, permissions, reasons
from lifecycle.acts import Act
from people.models import User


def convert(
    *,
    lead_id: int,
    by: User,
    name: str,
    amount: Decimal | None = None,
    currency: str = "",
    expected_close: dt.date | None = None,
    opportunity_id: int | None = None,
    system: str = "",
    external_id: str = "",
    url: str = "",
    now: dt.datetime | None = None,
) -> Lead:
    """Open an opportunity for the lead, or join the account's open one.

    `opportunity_id` joins that one; `external_id` of a known open one joins it too, as `system`
    calls it where that is given. Otherwise the account's open opportunity is joined when there is
    one, and a new one made when not.
    """
    called = references.read(system, external_id, url) if system else None
    with acts.on(lead_id, by=by, now=now, with_account=True) as act:
        override = permissions.require_owner(act.lead, by)
        joined = _to_join(act.lead, opportunity_id, external_id, called)
        own_id = "" if called is not None else external_id
        deal = joined or _new(
            act, by, name, amount, currency, expected_close, external_id=own_id, url=url
        )
        if called is not None:
            references.attach(Kind.OPPORTUNITY, {called: deal.pk}, now=act.now)
        act.lead.opportunity = deal
        act.ledger.change(act.lead, "opportunity")
        act.move(
            "convert",
            because={
                "opportunity": deal.pk,
                "joined": joined is not None,
                "account_status": _status(act),
                "override": override,
            },
        )
        _mark(act, AccountStatus.OPEN_OPPORTUNITY)
    return act.lead


def win(
    *,
    lead_id: int,
    by: User,
    amount: Decimal | None = None,
    now: dt.datetime | None = None,
) -> Lead:
    """The opportunity is won, for every lead on it; the account is a customer."""
    return _close(lead_id, "win", by=by, amount=amount, because={}, now=now)


def lose(
    *,
    lead_id: int,
    by: User,
    reason: str = "",
    note: str = "",
    now: dt.datetime | None = None,
) -> Lead:
    """The opportunity is lost, for every lead on it."""
    return _close(lead_id, "lose", by=by, reason=reason, note=note, because={}, now=now)


@transaction.atomic
def _close(
    lead_id: int,
    step: str,
    *,
    by: User,
    because: dict[str, object],
    amount: Decimal | None = None,
    reason: str = "",
    note: str = "",
    now: dt.datetime | None = None,
) -> Lead:
    kit = kits.active_kit()
    leads = _lock_all(lead_id)
    lead = leads[lead_id]
    override = permissions.require_opportunity_owner(lead, by)
    if reason:
        reasons.require(kit, reason, step, note=note)
    at = now or database.now()
    with acts.on_many(list(leads.values()), by=by, now=at, kit=kit, actor="user") as all_acts:
        for act in sorted(all_acts, key=lambda one: one.lead.pk != lead_id):
            event = act.move(
                step,
                because={
                    "opportunity": lead.opportunity_id,
                    "with": lead_id if act.lead.pk != lead_id else None,
                    "account_status": _status(act),
                    "reason": reason,
                    "override": override,
                },
            )
            ownership.let_go(act.case, ledger=act.ledger, why=step, cause=event)
            act.lead.reason = reason
            act.ledger.change(act.lead, "reason")
        _finish(next(one for one in all_acts if one.lead.pk == lead_id), step, amount)
    return lead


def _lock_all(lead_id: int) -> dict[int, Lead]:
    """The lead and the others on its opportunity, account first, leads in order."""
    first = Lead.objects.filter(pk=lead_id).values("account_id", "opportunity_id", "stage").first()
    if first is None:
        raise errors.NotFound(f"There is no lead {lead_id}.")
    list(Account.objects.filter(pk=first["account_id"]).select_for_update(no_key=True))
    rows = Lead.objects.filter(pk=lead_id)
    if first["opportunity_id"] is not None:
        rows |= Lead.objects.filter(
            opportunity_id=first["opportunity_id"], stage=Stage.OPPORTUNITY.value
        )
    return {row.pk: row for row in rows.order_by("pk").select_for_update(no_key=True)}


def _finish(act: Act, step: str, amount: Decimal | None) -> None:
    if act.lead.opportunity_id is None:
        raise errors.TooLate("This lead has no opportunity.", state=services.state_of(act.lead))
    deal = Opportunity.objects.select_for_update(no_key=True).get(pk=act.lead.opportunity_id)
    deal.status = Opportunity.Status.WON if step == "win" else Opportunity.Status.LOST
    deal.closed_at = act.now
    if amount is not None:
        deal.amount = amount
        deal.currency = deal.currency or settings.BASE_CURRENCY
        value_in_base(deal, act.now.date())
    act.ledger.change(
        deal, "status", "closed_at", "amount", "currency", "amount_base", "rate", "rate_date"
    )
    if step == "win":
        _mark(act, AccountStatus.CUSTOMER)
    elif deal.account is not None and not (
        deal.account.opportunities.filter(status="OPEN").exclude(pk=deal.pk).exists()
    ):
        _mark(act, AccountStatus.PROSPECT, only_from=AccountStatus.OPEN_OPPORTUNITY)


def _to_join(
    lead: Lead, opportunity_id: int | None, external_id: str, called: Reference | None
) -> Opportunity | None:
    rows = Opportunity.objects.filter(status=Opportunity.Status.OPEN)
    if opportunity_id is not None:
        found = rows.filter(pk=opportunity_id).first()
        if found is None or found.account_id != lead.account_id:
            raise reasons.missing(
                "opportunity", "There is no such open opportunity at this lead's account."
            )
        return found
    if external_id:
        twin = _called(external_id, called)
        if twin is not None and twin.status != Opportunity.Status.OPEN:
            raise reasons.missing("external_id", "That opportunity is closed already.")
        if twin is not None and twin.account_id != lead.account_id:
            raise reasons.missing("external_id", "That opportunity belongs to another account.")
        return twin
    if lead.account_id is None:
        return None
    return rows.filter(account_id=lead.account_id).order_by("created_at").first()


def _called(external_id: str, called: Reference | None) -> Opportunity | None:
    """The opportunity that another system calls so."""
    if called is None:
        return Opportunity.objects.filter(external_id=external_id).first()
    known = references.find(Kind.OPPORTUNITY, [called])
    return Opportunity.objects.filter(pk__in=known.values()).first()


def _new(
    act: Act,
    by: User,
    name: str,
    amount: Decimal | None,
    currency: str,
    expected_close: dt.date | None,
    *,
    external_id: str,
    url: str,
) -> Opportunity:
    faults = []
    if not name.strip():
        faults.append(FieldError("name", "Give the opportunity a name."))
    if amount is not None and amount < 0:
        faults.append(FieldError("amount", "An amount is not negative."))
    if currency and not (len(currency) == 3 and currency.isascii() and currency.isalpha()):
        faults.append(FieldError("currency", "Use a three-letter code such as EUR."))
    if url and not url.startswith(("https://", "http://")):
        faults.append(FieldError("url", "Give a web address that begins with https://."))
    if faults:
        raise errors.InvalidInput("The opportunity cannot be made as it is.", errors=faults)
    deal = Opportunity(
        pk=bulk.reserve({Opportunity: 1})[Opportunity][0],
        account_id=act.lead.account_id,
        name=name.strip()[:200],
        owner_id=act.lead.owner_id or by.pk,
        amount=amount,
        currency=currency.upper() or (settings.BASE_CURRENCY if amount is not None else ""),
        expected_close=expected_close,
        external_id=external_id,
        url=url,
        created_at=act.now,
    )
    value_in_base(deal, act.now.date())
    act.ledger.add(deal)
    return deal


def value_in_base(deal: Opportunity, day: dt.date) -> None:
    """The amount in the base currency, where no exchange rate is needed to know it."""
    if deal.amount is not None and deal.currency == settings.BASE_CURRENCY:
        deal.amount_base, deal.rate, deal.rate_date = deal.amount, Decimal(1), day


def _status(act: Act) -> str | None:
    """How the account stood before, so that an undo can restore it."""
    return act.case.buyer.account.status if act.case.buyer.account else None


def _mark(act: Act, status: AccountStatus, *, only_from: AccountStatus | None = None) -> None:
    account = act.case.buyer.account
    if account is None or (only_from is not None and account.status != only_from):
        return
    keeps = (AccountStatus.CUSTOMER, AccountStatus.PARTNER)
    if status == AccountStatus.OPEN_OPPORTUNITY and account.status in keeps:
        return
    if account.status != status:
        account.status = status
        source = Source("rule:deal", 100, act.ledger.now)
        account.provenance = overwriting.noted(account.provenance, ["status"], source)
        act.ledger.change(account, "status", "provenance")
