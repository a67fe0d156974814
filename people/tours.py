"""The tour of the pages: where somebody is in it, and whether they want it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from core.errors import NotFound
from people.models import Tour, User


def offer(users: Iterable[User]) -> None:
    """Offer it to these people; whoever has been offered it stays where they are."""
    Tour.objects.bulk_create([Tour(user=user) for user in users], ignore_conflicts=True)


def go(user: User, step: int) -> None:
    """They are at this step now, also after the end. Raises NotFound for who has no tour."""
    _change(user, step=step, ended_at=None)


def end(user: User, *, now: dt.datetime) -> None:
    """They have seen enough. Raises NotFound for who has no tour."""
    _change(user, ended_at=now)


def _change(user: User, **values: object) -> None:
    if not Tour.objects.filter(user=user).update(**values):
        raise NotFound("There is no tour here.")
