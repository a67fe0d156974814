"""Whose figures a reader is told by name: their own and those of whom they lead; by the company's
choice those of their team, too. All others together are *Colleagues*.
"""

from __future__ import annotations

from typing import Any

from django.db.models import BigIntegerField, Case, CharField, F, Q, QuerySet, Value, When

from people import teams
from people.models import User
from routing import pool_rights

COLLEAGUES = -1
"""In place of a person: all others together."""
TOGETHER = "Colleagues"


def tells_all(user: User) -> bool:
    """Whether they are told of everybody by name: who leads, RevOps, auditors, systems."""
    return pool_rights.leads_all(user)


def told(user: User) -> QuerySet[User]:
    """Those besides themselves whom a reader who leads nobody is told of by name: their team, where
    the company has chosen so.
    """
    if user.team_id is None or not user.is_active:
        return User.objects.none()
    return User.objects.filter(teams.figures_of_the_team(), team=user.team_id)


def column(user: User, holder: str) -> Any:
    """A person's number in the column `holder` as this reader is told it: COLLEAGUES of others."""
    if tells_all(user):
        return F(holder)
    return Case(
        When(_named(user, holder), then=F(holder)),
        When(**{f"{holder}__isnull": False}, then=Value(COLLEAGUES)),
        output_field=BigIntegerField(),
    )


def words(user: User, holder: str, told_as: Any) -> Any:
    """What is told of that person in words, such as a name; nothing of colleagues, so that they
    fall into one.
    """
    if tells_all(user):
        return told_as
    return Case(
        When(_named(user, holder), then=told_as), default=Value(""), output_field=CharField()
    )


def _named(user: User, holder: str) -> Q:
    mine = Q(**{holder: user.pk})
    return mine if user.team_id is None else mine | Q(**{f"{holder}__in": told(user).values("pk")})
