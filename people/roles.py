"""Who has which role, asked of many at once; `User.plays` asks it of one.

Every right goes by all roles of a person. The main one alone decides where they begin and what
they are called.
"""

from __future__ import annotations

from django.db.models import Q

from people.models import Role, User

READS_ALL = frozenset({Role.REVOPS, Role.MARKETING, Role.SERVICE, Role.AUDITOR})
"""Who sees every lead, and whatever hangs on one."""
WRITES_NOTHING = frozenset({Role.FINANCE, Role.AUDITOR, Role.ADMIN})
"""Roles that change nothing about buyers, by themselves."""
WORKS = frozenset(Role) - WRITES_NOTHING
"""Roles that change something about buyers."""


def only_audits(user: User) -> bool:
    """Whether somebody is an auditor and nothing that changes anything: Finance enters costs."""
    others = {*user.roles} - (WRITES_NOTHING - {Role.FINANCE})
    return user.plays(Role.AUDITOR) and not others and not user.is_superuser


def playing(*roles: str, path: str = "") -> Q:
    """Who has any of these roles; `path` leads to the person, as `owner__`."""
    return Q(**{f"{path}role__in": roles}) | Q(**{f"{path}further_roles__overlap": list(roles)})


def sql(row: str, roles: str) -> str:
    """The same in SQL, of the row of a person; `roles` is a parameter or literal, an array."""
    return f"(ARRAY[{row}.role] || {row}.further_roles) && {roles}::varchar[]"
