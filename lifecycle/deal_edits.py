"""What is said of an opportunity after it was opened, by its id here or by another system's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction

from core import database, errors
from core.errors import FieldError
from governance import selectors as kits
from leads import exchange, present, references, selectors
from leads.ledger import Ledger
from leads.models import Account, Opportunity
from leads.references import Kind, Reference
from lifecycle import deal_closing, deal_rights, deal_steps, deals
from people import holders
from people.models import User

FIELDS = ("name", "amount", "currency", "expected_close", "rate", "owner", "partner",
          "partner_role")  # fmt: skip
"""What can be said; `rate` is what one unit is worth in the base currency, said by hand."""
OPENING = ("name", "amount", "currency", "expected_close")
"""Of these, what can be said when it is opened for a lead."""
DEAREST = Decimal(10) ** 10


@transaction.atomic
def put(
    *,
    by: User,
    system: str,
    external_id: str,
    url: str = "",
    lead_id: int | None = None,
    values: Mapping[str, Any],
    now: dt.datetime | None = None,
) -> tuple[int, bool]:
    """Change the opportunity that another system calls so, else open it for `lead_id`.

    Returns its id, and whether it is new. Raises InvalidInput for an id nobody knows without a
    lead, and what `revise` and `deals.convert` raise.
    """
    reference = references.read(system, external_id, url)
    known = references.find(Kind.OPPORTUNITY, [reference]).get(reference.key)
    if known is not None:
        revise(opportunity_id=known, by=by, values=values, reference=reference, now=now)
        return known, False
    if lead_id is None:
        text = f"No opportunity of {reference.system} has this id yet; name the lead it is of."
        raise errors.InvalidInput(text, errors=[FieldError("lead", text, "required")])
    if not selectors.visible_to(by).filter(pk=lead_id).exists():
        raise errors.NotFound(f"There is no lead {lead_id}.")
    said = {"name": "", **{name: values[name] for name in OPENING if name in values}}
    lead = deals.convert(
        lead_id=lead_id, by=by, system=system, external_id=external_id, url=url, now=now, **said
    )
    more = {name: value for name, value in values.items() if name not in OPENING}
    if more and lead.opportunity_id is not None:
        revise(opportunity_id=lead.opportunity_id, by=by, values=more, now=now)
    return lead.opportunity_id or 0, True


@transaction.atomic
def revise(
    *,
    opportunity_id: int,
    by: User,
    values: Mapping[str, Any],
    reference: Reference | None = None,
    now: dt.datetime | None = None,
) -> Opportunity:
    """Change what is said of an opportunity; `values` by name as in `FIELDS`, None empties one.

    `owner` and `partner` are ids. For those who work it. Raises NotFound, NotAllowed and
    InvalidInput naming each field.
    """
    kit = kits.active_kit()
    leads = deal_closing.lock_leads(opportunity_id)
    deal = deal_closing.lock(opportunity_id)
    deal_rights.require(deal, leads, by)
    at = now or (present.of([one.pk for one in leads]) if leads else database.now())
    ledger = Ledger(kit=kit, now=at, actor="user", by_id=by.pk)
    clean = _clean(deal, values)
    changed = [name for name, value in clean.items() if getattr(deal, name) != value]
    for name in changed:
        setattr(deal, name, clean[name])
    if {"amount", "currency"} & set(changed) or values.get("rate") is not None:
        day = exchange.day_of(deal, ledger.now)
        exchange.value(deal, day, exchange.Rates(), by_hand=values.get("rate"))
        changed += exchange.COLUMNS
    if reference is not None:
        references.attach(Kind.OPPORTUNITY, {reference: deal.pk}, now=ledger.now)
    if changed:
        ledger.change(deal, *(name.removesuffix("_id") for name in changed))
    if "owner_id" in changed:
        deal_steps.note(deal, deal_steps.Kind.OWNER, ledger=ledger)
    ledger.flush()
    return deal


def _clean(deal: Opportunity, values: Mapping[str, Any]) -> dict[str, Any]:
    """The columns as they are to be. Raises InvalidInput naming each fault."""
    clean = {name: values[name] for name in ("amount", "expected_close") if name in values}
    faults: list[FieldError] = []
    if "name" in values:
        clean["name"] = str(values["name"] or "").strip()[:200]
        if not clean["name"]:
            faults.append(FieldError("name", "Give the opportunity a name."))
    if "currency" in values:
        clean["currency"] = str(values["currency"] or "").upper()
    faults += _worth(deal, clean, values)
    if "owner" in values:
        owner = User.objects.filter(pk=values["owner"] or 0).first()
        clean["owner_id"] = values["owner"]
        if refused := holders.refusal(owner):
            faults.append(FieldError("owner", refused))
    if "partner" in values or "partner_role" in values:
        faults += _partner(deal, clean, values)
    if faults:
        raise errors.InvalidInput("The opportunity cannot be like that.", errors=faults)
    return clean


def _worth(
    deal: Opportunity, clean: Mapping[str, Any], values: Mapping[str, Any]
) -> list[FieldError]:
    faults = []
    amount: Decimal | None = clean.get("amount", deal.amount)
    currency: str = clean.get("currency", deal.currency)
    if amount is not None and not 0 <= amount < exchange.MOST:
        faults.append(FieldError("amount", "An amount is not negative and below 10^16."))
    if currency and not (len(currency) == 3 and currency.isascii() and currency.isalpha()):
        faults.append(FieldError("currency", "Use a three-letter code such as EUR."))
    if amount is not None and not currency:
        faults.append(FieldError("currency", "Name the currency of the amount."))
    rate: Decimal | None = values.get("rate")
    if rate is not None and not 0 < rate < DEAREST:
        faults.append(FieldError("rate", "A rate is above nought."))
    return faults


def _partner(
    deal: Opportunity, clean: dict[str, Any], values: Mapping[str, Any]
) -> list[FieldError]:
    """Which partner, and how; a partner without a word on that has influenced it."""
    partner: int | None = values.get("partner", deal.partner_id)
    role = values.get("partner_role") or deal.partner_role or Opportunity.PartnerRole.INFLUENCED
    clean["partner_id"], clean["partner_role"] = partner, role if partner is not None else ""
    faults = []
    if partner is not None and role not in Opportunity.PartnerRole.values:
        faults.append(FieldError("partner_role", "Use SOURCED or INFLUENCED."))
    if partner is not None and partner != deal.partner_id:
        account = Account.objects.filter(pk=partner).first()
        if account is None or account.status != "PARTNER":
            faults.append(FieldError("partner", "There is no account of a partner of this id."))
        elif partner == deal.account_id:
            faults.append(FieldError("partner", "It is this company itself."))
    return faults
