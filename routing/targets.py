"""Whom the target of a rule means, and whether they can take a lead now. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from people.availability import Kind
from routing import passing
from routing.rules import Rule

ACCOUNT_OWNER, CURRENT_OWNER, REP = "ACCOUNT_OWNER", "CURRENT_OWNER", "REP"
PARTNER_MANAGER, TERRITORY = "PARTNER_MANAGER", "TERRITORY"

REGISTERED, NAMED, UNKNOWN, SEVERAL = "", "NAMED", "UNKNOWN", "SEVERAL"
"""What tells of a partner: a registration, or a name that fits one we know, none or several."""

BUYER, ACCOUNT = "BUYER", "ACCOUNT"
"""Of whom somebody holds leads, where the target is whoever does."""

WHICH = {REGISTERED: "who registered the company", NAMED: "whom the lead names"}
NO_SUCH_PARTNER = {
    UNKNOWN: "unknown partner: the lead names none that we know",
    SEVERAL: "the name that the lead gives fits several partners",
}

NOBODY_MEANT = {
    ACCOUNT_OWNER: "nobody owns the account",
    CURRENT_OWNER: "nobody holds or lately held leads of this buyer or account",
    REP: "there is no such rep",
    PARTNER_MANAGER: "nobody looks after a partner of this lead",
    TERRITORY: "no territory takes it in",
}
TOOK = {
    ACCOUNT_OWNER: "owns the account",
    REP: "is named by the rule",
    PARTNER_MANAGER: "looks after the partner",
    TERRITORY: "holds the territory",
}
OF = {BUYER: "holds or held leads of this buyer", ACCOUNT: "holds or held leads of this account"}

AWAY = {
    Kind.INACTIVE.value: "inactive",
    Kind.NO_LEADS.value: "works no leads",
    Kind.ON_LEAVE.value: "on leave",
    Kind.AWAY.value: "away",
    Kind.OFF_SHIFT.value: "off shift",
}


@dataclass(frozen=True, slots=True)
class Named:
    """Whom a target means; nobody where both are empty. A territory may be held by a pool.

    `by` says what they are meant by: the buyer, the account, the key of the territory, the name of
    the partner. `how` says what tells of the partner; empty where it has registered the company.
    """

    user: int | None = None
    by: str = ""
    pool: str = ""
    how: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """Whom a target means, as they stand at the instant of a decision."""

    user: int | None = None
    by: str = ""
    pool: str = ""
    how: str = ""
    held_before: bool = False
    declined: bool = False
    """They said of this lead that it was not theirs."""
    away: str = ""
    """Why they are not at work (`people.availability.Kind`); empty when they are."""
    until: str | None = None
    """When that ends by itself, ISO 8601 in UTC."""
    back: str | None = None
    """When they can take leads again, all told; None when not in sight."""
    open_leads: int = 0
    open_cap: int | None = None
    full: str = ""
    """What else of their caps is reached, in words."""

    @property
    def passed(self) -> str:
        """Why the lead is not theirs once more, in words; empty where they never had it."""
        if self.declined:
            return passing.DECLINED
        return passing.HELD if self.held_before else ""

    def as_data(self) -> dict[str, Any]:
        """For the decision record: whom it meant, and what is not the default."""
        told = {one.name: getattr(self, one.name) for one in fields(self)}
        return {
            one.name: told[one.name]
            for one in fields(self)
            if one.name in ("user", "by") or told[one.name] != one.default
        }


NOBODY = Standing()


def from_data(kept: Mapping[str, Any]) -> Standing:
    """The same from a decision record."""
    return Standing(**{one.name: kept[one.name] for one in fields(Standing) if one.name in kept})


def refusal(rule: Rule, standing: Standing, *, now: dt.datetime) -> str:
    """Why whoever the rule means cannot take the lead, in words; empty when they can.

    Being off shift is bridged as far as the rule allows. Where a pool is meant it takes the lead.
    """
    if standing.user is None:
        return _nobody(rule, standing)
    if standing.passed:
        return standing.passed
    if standing.away and not _soon_back(rule, standing, now):
        return AWAY.get(standing.away, standing.away.lower())
    if rule.keeps_to_cap:
        if standing.open_cap is not None and standing.open_leads >= standing.open_cap:
            return f"at the cap: {standing.open_leads} of {standing.open_cap} open leads"
        return standing.full
    return ""


def _nobody(rule: Rule, standing: Standing) -> str:
    if standing.pool:
        return ""
    if rule.target == PARTNER_MANAGER and standing.by:
        return f"nobody owns the account of {standing.by}, {WHICH[standing.how]}"
    if standing.how in NO_SUCH_PARTNER:
        return NO_SUCH_PARTNER[standing.how]
    unheld = rule.target == TERRITORY and standing.by
    return "nobody holds it now" if unheld else NOBODY_MEANT[rule.target]


def took(rule: Rule, standing: Standing) -> str:
    """Why it is theirs, in words that follow the name."""
    if rule.target == CURRENT_OWNER:
        return OF.get(standing.by, OF[BUYER])
    if rule.target == PARTNER_MANAGER and standing.by:
        return f"looks after {standing.by}, {WHICH[standing.how]}"
    words = TOOK[rule.target]
    return f"{words} {standing.by}" if rule.target == TERRITORY and standing.by else words


def _soon_back(rule: Rule, standing: Standing, now: dt.datetime) -> bool:
    if standing.away != Kind.OFF_SHIFT.value or standing.back is None:
        return False
    return dt.datetime.fromisoformat(standing.back) <= now + rule.within
