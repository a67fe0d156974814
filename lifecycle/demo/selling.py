"""How account executives of the demo get opportunities on: products, sales stages, their ends."""

from __future__ import annotations

import contextlib
import functools
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from core.errors import DomainError
from leads.models import Account, AccountStatus, Lead, Opportunity, Touch
from lifecycle import customers, deal_edits, deal_lines, deal_moving
from lifecycle.deal_lines import Said
from lifecycle.demo.agenda import Agenda
from lifecycle.demo.buyers import COUNTRIES, WORDS, Buyer
from lifecycle.demo.staff import Staff
from lifecycle.demo.stock import PRICES, REPORTS, SEAT, START
from people.models import User

DAY = timedelta(days=1)
YEAR = timedelta(days=365)

WAY = (("proposal", 0.2, 0.92), ("negotiation", 0.55, 0.8), ("verbal", 0.85, 0.6))
"""Sales stages: after which part of a deal's time it gets there, and how many of them do."""
WON_FOR = {"best_fit": 2, "better_terms": 1}


@dataclass(frozen=True, slots=True)
class Offer:
    """What a buyer is offered: products and their prices, in their currency."""

    name: str
    currency: str
    lines: tuple[Said, ...]

    def said(self, close: datetime) -> dict[str, Any]:
        """The opportunity as its owner opens it; expected to close on that day."""
        amount = sum((one.amount or Decimal() for one in self.lines), Decimal())
        return {
            "name": self.name, "amount": amount, "currency": self.currency,
            "expected_close": close.date(),
        }  # fmt: skip


class Desk:
    """The sales desk: everybody who works opportunities."""

    def __init__(self, agenda: Agenda, staff: Staff, rng: Random) -> None:
        self._agenda, self._staff, self._rng = agenda, staff, rng

    def offer(self, buyer: Buyer) -> Offer:
        """Seats for some of the company's people; others want more."""
        size = buyer.company.employees if buyer.company else 40
        seats = max(5, min(400, int(size * self._rng.uniform(0.02, 0.09))))
        lines = [Said(SEAT, seats, Decimal(seats * PRICES[SEAT]))]
        for key, odds in ((REPORTS, 0.35), (START, 0.25)):
            if self._rng.random() < odds:
                lines.append(Said(key, 1, Decimal(PRICES[key])))
        name = f"{buyer.company.name if buyer.company else buyer.last}: {seats} seats"
        return Offer(name, str(COUNTRIES[buyer.country]["currency"]), tuple(lines))

    def open(self, lead: int, offer: Offer, at: datetime, ends: datetime) -> None:
        """Their owner says what it is about, and plans how it gets on until it ends."""
        deal = Opportunity.objects.filter(leads=lead, lines=None).select_related("owner").first()
        if deal is None:
            return  # joined what another lead of the company has opened
        with contextlib.suppress(DomainError):
            deal_lines.put(opportunity_id=deal.pk, by=deal.owner, products=offer.lines, now=at)
            if deal.partner_id is None and (partner := _partner_of(lead)) is not None:
                values = {"partner": partner.pk, "partner_role": Opportunity.PartnerRole.SOURCED}
                deal_edits.revise(opportunity_id=deal.pk, by=deal.owner, values=values, now=at)
        last = at
        for stage, part, odds in WAY:
            if self._rng.random() > odds:
                return
            when = at + (ends - at) * part * self._rng.uniform(0.8, 1.15)
            minutes = self._rng.uniform(10, 300)
            last = self._staff.after(self._staff[deal.owner_id], max(when, last), minutes)
            self._agenda.add(last, functools.partial(self._move, deal.pk, deal.owner, stage))

    def won(self) -> dict[str, Any]:
        """Why a deal was won, and sometimes against whom."""
        reason = self._rng.choices(list(WON_FOR), list(WON_FOR.values()))[0]
        return {"reason": reason, "competitor": self.rival(0.4)}

    def rival(self, odds: float) -> str:
        """Who else competed, if anybody is known."""
        return str(self._rng.choice(WORDS["competitors"])) if self._rng.random() < odds else ""

    def keep(self, lead: int, at: datetime) -> None:
        """Two days after a win RevOps says who looks after the customer, and when it renews."""
        when = at + 2 * DAY
        self._agenda.add(when, functools.partial(self._look_after, lead, at))

    def _move(self, deal: int, owner: User, stage: str, at: datetime) -> None:
        # One that has ended by then, or has another owner, stays as it is.
        with contextlib.suppress(DomainError):
            deal_moving.move(opportunity_id=deal, by=owner, stage=stage, now=at)

    def _look_after(self, lead: int, won_at: datetime, at: datetime) -> None:
        row = Lead.objects.select_related("account__customer", "opportunity__owner").get(pk=lead)
        if row.account is None or row.opportunity is None:
            return
        customer, owner = row.account.customer, row.opportunity.owner
        if customer.renewal_date is None:
            values = {"cs_owner": owner.pk, "renewal_date": (won_at + YEAR).date()}
            customers.revise(customer_id=customer.pk, by=self._staff.named("rita").user,
                             values=values, now=at)  # fmt: skip


def _partner_of(lead: int) -> Account | None:
    """The partner through whom a lead came, if we know them."""
    touch = Touch.objects.filter(lead=lead, channel="PARTNER").order_by("pk").first()
    named = touch.payload.get("source", {}).get("partner", "") if touch is not None else ""
    return Account.objects.filter(name=named, status=AccountStatus.PARTNER).first()
