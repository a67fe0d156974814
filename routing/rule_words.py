"""Where a rule sends its leads, in words. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from core import phrases
from routing import escalation, matching, rules, targets
from routing.rules import Rule

WHOM = {
    targets.ACCOUNT_OWNER: "the account's owner",
    targets.CURRENT_OWNER: "who holds or lately held leads of this buyer, else of this account",
    targets.PARTNER_MANAGER: "who looks after the partner",
    targets.TERRITORY: "who holds the territory",
}
WANTED = {
    targets.ACCOUNT_OWNER: "the account's owner",
    targets.CURRENT_OWNER: "the current owner",
    targets.REP: "a named rep",
    targets.PARTNER_MANAGER: "the partner's manager",
    targets.TERRITORY: "whose territory it is",
    escalation.GIVE_ANEW: "whom the rules would choose anew",
    escalation.BACKUP: "the backup",
    escalation.MANAGER: "the manager",
    escalation.POOL: "the pool",
    escalation.QUEUE: "the queue",
}
MOMENTS = {rules.INBOUND: "Inbound", rules.REENTRY: "Re-entry", rules.HANDOFF: "Hand-off"}
DECIDED_AT = {**MOMENTS, escalation.MOMENT: "Escalation", matching.BY_HAND: "By hand"}
"""The same, and where a level of escalation or a person decided."""


def goes(rule: Rule, pools: Mapping[str, str], names: Mapping[str, str]) -> str:
    """As one sentence; `pools` and `names` hold labels by key and by user name."""
    pool = f"pool {pools.get(rule.pool, rule.pool)}"
    if rule.target == rules.QUEUE:
        return f"Waits in the queue of {pool} until somebody claims it."
    if not rule.means_people:
        return f"Goes to {pool}."
    whom = names.get(rule.rep, rule.rep) if rule.target == targets.REP else WHOM[rule.target]
    otherwise = "the next rule that fits" if rule.otherwise == rules.NEXT_RULE else pool
    return f"Goes to {whom} if {phrases.listed(_terms(rule))}; otherwise to {otherwise}."


def _terms(rule: Rule) -> list[str]:
    at_work = "at work"
    if rule.within:
        at_work = f"at work within {_span(rule.within)}"
    return [at_work, "under their cap"] if rule.keeps_to_cap else [at_work]


def _span(span: dt.timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    if minutes % 60:
        return f"{minutes} minutes"
    return "an hour" if minutes == 60 else f"{minutes // 60} hours"
