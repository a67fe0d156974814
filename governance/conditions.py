"""Conditions: the rule language. A tree of four node types; not where it is stored or selected.

    {"all": [node, …]}   every node holds; an empty list always holds
    {"any": [node, …]}   at least one node holds
    {"not": node}        the node does not hold
    {"fact": name, "op": operator, "value": …}

Logic is two-valued. A test of a missing value does not hold, except `ne`, `not_in` and
`is_missing`, which are the plain negations of `eq`, `in` and `is_set`. Text is compared
exactly by `eq` and `in`, without regard to case by `contains` and `starts_with`.
Trees are data: nothing of them is ever executed, and they hold no regular expressions.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias

from core import errors
from governance import condition_operators, condition_values
from governance.condition_values import Value
from governance.facts import Fact, Registry, Subject, UnknownFact, did_you_mean

DEPTH = 10
NODES = 200
FAULTS = 50
TEXT_SIZE = 500_000


@dataclass(frozen=True, slots=True)
class All:
    """Holds when every node holds; also when there is none."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Holds when at least one node holds."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Holds when its node does not."""

    node: Node


@dataclass(frozen=True, slots=True)
class Test:
    """One fact against one value; `in` and `between` take a tuple, `is_set` takes None."""

    __test__ = False  # the name is the domain's, not a test case

    fact: str
    op: str
    value: Value | tuple[Value, ...] | None = None


Node: TypeAlias = All | AnyOf | Not | Test
Predicate: TypeAlias = Callable[[Mapping[str, object]], bool]
ALWAYS = All(())


class FactNotGathered(LookupError):
    """The facts handed over lack one that the condition names: a fault of the program.

    A fact that is known to be missing is present with the value None.
    """


class ConditionInvalid(errors.InvalidInput):
    """The document is no condition; `errors` names every faulty node and what to do."""

    code = "condition_invalid"

    def __init__(self, faults: list[errors.FieldError]) -> None:
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        super().__init__(
            f"The condition cannot be used. {faults[0].field}: {faults[0].message}{more}",
            errors=faults,
        )


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a condition said of these facts, node by node; `value` is a test's fact value."""

    node: Node
    holds: bool
    value: object = None
    children: tuple[Explanation, ...] = ()


def parse(
    document: object, registry: Registry, *, at: str = "", about: Subject | None = None
) -> Node:
    """Read a JSON document as a condition over the facts of `registry`.

    `at` is the place of the document in a larger input; faults name places below it. Facts about
    another subject than `about` are faults; None takes any. Raises `ConditionInvalid` with all
    faults, at most `FAULTS` of them.
    """
    parser = _Parser(registry, about)
    node = parser.node(document, at, depth=1)
    if parser.faults or node is None:
        raise ConditionInvalid(parser.faults)
    return node


def parse_json(
    text: str, registry: Registry, *, at: str = "", about: Subject | None = None
) -> Node:
    """Read JSON text as a condition. Raises `ConditionInvalid`, naming the line for bad JSON."""
    if len(text) > TEXT_SIZE:
        fault = f"has {len(text):,} characters; at most {TEXT_SIZE:,} are allowed"
    else:
        try:
            document = json.loads(
                text, object_pairs_hook=_object_once, parse_constant=_refuse_constant
            )
            return parse(document, registry, at=at, about=about)
        except json.JSONDecodeError as broken:
            fault = f"line {broken.lineno}, column {broken.colno}: not JSON ({broken.msg})"
        except RecursionError:
            fault = f"is nested too deep; at most {DEPTH} levels are allowed"
        except _Unreadable as unreadable:
            fault = str(unreadable)
        except ValueError:  # Python refuses to read numbers of thousands of digits
            fault = "holds a number with too many digits"
    raise ConditionInvalid([errors.FieldError(at or "condition", fault)])


def facts_of(node: Node) -> frozenset[str]:
    """Names of all facts the condition speaks of."""
    if isinstance(node, Test):
        return frozenset({node.fact})
    return frozenset().union(*map(facts_of, _children(node)))


def holds(node: Node, facts: Mapping[str, object]) -> bool:
    """Whether the condition holds for these cleaned fact values (None is missing).

    Compiled when first asked. Raises `FactNotGathered` when a fact was not handed over.
    """
    if len(_compiled) >= 2_000:  # tries and drafts bring ever new ones
        _compiled.clear()
    kept = _compiled.get(id(node)) or (node, compile(node))  # so its id stays its own
    _compiled[id(node)] = kept
    return kept[1](facts)


