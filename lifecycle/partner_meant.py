"""Whom rules mean by the partner of a lead. Pure."""

from __future__ import annotations

from leads.partner_naming import Status
from routing import targets
from routing.targets import Named


def of(
    registered: str,
    manager: int | None,
    *,
    named_status: str = "",
    named_partner: str = "",
    named_manager: int | None = None,
) -> Named:
    """Who looks after the partner who has registered the company, else after the one named.

    A registration goes before whatever a touchpoint says.
    """
    if registered:
        return Named(manager, registered)
    if named_status == Status.KNOWN:
        return Named(named_manager, named_partner, how=targets.NAMED)
    return Named(how=_UNNAMED.get(named_status, targets.REGISTERED))


_UNNAMED = {Status.UNKNOWN.value: targets.UNKNOWN, Status.SEVERAL.value: targets.SEVERAL}
