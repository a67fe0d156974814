"""Conditions made weaker, to find what they may hold for when some facts are not at hand. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from governance import conditions
from governance.conditions import ALWAYS, All, AnyOf, Node, Not, Test

NEVER = AnyOf(())


def weaken(node: Node, unknown: Callable[[str], bool]) -> Node:
    """A condition without the facts that are `unknown`, by name.

    It holds wherever the given one holds, whatever those facts are, and perhaps elsewhere.
    """
    return _replaced(node, lambda test: None if unknown(test.fact) else test, hopeful=True)


def settle(node: Node, facts: Mapping[str, object]) -> Node:
    """The condition with these facts put in: what is left asks for the others only."""

    def known(test: Test) -> Node:
        if test.fact not in facts:
            return test
        return ALWAYS if conditions.holds(test, facts) else NEVER

    return _replaced(node, known, hopeful=True)


def _replaced(node: Node, put: Callable[[Test], Node | None], *, hopeful: bool) -> Node:
    """The tree with each test replaced; None becomes what makes the whole hold, if it can."""
    if isinstance(node, Test):
        found = put(node)
        return found if found is not None else ALWAYS if hopeful else NEVER
    if isinstance(node, Not):
        return Not(_replaced(node.node, put, hopeful=not hopeful))
    kind = All if isinstance(node, All) else AnyOf
    return kind(tuple(_replaced(child, put, hopeful=hopeful) for child in node.nodes))
