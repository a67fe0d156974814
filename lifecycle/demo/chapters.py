"""What apps above this one have happen in the demo company; knows none of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from lifecycle.demo.agenda import Deed


class Chapter(Protocol):
    """Part of the story, told from its own module."""

    def planned(self, *, since: datetime, now: datetime) -> Iterator[tuple[datetime, Deed]]:
        """When what is to be done; the story begins with the first day of `since`."""
        ...


FURTHER: dict[str, Chapter] = {}
"""By their names, in the order of their registration."""


def register(name: str, chapter: Chapter) -> None:
    """Have this told, too. For apps that stand above this one; called from their `ready()`."""
    FURTHER[name] = chapter
