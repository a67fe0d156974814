"""Who may hold leads, accounts and parts of the world: the one rule of every door that gives them.

Machines, and people who look after the process, work no leads: what is given to them lies.
"""

from __future__ import annotations

from django.db.models import F, QuerySet, Value
from django.db.models.functions import Coalesce, Concat, Lower, NullIf, Trim

from people import roles
from people.models import Role, User

REPS = (Role.SDR, Role.AE, Role.CUSTOMER_SUCCESS, Role.PARTNER_MANAGER)
"""Who works leads of their own: those of customers and partners come to who looks after these."""
ROLES = (*REPS, Role.MANAGER)
MISSING = "There is no such active person."


def works_leads(user: User) -> bool:
    """Whether somebody is here and works leads."""
    return user.is_active and user.plays(*ROLES)


def everybody() -> QuerySet[User]:
    """All who are here and work leads."""
    return User.objects.filter(roles.playing(*ROLES), is_active=True)


def by_name(users: QuerySet[User]) -> QuerySet[User]:
    """In the order of the names shown: the full name, or the user name of who has none."""
    full = Trim(Concat("first_name", Value(" "), "last_name"))
    shown = Coalesce(NullIf(full, Value("")), F("username"))
    return users.order_by(Lower(shown), "pk")


def refusal(user: User | None) -> str:
    """Why nothing can be given to this person, in a sentence; empty where it can."""
    if user is None or not user.is_active:
        return MISSING
    return "" if user.plays(*ROLES) else f"{user} works no leads; choose a rep or a manager."
