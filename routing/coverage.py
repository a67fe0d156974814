"""Routing rules against each other: never reached, or claiming what an earlier one claims. Pure.

That rules overlap is normal where the first that fits decides: an exception stands before the
general case. Worth telling is a rule that never gets a lead, and a value, such as a country,
that two rules both name as theirs.
"""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from governance import condition_prose, conditions, contradictions
from governance.conditions import All, AnyOf, Node, Not, Test
from governance.contradictions import Bounds
from governance.facts import Registry
from governance.findings import Finding, warning
from routing.rules import Rule

PAIRS = 20_000
"""Comparisons of two rules in one check; beyond it, the rest is not told."""

_NAMING = frozenset({"eq", "in", "is_missing"})


@dataclass(frozen=True, slots=True)
class Claim:
    """One value that a rule names as its own, under what else it names with it."""

    node: Node
    fact: str
    value: object


def findings(rules: Sequence[Rule], registry: Registry, bounds: Bounds) -> Iterator[Finding]:
    """Every finding about the rules of one moment, in the order they are tried."""
    before: list[Rule] = []
    idle: set[str] = set()
    for rule in rules:
        if rule.condition is None:
            yield from _behind_everybody(rule, before)
        else:
            found = _shadowed(rule, rule.condition, before, registry, bounds)
            if found is not None:
                idle.add(rule.key)
                yield found
        if rule.takes_all:  # whom others pass on comes to the rules below
            before.append(rule)
    alive = [one for one in before if one.condition is not None and one.key not in idle]
    yield from _claimed_twice(alive, registry, bounds)
    yield from _overlapping(alive, registry, bounds)


def claims(node: Node) -> Iterator[Claim]:
    """The values a condition names: each alternative that only names values, value by value."""
    for tests in _alternatives(node):
        for test in tests:
            beside = tuple(one for one in tests if one is not test)
            for value in _values(test):
                node = All((Test(test.fact, "eq", value), *beside))  # type: ignore[arg-type]
                yield Claim(node, test.fact, value)


def _alternatives(node: Node) -> Iterator[tuple[Test, ...]]:
    """Alternatives that consist of tests naming values, and of nothing else."""
    if isinstance(node, AnyOf):
        for child in node.nodes:
            yield from _alternatives(child)
    elif isinstance(node, Test):
        if node.op in _NAMING:
            yield (node,)
    elif isinstance(node, All):
        tests = [one for one in node.nodes if isinstance(one, Test) and one.op in _NAMING]
        if node.nodes and len(tests) == len(node.nodes):
            yield tuple(tests)


def _values(test: Test) -> tuple[object, ...]:
    if test.op == "is_missing":
        return ()
    return test.value if isinstance(test.value, tuple) else (test.value,)


def _behind_everybody(rule: Rule, before: Sequence[Rule]) -> Iterator[Finding]:
    first = next((one for one in before if one.condition is None), None)
    if first is not None:
        yield _unreached(rule, [first])


def _shadowed(
    rule: Rule, node: Node, before: Sequence[Rule], registry: Registry, bounds: Bounds
) -> Finding | None:
    """A rule that fits no lead which those before it leave over."""
    if contradictions.satisfiable(node, registry, bounds) is not True:
        return None
    everybody = [one for one in before if one.condition is None]
    if everybody:
        return _unreached(rule, everybody[:1])
    near = [(one, one.condition) for one in before if one.condition and not _apart(rule, one)]
    if not contradictions.implies(node, AnyOf(tuple(by for _, by in near)), registry, bounds):
        return None
    for one, by in near:
        if contradictions.implies(node, by, registry, bounds):
            return _unreached(rule, [one])
    needed = list(near)
    for part in near:
        fewer = [one for one in needed if one is not part]
        if contradictions.implies(node, AnyOf(tuple(by for _, by in fewer)), registry, bounds):
            needed = fewer
    return _unreached(rule, [one for one, _ in needed])


def _apart(rule: Rule, other: Rule) -> bool:
    """Whether two rules name different values throughout: seen at a glance, without a search."""
    ours, theirs = _named(rule), _named(other)
    if ours is None or theirs is None:
        return False
    return all(
        any(mine[fact].isdisjoint(yours[fact]) for fact in mine.keys() & yours.keys())
        for mine in ours
        for yours in theirs
    )