_compiled: dict[int, tuple[Node, Predicate]] = {}


def compile(node: Node) -> Predicate:
    """The condition as a function of fact values, built from closures.

    The function raises `FactNotGathered` when it needs a fact that was not handed over.
    """
    if isinstance(node, Test):
        return _compiled_test(node)
    parts = tuple(map(compile, _children(node)))
    if isinstance(node, Not):
        (part,) = parts
        return lambda facts: not part(facts)
    return _every(parts) if isinstance(node, All) else _some(parts)


def explain(node: Node, facts: Mapping[str, object]) -> Explanation:
    """Judge every node, also where the outcome is clear early, and keep what each one said.

    Raises `FactNotGathered` when a fact was not handed over.
    """
    if isinstance(node, Test):
        return Explanation(node, _compiled_test(node)(facts), value=facts[node.fact])
    children = tuple(explain(child, facts) for child in _children(node))
    if isinstance(node, Not):
        met = not children[0].holds
    else:
        met = (all if isinstance(node, All) else any)(child.holds for child in children)
    return Explanation(node, met, children=children)


def dump(node: Node) -> dict[str, Any]:
    """The condition as a JSON document; `parse` gives the equal tree back."""
    if isinstance(node, All):
        return {"all": [dump(child) for child in node.nodes]}
    if isinstance(node, AnyOf):
        return {"any": [dump(child) for child in node.nodes]}
    if isinstance(node, Not):
        return {"not": dump(node.node)}
    document: dict[str, Any] = {"fact": node.fact, "op": node.op}
    if isinstance(node.value, tuple):
        document["value"] = [_plain(item) for item in node.value]
    elif node.value is not None:
        document["value"] = _plain(node.value)
    return document


def _children(node: All | AnyOf | Not) -> tuple[Node, ...]:
    return (node.node,) if isinstance(node, Not) else node.nodes


def _plain(value: Value) -> str | bool | int | float:
    return float(value) if isinstance(value, Decimal) else value


def _every(parts: tuple[Predicate, ...]) -> Predicate:
    def predicate(facts: Mapping[str, object]) -> bool:
        for part in parts:  # noqa: SIM110 (all() over a generator takes twice as long)
            if not part(facts):
                return False
        return True

    return predicate


def _some(parts: tuple[Predicate, ...]) -> Predicate:
    def predicate(facts: Mapping[str, object]) -> bool:
        for part in parts:  # noqa: SIM110
            if part(facts):
                return True
        return False

    return predicate


def _compiled_test(node: Test) -> Predicate:
    operator, negated = condition_operators.base(node.op)
    if operator.test is None:
        raise TypeError(f"operator {operator.name} cannot be applied")
    check, name = operator.test(node.value), node.fact

    def predicate(facts: Mapping[str, object]) -> bool:
        try:
            value = facts[name]
        except KeyError:
            raise FactNotGathered(f"the fact {name} was not gathered") from None
        return (value is not None and check(value)) is not negated

    return predicate


class _Unreadable(ValueError):
    """JSON that Python would read, but not as what its writer meant."""


def _object_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    keys = [key for key, _ in pairs]
    twice = next((key for key in keys if keys.count(key) > 1), None) if len(keys) < 50 else None
    if twice is not None:
        raise _Unreadable(f"an object names “{condition_values.printable(twice[:60])}” twice")
    return dict(pairs)


def _refuse_constant(name: str) -> object:
    raise _Unreadable(f"{name} is not a number that conditions can hold")


