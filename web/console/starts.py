"""The page on which somebody begins their day."""

from __future__ import annotations

from people.models import Role, User

PAGES = {
    Role.SDR: "inbox", Role.AE: "inbox", Role.MANAGER: "team", Role.PARTNER_MANAGER: "inbox",
    Role.CUSTOMER_SUCCESS: "customers", Role.FINANCE: "opportunities", Role.ADMIN: "worker",
}  # fmt: skip
"""By main role; everybody else has a home."""


def of(reader: User) -> str:
    """The name of that page. A superuser's role may be no more than what accounts begin with."""
    if reader.is_superuser and reader.role == Role.SDR:
        return "home"
    return PAGES.get(Role(reader.role), "home")
