"""What an owner confirms on accepting, and what shows it, in words. Reads through `affirming`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from core.texts import _, lazy
from governance.kit import Kit
from governance.moments import Shown
from governance.terms import Criterion
from leads.contact import Way
from leads.models import Lead
from lifecycle import affirming
from lifecycle.affirming import Evidence
from lifecycle.case import Case
from web.console import proof

NOTHING = lazy("Nothing on record shows it.")


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What one key confirms: the criteria, and why they are known to hold."""

    keys: tuple[str, ...]
    line: str


def ready(case: Case, kit: Kit, now: datetime, *, shut: Collection[Way]) -> Confirmed | None:
    """What accepting confirms where everything is shown beforehand; None where people are asked.

    `shut` are the ways that must not be used.
    """
    asked = affirming.asked(kit)
    if not asked or not all(one.shown_by for one in asked):
        return None
    lead, shown = case.lead, affirming.shown(case, kit, now, shut=shut)
    if any(one.key not in shown for one in asked):
        return None
    told = (f"{one.label} ({because(one, shown, lead, kit)})" for one in asked)
    return Confirmed(
        tuple(one.key for one in asked),
        _("Accepting confirms: {told}.").format(told="; ".join(told)),
    )


def because(criterion: Criterion, shown: Mapping[str, Evidence], lead: Lead, kit: Kit) -> str:
    """What shows a criterion of this lead; that nothing does, where it is so."""
    found = shown.get(criterion.key)
    if found is None:
        return NOTHING
    return ", ".join(_means(one, found, lead, kit) for one in found.by)


def _means(one: Shown, found: Evidence, lead: Lead, kit: Kit) -> str:
    person = lead.person
    if one is Shown.ICP:
        seen = proof.facts_in_words(dict(found.facts), kit.registry)
        return seen or _("our data fit the profile")
    said = {Shown.EMAIL: person.email, Shown.ROLE_MAILBOX: person.email, Shown.PHONE: person.phone}
    return said.get(one, _("answered before"))