class _Parser:
    """Walks a document of unknown shape, stops at the limits and collects faults."""

    def __init__(self, registry: Registry, about: Subject | None) -> None:
        self.registry = registry
        self.about = about
        self.faults: list[errors.FieldError] = []
        self.seen = 0

    def fault(self, path: str, message: str) -> None:
        if len(self.faults) < FAULTS:
            self.faults.append(errors.FieldError(path or "condition", message))

    def spent(self) -> bool:
        return self.seen > NODES or len(self.faults) >= FAULTS

    def node(self, document: object, path: str, *, depth: int) -> Node | None:
        self.seen += 1
        if self.seen > NODES:
            self.fault(path, f"more than {NODES} nodes; split the condition")
            return None
        if depth > DEPTH:
            self.fault(path, f"is nested deeper than {DEPTH} levels; flatten the condition")
            return None
        if not isinstance(document, dict):
            found = condition_values.describe(document)
            self.fault(path, f"a node must be an object with {_FORMS}, not {found}")
            return None
        groups = [key for key in ("all", "any", "not") if key in document]
        if not groups:
            return self.test(document, path)
        if len(document) > 1:
            self.fault(
                path, f"“{groups[0]}” must stand alone; remove {_others(document, groups[:1])}"
            )
            return None
        return self.group(groups[0], document[groups[0]], path, depth)

    def group(self, key: str, content: object, path: str, depth: int) -> Node | None:
        here = f"{path}.{key}" if path else key
        if key == "not":
            child = self.node(content, here, depth=depth + 1)
            return None if child is None else Not(child)
        if not isinstance(content, list | tuple):
            found = condition_values.describe(content)
            self.fault(here, f"“{key}” needs a list of nodes, not {found}")
            return None
        if key == "any" and not content:
            self.fault(here, "“any” of no nodes never holds; add a node, or remove it")
            return None
        children: list[Node | None] = []
        for place, item in enumerate(content):
            if self.spent():
                return None
            children.append(self.node(item, f"{here}[{place}]", depth=depth + 1))
        sound = tuple(child for child in children if child is not None)
        return All(sound) if key == "all" else AnyOf(sound)

    def test(self, document: dict[object, object], path: str) -> Node | None:
        if "fact" not in document or "op" not in document:
            self.fault(path, f"a node needs {_FORMS}; this one has {_others(document, [])}")
            return None
        if set(document) - {"fact", "op", "value"}:
            extra = _others(document, ["fact", "op", "value"])
            self.fault(path, f"a test has “fact”, “op” and “value” only; remove {extra}")
        fact = self.fact(document["fact"], path)
        operator = self.operator(document["op"], fact, path)
        if fact is None or operator is None:
            return None
        value, faults = condition_values.read(fact, operator.shape, document.get("value"))
        for found in faults:
            self.fault(
                _below(path, f"value{found.path}"), f"“{fact.label}” {operator.name}: {found}"
            )
        # What was read of a faulty value never leaves: parse() raises when there are faults.
        return Test(fact.name, operator.name, value)  # type: ignore[arg-type]

    def fact(self, name: object, path: str) -> Fact | None:
        if not isinstance(name, str):
            found = condition_values.describe(name)
            self.fault(_below(path, "fact"), f"must be the name of a fact, not {found}")
            return None
        try:
            fact = self.registry.get(name)
        except UnknownFact as unknown:
            self.fault(_below(path, "fact"), unknown.message)
            return None
        if self.about not in (None, fact.subject):
            self.fault(
                _below(path, "fact"),
                f"“{fact.label}” ({fact.name}) says something about {fact.subject.words}; "
                f"this condition is about {self.about.words if self.about else 'anything'}",
            )
            return None
        return fact

    def operator(
        self, name: object, fact: Fact | None, path: str
    ) -> condition_operators.Operator | None:
        known = condition_operators.OPERATORS
        usable = condition_operators.allowed(fact.type) if fact else list(known)
        if not isinstance(name, str) or name not in known:
            hint = did_you_mean(name, usable) if isinstance(name, str) else ""
            found = condition_values.describe(name)
            self.fault(
                _below(path, "op"),
                f"must be an operator ({', '.join(usable)}), not {found}{hint}",
            )
            return None
        if name not in usable:
            self.fault(
                _below(path, "op"),
                f"“{fact.label if fact else name}” cannot be tested with “{name}”; "
                f"use one of {', '.join(usable)}",
            )
            return None
        return known[name]


_FORMS = "“all”, “any” or “not”, or “fact”, “op” and “value”"


def _below(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _others(document: dict[object, object], known: list[str]) -> str:
    others = [key for key in document if key not in known][:5]
    shown = [
        f"“{condition_values.printable(key[:40])}”"
        if isinstance(key, str)
        else condition_values.describe(key)
        for key in others
    ]
    return ", ".join(shown) or "nothing"
