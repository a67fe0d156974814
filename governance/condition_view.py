"""A condition under edit as templates show it: nodes, inputs, choices, faults. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from governance import condition_form, condition_operators, condition_prose, condition_tree
from governance.condition_editor import Editor
from governance.condition_form import Fault
from governance.condition_operators import Shape
from governance.condition_tree import KINDS, Group, Line, Node
from governance.fact_catalogue import Catalogue, Offer
from governance.facts import FactType


class Input(StrEnum):
    """How a value is given."""

    NONE = "none"
    TEXT = "text"
    AREA = "area"
    PAIR = "pair"
    SELECT = "select"
    TICKS = "ticks"


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a list."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class NumberInput:
    """An open number of a family."""

    name: str
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class LineView:
    """The inputs of one test."""

    fact: str
    was: str
    about: str
    help: str
    operators: tuple[Option, ...]
    numbers: tuple[NumberInput, ...]
    input: Input
    options: tuple[Option, ...]
    text: str
    text2: str
    mode: str
    unit: str

    @property
    def has_chosen(self) -> bool:
        """Whether one of the choices is chosen."""
        return any(option.chosen for option in self.options)

    @property
    def rows(self) -> int:
        """Lines of the box for several values."""
        return min(max(self.text.count("\n") + 2, 3), 8)


@dataclass(frozen=True, slots=True)
class NodeView:
    """One node. `focus` names the field of it where the hand goes on, if it is here."""

    node_id: str
    title: str
    is_root: bool
    is_first: bool
    is_last: bool
    faults: tuple[Fault, ...]
    focus: str
    is_strict: bool
    line: LineView | None = None
    kinds: tuple[Option, ...] = ()
    children: tuple[NodeView, ...] = ()

    @property
    def number(self) -> str:
        """“2.1”; empty for the outermost."""
        return condition_form.number_of(self.node_id)

    @property
    def wrong(self) -> frozenset[str]:
        """The fields with something wrong in them."""
        return frozenset(
            fault.field for fault in self.faults if self.is_strict or not fault.missing
        )

    @property
    def kind_words(self) -> str:
        """“all of these”."""
        return next((one.label.lower() for one in self.kinds if one.chosen), "")


@dataclass(frozen=True, slots=True)
class Todo:
    """One thing to finish, with the id of the input it is about."""

    anchor: str
    text: str
    missing: bool


def nodes(editor: Editor, catalogue: Catalogue) -> NodeView | None:
    """The tree to show; None when nothing is asked."""
    if editor.tree is None:
        return None
    return _node(editor.tree, condition_tree.ROOT, (0, 1), editor, catalogue)


def flat(node: NodeView | None) -> Iterator[NodeView]:
    """Every node to show, groups before what is in them."""
    if node is not None:
        yield node
        for child in node.children:
            yield from flat(child)


def todos(editor: Editor, name: str) -> tuple[Todo, ...]:
    """What keeps the condition from being whole, in the order of its nodes."""
    known = dict(condition_tree.walk(editor.tree))
    return tuple(
        Todo(
            f"{name}-{fault.node_id}-{fault.field}",
            f"{condition_form.place_of(fault.node_id, known.get(fault.node_id))}: {fault.message}",
            fault.missing,
        )
        for fault in editor.judged.faults
    )


def sentence(editor: Editor, catalogue: Catalogue) -> str:
    """The condition as a sentence; empty while it is not whole."""
    if editor.judged.faults:
        return ""
    if editor.judged.condition is None:
        return "It always holds."
    words = condition_prose.english(editor.judged.condition, catalogue.registry)
    return f"{words[:1].upper()}{words[1:]}."


def groups(catalogue: Catalogue) -> tuple[tuple[str, tuple[Offer, ...]], ...]:
    """Everything on offer under its headings, both in the order of the catalogue."""
    found: dict[str, list[Offer]] = {}
    for offer in catalogue.offers:
        found.setdefault(offer.group, []).append(offer)
    return tuple((heading, tuple(offers)) for heading, offers in found.items())


def _node(
    node: Node, node_id: str, place: tuple[int, int], editor: Editor, catalogue: Catalogue
) -> NodeView:
    at, of = place
    focus_id, _, focus = editor.focus.rpartition("-")
    if focus_id != node_id:
        focus = ""
    return NodeView(
        node_id=node_id,
        title=condition_form.place_of(node_id, node),
        is_root=node_id == condition_tree.ROOT,
        is_first=at == 0,
        is_last=at == of - 1,
        faults=editor.judged.at(node_id),
        focus=focus,
        is_strict=editor.is_strict,
        line=_line(node, catalogue) if isinstance(node, Line) else None,
        kinds=_options(KINDS.items(), {node.kind}) if isinstance(node, Group) else (),
        children=tuple(
            _node(child, f"{node_id}.{number}", (number, len(node.children)), editor, catalogue)
            for number, child in enumerate(node.children)
        )
        if isinstance(node, Group)
        else (),
    )


def _line(line: Line, catalogue: Catalogue) -> LineView:
    offer = catalogue.find(line.fact)
    shape = condition_tree.shape_of(line.op)
    values = (*line.values, "", "")
    given = dict(line.numbers)
    several = shape is Shape.LIST or any("\n" in value for value in line.values)
    return LineView(
        fact=line.fact,
        was=line.was,
        about=offer.line if offer else "",
        help=offer.help if offer else "",
        operators=_operators(line, offer),
        numbers=tuple(
            NumberInput(one.name, one.label, given.get(one.name, ""))
            for one in (offer.numbers if offer else ())
        ),
        input=_input(offer, line, shape, several=several),
        options=_choices(offer, line.values),
        text="\n".join(line.values) if several else values[0],
        text2=values[1],
        mode={FactType.INTEGER: "numeric", FactType.NUMBER: "decimal"}.get(
            offer.type if offer else FactType.TEXT, "text"
        ),
        unit=offer.unit if offer else "",
    )


def _input(offer: Offer | None, line: Line, shape: Shape, *, several: bool) -> Input:
    if shape is Shape.NONE or ((offer is None or not line.op) and not any(line.values)):
        return Input.NONE
    if offer is not None and offer.type in (FactType.CHOICE, FactType.BOOLEAN):
        return Input.TICKS if shape is Shape.LIST else Input.SELECT
    if shape is Shape.PAIR:
        return Input.PAIR
    return Input.AREA if several else Input.TEXT


def _operators(line: Line, offer: Offer | None) -> tuple[Option, ...]:
    known = condition_operators.OPERATORS
    names = condition_operators.allowed(offer.type) if offer else list(known)
    listed = [(name, known[name].words) for name in names]
    if line.op and line.op not in names:
        words = known[line.op].words if line.op in known else line.op
        listed.append((line.op, f"{words} (not for this field)"))
    return _options(listed, {line.op})


def _choices(offer: Offer | None, values: tuple[str, ...]) -> tuple[Option, ...]:
    """The choices of a field; values it no longer offers stay, and say so."""
    if offer is None or offer.type not in (FactType.CHOICE, FactType.BOOLEAN):
        return ()
    known = offer.offered() if offer.type is FactType.CHOICE else (("true", "Yes"), ("false", "No"))
    keys = {key for key, _ in known}
    gone = [(value, f"{value} (not offered)") for value in values if value and value not in keys]
    return _options([*known, *gone], set(values))


def _options(pairs: Iterable[tuple[str, str]], chosen: set[str]) -> tuple[Option, ...]:
    return tuple(Option(value, label, value in chosen) for value, label in pairs)
