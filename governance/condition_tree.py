"""A condition while somebody edits it: a tree of what was typed, sound or not. Pure.

A tree is `None` (always), a `Line` (one test) or a `Group`. Groups have the kinds people speak of:

    all       all of these                {"all": […]}
    any       at least one of these       {"any": […]}
    none      none of these               {"not": {"any": […]}}
    not_all   not all of these            {"not": {"all": […]}}
    not       the opposite of one node    {"not": node}

Nodes have ids by place: the root is `0`, its second child `0.1`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, TypeAlias

from governance import condition_operators
from governance.condition_operators import Shape
from governance.fact_catalogue import Catalogue, Offer
from governance.facts import FactType

ROOT = "0"
DEEPEST = 24
"""Levels a tree may have here; conditions allow fewer, but what was typed is not lost for that."""

KINDS = {
    "all": "All of these",
    "any": "At least one of these",
    "none": "None of these",
    "not_all": "Not all of these",
    "not": "The opposite of this",
}
_FIELD = re.compile(
    rf"(\d{{1,3}}(?:\.\d{{1,3}}){{0,{DEEPEST - 1}}})-(kind|fact|op|value|value2|was|n-[a-z_]+)"
)


@dataclass(frozen=True, slots=True)
class Line:
    """One test as it was typed. `was` is the fact its operator and values were chosen for."""

    fact: str = ""
    op: str = ""
    values: tuple[str, ...] = ()
    numbers: tuple[tuple[str, str], ...] = ()
    was: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Nodes under one word."""

    kind: str
    children: tuple[Line | Group, ...] = ()


Node: TypeAlias = Line | Group
Tree: TypeAlias = Line | Group | None


class Unshaped(ValueError):
    """The document is no condition that fields could show."""


def of_document(document: object, catalogue: Catalogue) -> Tree:
    """The tree of a document, faulty ones included. Raises `Unshaped` when it is something else."""
    return None if document is None else _node(document, catalogue, 1)


def fields(tree: Tree, prefix: str) -> dict[str, list[str]]:
    """The tree as the fields of a form; `read` gives it back."""
    found: dict[str, list[str]] = {}
    for node_id, node in walk(tree):
        name = f"{prefix}-{node_id}"
        if isinstance(node, Group):
            found[f"{name}-kind"] = [node.kind]
            continue
        found |= {f"{name}-fact": [node.fact], f"{name}-was": [node.was], f"{name}-op": [node.op]}
        found |= {f"{name}-n-{key}": [text] for key, text in node.numbers}
        if shape_of(node.op) is Shape.PAIR:
            low, high = (*node.values, "", "")[:2]
            found |= {f"{name}-value": [low], f"{name}-value2": [high]}
        else:
            found[f"{name}-value"] = list(node.values)
    return found


def read(data: Mapping[str, Sequence[str]], prefix: str) -> Tree:
    """The tree that the fields of a form hold, with the nodes in the order of their ids."""
    rows: dict[tuple[int, ...], dict[str, tuple[str, ...]]] = {}
    for name, values in data.items():
        found = _FIELD.fullmatch(name[len(prefix) + 1 :]) if name.startswith(f"{prefix}-") else None
        if found:
            place = tuple(map(int, found[1].split(".")))
            rows.setdefault(place, {})[found[2]] = tuple(values)
    for place in list(rows):
        for length in range(1, len(place)):  # a node whose group was not sent still has one
            rows.setdefault(place[:length], {})
    return _read(rows, (0,)) if (0,) in rows else None


def walk(tree: Tree, node_id: str = ROOT) -> Iterator[tuple[str, Node]]:
    """Every node with its id, groups before what is in them."""
    if tree is None:
        return
    yield node_id, tree
    for place, child in enumerate(tree.children if isinstance(tree, Group) else ()):
        yield from walk(child, f"{node_id}.{place}")


def shape_of(op: str) -> Shape:
    """The shape of an operator's value; one value while none is chosen."""
    known = condition_operators.OPERATORS.get(op)
    return known.shape if known else Shape.ONE


def settled(tree: Tree, catalogue: Catalogue) -> Tree:
    """The tree with operators and values that suit the facts now chosen."""
    return mapped(tree, lambda line: settled_line(line, catalogue))


def mapped(tree: Tree, change: Callable[[Line], Line]) -> Tree:
    """The tree with each test changed."""
    if isinstance(tree, Group):
        kept = [mapped(child, change) for child in tree.children]
        return replace(tree, children=tuple(child for child in kept if child is not None))
    return change(tree) if tree else None


def settled_line(line: Line, catalogue: Catalogue) -> Line:
    """One test whose fact may have been changed: what still suits it stays, the rest is reset."""
    offer = catalogue.find(line.fact)
    if offer is None:
        return line
    _, numbers = catalogue.split(line.fact.strip())
    given = numbers or dict(line.numbers)
    line = replace(
        line,
        fact=catalogue.shown(offer),
        numbers=tuple((one.name, given.get(one.name, one.usual)) for one in offer.numbers),
    )
    if line.was == offer.name:
        return line
    before = catalogue.find(line.was) if line.was else None
    allowed = condition_operators.allowed(offer.type)
    op = line.op if line.op in allowed else _usual_operator(offer)
    keeps = before is None or (before.type is offer.type and shape_of(op) is shape_of(line.op))
    values = _suiting(line.values, offer) if keeps else ()
    return replace(line, op=op, values=values, was=offer.name)


