"""What somebody must hand over before they leave, or may do less: asked of the apps above."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from people.models import User

Ask = Callable[[User], Iterable[str]]
_ASKS: dict[str, Ask] = {}


def register(name: str, ask: Ask) -> None:
    """Have this asked, too: of somebody as they would be, it says what they would leave behind."""
    _ASKS[name] = ask


def left_by(person: User) -> list[str]:
    """Sentences about what nobody would answer for any more; `person` as they would be."""
    return [sentence for ask in _ASKS.values() for sentence in ask(person)]
