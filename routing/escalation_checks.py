"""Whether the levels of escalation that act can reach anybody, among the people there are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from django.db.models import F

from governance import selectors
from governance.findings import Finding, unresolved, warning
from governance.kit import Kit
from governance.terms import Level
from people import holders, roles
from people.models import Role, User
from routing import escalation
from routing import selectors as routing
from routing.models import Pool, PoolMember


def of_people(kit: Kit, _: dt.datetime) -> Iterator[Finding]:
    """Every finding; none while there is no kit in force, since the first comes before people."""
    acting = [level for level in kit.escalations.values() if level.act]
    if not acting or selectors.active_version() is None:
        return
    yield from _pools([level for level in acting if level.pool])
    yield from _named([level for level in acting if level.rep])
    yield from _behind_holders(acting)


def _pools(levels: Sequence[Level]) -> Iterator[Finding]:
    pools = {pool.key: pool for pool in Pool.objects.select_related("manager")}
    there = PoolMember.objects.filter(active=True, user__is_active=True)
    staffed = set(there.exclude(user__in=routing.shut_out()).values_list("pool__key", flat=True))
    for level in levels:
        place = f"escalation_level.{level.key}.pool"
        yield from unresolved(place, level.pool, pools, "pool")
        pool = pools.get(level.pool)
        if pool is None:
            continue
        if level.act == escalation.POOL and pool.key not in staffed:
            message = f"Nobody of the pool “{pool.label}” can ever take what “{level.label}” sends."
            fix = "Add reps to the pool, or send its leads elsewhere."
            yield Finding(place, message, "reaches_nobody", fix)
        if level.act == escalation.QUEUE and not (pool.manager and pool.manager.is_active):
            message = f"Nobody answers for what “{level.label}” leaves in the queue of "
            message += f"“{pool.label}”."
            fix = "Name an active manager of the pool."
            yield Finding(place, message, "reaches_nobody", fix)


def _named(levels: Sequence[Level]) -> Iterator[Finding]:
    people = {user.username: user for user in User.objects.exclude(role=Role.SERVICE)}
    active = [name for name, user in people.items() if holders.works_leads(user)]
    for level in levels:
        place = f"escalation_level.{level.key}.rep"
        if level.rep not in people:
            yield from unresolved(place, level.rep, active, "user name of anybody here")
        elif not holders.works_leads(people[level.rep]):
            what = "works no leads" if people[level.rep].is_active else "is inactive"
            message = f"{people[level.rep]}, whom “{level.label}” names, {what}."
            fix = "Name somebody who is active and works leads."
            yield warning(place, message, "inactive_rep", fix)


def _behind_holders(levels: Sequence[Level]) -> Iterator[Finding]:
    """Levels that go by whom the holders themselves have: a backup, a manager of their team."""
    reps = User.objects.filter(roles.playing(*holders.REPS), is_active=True)
    for level in levels:
        if level.act == escalation.BACKUP and not level.rep:
            without = reps.filter(backup__isnull=True)
            what, fix = (
                "no backup is named",
                "Have them name their backups, or name one in the level.",
            )
        elif level.act == escalation.MANAGER:
            without = reps.exclude(team__manager__in=holders.everybody())
            without |= reps.filter(team__manager=F("pk"))
            what, fix = (
                "no active manager leads their team",
                "Give every team its manager.",
            )
        else:
            continue
        names = [str(user) for user in without.order_by("username")[:4]]
        if names:
            shown = ", ".join(names[:3]) + (" and others" if len(names) > 3 else "")
            message = f"“{level.label}” reaches nobody for leads of {shown}: {what}."
            yield warning(f"escalation_level.{level.key}.act", message, "reaches_nobody", fix)
