"""Somebody was here twice: RevOps makes the likeliest pair one and leaves the others."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from core.errors import DomainError
from leads.models import DuplicateSuggestion
from lifecycle import merging
from lifecycle.demo.agenda import Deed
from people.models import User

DAY = timedelta(days=1)
LEFT = 2
"""How many pairs are left to review."""


def planned(*, now: datetime) -> Iterator[tuple[datetime, Deed]]:
    """When the queue is looked through."""
    yield now - DAY, _review


def _review(at: datetime) -> None:
    waiting = DuplicateSuggestion.objects.filter(status=DuplicateSuggestion.Status.OPEN)
    likeliest = waiting.order_by("-score", "pk")[: LEFT + 1]
    if len(likeliest) <= LEFT:
        return
    pair = likeliest[0]
    try:
        merging.merge(
            winner_id=pair.first_id,
            loser_id=pair.second_id,
            by=User.objects.get(username="rita"),
            reason="Same person, private address",
            suggestion_id=pair.pk,
            now=at,
        )
    except DomainError:
        return  # two open deals: people decide
