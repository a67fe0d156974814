"""Reads of clocks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from core import reading
from sla.models import OPEN, Clock

# The states stand in the SQL itself: so the planner sees that the index of open clocks will do.
_STATES = ", ".join(f"'{state.value}'" for state in OPEN)
_OPEN_OF = f"WHERE lead_id = ANY(%s) AND state IN ({_STATES}) ORDER BY due_at, id"


def open_of(lead_ids: Sequence[int]) -> reading.Question[Clock]:
    """The question for the open clocks of these leads, earliest due first."""
    return reading.rows(Clock, _OPEN_OF, lead_ids)


def open_by_lead(lead_ids: Iterable[int]) -> dict[int, list[Clock]]:
    """The open clocks of each lead, earliest due first."""
    asked = open_of(list(lead_ids))
    reading.ask(asked)
    found: dict[int, list[Clock]] = defaultdict(list)
    for clock in asked.found:
        found[clock.lead_id].append(clock)
    return found
