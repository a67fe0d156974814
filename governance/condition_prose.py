"""Conditions in English, for people who own the rules. Says what is meant, decides nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from governance import condition_operators
from governance.condition_operators import Shape
from governance.conditions import All, AnyOf, Explanation, Node, Not, Test
from governance.facts import Fact, FactType, Registry, UnknownFact

LISTED = 12


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an indented condition; depth 0 is the outermost. Headings have no test."""

    depth: int
    text: str
    test: Test | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ReasonLine:
    """One line of an outcome: what was asked, whether it was met, what was there instead."""

    depth: int
    text: str
    met: bool
    actual: str


def english(node: Node, registry: Registry, *, limit: int = LISTED) -> str:
    """The condition as one sentence without a full stop.

    Lists longer than `limit` are cut, and say so; 0 cuts none.
    """
    return _sentence(_simplified(node), registry, limit)


def lines(node: Node, registry: Registry) -> list[Line]:
    """The condition as an indented list, one test a line, nothing left out."""
    return _lines(_simplified(node), registry, 0)


def explain_lines(explanation: Explanation, registry: Registry) -> list[ReasonLine]:
    """The outcome as an indented list: `explain` of a condition, in words."""
    return _reasons(explanation, registry, 0)


def value_words(fact: Fact, value: object) -> str:
    """A fact's value as people write it: “5,000 people”, “yes”, a choice's label, “missing”."""
    if value is None:
        return "missing"
    return _with_unit(fact, _plain(fact, value))


def phrase(test: Test, registry: Registry, *, negated: bool = False, limit: int = 0) -> str:
    """One test as a phrase; `limit` cuts longer lists, 0 never does."""
    operator = condition_operators.OPERATORS[test.op]
    fact = _known(test.fact, registry)
    label = fact.label if fact else test.fact
    words = f"{label} {operator.words_negated if negated else operator.words}"
    if operator.shape is not Shape.NONE:
        words += f" {_value(fact, test, limit)}"
    # Negations hold for missing values too; a reader must not have to know that.
    holds_if_missing = bool(operator.negates) is not negated
    asks_presence = operator.shape is Shape.NONE
    return f"{words} (or is missing)" if holds_if_missing and not asks_presence else words


def _simplified(node: Node) -> Node:
    """Without double negation and groups of one: the same meaning in fewer words."""
    if isinstance(node, Not):
        inner = _simplified(node.node)
        return inner.node if isinstance(inner, Not) else Not(inner)
    if isinstance(node, Test):
        return node
    children = tuple(map(_simplified, node.nodes))
    if len(children) == 1:
        return children[0]
    return All(children) if isinstance(node, All) else AnyOf(children)


def _sentence(node: Node, registry: Registry, limit: int) -> str:
    if isinstance(node, Test):
        return phrase(node, registry, limit=limit)
    if isinstance(node, Not):
        return _negation(node.node, registry, limit)
    if not node.nodes:
        return "always" if isinstance(node, All) else "never"
    return _joined(node, registry, limit)


def _negation(node: Node, registry: Registry, limit: int) -> str:
    if isinstance(node, Test):
        return phrase(node, registry, negated=True, limit=limit)
    if isinstance(node, Not):
        return _sentence(node.node, registry, limit)
    if not node.nodes:
        return "never" if isinstance(node, All) else "always"
    start = "not all of" if isinstance(node, All) else "none of"
    return f"{start} ({_joined(node, registry, limit)})"


def _joined(node: All | AnyOf, registry: Registry, limit: int) -> str:
    word = "and" if isinstance(node, All) else "or"
    parts = []
    for child in node.nodes:
        text = _sentence(child, registry, limit)
        is_group = isinstance(child, All | AnyOf) and len(child.nodes) > 1
        parts.append(f"({text})" if is_group and type(child) is not type(node) else text)
    sentence = parts[0]
    for part, before in zip(parts[1:], node.nodes, strict=False):
        # A comma keeps “and” and “or” from reading as a part of the list before them.
        comma = "," if isinstance(before, Test) and _ends_in_list(before) else ""
        sentence += f"{comma} {word} {part}"
    return sentence


def _ends_in_list(test: Test) -> bool:
    return condition_operators.OPERATORS[test.op].shape is Shape.LIST


def _lines(node: Node, registry: Registry, depth: int, *, negated: bool = False) -> list[Line]:
    if isinstance(node, Test):
        return [Line(depth, phrase(node, registry, negated=negated), node)]
    if isinstance(node, Not):
        return _lines(node.node, registry, depth, negated=not negated)
    found = [Line(depth, _heading(node, negated=negated))]
    for child in node.nodes:
        found += _lines(child, registry, depth + 1)
    return found


def _heading(node: All | AnyOf, *, negated: bool) -> str:
    is_all = isinstance(node, All)
    if not node.nodes:
        return "Always" if is_all is not negated else "Never"
    if negated:
        return "Not all of these" if is_all else "None of these"
    return "All of these" if is_all else "At least one of these"


def _reasons(
    explanation: Explanation, registry: Registry, depth: int, *, negated: bool = False
) -> list[ReasonLine]:
    node, met = explanation.node, explanation.holds is not negated
    if isinstance(node, Not):
        return _reasons(explanation.children[0], registry, depth, negated=not negated)
    if isinstance(node, Test):
        fact = _known(node.fact, registry)
        actual = value_words(fact, explanation.value) if fact else str(explanation.value)
        return [ReasonLine(depth, phrase(node, registry, negated=negated), met, actual)]
    count = sum(child.holds for child in explanation.children)
    actual = f"{count} of {len(explanation.children)} met" if explanation.children else ""
    found = [ReasonLine(depth, _heading(node, negated=negated), met, actual)]
    for child in explanation.children:
        found += _reasons(child, registry, depth + 1)
    return found


def _known(name: str, registry: Registry) -> Fact | None:
    """The fact, or None when an old kit speaks of one that is gone: it is still to be read."""
    try:
        return registry.get(name)
    except UnknownFact:
        return None


def _value(fact: Fact | None, test: Test, limit: int) -> str:
    plain: Callable[[object], str] = (lambda item: _plain(fact, item)) if fact else str
    if not isinstance(test.value, tuple):
        text = plain(test.value)
    elif _ends_in_list(test):
        text = _listed([plain(item) for item in test.value], limit)
    else:
        text = " and ".join(map(plain, test.value))
    return _with_unit(fact, text) if fact else text


def _listed(items: list[str], limit: int) -> str:
    if not limit or len(items) <= limit:
        return ", ".join(items)
    return f"{', '.join(items[:limit])} and {len(items) - limit} more"


def _with_unit(fact: Fact, text: str) -> str:
    return f"{text} {fact.unit}" if fact.unit else text


def _plain(fact: Fact, value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, Decimal):
        return f"{value.normalize():,f}"
    if fact.type is FactType.CHOICE and fact.listed is None:
        return fact.choice_label(value)
    return f"“{value}”"
