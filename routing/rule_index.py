"""Which rules can fit a lead at all, without trying each: by their most selective fact. Pure.

A rule whose condition is a test `fact is one of …`, or has one among tests that must all hold, can
only fit leads with one of those values. Each rule is kept under the one such fact whose values
fewest rules name; a look into the table of each such fact leaves those that are worth trying.
Rules without one are tried always. Up to `FULL` rules of a moment are all tried, and so recorded.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from governance import conditions
from governance.conditions import All, AnyOf, Node, Test
from routing import rules as kit_rules
from routing.rules import Rule

FULL = 50
"""Of so many rules of a moment every one is tried."""

KEPT = 64
"""Sets of rules whose index is kept: a kit has one, simulations bring others."""

Key = tuple[str, object]


@dataclass(frozen=True, slots=True)
class Entry:
    """A rule, and the facts its condition speaks of."""

    rule: Rule
    facts: tuple[str, ...]


class Index:
    """The rules of one moment, in order."""

    def __init__(self, rules: Sequence[Rule], moment: str) -> None:
        self.entries = tuple(map(_entry, kit_rules.of_moment(rules, moment)))
        self._always: list[int] = []
        self._by_value: dict[str, dict[object, list[int]]] = defaultdict(dict)
        self._of_fact: dict[str, list[int]] = defaultdict(list)
        if len(self.entries) > FULL:
            self._sort_out()

    def possible(self, facts: Mapping[str, object]) -> Sequence[Entry]:
        """Those that can fit, in order; whatever is left out does not fit.

        Rules about a fact that was not gathered are left in: trying them says so.
        """
        if len(self.entries) <= FULL:
            return self.entries
        places = list(self._always)
        for name, by_value in self._by_value.items():
            if name in facts:
                places += by_value.get(facts[name], ())
            else:
                places += self._of_fact[name]
        return [self.entries[place] for place in sorted(places)]

    def _sort_out(self) -> None:
        required = [
            _required(one.rule.condition) if one.rule.condition is not None else {}
            for one in self.entries
        ]
        named: Counter[Key] = Counter(
            (name, value) for some in required for name, values in some.items() for value in values
        )
        for place, some in enumerate(required):
            if not some:
                self._always.append(place)
                continue
            best = min(some, key=lambda name: (sum(named[name, one] for one in some[name]), name))
            self._of_fact[best].append(place)
            for value in some[best]:
                self._by_value[best].setdefault(value, []).append(place)


def of_moment(rules: Sequence[Rule], moment: str) -> Index:
    """The index of these rules, made when first asked for."""
    key = (id(rules), moment)
    kept = _indexes.get(key)
    if kept is None:
        if len(_indexes) >= KEPT:
            _indexes.clear()
        kept = _indexes[key] = (
            rules,
            Index(rules, moment),
        )  # the rules too, so the id stays theirs
    return kept[1]


_indexes: dict[tuple[int, str], tuple[Sequence[Rule], Index]] = {}


def _entry(rule: Rule) -> Entry:
    names = conditions.facts_of(rule.condition) if rule.condition is not None else frozenset()
    return Entry(rule, tuple(sorted(names)))


def _required(node: Node) -> dict[str, frozenset[object]]:
    """By fact, the values of which a lead must have one for the condition to hold."""
    if isinstance(node, Test):
        values = _values(node)
        return {} if values is None else {node.fact: values}
    if isinstance(node, All):
        found: dict[str, frozenset[object]] = {}
        for child in node.nodes:
            for name, values in _required(child).items():
                found[name] = found[name] & values if name in found else values
        return found
    if isinstance(node, AnyOf):
        ways = [_required(child) for child in node.nodes]
        shared = set(ways[0]).intersection(*ways[1:]) if ways else set()
        return {name: frozenset().union(*(way[name] for way in ways)) for name in shared}
    return {}


def _values(test: Test) -> frozenset[object] | None:
    if test.op == "eq":
        return frozenset({test.value})
    return frozenset(test.value) if test.op == "in" and isinstance(test.value, tuple) else None
