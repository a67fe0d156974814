"""From sales-qualified lead to opportunity: a new one, or one that is open already."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.conf import settings

from core import bulk, errors
from core.errors import FieldError
from leads import deal_stages, exchange, references
from leads.models import AccountStatus, Lead, Opportunity, SourceCategory
from leads.references import Kind, Reference
from lifecycle import acts, deal_standing, deal_steps, permissions, reasons
from lifecycle.acts import Act
from lifecycle.registrations import Register
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
    stage: str = "",
    now: dt.datetime | None = None,
) -> Lead:
    """Open an opportunity for the lead, or join the account's open one.

    `opportunity_id` joins that one; `external_id` of a known open one joins it too, as `system`
    calls it where that is given. Otherwise the account's open opportunity is joined when there is
    one, and a new one made when not. A new one stands at `stage`, else at the kit's first, and
    names the partner who has the company registered.
    """
    called = references.read(system, external_id, url) if system else None
    with acts.on(lead_id, by=by, now=now, restates=True) as act:
        override = permissions.require_owner(act.lead, by)
        joined = _to_join(act.lead, opportunity_id, external_id, called)
        own_id = "" if called is not None else external_id
        deal = joined or _new(
            act, by, name, amount, currency, expected_close,
            external_id=own_id, url=url, stage=stage,
        )  # fmt: skip
        if called is not None:
            references.attach(Kind.OPPORTUNITY, {called: deal.pk}, now=act.now)
        act.lead.opportunity = deal
        act.ledger.change(act.lead, "opportunity")
        act.move(
            "convert",
            because={
                "opportunity": deal.pk,
                "joined": joined is not None,
                "account_status": status_of(act),
                "override": override,
            },
        )
        account = act.case.buyer.account
        deal_standing.mark(account, AccountStatus.OPEN_OPPORTUNITY, ledger=act.ledger)
    return act.lead


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
    stage: str,
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
    if stage and deal_stages.find(act.kit, stage) is None:
        faults.append(FieldError("stage", deal_stages.choose(act.kit)))
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
    exchange.value(deal, act.now.date(), act.ledger.once(exchange.Rates))
    _partner(deal, act)
    act.ledger.add(deal)
    deal_steps.begin(deal, ledger=act.ledger, stage=stage, because={"lead": act.lead.pk})
    return deal


def _partner(deal: Opportunity, act: Act) -> None:
    """Name the partner who has the company registered now.

    The deal is sourced by them where the lead came by a partner, and influenced otherwise.
    """
    register = Register()
    known = register.of(deal.account_id, act.now)
    if known is not None:
        sourced = act.lead.category == SourceCategory.PARTNER
        roles = Opportunity.PartnerRole
        deal.partner_id = known.partner
        deal.partner_role = roles.SOURCED if sourced else roles.INFLUENCED


def status_of(act: Act) -> str | None:
    """How the account stood before, so that an undo can restore it."""
    return act.case.buyer.account.status if act.case.buyer.account else None
