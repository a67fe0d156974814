"""What the levels of escalation must get right: whom they tell, what they do, how they follow."""

from __future__ import annotations

from collections.abc import Iterator

from governance.findings import Finding, unresolved, warning
from governance.kit import Kit
from governance.models import EscalationLevel
from governance.moments import Moment
from governance.terms import Level

OF_POOLS = (EscalationLevel.Act.POOL, EscalationLevel.Act.QUEUE)


def of_kit(kit: Kit) -> Iterator[Finding]:
    """Every finding about the levels themselves, and the clocks that enter them."""
    levels = kit.escalations
    for policy in kit.policies:
        if policy.escalation:
            place = f"clock_policy.{policy.key}.escalation"
            yield from unresolved(place, policy.escalation, levels, "escalation level")
    for level in levels.values():
        place = f"escalation_level.{level.key}"
        if level.then:
            yield from unresolved(f"{place}.then", level.then, levels, "escalation level")
        if not level.tell and not level.act:
            message = f"“{level.label}” tells nobody."
            yield Finding(f"{place}.tell", message, "tells_nobody", "Name who hears of it.")
        for party in level.tell:
            known = EscalationLevel.Tell.values
            yield from unresolved(f"{place}.tell", party, known, "party to tell")
        yield from _act(level, place)
    yield from _chains(kit)
    yield from _without_holder(kit)


def _act(level: Level, place: str) -> Iterator[Finding]:
    """What a level does, and whether it says with whom."""
    if level.act:
        known = EscalationLevel.Act.values
        yield from unresolved(f"{place}.act", level.act, known, "way to act")
    if level.act in OF_POOLS and not level.pool:
        message = f"“{level.label}” acts through a pool, and names none."
        yield Finding(f"{place}.pool", message, "reaches_nobody", "Name the pool.")
    for column, acts in (("pool", OF_POOLS), ("rep", (EscalationLevel.Act.BACKUP,))):
        if getattr(level, column) and level.act not in acts:
            message = f"“{level.label}” names a {column}, but what it does asks for none."
            fix = f"Leave “{column}” empty, or change what the level does."
            yield warning(f"{place}.{column}", message, "never_used", fix)


def _without_holder(kit: Kit) -> Iterator[Finding]:
    """Clocks during which nobody holds the lead, and levels that would take it from a holder."""
    for policy in kit.policies:
        place = f"clock_policy.{policy.key}.escalation"
        acting = [
            one for key in _chain(kit, policy.escalation) if (one := kit.escalations[key]).act
        ]
        if acting and Moment.QUARANTINED in policy.starts_on:
            message = (
                f"“{acting[0].label}” acts, but “{policy.label}” runs while the lead waits for "
            )
            message += "better data: nobody may hold it."
            fix = "Let it enter levels that only tell."
            yield Finding(place, message, "no_holder", fix)
        elif Moment.ASSIGNED in policy.stopped_by:
            for level in acting:
                if level.act == EscalationLevel.Act.BACKUP and not level.rep:
                    message = f"“{level.label}” gives the lead to the holder's backup, but nobody "
                    message += f"holds it while “{policy.label}” runs."
                    fix = "Name the backup in the level, or let another level follow."
                    yield Finding(place, message, "no_holder", fix)


def _chains(kit: Kit) -> Iterator[Finding]:
    """Levels that come back to themselves, and levels that no breach ever reaches."""
    levels = kit.escalations
    told: set[str] = set()
    for level in levels.values():
        chain = _chain(kit, level.key)
        if level.key in chain[1:] and not told & set(chain):
            told |= set(chain)
            way = " → ".join(levels[key].label for key in chain)
            message = f"The levels go round in a circle: {way}."
            fix = "Leave “then” of the last level empty."
            yield Finding(f"escalation_level.{level.key}.then", message, "cyclic", fix)
    reached = {key for policy in kit.policies for key in _chain(kit, policy.escalation)}
    for level in levels.values():
        if level.key not in reached and level.key not in told:
            message = f"No clock ever escalates to “{level.label}”."
            fix = "Name it in a clock policy or as “then” of another level, or remove it."
            yield warning(f"escalation_level.{level.key}", message, "unreachable", fix)
        later = levels.get(level.then)
        if later is not None and level.key not in told and later.after <= level.after:
            message = f"“{later.label}” comes no later than “{level.label}” before it."
            fix = "Both count from the deadline: give the later level more minutes."
            yield warning(f"escalation_level.{later.key}.after_minutes", message, "no_later", fix)


def _chain(kit: Kit, key: str) -> list[str]:
    """The levels from one on; a level that comes back stands at the end a second time."""
    chain: list[str] = []
    while key in kit.escalations:
        chain.append(key)
        if key in chain[:-1]:
            break
        key = kit.escalations[key].then
    return chain
