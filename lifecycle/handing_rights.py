"""Which leads somebody hands on in one act: RevOps all, managers their teams' and unowned ones."""

from __future__ import annotations

from core import errors
from lifecycle import permissions
from lifecycle.permissions import Reach
from people.models import Role, User


def reach(by: User) -> Reach:
    """How far their word goes. Raises NotAllowed for all but RevOps and managers."""
    if may(by):
        return permissions.reach(by)
    raise errors.NotAllowed("Only managers and RevOps hand on many leads at once.")


def seen(by: User) -> Reach:
    """Whose acts they see: their own, or as auditors all. Raises NotAllowed for others."""
    return permissions.EVERYWHERE if permissions.audits(by) else reach(by)


def may(by: User) -> bool:
    """Whether they hand on many leads at once."""
    return by.is_active and (by.is_superuser or by.plays(Role.REVOPS, Role.MANAGER))