@functools.lru_cache(maxsize=2048)
def _named(rule: Rule) -> tuple[dict[str, frozenset[object]], ...] | None:
    """For each alternative of a rule the values it names by fact; None when it does more."""
    node = rule.condition
    alternatives = node.nodes if isinstance(node, AnyOf) else (node,)
    found = [list(_alternatives(one)) for one in alternatives if one]
    if any(len(alternative) != 1 for alternative in found):
        return None
    return tuple(
        {test.fact: frozenset(_values(test) or (None,)) for test in tests} for (tests,) in found
    )


def _goes(rule: Rule) -> tuple[str, str, str]:
    """Where a rule sends its leads."""
    return rule.target, rule.rep, rule.pool


def _unreached(rule: Rule, taking: Sequence[Rule]) -> Finding:
    names = " and ".join(f"“{one.key}”" for one in taking)
    verb = "takes" if len(taking) == 1 else "take"
    code = "unreachable" if taking[0].condition is None else "shadowed"
    message = f"“{rule.label}” never gets a lead: {names} before it {verb} every lead it fits."
    pointless = all(_goes(one) == _goes(rule) for one in taking)
    fix = "Remove it." if pointless else "Move it up, or narrow what stands before it."
    return Finding(f"routing_rule.{rule.key}.position", message, code, fix)


def _claimed_twice(rules: Sequence[Rule], registry: Registry, bounds: Bounds) -> Iterator[Finding]:
    """Values that two rules with different pools both name as theirs: the first wins."""
    named: dict[tuple[str, object], list[Rule]] = defaultdict(list)
    for rule in rules:
        twice: dict[str, dict[str, None]] = defaultdict(dict)
        found = list(claims(rule.condition or All(())))
        for claim in found:
            for first in named[claim.fact, claim.value]:
                if _goes(first) != _goes(rule) and contradictions.implies(
                    claim.node, first.condition or All(()), registry, bounds
                ):
                    twice[first.key][_called(claim, registry)] = None
        for slot in {(claim.fact, claim.value) for claim in found}:
            named[slot].append(rule)
        for first_key, values in twice.items():
            words, verb = ", ".join(values), "stands" if len(values) == 1 else "stand"
            message = f"{words} {verb} in “{first_key}” and in “{rule.key}”; the first wins."
            fix = f"Take {words} out of one of the two."
            yield warning(f"routing_rule.{rule.key}.condition", message, "overlapping", fix)


def _called(claim: Claim, registry: Registry) -> str:
    return condition_prose.value_words(registry.get(claim.fact), claim.value).strip("“”")


def _overlapping(rules: Sequence[Rule], registry: Registry, bounds: Bounds) -> Iterator[Finding]:
    """Two rules over the same facts that share some leads, and neither is the special case."""
    spoken = {rule.key: conditions.facts_of(rule.condition or All(())) for rule in rules}
    naming = {rule.key for rule in rules if _only_names(rule.condition or All(()))}
    pairs = (
        (first, rule)
        for place, rule in enumerate(rules)
        for first in rules[:place]
        if _goes(first) != _goes(rule)
        and spoken[first.key] == spoken[rule.key]
        and not {first.key, rule.key} <= naming
    )
    for number, (first, rule) in enumerate(pairs):
        if number >= PAIRS:
            return
        both = _shared(first.condition or All(()), rule.condition or All(()), registry, bounds)
        if both is not None:
            words = ", ".join(
                f"{registry.get(name).label} "
                f"{condition_prose.value_words(registry.get(name), value)}"
                for name, value in both.items()
            )
            message = (
                f"“{first.key}” and “{rule.key}” both fit a lead with {words}; the first wins."
            )
            fix = "Draw the line between them so that each lead fits one."
            yield warning(f"routing_rule.{rule.key}.condition", message, "overlapping", fix)


def _shared(a: Node, b: Node, registry: Registry, bounds: Bounds) -> dict[str, object] | None:
    """A lead that both fit, unless one of them is a special case of the other."""
    try:
        both = contradictions.example(All((a, b)), registry, bounds)
    except contradictions.NotFoundOut:
        return None
    if both is None:
        return None
    special = (
        contradictions.implies(a, b, registry, bounds),
        contradictions.implies(b, a, registry, bounds),
    )
    return both if special == (False, False) else None


def _only_names(node: Node) -> bool:
    """Whether a condition only names values, so that shared ones are told by name."""
    if isinstance(node, Not):
        return False
    if isinstance(node, Test):
        return node.op in _NAMING
    return all(map(_only_names, node.nodes))
