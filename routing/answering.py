"""Who answers for the leads that wait in a pool: its manager, who must be here and may manage.

Where nobody does, RevOps answers until a manager is named; pages and `verify` say so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from governance import selectors
from leads.models import Lead
from people import duties
from people.models import Role, User
from routing.models import Pool

ROLES = frozenset({Role.MANAGER, Role.REVOPS, Role.MARKETING})
"""Marketing looks after what waits for its data; reps answer for their own leads alone."""
KINDS = ("routing_rule", "quality_floor", "escalation_level")
"""Parts of the kit that send leads to pools."""


def register() -> None:
    """Who answers for a pool in use neither leaves nor becomes somebody who may not."""
    duties.register("pools", left_by)


def may_answer(user: User) -> bool:
    """Whether somebody can be the manager of a pool: no rep, no machine."""
    return user.is_active and (user.is_superuser or user.plays(*ROLES))


def fault(manager: User | None) -> str:
    """Why this manager of a pool does not answer for it, in a word or two; empty where they do."""
    if manager is None:
        return "no manager"
    if not manager.is_active:
        return "inactive"
    return "" if may_answer(manager) else "may not manage"


def accountable(key: str) -> str:
    """Who answers for a lead that waits in this queue, in words. One query."""
    pool = Pool.objects.select_related("manager").filter(key=key).first()
    if pool is None:
        return "RevOps, as there is no such pool"
    if why := fault(pool.manager):
        whose = "the pool has no manager" if pool.manager is None else f"{pool.manager}: {why}"
        return f"RevOps, until a manager is named ({whose})"
    return str(pool.manager)


def in_use(keys: Collection[str]) -> set[str]:
    """Those of these pools that the kit in force names, or in which leads wait. Two queries."""
    version = selectors.active_version()
    parts = (version.document or {}).get("parts", {}) if version else {}
    named = {entry.get("pool") for kind in KINDS for entry in parts.get(kind, ())}
    waiting = Lead.objects.filter(queue__in=keys).order_by().values_list("queue", flat=True)
    return {key for key in keys if key in named} | set(waiting.distinct())


def left_by(person: User) -> Iterator[str]:
    """What is said to who would leave pools in use behind; `person` as they would be."""
    if may_answer(person):
        return
    pools = dict(Pool.objects.filter(manager_id=person.pk).values_list("key", "label"))
    if left := sorted(pools[key] for key in in_use(pools)):
        yield (
            f"{person} answers for the leads that wait in {', '.join(left)}: "
            "name another manager there first, under Pools."
        )
