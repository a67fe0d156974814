"""Whether a condition can ever hold, always holds, or implies another. Pure reasoning.

    satisfiable(node)   True: some facts meet it · False: none ever can · None: not found out
    implies(a, b)       True: wherever a holds, b does · False: not always · None: not found out

Each answer is certain; the search is bounded, and gives up with None. Facts are taken as
independent of one another, so what only their connection rules out counts as possible. A choice
is one of those offered.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from governance import condition_prose, possibilities
from governance.conditions import All, AnyOf, Node, Not, Test
from governance.facts import Registry
from governance.possibilities import Limits, Possible

STEPS = 20_000
BRANCHES = 200
UNLIMITED = Limits()

Bounds: TypeAlias = Callable[[str], Limits]
"""What is known of a fact, by its name, beside its type."""

Signed: TypeAlias = tuple[Node, bool]
"""A node, and whether its negation is meant."""

State: TypeAlias = Mapping[str, Possible]


class NotFoundOut(Exception):
    """The search takes too long, or no example comes to mind."""


def no_bounds(name: str) -> Limits:
    """Nothing is known beforehand."""
    return UNLIMITED


def example(node: Node, registry: Registry, bounds: Bounds = no_bounds) -> dict[str, Any] | None:
    """Facts that meet the condition, None for a missing one; None when there are none.

    Facts that may be anything are left out. Raises `NotFoundOut`, and `UnknownFact` for a fact
    that nobody registered.
    """
    state = _Search(registry, bounds).run([(node, False)], {}, depth=0)
    if state is None:
        return None
    try:
        return {name: possible.example() for name, possible in state.items()}
    except LookupError as fault:
        raise NotFoundOut from fault


def satisfiable(node: Node, registry: Registry, bounds: Bounds = no_bounds) -> bool | None:
    """Whether any facts meet the condition; None when that was not found out."""
    try:
        return example(node, registry, bounds) is not None
    except NotFoundOut:
        return None


def implies(a: Node, b: Node, registry: Registry, bounds: Bounds = no_bounds) -> bool | None:
    """Whether b holds wherever a does; None when that was not found out."""
    return _opposite(satisfiable(All((a, Not(b))), registry, bounds))


def always(node: Node, registry: Registry, bounds: Bounds = no_bounds) -> bool | None:
    """Whether the condition holds whatever the facts; None when that was not found out."""
    return _opposite(satisfiable(Not(node), registry, bounds))


def conflict(node: Node, registry: Registry, bounds: Bounds = no_bounds) -> str:
    """Why a condition that can never hold cannot, as a sentence: the fewest parts that clash."""
    parts = core(node, registry, bounds)
    words = [f"“{condition_prose.english(part, registry)}”" for part in parts]
    if len(words) == 1:
        return f"{words[0]} can never hold."
    both = "both" if len(words) == 2 else "all"
    return f"{', '.join(words[:-1])} and {words[-1]} cannot {both} hold."


def core(node: Node, registry: Registry, bounds: Bounds = no_bounds) -> tuple[Node, ...]:
    """The fewest parts of a condition that can never hold which already clash."""
    parts = _conjuncts(node)
    kept = list(parts)
    for part in parts:
        fewer = [one for one in kept if one is not part]
        if fewer and satisfiable(All(tuple(fewer)), registry, bounds) is False:
            kept = fewer
    return tuple(kept)


def _conjuncts(node: Node) -> list[Node]:
    """The parts that must hold together."""
    if isinstance(node, All):
        return [part for child in node.nodes for part in _conjuncts(child)] or [node]
    if isinstance(node, Not) and isinstance(node.node, Not):
        return _conjuncts(node.node.node)
    return [node]


def _opposite(answer: bool | None) -> bool | None:  # noqa: FBT001
    return None if answer is None else not answer


@dataclass(slots=True)
class _Search:
    """Looks for values that meet every node: what is certain first, then branch by branch."""

    registry: Registry
    bounds: Bounds
    left: int = STEPS
    start: dict[str, Possible] = field(default_factory=dict)

    def run(self, nodes: Sequence[Signed], state: State, *, depth: int) -> State | None:
        """What the facts may be so that all nodes hold; None when that cannot be."""
        if depth > BRANCHES:
            raise NotFoundOut
        found = self.settle(nodes, state)
        if found is None:
            return None
        state, open_choices = found
        if not open_choices:
            return state
        first, *others = sorted(open_choices, key=len)
        for branch in first:
            met = self.run([branch, *((_either(one), False) for one in others)], state,
                           depth=depth + 1)  # fmt: skip
            if met is not None:
                return met
        return None

    def settle(
        self, nodes: Sequence[Signed], state: State
    ) -> tuple[State, list[list[Signed]]] | None:
        """Everything that must hold, taken together, and the choices that stay open."""
        pending, now = list(nodes), dict(state)
        waiting: list[list[Signed]] = []
        while pending:
            opened = self.open_all(pending, now)
            if opened is None:
                return None
            left = [self.alive(now, parts) for parts in (*waiting, *opened)]
            if [] in left:
                return None
            waiting = [parts for parts in left if parts is not None and len(parts) > 1]
            pending = [parts[0] for parts in left if parts is not None and len(parts) == 1]
        return now, waiting

    def open_all(
        self, nodes: Sequence[Signed], state: dict[str, Possible]
    ) -> list[list[Signed]] | None:
        """Let all nodes hold as far as that leaves no choice; the choices. None when they clash."""
        pending, choices = list(nodes), []
        while pending:
            kind, parts = _opened(pending.pop())
            if kind is AnyOf:
                choices.append(parts)
            elif kind is All:
                pending += parts
            elif not self.narrow(state, parts[0]):
                return None
        return choices

    def alive(self, state: State, parts: Sequence[Signed]) -> list[Signed] | None:
        """The alternatives that may still hold; None when one holds already."""
        found = []
        for part in parts:
            if not isinstance(part[0], Test):
                found.append(part)
                continue
            before, after = self.narrowed(state, part)
            if before == after:
                return None
            if not after.is_empty():
                found.append(part)
        return found

    def narrow(self, state: dict[str, Possible], part: Signed) -> bool:
        """Let one test hold; False when it cannot."""
        _, after = self.narrowed(state, part)
        test: Any = part[0]
        state[test.fact] = after
        return not after.is_empty()

    def narrowed(self, state: State, part: Signed) -> tuple[Possible, Possible]:
        """What a fact may be before and with one test."""
        self.left -= 1
        if self.left < 0:
            raise NotFoundOut
        test: Any = part[0]
        fact = self.registry.get(test.fact)
        if test.fact not in self.start:
            self.start[test.fact] = possibilities.anything(fact, self.bounds(test.fact))
        before = state.get(test.fact, self.start[test.fact])
        return before, before.both(possibilities.under(test, fact, negated=part[1]))


def _opened(part: Signed) -> tuple[type, list[Signed]]:
    """A node as a test, as parts that all must hold, or as alternatives."""
    node, negated = part
    while isinstance(node, Not):
        node, negated = node.node, not negated
    if isinstance(node, Test):
        return Test, [(node, negated)]
    together = isinstance(node, All) is not negated
    return (All if together else AnyOf), [_bare(child, negated) for child in node.nodes]


def _bare(node: Node, negated: bool) -> Signed:  # noqa: FBT001
    while isinstance(node, Not):
        node, negated = node.node, not negated
    return node, negated


def _either(parts: Sequence[Signed]) -> AnyOf:
    return AnyOf(tuple(Not(node) if negated else node for node, negated in parts))
