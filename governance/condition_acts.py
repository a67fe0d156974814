"""What can be done to a condition under edit: one act on one node, named as `verb:node`. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

from governance import condition_operators, condition_tree
from governance.condition_operators import Shape
from governance.condition_tree import ROOT, Group, Line, Node, Tree
from governance.fact_catalogue import Catalogue
from governance.facts import FactType

WRAPS = {"wrap-all": "all", "wrap-any": "any", "wrap-not": "not"}


@dataclass(frozen=True, slots=True)
class Acted:
    """The tree after an act; `focus` is the field where the hand goes on, `said` what was done."""

    tree: Tree
    focus: str = ""
    said: str = ""


Act: TypeAlias = Callable[[Tree, str, Catalogue], Acted]


def apply(tree: Tree, act: str, catalogue: Catalogue) -> Acted:
    """Do `act` to the tree. One that is not known, or whose node is gone, changes nothing."""
    verb, _, node_id = act.partition(":")
    node_id = node_id or ROOT
    deed = _ACTS.get(verb)
    empty_root = tree is None and node_id == ROOT and verb in ("add-test", "add-group")
    if deed is None or not (empty_root or find(tree, node_id) is not None):
        return Acted(tree, said="Nothing was changed: that part is no longer there.")
    return deed(tree, node_id, catalogue)


def find(tree: Tree, node_id: str) -> Node | None:
    """The node of this id, if there is one."""
    return next((node for one, node in condition_tree.walk(tree) if one == node_id), None)


def _add(tree: Tree, node_id: str, new: Node, said: str) -> Acted:
    """Put a node behind what a group holds; a test becomes a group of both."""
    focus = "fact" if isinstance(new, Line) else "0-fact"
    if tree is None:
        return Acted(new, _field(ROOT, focus), said)
    node = find(tree, node_id)
    if isinstance(node, Line):
        return Acted(
            _changed(tree, node_id, Group("all", (node, new))), _field(f"{node_id}.1", focus), said
        )
    assert isinstance(node, Group)  # noqa: S101 (apply has found it)
    kind = "none" if node.kind == "not" and node.children else node.kind
    grown = Group(kind, (*node.children, new))
    place = f"{node_id}.{len(node.children)}"
    return Acted(_changed(tree, node_id, grown), _field(place, focus), said)


def _add_test(tree: Tree, node_id: str, catalogue: Catalogue) -> Acted:
    return _add(tree, node_id, Line(), "A test was added. Choose its field.")


def _add_group(tree: Tree, node_id: str, catalogue: Catalogue) -> Acted:
    said = "A group was added with an empty test. Choose its field."
    return _add(tree, node_id, Group("any", (Line(),)), said)


def _remove(tree: Tree, node_id: str, catalogue: Catalogue) -> Acted:
    """Take a node out. A condition of nothing asks nothing."""
    what = "The group was" if isinstance(find(tree, node_id), Group) else "The test was"
    said = f"{what} removed."
    if node_id == ROOT:
        return Acted(None, "0-add", said)
    parent_id, place = _parent(node_id)
    parent = find(tree, parent_id)
    assert isinstance(parent, Group)  # noqa: S101
    left = parent.children[:place] + parent.children[place + 1 :]
    if not left and parent_id == ROOT:
        return Acted(None, "0-add", f"{said} Nothing is asked now.")
    changed = _changed(tree, parent_id, replace(parent, children=left))
    if not left:
        return Acted(changed, f"{parent_id}-add", said)
    beside = min(place, len(left) - 1)
    first = "fact" if isinstance(left[beside], Line) else "kind"
    return Acted(changed, f"{parent_id}.{beside}-{first}", said)


def _moved(step: int, words: str) -> Act:
    def move(tree: Tree, node_id: str, catalogue: Catalogue) -> Acted:
        if node_id == ROOT:
            return Acted(tree)
        parent_id, place = _parent(node_id)
        parent = find(tree, parent_id)
        assert isinstance(parent, Group)  # noqa: S101
        to = place + step
        verb = "up" if step < 0 else "down"
        if not 0 <= to < len(parent.children):
            return Acted(tree, f"{node_id}-{verb}", "It stands at the end already.")
        order = list(parent.children)
        order[place], order[to] = order[to], order[place]
        at_end = to in (0, len(order) - 1) and to == (0 if step < 0 else len(order) - 1)
        button = ("down" if step < 0 else "up") if at_end else verb
        changed = _changed(tree, parent_id, replace(parent, children=tuple(order)))
        said = f"Moved {words}, to place {to + 1} of {len(order)}."
        return Acted(changed, f"{parent_id}.{to}-{button}", said)

    return move


def _wrapped(kind: str) -> Act:
    def wrap(tree: Tree, node_id: str, catalogue: Catalogue) -> Acted:
        node = find(tree, node_id)
        assert node is not None  # noqa: S101
        said = f"Put into a group: {condition_tree.KINDS[kind].lower()}."
        return Acted(_changed(tree, node_id, Group(kind, (node,))), f"{node_id}-kind", said)

    return wrap


def _unwrap(tree: Tree, node_id: str, catalogue: Catalogue) -> Acted:
    """Dissolve a group: what it holds takes its place."""
    node = find(tree, node_id)
    if not isinstance(node, Group):
        return Acted(tree)
    said = "The group was dissolved."
    if node_id == ROOT:
        if len(node.children) > 1:
            return Acted(tree, f"{ROOT}-kind", "The outermost group holds everything together.")
        return Acted(node.children[0] if node.children else None, _first(node, ROOT), said)
    parent_id, place = _parent(node_id)
    parent = find(tree, parent_id)
    assert isinstance(parent, Group)  # noqa: S101
    children = parent.children[:place] + node.children + parent.children[place + 1 :]
    changed = _changed(tree, parent_id, replace(parent, children=children))
    return Acted(changed, _first(node, node_id), said)


def _choose(tree: Tree, node_id: str, catalogue: Catalogue) -> Acted:
    """Another field, operator or word was chosen: the inputs follow."""
    node = find(tree, node_id)
    if not isinstance(node, Line):
        return Acted(tree)
    settled = condition_tree.settled_line(node, catalogue)
    offer = catalogue.find(settled.fact)
    picks = offer is not None and offer.type in (FactType.CHOICE, FactType.BOOLEAN)
    values = settled.values
    if condition_tree.shape_of(settled.op) is Shape.ONE:
        values = values[:1] if picks else tuple(value.split("\n")[0] for value in values[:1])
    elif condition_tree.shape_of(settled.op) is Shape.NONE:
        values = ()
    said = ""
    if settled.was != node.was and offer is not None:
        words = condition_operators.OPERATORS[settled.op].words if settled.op else ""
        said = f"Field {offer.label}, {words}."
    return Acted(_changed(tree, node_id, replace(settled, values=values)), said=said)


def _refresh(tree: Tree, node_id: str, catalogue: Catalogue) -> Acted:
    return Acted(tree)


def _changed(tree: Tree, node_id: str, new: Node) -> Tree:
    """The tree with another node at this place."""
    places = [int(piece) for piece in node_id.split(".")[1:]]

    def put(node: Node, depth: int) -> Node:
        if depth == len(places) or not isinstance(node, Group):
            return new
        children = list(node.children)
        children[places[depth]] = put(children[places[depth]], depth + 1)
        return replace(node, children=tuple(children))

    return new if tree is None else put(tree, 0)


def _parent(node_id: str) -> tuple[str, int]:
    parent_id, _, place = node_id.rpartition(".")
    return parent_id, int(place)


def _field(node_id: str, field: str) -> str:
    """“0.1-fact”; “0-fact” of a new group is its first test's."""
    return f"{node_id}.{field}" if field.startswith("0-") else f"{node_id}-{field}"


def _first(group: Group, node_id: str) -> str:
    """The first field of what a dissolved group held."""
    if not group.children:
        return f"{ROOT}-add"
    return f"{node_id}-{'kind' if isinstance(group.children[0], Group) else 'fact'}"


_ACTS: dict[str, Act] = {
    "add-test": _add_test,
    "add-group": _add_group,
    "remove": _remove,
    "up": _moved(-1, "up"),
    "down": _moved(1, "down"),
    "unwrap": _unwrap,
    "choose": _choose,
    "refresh": _refresh,
    **{verb: _wrapped(kind) for verb, kind in WRAPS.items()},
}
