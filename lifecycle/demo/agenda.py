"""What is to happen when; of two things at one instant the one planned first comes first."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from datetime import datetime

Deed = Callable[[datetime], None]


class Agenda:
    """Deeds in the order of their time."""

    def __init__(self) -> None:
        self._heap: list[tuple[datetime, int, Deed]] = []
        self._order = itertools.count()

    def add(self, at: datetime, deed: Deed) -> None:
        """Have `deed(at)` done at that instant."""
        heapq.heappush(self._heap, (at, next(self._order), deed))

    @property
    def next_at(self) -> datetime | None:
        """When the next deed is due; None when nothing is planned."""
        return self._heap[0][0] if self._heap else None

    def take(self) -> tuple[datetime, Deed]:
        """The next deed, taken off."""
        at, _, deed = heapq.heappop(self._heap)
        return at, deed
