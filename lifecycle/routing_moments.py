"""At which moment of its life a lead needs an owner: it comes in, comes back, or is handed on."""

from __future__ import annotations

from collections.abc import Sequence

from core import reading
from governance.kit import Kit
from leads.stages import Stage
from lifecycle.case import Case
from routing import escalation, matching, rules


def of(cases: Sequence[Case], kit: Kit) -> dict[int, str]:
    """The moment of each lead, by id. One message where the kit tells moments apart, else none.

    Whoever waits, or is held, by a decision of an earlier moment is routed by that moment's rules
    again. Re-entries of a kit without rules for them are inbound.
    """
    known = rules.of_kit(kit)
    if not any(rule.moment != rules.INBOUND for rule in known):
        return dict.fromkeys((case.lead.pk for case in cases), rules.INBOUND)
    last = _last([case.lead.pk for case in cases if case.is_held])
    told = {case.lead.pk: last.get(case.lead.pk) or _of(case) for case in cases}
    return {
        pk: moment if rules.has(known, moment) else rules.INBOUND for pk, moment in told.items()
    }


def _of(case: Case) -> str:
    back = case.lead.cycle > 1 or case.returned or case.lead.stage == Stage.NURTURE
    return rules.REENTRY if back else rules.INBOUND


def _last(lead_ids: list[int]) -> dict[int, str]:
    """The moment of the last decision of each lead."""
    if not lead_ids:
        return {}
    found = reading.plain(_LAST, lead_ids)
    reading.ask(found)
    return dict(found.found)


# Neither levels of escalation nor people are rules: who has a lead by them has it at the moment
# before.
_LAST = f"""
    SELECT DISTINCT ON (lead_id) lead_id, moment FROM routing_decision
     WHERE lead_id = ANY(%s) AND moment NOT IN ('{escalation.MOMENT}', '{matching.BY_HAND}')
     ORDER BY lead_id, at DESC, id DESC
"""  # noqa: S608 - a constant of ours
