"""Who wants to hear of which events. Upper apps register here; `Ledger` writes their rows.

Delivery is the consumer's own business: each drains its rows of `leads.Outbox`.
"""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import QuerySet

from leads.models import EventKind, Outbox

Wanted = Callable[[EventKind], bool]

_kinds: dict[str, frozenset[EventKind]] = {}
_wanted: dict[str, Wanted] = {}
_following: dict[str, frozenset[EventKind]] = {}


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


def follow(consumer: str, kinds: frozenset[EventKind]) -> None:
    """Have `consumer` told of every lead that such an event happened to, history that is imported
    included: one row for each lead and act, with its last event.

    For who makes something anew of the whole log of a lead. Called from `ready()` of its app.
    """
    _following[consumer] = kinds


def followers_of(kind: EventKind) -> tuple[str, ...]:
    """Who follows events of this kind, in the order of their names."""
    return tuple(sorted(name for name, kinds in _following.items() if kind in kinds))


def followers() -> tuple[str, ...]:
    """All who follow leads, in the order of their names."""
    return tuple(sorted(_following))


def news() -> QuerySet[Outbox]:
    """Rows of those who are told of events, not of those who follow leads."""
    return Outbox.objects.exclude(consumer__in=followers())
