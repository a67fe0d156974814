"""Who wants to hear of which events. Upper apps register here; `Ledger` writes their rows.

Delivery is the consumer's own business: each drains its rows of `leads.Outbox`.
"""

from __future__ import annotations

from collections.abc import Callable

from leads.models import EventKind

Wanted = Callable[[EventKind], bool]

_kinds: dict[str, frozenset[EventKind]] = {}
_wanted: dict[str, Wanted] = {}


def register(consumer: str, kinds: frozenset[EventKind], *, wanted: Wanted | None = None) -> None:
    """Have one `Outbox` row written for `consumer` with every event of these kinds.

    `wanted` is asked before each, and must answer from memory: with nobody to tell, nothing need
    be written. Called from `ready()` of the consumer's app. Raises ValueError when the name is
    taken for other kinds.
    """
    known = _kinds.setdefault(consumer, kinds)
    if wanted is not None:
        _wanted[consumer] = wanted
    if known != kinds:
        raise ValueError(f"The outbox consumer “{consumer}” is registered for other kinds already.")


def consumers_of(kind: EventKind) -> tuple[str, ...]:
    """The consumers that want events of this kind, in the order of their names."""
    return tuple(
        sorted(
            name
            for name, kinds in _kinds.items()
            if kind in kinds and (name not in _wanted or _wanted[name](kind))
        )
    )
