"""What is known of a lead for its checklists, and what is missing still: for its page."""

from __future__ import annotations

from dataclasses import dataclass

from core import steps
from governance.kit import Kit
from leads.models import Lead
from leads.stages import Stage
from lifecycle import checklists


@dataclass(frozen=True, slots=True)
class List:
    """One checklist: how far it is, and its answered points."""

    words: str
    is_met: bool
    points: tuple[tuple[str, str], ...]


@steps.in_steps
def of_lead(lead: Lead, kit: Kit) -> steps.Story[tuple[List, ...]]:
    """Those of which something is known in this cycle, where they are being filled in. One query.

    None elsewhere: what made an SQL stands in the timeline.
    """
    if lead.stage != Stage.SAL:
        return ()
    rows = checklists.kept_rows(lead)
    yield [rows]
    known = dict(rows)
    return tuple(
        List(one.words, one.is_met, _points(one, known))
        for one in checklists.standings(kit, known)
        if one.answered
    )


def _points(one: checklists.Standing, known: checklists.Answers) -> tuple[tuple[str, str], ...]:
    answers = ((item.label, known.get(f"{one.checklist.key}.{item.key}", ""))
               for item in one.checklist.items)  # fmt: skip
    return tuple((label, text) for label, text in answers if text)
