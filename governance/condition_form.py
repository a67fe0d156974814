"""What a tree of typed fields means: its document, what is missing in it, and at which node. Pure.

judged = condition_form.judge(tree, catalogue)
judged.document     as JSON, half-finished parts included
judged.condition    the parsed condition, None while there are faults or nothing is asked
judged.faults       each with the id of its node and its field
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from governance import condition_operators, condition_tree, conditions
from governance.condition_operators import Shape
from governance.condition_tree import Group, Line, Node, Tree
from governance.fact_catalogue import Catalogue, Offer
from governance.facts import FactType

_WHOLE = re.compile(r"[-+]?(?:\d{1,30}|\d{1,3}(?:,\d{3}){1,8})")
_NUMBER = re.compile(r"[-+]?(?:\d{1,30}|\d{1,3}(?:,\d{3}){1,8})(?:\.\d{1,30})?")
_BOOLEANS = {"true": True, "false": False}
_MINUS = str.maketrans("−", "-")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong at one field of one node; `missing` ones are merely not filled in yet."""

    node_id: str
    field: str
    message: str
    missing: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """What a tree says. `condition` is set only when there are no faults."""

    document: Any
    condition: conditions.Node | None
    faults: tuple[Fault, ...] = ()

    @property
    def is_sound(self) -> bool:
        """Whether it could be saved as it stands."""
        return not self.faults

    def at(self, node_id: str) -> tuple[Fault, ...]:
        """The faults of one node."""
        return tuple(fault for fault in self.faults if fault.node_id == node_id)


class _Unreadable(ValueError):
    """Text that is no value of its fact."""


@dataclass(slots=True)
class _Writer:
    """Writes the document, notes where each node stands in it, and what is not filled in."""

    catalogue: Catalogue
    places: dict[str, str]
    faults: list[Fault]

    def node(self, node: Node, node_id: str, path: str) -> dict[str, Any]:
        self.places[path] = node_id
        return self.group(node, node_id, path) if isinstance(node, Group) else self.line(
            node, node_id
        )  # fmt: skip

    def group(self, group: Group, node_id: str, path: str) -> dict[str, Any]:
        if group.kind == "not" and len(group.children) == 1:
            return {"not": self.node(group.children[0], f"{node_id}.0", _below(path, "not"))}
        if group.kind == "not":
            words = "Keep one test in it" if group.children else "Add the test that must not hold"
            self.missing(node_id, "kind", f"{words}, or choose another word for the group.")
        negated = group.kind in ("none", "not_all", "not")
        word = "all" if group.kind in ("all", "not_all") else "any"
        inner = _below(path, "not") if negated else path
        self.places[inner] = node_id
        if group.kind in ("any", "none") and not group.children:
            self.missing(node_id, "kind", "Add a test to this group, or remove it.")
        content = [
            self.node(child, f"{node_id}.{place}", f"{_below(inner, word)}[{place}]")
            for place, child in enumerate(group.children)
        ]
        return {"not": {word: content}} if negated else {word: content}

    def line(self, line: Line, node_id: str) -> dict[str, Any]:
        offer = self.catalogue.find(line.fact)
        document: dict[str, Any] = {"fact": self.fact(line, offer, node_id), "op": line.op}
        if offer is None:
            several = condition_tree.shape_of(line.op) in (Shape.LIST, Shape.PAIR)
            value = list(line.values) if several else line.values[:1]
            return {**document, "value": value if several else value[0]} if value else document
        if not line.op:
            self.missing(node_id, "op", "Choose how to compare.")
        value = self.value(line, offer, node_id)
        return document if value is None else {**document, "value": value}

    def fact(self, line: Line, offer: Offer | None, node_id: str) -> str:
        if not line.fact.strip():
            self.missing(node_id, "fact", "Choose a field.")
            return ""
        if offer is None:
            hint = self.catalogue.nearest(line.fact) or "; choose one from the list."
            self.wrong(node_id, "fact", f"There is no field “{line.fact.strip()[:80]}”{hint}")
            return line.fact.strip()
        given = dict(line.numbers)
        for number in offer.numbers:
            text = given.get(number.name, "").strip()
            if fault := number.fault(text):
                blank = not text
                self.faults.append(Fault(node_id, f"n-{number.name}", fault, missing=blank))
        return offer.fact_name({name: text.strip() for name, text in given.items()})

    def value(self, line: Line, offer: Offer, node_id: str) -> Any:
        shape = condition_tree.shape_of(line.op)
        if shape is Shape.NONE:
            return None
        if line.op not in condition_operators.OPERATORS:
            return line.values[0] if line.values else None
        if shape is Shape.PAIR:
            return self.pair(line, offer, node_id)
        texts = [text for value in line.values for text in _lines(value, offer)]
        if not texts:
            several = shape is Shape.LIST
            words = "Enter at least one value." if several else "Enter a value."
            words = words.replace("Enter", "Choose") if _is_chosen(offer) else words
            self.missing(node_id, "value", words)
            return [] if several else ""
        values = [self.one(text, offer, node_id, "value") for text in texts]
        if shape is Shape.LIST:
            return values
        if len(values) > 1:
            words = condition_operators.OPERATORS[line.op].words
            self.wrong(node_id, "value", f"“{words}” takes one value; there are {len(values)}.")
        return values[0]

    def pair(self, line: Line, offer: Offer, node_id: str) -> list[Any]:
        found = []
        ends = zip((*line.values, "", ""), ("lowest", "highest"), ("value", "value2"), strict=False)
        for text, end, field in ends:
            if not text.strip():
                self.missing(node_id, field, f"Enter the {end} value.")
            found.append(self.one(text, offer, node_id, field) if text.strip() else "")
        return found

    def one(self, text: str, offer: Offer, node_id: str, field: str) -> Any:
        try:
            return _READERS[offer.type](text)
        except _Unreadable as fault:
            self.wrong(node_id, field, str(fault))
            return text

    def missing(self, node_id: str, field: str, message: str) -> None:
        self.faults.append(Fault(node_id, field, message, missing=True))

    def wrong(self, node_id: str, field: str, message: str) -> None:
        self.faults.append(Fault(node_id, field, message))


