"""People whom a lead may be given to by hand, each with why they are not at work, if they are not.

Whoever gives a lead away may have a reason to give it to somebody on leave; they should know.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone

from core.texts import _
from people import selectors as people
from people.models import User
from web.console import words


def choices(users: Iterable[User], *, now: datetime) -> list[tuple[str, str]]:
    """Ids and labels: `Anna (on leave until 09:00 on Mon 16 Nov) · DACH`, in the order given.

    The team of each should be loaded. One message besides.
    """
    listed = list(users)
    away = _absences(listed, now)
    return [
        (str(one.pk), f"{labelled(one, away)}{f' · {one.team}' if one.team else ''}")
        for one in listed
    ]


def names(ids: Iterable[int], *, now: datetime) -> dict[int, str]:
    """By id the name, with why they are not at work. Two messages."""
    rows = list(User.objects.filter(pk__in=list(ids)))
    away = _absences(rows, now)
    return {one.pk: labelled(one, away) for one in rows}


def remark(user: User, *, now: datetime) -> str:
    """` Anna is on leave until …` as a sentence to add; empty for somebody at work."""
    told = _absences([user], now).get(user.pk)
    return _(" {user} is {told}.").format(user=user, told=told) if told else ""


def labelled(user: User, away: dict[int, str]) -> str:
    """The name with the absence behind it, where there is one."""
    told = away.get(user.pk)
    return f"{user} ({told})" if told else str(user)


def _absences(users: list[User], now: datetime) -> dict[int, str]:
    zone, found = timezone.get_current_timezone(), {}
    for pk, why in people.not_at_work(users, at=now).read().items():
        until = (
            _(" until {until}").format(until=words.moment(why.until, now=now, zone=zone))
            if why.until
            else ""
        )
        found[pk] = f"{why.words}{until}"
    return found
