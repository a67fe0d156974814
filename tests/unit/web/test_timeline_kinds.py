"""The filters of a lead's timeline leave out nothing of their kind."""

from __future__ import annotations

import pytest

from leads.models import EventKind
from sla.models import ClockEvent
from web.console import timeline

OF_MERGES = {EventKind.JOINED}
"""Of leads it means that two became one, of clocks that one more touchpoint is owed for."""
PROMISES = {EventKind.NEXT_STEP.value}
"""What somebody promised starts a clock of its own."""


@pytest.mark.parametrize(
    "kind", sorted((set(EventKind.values) & set(ClockEvent.Kind.values)) - OF_MERGES | PROMISES)
)
def test_what_happens_to_a_clock_is_told_under_clocks(kind: str) -> None:
    _, shown = timeline.KINDS["clocks"]
    assert kind in shown
