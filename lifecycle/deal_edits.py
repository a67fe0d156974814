"""What is said of an opportunity after it was opened, by its id here or by another system's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction

from core import errors
from core.errors import FieldError
from governance import selectors as kits
from leads import present, references, selectors
from leads.ledger import Ledger
from leads.models import Lead, Opportunity
from leads.references import Kind, Reference
from lifecycle import deals, permissions
from people.models import User

FIELDS = ("name", "amount", "currency", "expected_close")


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
    said = {"name": "", **values}
    lead = deals.convert(
        lead_id=lead_id, by=by, system=system, external_id=external_id, url=url, now=now, **said
    )
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

    For its owner, and who may act for the owner of its lead. Raises NotFound, NotAllowed, TooLate
    and InvalidInput naming each field.
    """
    kit = kits.active_kit()
    leads = Lead.objects.filter(opportunity_id=opportunity_id).order_by("pk")
    lead = leads.select_for_update(of=("self",), no_key=True).first()
    rows = Opportunity.objects.filter(pk=opportunity_id)
    deal = rows.select_for_update(no_key=True).first()
    if deal is None or lead is None:
        raise errors.NotFound(f"There is no opportunity {opportunity_id}.")
    permissions.require_opportunity_owner(lead, by)
    ledger = Ledger(kit=kit, now=now or present.of([lead.pk]), actor="user", by_id=by.pk)
    clean = _clean(deal, values)
    changed = [name for name, value in clean.items() if getattr(deal, name) != value]
    for name in changed:
        setattr(deal, name, clean[name])
    if {"amount", "currency"} & set(changed):
        deal.amount_base = deal.rate = deal.rate_date = None
        deals.value_in_base(deal, ledger.now.date())
        changed += ["amount_base", "rate", "rate_date"]
    if reference is not None:
        references.attach(Kind.OPPORTUNITY, {reference: deal.pk}, now=ledger.now)
    if changed:
        ledger.change(deal, *changed)
    ledger.flush()
    return deal


def _clean(deal: Opportunity, values: Mapping[str, Any]) -> dict[str, Any]:
    clean = {name: values[name] for name in FIELDS if name in values}
    faults = []
    if "name" in clean:
        clean["name"] = str(clean["name"] or "").strip()[:200]
        if not clean["name"]:
            faults.append(FieldError("name", "Give the opportunity a name."))
    amount: Decimal | None = clean.get("amount", deal.amount)
    currency = str(clean.get("currency", deal.currency) or "").upper()
    if "currency" in clean:
        clean["currency"] = currency
    if amount is not None and amount < 0:
        faults.append(FieldError("amount", "An amount is not negative."))
    if currency and not (len(currency) == 3 and currency.isascii() and currency.isalpha()):
        faults.append(FieldError("currency", "Use a three-letter code such as EUR."))
    if amount is not None and not currency:
        faults.append(FieldError("currency", "Name the currency of the amount."))
    if faults:
        raise errors.InvalidInput("The opportunity cannot be like that.", errors=faults)
    return clean
