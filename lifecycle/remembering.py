"""What the buyers of some leads did before, and what it was worth: asked with other questions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core import reading
from leads import score_rows
from leads.evidence import Seen
from leads.models import Lead, ScorePart, TouchStatus
from leads.partner_naming import Keys, Mention
from lifecycle import namings as partners
from lifecycle.case import Buyer
from lifecycle.namings import Namings


class Past:
    """The questions for what the buyers of some leads did, and what it was worth."""

    def __init__(self, leads: Sequence[Lead], namings: Namings) -> None:
        self._namings = namings
        ids = [lead.pk for lead in leads]
        self._signals = reading.plain(_SIGNALS, ids)
        self._touches = reading.plain(_TOUCHES, ids, ids)
        self._parts = reading.rows(ScorePart, "WHERE lead_id = ANY(%s)", ids)
        self._named = partners.mentions(ids)
        self.questions: list[reading.Question[Any]] = [
            self._signals, self._touches, self._parts, self._named,
        ]  # fmt: skip

    def tell(self, buyers: dict[int, Buyer]) -> None:
        """Write the answers to the buyers of these leads."""
        for lead_id, pk, kind, at in self._signals.found:
            buyers[lead_id].did([Seen(pk, kind, at)])
        for lead_id, count in self._touches.found:
            buyers[lead_id].touches += count
        for row in self._parts.found:
            buyer = buyers[row.lead_id]
            buyer.part_rows[row.rule] = row
            buyer.parts[row.rule] = score_rows.part(row, buyer.signals)
        for lead_id, at, touch, name, domain, *_ in self._named.found:
            buyers[lead_id].mentions[touch] = Mention(at, touch, Keys(name, domain))
        self._namings.note(row[3:] for row in self._named.found)


_SIGNALS = """
    SELECT lead_id, id, kind, occurred_at FROM leads_signal
     WHERE lead_id = ANY(%s)
"""
# Those of the leads that were merged into one count for it as well.
_TOUCHES = f"""
    SELECT lead_id, count(*) FROM leads_touch
     WHERE lead_id = ANY(%s) AND status <> '{TouchStatus.WITHDRAWN.value}' GROUP BY lead_id
    UNION ALL
    SELECT l.merged_into_id, count(*) FROM leads_touch t JOIN leads_lead l ON l.id = t.lead_id
     WHERE l.merged_into_id = ANY(%s) AND t.status <> '{TouchStatus.WITHDRAWN.value}'
     GROUP BY l.merged_into_id
"""  # noqa: S608 - a constant of ours
