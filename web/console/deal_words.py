"""Opportunities in the words of pages: what a lead's facts say of its one, and each step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.conf import settings
from django.urls import reverse

from governance.kit import Kit
from leads import deal_stages
from leads.models import Lead, Opportunity, OpportunityStep
from web.console import deal_list

ICONS = {"OPENED": "coin", "STAGE": "arrow-right", "OWNER": "repeat", "PRODUCTS": "pencil",
         "WON": "trophy", "LOST": "x", "REOPENED": "repeat", "TAKEN_BACK": "repeat"}  # fmt: skip
TONES = {"WON": "ok", "LOST": "late"}


def facts(lead: Lead, kit: Kit) -> Iterator[tuple[str, str, str]]:
    """The opportunity a lead is on, where that stands, why it ended: label, value, address."""
    deal = lead.opportunity
    if deal is None:
        return
    url = reverse("console:opportunity", args=[deal.pk])
    yield "Opportunity", deal.name, url
    yield "Sales stage", deal_stages.label(kit, deal.sales_stage), ""
    yield "Amount", deal_list.money(deal.amount, deal.currency), ""
    if deal.status != Opportunity.Status.OPEN:
        yield deal.get_status_display(), outcome(deal, kit), ""


def outcome(deal: Opportunity, kit: Kit) -> str:
    """Why it ended, in words: the reason and who competed."""
    reason = kit.reasons.get(deal.reason)
    said = reason.label if reason is not None else deal.reason
    against = f"against {deal.competitor}" if deal.competitor else ""
    return ", ".join(one for one in (said, against) if one) or "No reason given"


def step(one: OpportunityStep, kit: Kit, names: Mapping[int, str]) -> str:
    """One step as a sentence. The people it names should be loaded."""
    who = str(one.by) if one.by is not None else "Another system"
    before, after = (deal_stages.label(kit, key) for key in (one.from_stage, one.to_stage))
    worth = deal_list.money(one.amount_base, settings.BASE_CURRENCY)
    told = {
        "OPENED": f"{who} opened it" + (f" at “{after}”" if after else ""),
        "STAGE": f"{who} moved it from “{before}” to “{after}”",
        "OWNER": f"{who} gave it to {names.get(one.owner_id, 'somebody else')}",
        "PRODUCTS": f"{who} changed its products",
        "WON": f"{who} won it" + (f" for {worth}" if worth else ""),
        "LOST": f"{who} lost it" + (f" at “{after}”" if after else ""),
        "REOPENED": f"{who} took its end back",
        "TAKEN_BACK": f"{who} took that back: it has the products it had before"
        if one.because.get("products")
        else f"{who} took that back: it stands at “{after}” again",
    }
    return told[one.kind]
