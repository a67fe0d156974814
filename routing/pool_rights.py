"""Who sees the ledger of a pool: its members their own figures, those who lead all of them."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from core import steps
from people import holders
from people.models import Role, User
from routing import discretion
from routing.discretion import Sight
from routing.models import Pool, PoolMember

LEADING = frozenset({Role.MANAGER, Role.REVOPS, Role.SERVICE, Role.AUDITOR})


def leads_all(user: User) -> bool:
    """Whether this person sees the figures of every pool."""
    return user.is_active and (user.is_superuser or user.plays(*LEADING))


def may_share(user: User) -> bool:
    """Whether pools are any business of theirs: of who works leads or leads pools."""
    return leads_all(user) or user.plays(*holders.ROLES)


def visible_to(user: User) -> QuerySet[Pool]:
    """The pools whose ledger this person may open: theirs, and those they shared once."""
    pools = Pool.objects.order_by("label", "pk")
    if not user.is_active:
        return pools.none()
    if leads_all(user):
        return pools
    shared = PoolMember.objects.filter(user=user).values("pool")
    return pools.filter(Q(pk__in=shared) | Q(manager=user))


def sees_team(user: User, pool: Pool, *, is_member: bool) -> bool:
    """Whether they see everybody's figures, or their own alone.

    Members do where the pool says so; who has left it sees their own.
    """
    return leads_all(user) or pool.manager_id == user.pk or (pool.shares_ledger and is_member)


def sees_team_of(user: User, pool: Pool) -> bool:
    """As `sees_team`, of whoever it is. One query."""
    members = PoolMember.objects.filter(pool=pool, user=user, active=True)
    return sees_team(user, pool, is_member=members.exists())


def sight_of(user: User) -> Sight:
    """Whose figures this person sees, in every pool at once. One message at most."""
    return sight(user).read()


@steps.in_steps
def sight(user: User) -> steps.Story[Sight]:
    """As `sight_of`, asked with others."""
    if leads_all(user):
        return Sight(user.pk, discretion.ALL.pools)
    theirs = PoolMember.objects.filter(pool=OuterRef("pk"), user=user, active=True)
    near = visible_to(user).annotate(has_them=Exists(theirs))
    members = PoolMember.objects.filter(active=True)
    beside = members.filter(user__in=members.filter(pool__in=visible_to(user)).values("user"))
    places = beside.values_list("user_id", "pool_id")
    yield near, places
    seen = {one.pk: one.key for one in near if sees_team(user, one, is_member=one.has_them)}
    elsewhere = {member for member, pool in places if pool not in seen}
    return Sight(
        user.pk,
        frozenset(seen.values()),
        frozenset(member for member, pool in places if pool in seen) - elsewhere,
    )
