"""What a kit must get right about routing: readable rules, a way for everybody, real pools.

What people there are is no part of the kit. The first kit comes before them, so while none is
active only the rules themselves are checked; afterwards every pool that a rule names must exist,
be answered for, and be staffed in the hours its clocks promise.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from governance import checks, selectors
from governance.findings import Finding, unresolved, warning
from governance.kit import Kit
from governance.moments import Moment
from leads import condition_checks, fact_limits
from people import holders
from people import selectors as people
from people.availability import Availability
from people.models import Role, User
from routing import (
    answering,
    coverage,
    escalation_checks,
    idle_rules,
    rules,
    staffing,
    territory_checks,
    unknown_branch,
)
from routing import selectors as routing_reads
from routing.models import Pool, PoolMember, RoutingRule
from routing.rules import Rule
from routing.staffing import Promise

ANSWERING = frozenset({Moment.QUALIFIED, Moment.ASSIGNED, Moment.HAND_RAISED})
"""The moments whose clocks promise the buyer that somebody is there."""
WHO = {"inactive": "is inactive", "may not manage": "may not manage a pool"}


def register() -> None:
    """Hold every kit against the pools there are."""
    checks.register(of_kit)
    checks.register_dated(of_people)
    checks.register_dated(escalation_checks.of_people)
    territory_checks.register()


def of_kit(kit: Kit) -> Iterator[Finding]:
    """Every finding about the routing rules themselves."""
    readable = True
    for entry in kit.part_documents("routing_rule"):
        place = f"routing_rule.{entry['key']}"
        yield from unresolved(f"{place}.moment", entry["moment"], RoutingRule.Moment.values,
                              "moment of routing")  # fmt: skip
        yield from _targeted(place, entry)
        faults = list(
            condition_checks.unreadable(f"{place}.condition", entry.get("condition"), kit.registry)
        )
        readable = readable and not faults
        yield from faults
    if readable:
        yield from _order(kit)


def of_people(kit: Kit, at: dt.datetime) -> Iterator[Finding]:
    """Every finding about the pools that the rules name."""
    entries = kit.part_documents("routing_rule")
    floors = kit.part_documents("quality_floor")
    places: dict[str, str] = {}
    entries_of_pools = [entry for entry in entries if entry["pool"]]
    for entry in entries_of_pools:
        places.setdefault(entry["pool"], f"routing_rule.{entry['key']}.pool")
    pools = {pool.key: pool for pool in Pool.objects.select_related("manager")}
    has_begun = selectors.active_version() is not None
    if not pools and not has_begun:
        return
    for entry in entries_of_pools:
        place = f"routing_rule.{entry['key']}.pool"
        yield from unresolved(place, entry["pool"], pools, "pool")
    for floor in floors:
        place = f"quality_floor.{floor['key']}.pool"
        yield from unresolved(place, floor["pool"], pools, "pool")
        if has_begun and floor["pool"] in pools and floor["pool"] not in places:
            yield from _answered_for([pools[floor["pool"]]], {floor["pool"]: place})
    if has_begun:
        yield from _reps(entries)
        yield from _territories(entries, at.astimezone(dt.UTC).date())
        named = [pools[key] for key in places if key in pools]
        yield from _answered_for(named, places)
        yield from _staffed(kit, named, places, at)
        yield from idle_rules.findings(kit, at)


def _order(kit: Kit) -> Iterator[Finding]:
    bounds = fact_limits.under(kit)
    for moment in RoutingRule.Moment.values:
        tried = [rule for rule in rules.of_kit(kit) if rule.moment == moment]
        if not tried and moment != RoutingRule.Moment.INBOUND:
            continue  # re-entries then go by the inbound rules, and owners keep what they hand on
        yield from _fallback(moment, tried)
        yield from coverage.findings(tried, kit.registry, bounds)
        yield from unknown_branch.findings(tried, kit.registry, bounds)


def _targeted(place: str, entry: Mapping[str, Any]) -> Iterator[Finding]:
    """What is to be said of the target of a rule, whoever there is."""
    target = entry.get("target", RoutingRule.Target.POOL)
    otherwise = entry.get("otherwise", RoutingRule.Otherwise.POOL)
    yield from unresolved(f"{place}.target", target, RoutingRule.Target.values, "target")
    known = RoutingRule.Otherwise.values
    yield from unresolved(f"{place}.otherwise", otherwise, known, "way on")
    means_people = target not in (RoutingRule.Target.POOL, RoutingRule.Target.QUEUE)
    passes_on = means_people and otherwise == RoutingRule.Otherwise.NEXT_RULE
    if not entry["pool"] and not passes_on:
        message = f"“{entry['label']}” names no pool, and leads come to it."
        yield Finding(f"{place}.pool", message, "unresolved", "Name the pool that takes them.")
    if target == RoutingRule.Target.REP and not entry.get("rep"):
        message = f"“{entry['label']}” goes to a named rep, and names none."
        yield Finding(f"{place}.rep", message, "no_rep", "Write the rep's user name.")


def _fallback(moment: str, tried: Sequence[Rule]) -> Iterator[Finding]:
    ends = [rule for rule in tried if rule.condition is None]
    if ends and not any(rule.takes_all for rule in ends):
        rule = ends[-1]
        message = f"“{rule.label}” passes on to the next rule whom its target cannot take, and "
        message += "there is none that takes everybody."
        fix = "Let its pool take them, or end with a rule without condition that goes to a pool."
        yield Finding(f"routing_rule.{rule.key}.otherwise", message, "no_fallback", fix)
    elif not ends:
        message = f"No rule fits every {moment} lead; whoever is left over would get no owner."
        fix = "End with a rule that has no condition."
        yield Finding("routing_rule", message, "no_fallback", fix)


def _reps(entries: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    """Reps whom rules name: they must be there, and ought to be active."""
    wanted = [one for one in entries
              if one.get("target") == RoutingRule.Target.REP and one.get("rep")]  # fmt: skip
    if not wanted:
        return
    people = {user.username: user for user in User.objects.exclude(role=Role.SERVICE)}
    active = [name for name, user in people.items() if holders.works_leads(user)]
    for entry in wanted:
        place, name = f"routing_rule.{entry['key']}.rep", entry["rep"]
        if name not in people:
            yield from unresolved(place, name, active, "user name of anybody here")
        elif not holders.works_leads(people[name]):
            what = "works no leads" if people[name].is_active else "is inactive"
            message = f"{people[name]}, whom “{entry['label']}” names, {what}: its leads go "
            message += "where they go otherwise."
            fix = "Name somebody who is active and works leads."
            yield warning(place, message, "inactive_rep", fix)


def _territories(entries: Sequence[Mapping[str, Any]], day: dt.date) -> Iterator[Finding]:
    """Where rules go by territories: those that share places, and those that nobody holds."""
    by = [one for one in entries if one.get("target") == RoutingRule.Target.TERRITORY]
    if by and (bare := routing_reads.unheld(day)):
        told = ", ".join(f"“{label}”" for label in bare[:5])
        told += f" and {len(bare) - 5} more" if len(bare) > 5 else ""
        message = f"Nobody holds {told}: leads from there go where they go otherwise."
        fix = "Name a rep or a pool that holds it, under Territories."
        yield warning(f"routing_rule.{by[0]['key']}.target", message, "unheld", fix)
    found = routing_reads.overlaps_of(day=day) if by else []
    if found:
        told = "; ".join(found[:5]) + (f"; and {len(found) - 5} more" if len(found) > 5 else "")
        message = f"Territories overlap: {told}. The more exact area wins."
        fix = "Draw their areas apart, or accept it."
        yield warning(f"routing_rule.{by[0]['key']}.target", message, "overlapping", fix)


def _answered_for(pools: Sequence[Pool], places: Mapping[str, str]) -> Iterator[Finding]:
    """Leads that nobody of a pool can take wait there: its manager answers for them."""
    for pool in pools:
        if why := answering.fault(pool.manager):
            who = "nobody" if pool.manager is None else f"{pool.manager}, who {WHO[why]},"
            message = f"Of the pool “{pool.label}”, {who} answers for the leads that wait there."
            fix = "Name an active manager of the pool."
            yield Finding(places[pool.key], message, "no_fallback", fix)


def _staffed(
    kit: Kit, pools: Sequence[Pool], places: Mapping[str, str], at: dt.datetime
) -> Iterator[Finding]:
    rows = PoolMember.objects.filter(pool__in=pools, active=True, user__is_active=True)
    members: dict[int, list[PoolMember]] = {pool.pk: [] for pool in pools}
    for row in rows.order_by("pool_id", "user_id"):
        members[row.pool_id].append(row)
    hours = people.availabilities({row.user_id for row in rows}, at=at)
    promises, shut_out = _promises(kit), set(routing_reads.shut_out())
    for pool in pools:
        place, reps = places[pool.key], members[pool.pk]
        usable = [hours[rep.user_id] for rep in reps if rep.user_id not in shut_out]
        usable = [one for one in usable if any(one.hours.week)]
        if not reps:
            message = f"The pool “{pool.label}” has no active member: its leads only wait."
            fix = "Add reps to the pool, or send its leads elsewhere."
            yield warning(place, message, "empty_pool", fix)
        elif not usable:
            message = f"Nobody of the pool “{pool.label}” can ever be picked: no member has both "
            message += "shifts and room for a lead."
            yield warning(
                place, message, "never_picked", "Give its members shifts and caps above 0."
            )
        else:
            yield from _unstaffed(pool, place, usable, promises, at)


def _promises(kit: Kit) -> list[Promise]:
    """For each calendar the shortest clock that starts when a buyer comes in.

    What counts in the hours of whoever holds the lead promises nothing outside them.
    """
    shortest: dict[str, dt.timedelta] = {}
    for policy in kit.policies:
        if policy.by_holder:
            continue
        if policy.starts_on & ANSWERING and policy.calendar in kit.calendars:
            known = shortest.get(policy.calendar, policy.allowance)
            shortest[policy.calendar] = min(known, policy.allowance)
    return [
        Promise(kit.calendar_labels[key], kit.calendars[key], allowance)
        for key, allowance in shortest.items()
    ]


def _unstaffed(
    pool: Pool,
    place: str,
    usable: Sequence[Availability],
    promises: Sequence[Promise],
    at: dt.datetime,
) -> Iterator[Finding]:
    look_ahead = dt.timedelta(minutes=pool.look_ahead_minutes)
    gaps = [
        f"{words} (“{promise.label}”)"
        for promise in promises
        for words in staffing.unstaffed(promise, usable, look_ahead=look_ahead, at=at)
    ]
    if gaps:
        message = f"Nobody of the pool “{pool.label}” works {', '.join(gaps)}, "
        message += "though its clocks promise those hours."
        fix = "Change shifts, add somebody who works then, or shorten the calendar."
        yield warning(place, message, "unstaffed_hours", fix)