def judge(tree: Tree, catalogue: Catalogue) -> Judged:
    """What the tree says, and everything that stands against it, in the order of its nodes."""
    if tree is None:
        return Judged(None, None)
    writer = _Writer(catalogue, {}, [])
    document = writer.node(tree, condition_tree.ROOT, "")
    faults = list(writer.faults)
    condition = None
    try:
        condition = conditions.parse(document, catalogue.registry, about=catalogue.about)
    except conditions.ConditionInvalid as refusal:
        told = {fault.node_id for fault in faults}
        for error in refusal.errors:
            node_id, field = _place(error.field, writer.places)
            if node_id not in told:
                faults.append(Fault(node_id, field, _capital(error.message)))
    order = {node_id: place for place, (node_id, _) in enumerate(condition_tree.walk(tree))}
    faults.sort(key=lambda fault: order.get(fault.node_id, 0))
    return Judged(document, None if faults else condition, tuple(faults))


def number_of(node_id: str) -> str:
    """What people call a node: “2.1” is the first node in the second one; empty for the root."""
    return ".".join(str(int(piece) + 1) for piece in node_id.split(".")[1:])


def place_of(node_id: str, node: Node | None) -> str:
    """“Test 2.1”, “Group 3”, “The condition”."""
    number = number_of(node_id)
    if not number:
        return "The test" if isinstance(node, Line) else "The condition"
    return f"{'Test' if isinstance(node, Line) else 'Group'} {number}"


def _place(path: str, places: dict[str, str]) -> tuple[str, str]:
    """The node that a path of the parser leads to, and the field of it."""
    path = "" if path == "condition" else path
    here = path
    while here and here not in places:
        here = here[: max(here.rfind("."), here.rfind("["), 0)]
    rest = path[len(here) :].lstrip(".")
    field = re.match(r"fact|op|value", rest)
    return places.get(here, condition_tree.ROOT), field[0] if field else "kind"


def _below(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _lines(value: str, offer: Offer) -> Iterator[str]:
    """The values in one field: one a line; a choice's key is one whatever is in it."""
    if _is_chosen(offer):
        yield from (value,) if value else ()
        return
    yield from (line for line in value.replace("\r\n", "\n").split("\n") if line.strip())


def _is_chosen(offer: Offer) -> bool:
    return offer.type in (FactType.CHOICE, FactType.BOOLEAN)


def _capital(message: str) -> str:
    return message[:1].upper() + message[1:]


def _whole(text: str) -> int:
    plain = text.strip().translate(_MINUS)
    if not _WHOLE.fullmatch(plain):
        raise _Unreadable(f"“{text.strip()[:60]}” is no whole number such as 50.")
    return int(plain.replace(",", ""))


def _number(text: str) -> int | float:
    plain = text.strip().translate(_MINUS)
    if not _NUMBER.fullmatch(plain):
        raise _Unreadable(f"“{text.strip()[:60]}” is no number such as 2.5.")
    exact = Decimal(plain.replace(",", ""))
    if exact == exact.to_integral_value():
        return int(exact)
    if Decimal(repr(float(exact))) != exact:
        raise _Unreadable(f"“{text.strip()[:60]}” has too many digits: 15 are exact.")
    return float(exact)


def _boolean(text: str) -> bool:
    if text not in _BOOLEANS:
        raise _Unreadable("Choose yes or no.")
    return _BOOLEANS[text]


_READERS: dict[FactType, Any] = {
    FactType.TEXT: condition_tree.unescaped,
    FactType.CHOICE: str,
    FactType.INTEGER: _whole,
    FactType.NUMBER: _number,
    FactType.BOOLEAN: _boolean,
}