def blank(catalogue: Catalogue, name: str = "") -> Line:
    """A test to be filled in."""
    return settled_line(Line(fact=name), catalogue)


def text_of(value: object) -> str:
    """A document's value as it stands in a field. Raises `Unshaped` for what fields cannot hold."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float | Decimal):
        exact = Decimal(repr(value)) if isinstance(value, float) else value
        if not exact.is_finite() or abs(exact.adjusted()) > 30:
            raise Unshaped("a number out of range")
        return f"{exact:f}"
    if isinstance(value, str):
        return escaped(value)
    raise Unshaped("a value that is neither text, number nor yes or no")


def escaped(text: str) -> str:
    r"""The text on one line without blanks at its ends: those become `\n`, `\r`, `\t`, `\s`."""
    start, end = len(text) - len(text.lstrip(" \t")), len(text.rstrip(" \t"))
    found = ""
    for place in reversed(range(len(text))):
        letter = text[place]
        if letter in "\n\r" or (letter in " \t" and not start <= place < end):
            found = f"\\{_WRITTEN[letter]}{found}"
        elif letter == "\\" and found[:1] in _READ:
            found = f"\\\\{found}"
        else:
            found = letter + found
    return found


def unescaped(text: str) -> str:
    """The text that `escaped` wrote; blanks at the ends that are not written out are dropped."""
    return re.sub(r"\\([\\nrts])", lambda found: _READ[found[1]], text.strip(" \t\r\n"))


_WRITTEN = {"\n": "n", "\r": "r", "\t": "t", " ": "s"}
_READ = {"\\": "\\"} | {letter: written for written, letter in _WRITTEN.items()}


def _node(document: object, catalogue: Catalogue, depth: int) -> Node:
    if not isinstance(document, dict) or depth > DEEPEST:
        raise Unshaped("a node that is no object, or too deep")
    if set(document) == {"not"}:
        return _negation(document["not"], catalogue, depth)
    for kind in ("all", "any"):
        if set(document) == {kind}:
            return Group(kind, _nodes(document[kind], catalogue, depth))
    if {"fact", "op"} <= set(document) <= {"fact", "op", "value"}:
        return _line(document, catalogue)
    raise Unshaped("a node with other keys")


def _negation(inner: object, catalogue: Catalogue, depth: int) -> Group:
    if isinstance(inner, dict) and len(inner) == 1:
        for kind, negated in (("any", "none"), ("all", "not_all")):
            if kind in inner:
                return Group(negated, _nodes(inner[kind], catalogue, depth))
    return Group("not", (_node(inner, catalogue, depth + 1),))


def _nodes(content: object, catalogue: Catalogue, depth: int) -> tuple[Node, ...]:
    if not isinstance(content, list):
        raise Unshaped("a group that is no list")
    return tuple(_node(child, catalogue, depth + 1) for child in content)


def _line(document: Mapping[str, Any], catalogue: Catalogue) -> Line:
    name, op = document["fact"], document["op"]
    if not isinstance(name, str) or not isinstance(op, str):
        raise Unshaped("a test without names")
    offer, numbers = catalogue.split(name)
    return Line(
        fact=catalogue.shown(offer) if offer else name,
        op=op,
        values=_values(document.get("value"), op, offer),
        numbers=tuple(numbers.items()),
        was=offer.name if offer else name,
    )


def _values(value: object, op: str, offer: Offer | None) -> tuple[str, ...]:
    shape = shape_of(op)
    is_list = isinstance(value, list)
    if value is None:
        return ()
    if is_list is not (shape in (Shape.LIST, Shape.PAIR)) or shape is Shape.NONE:
        raise Unshaped("a value of another shape than its operator's")
    picked = offer is not None and offer.type is FactType.CHOICE
    texts = tuple(
        one if picked and isinstance(one, str) else text_of(one)
        for one in (value if isinstance(value, list) else [value])
    )
    if shape is Shape.PAIR and len(texts) != 2:
        raise Unshaped("a range without two ends")
    return ("\n".join(texts),) if shape is Shape.LIST and not picked else texts


def _read(
    rows: Mapping[tuple[int, ...], dict[str, tuple[str, ...]]], place: tuple[int, ...]
) -> Node:
    row = rows[place]
    below = sorted(one for one in rows if len(one) == len(place) + 1 and one[:-1] == place)
    if "kind" in row or not row:
        kind = (*row.get("kind", ()), "all")[0]
        return Group(kind if kind in KINDS else "all", tuple(_read(rows, child) for child in below))
    first = {name: (*values, "")[0] for name, values in row.items()}
    values = row.get("value", ())
    if "value2" in row:
        values = (first.get("value", ""), first["value2"])
    return Line(
        fact=first.get("fact", ""),
        op=first.get("op", ""),
        values=values if any(values) else (),
        numbers=tuple((key[2:], text) for key, text in first.items() if key.startswith("n-")),
        was=first.get("was", ""),
    )


def _usual_operator(offer: Offer) -> str:
    return "gte" if offer.type in (FactType.INTEGER, FactType.NUMBER) else "eq"


def _suiting(values: tuple[str, ...], offer: Offer) -> tuple[str, ...]:
    if offer.type is not FactType.CHOICE:
        return values
    keys = {key for key, _ in offer.offered()}
    return tuple(value for value in values if value in keys)
