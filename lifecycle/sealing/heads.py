"""What is shown of the seals, for keeping and comparing elsewhere."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count

from core import errors
from leads.models import Seal, SealedAway
from lifecycle import leaks
from lifecycle.sealing.days import last_due
from people.models import User

SHOWN = 62
"""Days."""


@dataclass(frozen=True, slots=True)
class Heads:
    """The newest seals, newest first; how many days wait for theirs; what went lawfully."""

    seals: Sequence[Seal]
    waiting: int
    erased: int
    removed: int


def may_read(by: User) -> bool:
    """Whether they may compare seals: managers, RevOps and auditors."""
    return leaks.watches(by)


def look(*, by: User, now: dt.datetime) -> Heads:
    """The seals of the last two months. Raises NotAllowed for all others."""
    if not may_read(by):
        raise errors.NotAllowed("Only managers, RevOps and auditors see the seals of the log.")
    seals = list(Seal.objects.order_by("-day")[:SHOWN])
    went = dict(SealedAway.objects.values_list("reason").annotate(Count("pk")))
    return Heads(
        seals=seals,
        waiting=max(0, (last_due(now) - seals[0].day).days) if seals else 0,
        erased=went.get("ERASED", 0),
        removed=went.get("REMOVED", 0),
    )
