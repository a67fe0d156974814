"""What a caller may do here: keys by their scope, people by their role."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from rest_framework.permissions import SAFE_METHODS, BasePermission

from people import holders
from people.models import ApiKey, Role
from reports import ledger_rights

if TYPE_CHECKING:  # the framework imports this module while it is itself being imported
    from rest_framework.request import Request
    from rest_framework.views import APIView

CAPTURE = "CAPTURE"
LEADS = "LEADS"
QUEUES = "QUEUES"
ACCOUNTS = "ACCOUNTS"
MERGES = "MERGES"
IMPORTS = "IMPORTS"
HANDING = "HANDING"
PARTNERS = "PARTNERS"
DISPUTES = "DISPUTES"
COSTS = "COSTS"
SALES_QUOTAS = "SALES_QUOTAS"
QUESTIONS = "QUESTIONS"
"""Doors that are asked by POST and change nothing."""

WRITERS: dict[str, Collection[str]] = {
    CAPTURE: (Role.REVOPS, Role.SERVICE),
    ACCOUNTS: (Role.MANAGER, Role.REVOPS, Role.SERVICE),
    QUEUES: (Role.REVOPS, Role.MARKETING, Role.MANAGER, Role.SERVICE),
    LEADS: (*holders.ROLES, Role.REVOPS, Role.SERVICE),
    # Services, too, come to this door; for files they hear there that a key of RevOps is needed.
    IMPORTS: (Role.REVOPS, Role.SERVICE),
    # Services hear there that a key of RevOps is needed, as for imports.
    HANDING: (Role.MANAGER, Role.REVOPS, Role.SERVICE),
    # Whoever owns a partner's account registers for it, whatever their role.
    PARTNERS: (*holders.ROLES, Role.REVOPS, Role.SERVICE),
    # Services hear there that it takes a person of Marketing or RevOps.
    DISPUTES: (Role.MARKETING, Role.REVOPS, Role.SERVICE),
    COSTS: ledger_rights.ENTER_COSTS,
    # Managers set those of their own teams.
    SALES_QUOTAS: (Role.MANAGER, *ledger_rights.ENTER_QUOTAS),
    QUESTIONS: tuple(Role),
    MERGES: (*holders.ROLES, Role.MARKETING, Role.REVOPS, Role.SERVICE),
}
"""Roles that may change something behind each kind of door; superusers always may.

Who may do what to one lead is decided by the action itself, from who owns it.
"""


class HasScope(BasePermission):
    """Asks two questions: may this key be used here, and may this user do such a thing at all?"""

    message = "This key or role may not do this."

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Views name their kind in `door`; without one they are open to readers only."""
        user = request.user
        if not user.is_authenticated:
            return False
        door = getattr(view, "door", "")
        if isinstance(request.auth, ApiKey) and not _key_fits(request.auth, request.method, door):
            self.message = f"A key of scope “{request.auth.get_scope_display()}” may not do this."
            return False
        if request.method in SAFE_METHODS or user.is_superuser:
            return True
        self.message = f"The role “{user.roles_in_words}” may not do this."
        return user.plays(*WRITERS.get(door, ()))


def _key_fits(key: ApiKey, method: str | None, door: str) -> bool:
    match key.scope:
        case ApiKey.Scope.CAPTURE:
            return door == CAPTURE
        case ApiKey.Scope.READ:
            return method in SAFE_METHODS or door == QUESTIONS
        case _:
            return True
