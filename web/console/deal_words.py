"""Opportunities in the words of pages: what a lead's facts say of its one, and each step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.conf import settings
from django.urls import reverse

from core.texts import _
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
    yield _("Opportunity"), deal.name, url
    yield _("Sales stage"), deal_stages.label(kit, deal.sales_stage), ""
    yield _("Amount"), deal_list.money(deal.amount, deal.currency), ""
    if deal.status != Opportunity.Status.OPEN:
        yield deal.get_status_display(), outcome(deal, kit), ""


def outcome(deal: Opportunity, kit: Kit) -> str:
    """Why it ended, in words: the reason and who competed."""
    reason = kit.reasons.get(deal.reason)
    said = reason.label if reason is not None else deal.reason
    against = (
        _("against {competitor}").format(competitor=deal.competitor) if deal.competitor else ""
    )
    return ", ".join(one for one in (said, against) if one) or _("No reason given")


def step(one: OpportunityStep, kit: Kit, names: Mapping[int, str]) -> str:
    """One step as a sentence. The people it names should be loaded."""
    who = str(one.by) if one.by is not None else _("Another system")
    before, after = (deal_stages.label(kit, key) for key in (one.from_stage, one.to_stage))
    worth = deal_list.money(one.amount_base, settings.BASE_CURRENCY)
    told = {
        "OPENED": _("{who} opened it").format(who=who)
        + (_(" at “{after}”").format(after=after) if after else ""),
        "STAGE": _("{who} moved it from “{before}” to “{after}”").format(
            who=who, before=before, after=after
        ),
        "OWNER": _("{who} gave it to {names}").format(
            who=who, names=names.get(one.owner_id, _("somebody else"))
        ),
        "PRODUCTS": _("{who} changed its products").format(who=who),
        "WON": _("{who} won it").format(who=who)
        + (_(" for {worth}").format(worth=worth) if worth else ""),
        "LOST": _("{who} lost it").format(who=who)
        + (_(" at “{after}”").format(after=after) if after else ""),
        "REOPENED": _("{who} took its end back").format(who=who),
        "TAKEN_BACK": _("{who} took that back: it has the products it had before").format(who=who)
        if one.because.get("products")
        else _("{who} took that back: it stands at “{after}” again").format(who=who, after=after),
    }
    return told[one.kind]
