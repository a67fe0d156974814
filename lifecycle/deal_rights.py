"""Who may see and do what to an opportunity."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from core import errors
from leads import selectors
from leads.models import Lead, Opportunity
from lifecycle import permissions
from people import teams
from people.models import User


def visible_to(user: User) -> QuerySet[Opportunity]:
    """The opportunities this person may see; see `leads.selectors`."""
    return selectors.deals_visible_to(user)


def listed_to(user: User) -> QuerySet[Opportunity]:
    """The same for lists; see `selectors.deals_listed_to`."""
    return selectors.deals_listed_to(user)


def may_act(deal: Opportunity, leads: Iterable[Lead], by: User) -> bool:
    """Whether this person works the opportunity: its owner, who owns a lead on it, their managers,
    RevOps and integrations. `deal.owner` and the leads' owners should be loaded with their teams.
    """
    if not by.is_active:
        return False
    if deal.owner_id == by.pk or by.is_superuser or by.plays(*permissions.OVERRIDE_ROLES):
        return True
    if any(lead.owner_id == by.pk or permissions.overrides(lead, by) for lead in leads):
        return True
    return teams.leads(by, deal.owner.team)


def require(deal: Opportunity, leads: Iterable[Lead], by: User) -> None:
    """As `may_act`. Raises NotAllowed naming whose it is."""
    if not may_act(deal, leads, by):
        raise errors.NotAllowed(
            f"This opportunity is {deal.owner}'s; they and their manager work it."
        )
