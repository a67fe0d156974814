"""What somebody is told who took a lead from a queue."""

from __future__ import annotations

from people.models import User
from routing import selectors as routing


def taken(name: str, reader: User) -> str:
    """That it is theirs, and that they hold more than rules would give them, where they do.

    Caps bind routing, not people: who claims beyond theirs is told.
    """
    over = routing.over_cap(reader.pk)
    told = f"{name} is yours now."
    return f"{told} You hold {over[0]} of {over[1]} leads." if over else told
