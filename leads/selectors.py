"""Reads of leads. Whatever a person or key may see comes from `visible_to`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from core import reading
from leads.models import (
    Account,
    AccountStatus,
    Channel,
    Customer,
    Lead,
    Opportunity,
    PartnerRegistration,
)
from people import holders, roles, teams
from people.models import Role, User, Visibility

SEES_ALL = roles.READS_ALL


def sees_all(user: User) -> bool:
    """Whether this person sees every lead: RevOps, Marketing, auditors, service users."""
    return user.is_active and (user.is_superuser or user.plays(*SEES_ALL))


def counts_all(user: User) -> bool:
    """Whether reports count every lead for this person: Finance does not open them."""
    return sees_all(user) or (user.is_active and user.plays(Role.FINANCE))


def counted_for(user: User) -> QuerySet[Lead]:
    """The leads that reports count for this person."""
    return Lead.objects.all() if counts_all(user) else visible_to(user)


def visible_to(user: User) -> QuerySet[Lead]:
    """The leads this person may see.

    Reps see their own, those waiting in their pools' queues, those they held, sourced or were told
    of, and those of their opportunities; besides, as the company has chosen, their team's or all.
    Managers see their teams' with all below, their pools', and what has no owner. Customer success
    sees those of its customers, partner managers those of partners. Who sees all: `sees_all`.
    """
    leads = Lead.objects.all()
    if not user.is_active:
        return leads.none()
    if sees_all(user):
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
        seen |= Q(owner__team=user.team_id) & teams.set_to(Visibility.TEAM_TREE)
    if user.plays(*holders.ROLES):
        seen |= teams.set_to(Visibility.OPEN)
    if user.plays(Role.MANAGER):
        seen |= Q(owner__team__in=teams.led_by(user)) | Q(owner__isnull=True)
        seen |= Q(queue__in=user.managed_pools.values("key"))
    if user.plays(Role.CUSTOMER_SUCCESS):
        seen |= Q(account__in=_looked_after(user))
    if user.plays(Role.PARTNER_MANAGER):
        seen |= Q(channel=Channel.PARTNER) | Q(account__in=_registered())
        seen |= Q(opportunity__partner__isnull=False)
    return leads.filter(seen)


def deals_visible_to(user: User) -> QuerySet[Opportunity]:
    """The opportunities this person may see: their own, and those of leads they may see.

    Managers see their teams' besides, customer success those of its customers, partner managers
    those that a partner has a part in. Finance sees all, as does who sees all leads.
    """
    rows = Opportunity.objects.all()
    if not user.is_active:
        return rows.none()
    if counts_all(user):
        return rows
    seen: Q = Q(owner=user) | Q(Exists(visible_to(user).filter(opportunity=OuterRef("pk"))))
    if user.plays(*holders.ROLES):
        seen |= teams.set_to(Visibility.OPEN)
    if user.plays(Role.MANAGER):
        seen |= Q(owner__team__in=teams.led_by(user))
    if user.plays(Role.CUSTOMER_SUCCESS):
        seen |= Q(account__in=_looked_after(user))
    if user.plays(Role.PARTNER_MANAGER):
        seen |= Q(partner__isnull=False) | Q(account__in=_registered())
    return rows.filter(seen)


def looks_after(customer: Customer, user: User) -> bool:
    """Whether it is the customer of this person of customer success, of their team or of nobody.

    `customer.cs_owner` should be loaded.
    """
    owner = customer.cs_owner
    if not user.plays(Role.CUSTOMER_SUCCESS):
        return False
    return owner is None or owner == user or (owner.team_id or 0) == user.team_id


def _looked_after(user: User) -> QuerySet[Any]:
    """The accounts of the customers that customer success sees, as a subquery.

    Those of `looks_after`; where the company has chosen so, all, or not those of colleagues.
    """
    theirs = Q(cs_owner=user) | Q(cs_owner__isnull=True) | teams.set_to(Visibility.OPEN)
    if user.team_id is not None:
        theirs |= Q(cs_owner__team=user.team_id) & teams.set_to(Visibility.TEAM_TREE)
    there = Customer.objects.exclude(status=Customer.Status.WITHDRAWN)
    return there.filter(theirs).values("account")


def _registered() -> QuerySet[Any]:
    """The companies that a partner has or had, as a subquery."""
    held = PartnerRegistration.objects.exclude(state__in=PartnerRegistration.NEVER_HELD)
    return held.values("account")


def accounts_visible_to(user: User) -> QuerySet[Account]:
    """The accounts this person may see: those of the leads they see, and those they own.

    Customer success sees its customers, partner managers the partners. Finance sees all, as does
    who sees all leads.
    """
    if not user.is_active:
        return Account.objects.none()
    if counts_all(user):
        return Account.objects.all()
    seen: Q = Q(owner=user) | Q(Exists(visible_to(user).filter(account=OuterRef("pk"))))
    if user.plays(Role.CUSTOMER_SUCCESS):
        seen |= Q(pk__in=_looked_after(user))
    if user.plays(Role.PARTNER_MANAGER):
        seen |= Q(status=AccountStatus.PARTNER) | Q(pk__in=_registered())
    return Account.objects.filter(seen)


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
