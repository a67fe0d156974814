"""Reads of leads. Whatever a person or key may see comes from `visible_to`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from core import reading
from leads import sight
from leads.models import (
    Account,
    AccountStatus,
    Channel,
    Customer,
    Lead,
    Opportunity,
    PartnerRegistration,
)
from leads.sight import Way
from people import holders, roles, teams
from people.models import Role, User
from people.told import Visibility

SEES_ALL = roles.READS_ALL


def sees_all(user: User) -> bool:
    """Whether this person sees every lead: RevOps, Marketing, auditors, service users."""
    return user.is_active and (user.is_superuser or user.plays(*SEES_ALL))


def sees_leads(user: User) -> bool:
    """Whether there are leads this person may see, once they are there: not for Finance alone."""
    return sees_all(user) or holders.works_leads(user)


def counts_all(user: User) -> bool:
    """Whether reports count every lead for this person: Finance does not open them."""
    return sees_all(user) or (user.is_active and user.plays(Role.FINANCE))


def counted_for(user: User) -> QuerySet[Lead]:
    """The leads that reports count for this person."""
    return Lead.objects.all() if counts_all(user) else visible_to(user)


def visible_to(user: User) -> QuerySet[Lead]:
    """The leads this person may see: for one lead, or some that are known.

    Reps see their own, those waiting in their pools' queues, those they held, sourced or were told
    of, and those of their opportunities; besides, as the company has chosen, their team's or all.
    Managers see their teams' with all below, their pools', and what has no owner. Customer success
    sees those of its customers, partner managers those of partners. Who sees all: `sees_all`.
    """
    return sight.of_each(Lead.objects.all(), _ways(user))


def listed_to(user: User) -> QuerySet[Lead]:
    """The leads of `visible_to`, in the form for lists and counts of whatever is there.

    Two queries more for who does not see all, asked here: what the company has chosen, and whether
    the leads are few.
    """
    return Lead.objects.all() if sees_all(user) else _listed(user, teams.visibility())[0]


def held_against(user: User) -> tuple[QuerySet[Lead], QuerySet[Any, Any] | None]:
    """The same leads, to be held against what a search gathered: rows, and the numbers among which
    they are to be. There are none where the rows say it all: for who sees very many, or all.
    """
    if sees_all(user):
        return Lead.objects.all(), None
    ways = _ways(user, chosen=teams.visibility())
    if ways and sight.are_few(ways, most=sight.HELD_AGAINST):
        return Lead.objects.all(), sight.ids(ways)
    return sight.of_many(Lead.objects.all(), ways, few=False), None


def _listed(user: User, chosen: Visibility) -> tuple[QuerySet[Lead], bool]:
    """Those leads, and whether they are few."""
    ways = _ways(user, chosen=chosen)
    few = sight.are_few(ways)
    return sight.of_many(Lead.objects.all(), ways, few=few), few


def _ways(user: User, *, chosen: Visibility | None = None) -> list[Way] | None:
    """Each reason to see a lead; None where every lead is seen.

    What the company has `chosen` is a part of the query unless it is told.
    """
    if not user.is_active:
        return []
    works = user.plays(*holders.ROLES)
    if sees_all(user) or (works and chosen == Visibility.OPEN):
        return None
    queues = user.pool_memberships.filter(active=True).values("pool__key")
    deals = Opportunity.objects.filter(owner=user)
    found = []
    if works and chosen is None:
        found.append(_lead(teams.set_to(Visibility.OPEN)))
    if user.team_id is not None and chosen in (None, Visibility.TEAM_TREE):
        also = teams.set_to(Visibility.TEAM_TREE) if chosen is None else Q()
        found.append(_lead(_held_by(team=user.team_id) & also))
    if user.plays(Role.MANAGER):
        found += [
            _lead(_held_by(team__in=teams.led_by(user))),
            _lead(Q(owner__isnull=True)),
            _lead(_waiting_in(user.managed_pools.values("key"))),
        ]
    found += [
        _lead(Q(owner=user)),
        _lead(Q(sourced_by=user)),
        _lead(_waiting_in(queues)),
        _lead(Q(opportunity__in=deals), Q(Exists(deals.filter(pk=OuterRef("opportunity"))))),
        sight.named_by(user.assignments.all()),
        sight.named_by(user.notices.filter(lead__isnull=False)),
    ]
    if user.plays(Role.CUSTOMER_SUCCESS):
        found.append(_lead(Q(account__in=_looked_after(user))))
    if user.plays(Role.PARTNER_MANAGER):
        partnered = Opportunity.objects.filter(partner__isnull=False)
        found += [
            _lead(Q(channel=Channel.PARTNER)),
            _lead(Q(account__in=_registered())),
            _lead(Q(opportunity__in=partnered)),
        ]
    return found


def _lead(which: Q, of_one: Q | None = None) -> Way:
    return sight.when(Lead.objects.all(), which, of_one)


def _waiting_in(queues: QuerySet[Any]) -> Q:
    """Says that there is a queue, as the index of what waits demands."""
    return Q(queue__in=queues) & ~Q(queue="")


def _held_by(**people: Any) -> Q:
    return Q(owner__in=User.objects.filter(**people).values("pk"))


def deals_visible_to(user: User) -> QuerySet[Opportunity]:
    """The opportunities this person may see: their own, and those of leads they may see.

    Managers see their teams' besides, customer success those of its customers, partner managers
    those that a partner has a part in. Finance sees all, as does who sees all leads.
    """
    return sight.of_each(Opportunity.objects.all(), _deal_ways(user, visible_to(user)))


def deals_listed_to(user: User) -> QuerySet[Opportunity]:
    """The opportunities of `deals_visible_to`, for lists; as `listed_to`."""
    if counts_all(user):
        return deals_visible_to(user)
    chosen = teams.visibility()
    seen, few = _listed(user, chosen)
    return sight.of_many(Opportunity.objects.all(), _deal_ways(user, seen, chosen), few=few)


def _deal_ways(
    user: User, seen: QuerySet[Lead], chosen: Visibility | None = None
) -> list[Way] | None:
    if not user.is_active:
        return []
    works = user.plays(*holders.ROLES)
    if counts_all(user) or (works and chosen == Visibility.OPEN):
        return None
    wanted = [Q(owner=user)]
    if works and chosen is None:
        wanted.append(teams.set_to(Visibility.OPEN))
    if user.plays(Role.MANAGER):
        wanted.append(_held_by(team__in=teams.led_by(user)))
    if user.plays(Role.CUSTOMER_SUCCESS):
        wanted.append(Q(account__in=_looked_after(user)))
    if user.plays(Role.PARTNER_MANAGER):
        wanted += [Q(partner__isnull=False), Q(account__in=_registered())]
    found = [sight.when(Opportunity.objects.all(), one) for one in wanted]
    return [*found, sight.named_by(seen, by="opportunity", at_once=False)]


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
    return sight.of_each(Account.objects.all(), _account_ways(user, visible_to(user)))


def accounts_listed_to(user: User) -> QuerySet[Account]:
    """The accounts of `accounts_visible_to`, for lists; as `listed_to`."""
    if counts_all(user):
        return accounts_visible_to(user)
    seen, few = _listed(user, teams.visibility())
    return sight.of_many(Account.objects.all(), _account_ways(user, seen), few=few)


def _account_ways(user: User, seen: QuerySet[Lead]) -> list[Way] | None:
    if not user.is_active:
        return []
    if counts_all(user):
        return None
    wanted = [Q(owner=user)]
    if user.plays(Role.CUSTOMER_SUCCESS):
        wanted.append(Q(pk__in=_looked_after(user)))
    if user.plays(Role.PARTNER_MANAGER):
        wanted += [Q(status=AccountStatus.PARTNER), Q(pk__in=_registered())]
    found = [sight.when(Account.objects.all(), one) for one in wanted]
    return [*found, sight.named_by(seen, by="account", at_once=False)]


def overdue(today: dt.date) -> Q:
    """What is true of opportunities that are open, expected to end before `today` (UTC)."""
    return Q(status=Opportunity.Status.OPEN, expected_close__lt=today)


def with_merged(lead_id: int) -> list[int]:
    """The lead and those that were merged into it: their touchpoints are its, too. One query."""
    return [lead_id, *merged_into(lead_id)]


def merged_into(lead_id: int) -> QuerySet[Lead, int]:
    """The numbers of the leads that were merged into this one."""
    return Lead.objects.filter(merged_into=lead_id).order_by("pk").values_list("pk", flat=True)


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
