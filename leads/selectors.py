"""Reads of leads. Whatever a person or key may see comes from `visible_to`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db.models import Exists, OuterRef, Q, QuerySet

from core import reading
from leads.models import Account, Lead, Opportunity
from people.models import Role, User

SEES_ALL = frozenset({Role.REVOPS, Role.MARKETING, Role.SERVICE})


def visible_to(user: User) -> QuerySet[Lead]:
    """The leads this person may see.

    Reps see their own, their team's, those waiting in their pools' queues, those they held or
    sourced, and those of their opportunities. Managers see their teams' and pools', and what has
    no owner. Everybody sees what they were told of. Marketing, RevOps and service users see all.
    """
    leads = Lead.objects.all()
    if not user.is_active:
        return leads.none()
    if user.is_superuser or user.role in SEES_ALL:
        return leads
    queues = user.pool_memberships.filter(active=True).values("pool__key")
    seen: Q = (
        Q(owner=user)
        | Q(sourced_by=user)
        | Q(opportunity__owner=user)
        | Q(queue__in=queues)
        | Q(pk__in=user.assignments.values("lead"))
        | Q(pk__in=user.notices.filter(lead__isnull=False).values("lead"))
    )
    if user.team_id is not None:
        seen |= Q(owner__team=user.team_id)
    if user.role == Role.MANAGER:
        seen |= Q(owner__team__manager=user) | Q(owner__isnull=True)
        seen |= Q(queue__in=user.managed_pools.values("key"))
    return leads.filter(seen)


def accounts_visible_to(user: User) -> QuerySet[Account]:
    """The accounts this person may see: those of the leads they see, and those they own.

    Marketing, RevOps and service users see all.
    """
    if not user.is_active:
        return Account.objects.none()
    if user.is_superuser or user.role in SEES_ALL:
        return Account.objects.all()
    seen = visible_to(user).filter(account=OuterRef("pk"))
    return Account.objects.filter(Q(owner=user) | Exists(seen))


def overdue(today: dt.date) -> Q:
    """What is true of opportunities that are open, expected to end before `today` (UTC)."""
    return Q(status=Opportunity.Status.OPEN, expected_close__lt=today)


def with_merged(lead_id: int) -> list[int]:
    """The lead and those that were merged into it: their touchpoints are its, too. One query."""
    merged = Lead.objects.filter(merged_into=lead_id).order_by("pk")
    return [lead_id, *merged.values_list("pk", flat=True)]


# As `Activity.is_contact` says it.
_CONTACTS = """
    SELECT lead_id, max(at) FROM leads_activity
     WHERE lead_id = ANY(%s) AND NOT automatic AND withdrawn_at IS NULL
       AND ((direction = 'OUTBOUND' AND kind <> 'NOTE' AND outcome IN ('COMPLETED', 'NO_ANSWER'))
            OR (kind IN ('MEETING', 'DISCOVERY_CALL') AND outcome = 'COMPLETED'))
     GROUP BY 1
"""


def last_contacts(lead_ids: Sequence[int]) -> reading.Question[tuple[int, dt.datetime]]:
    """The question when somebody last reached out to the buyers of these leads."""
    return reading.plain(_CONTACTS, list(lead_ids))
