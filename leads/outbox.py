"""Who wants to hear of which events. Upper apps register here; `Ledger` writes their rows.

Delivery is the consumer's own business: each drains its rows of `leads.Outbox`.
"""

from __future__ import annotations

from leads.models import EventKind

_kinds: dict[str, frozenset[EventKind]] = {}


def register(consumer: str, kinds: frozenset[EventKind]) -> None:
    """Have one `Outbox` row written for `consumer` with every event of these kinds.

    Called from `ready()` of the consumer's app. Raises ValueError when the name is taken for
    other kinds.
    """
    known = _kinds.setdefault(consumer, kinds)
    if known != kinds:
        raise ValueError(f"The outbox consumer “{consumer}” is registered for other kinds already.")


def consumers_of(kind: EventKind) -> tuple[str, ...]:
    """The consumers that want events of this kind, in the order of their names."""
    return tuple(sorted(name for name, kinds in _kinds.items() if kind in kinds))
