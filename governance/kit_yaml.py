"""A kit's document as YAML, for people, Git and CI. The same document gives the same text.

What stands at its default is left out, and the order of a list is the position of its parts.
Only plain YAML is read: text, numbers, true, false, null, lists and objects; no dates, no
references, no `yes`/`no` (which would make a boolean of Norway's NO), no key twice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import yaml
from django.db.models import DecimalField, Field

from core.errors import FieldError, InvalidInput
from governance.models import KitPart
from governance.models.part import part_models, plain

SIZE = 2_000_000
WIDTH = 100
ORDER_OF_KINDS = (
    "stage", "criterion", "checklist", "channel", "attribution_rule", "clock_policy",
    "escalation_level", "clock_exemption", "calendar", "own_field", "signal", "score_rule",
    "score_band", "reason", "deal_stage", "identity_rule", "field_rule", "quality_rule",
    "exclusion", "quality_floor", "routing_rule", "general_policy", "fixture",
)  # fmt: skip
ORDER_OF_ENTRIES = (
    "schema", "parts", "all", "any", "not", "fact", "op", "value", "key", "label", "help",
    "mon", "tue", "wed", "thu", "fri", "sat", "sun",
)  # fmt: skip


_WHOLE = r"-?(?:0|[1-9][0-9]*)"
_VALUES: dict[str, tuple[str, Sequence[str]]] = {
    "bool": (r"true|false", "tf"),
    "null": (r"null|~|", ["n", "~", ""]),
    "int": (_WHOLE, "-0123456789"),
    "float": (rf"{_WHOLE}(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?", "-0123456789"),
}
"""What stands for something else than text when it is not quoted, and how it begins."""

_NOT_TEXT = re.compile("|".join(pattern for pattern, _ in _VALUES.values()))


class NotYaml(InvalidInput):
    """The text is no kit in YAML; the message names the line."""

    code = "not_yaml"


def dump(document: Mapping[str, Any]) -> str:
    """The document as YAML text that `read` turns back into an equal document."""
    kinds = {model.kind: model for model in part_models()}
    parts = document.get("parts", {})
    ordered = sorted(parts, key=lambda kind: (_rank(ORDER_OF_KINDS, kind), kind))
    short = {kind: _shortened(kinds.get(kind), parts[kind]) for kind in ordered}
    text = yaml.dump(
        {"schema": document.get("schema"), "parts": short},
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        width=WIDTH,
    )
    return re.sub(r"(?<!\nparts:)\n(  \w+:\n    - )", r"\n\n\1", text)


def read(text: str) -> dict[str, Any]:
    """The document a YAML text holds; entries left out stay out. Raises `NotYaml`."""
    if len(text) > SIZE:
        raise NotYaml(f"The text has {len(text):,} characters; at most {SIZE:,} are read.")
    try:
        document = _Loader(text).get_single_data()
    except yaml.MarkedYAMLError as fault:
        mark = fault.problem_mark or fault.context_mark
        where = f"Line {mark.line + 1}, column {mark.column + 1}" if mark else "The text"
        problem = fault.problem or "cannot be read"
        raise NotYaml(f"{where}: {problem}.", errors=[FieldError(where, problem)]) from fault
    except (yaml.YAMLError, RecursionError, ValueError) as fault:
        raise NotYaml(f"This is not YAML: {str(fault)[:200]}") from fault
    if not isinstance(document, dict):
        raise NotYaml("A kit is an object with “schema” and “parts”.")
    return document


def _shortened(model: type[KitPart] | None, entries: list[dict[str, Any]]) -> list[Any]:
    if model is None:
        return entries
    fields = [field for field in model._meta.concrete_fields if field.name not in ("id", "kit")]
    columns = {field.name: field for field in fields}
    order = ["key", *(name for name in columns if name not in ("key", "position"))]
    placed = [(entry.get("position", place), entry) for place, entry in enumerate(entries)]
    placed.sort(key=lambda one: (one[0], one[1]["key"]))
    found = []
    for number, (_, entry) in enumerate(placed):
        shown = {
            name: _readable(columns[name], entry[name])
            for name in order
            if name in entry and (name == "key" or not _is_default(columns[name], entry[name]))
        }
        if entry.get("position", number) != number:
            shown["position"] = entry["position"]
        shown |= {name: entry[name] for name in sorted(entry.keys() - columns.keys())}
        found.append(shown)
    return found


def _is_default(field: Field[Any, Any], value: Any) -> bool:
    return bool(plain(field.get_default()) == value)


def _readable(field: Field[Any, Any], value: Any) -> Any:
    """Documents keep decimals as text, so that none is ever rounded; people write numbers."""
    if isinstance(field, DecimalField) and isinstance(value, str):
        return int(value) if "." not in value else float(value)
    return _ordered(value)


def _ordered(value: Any) -> Any:
    """The database forgets the order of an object's entries; people should find it again."""
    if isinstance(value, Mapping):
        keys = sorted(value, key=lambda key: (_rank(ORDER_OF_ENTRIES, key), str(key)))
        return {key: _ordered(value[key]) for key in keys}
    return [_ordered(item) for item in value] if isinstance(value, list) else value


def _rank(order: tuple[str, ...], name: object) -> int:
    return order.index(name) if name in order else len(order)


class _Dumper(yaml.SafeDumper):
    """Short things on one line, long prose folded, lists indented below their name."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: FBT001, FBT002
        super().increase_indent(flow, False)  # noqa: FBT003

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = None
    if not text.replace("\n", " ").isprintable():
        style = '"'  # only these quotes can escape what cannot be shown
    elif _NOT_TEXT.fullmatch(text):
        style = "'"
    elif "\n" in text:
        style = "|"
    elif len(text) > 80 and text == " ".join(text.split()):
        style = ">"
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _represent_list(dumper: yaml.SafeDumper, items: list[Any]) -> yaml.SequenceNode:
    return dumper.represent_sequence(
        "tag:yaml.org,2002:seq", items, flow_style=_is_short(items) and not _holds_object(items)
    )


def _represent_object(dumper: yaml.SafeDumper, entries: dict[str, Any]) -> yaml.MappingNode:
    is_test = "fact" in entries and "op" in entries and _is_short(entries)
    return dumper.represent_mapping("tag:yaml.org,2002:map", entries, flow_style=is_test)


def _is_short(value: Any) -> bool:
    return len(str(value)) <= WIDTH


def _holds_object(item: Any) -> bool:
    return isinstance(item, dict) or (isinstance(item, list) and any(map(_holds_object, item)))


_Dumper.add_representer(str, _represent_text)
_Dumper.add_representer(list, _represent_list)
_Dumper.add_representer(dict, _represent_object)


class _Loader(yaml.SafeLoader):
    """Reads plain YAML 1.2 values only."""

    yaml_implicit_resolvers: ClassVar[dict[str, list[Any]]] = {}  # type: ignore[misc]

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Refuse references: a few lines could stand for gigabytes."""
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(problem="references (*name) are not read", problem_mark=mark)
        return super().compose_node(parent, index)


def _construct_object(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, str) or key in found:
            problem = f"“{key}” stands twice" if isinstance(key, str) else "a key must be text"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=key_node.start_mark)
        found[key] = loader.construct_object(value_node, deep=True)
    return found


_PLAIN = ("str", "null", "bool", "int", "float", "seq")
_Loader.yaml_constructors = {
    None: yaml.SafeLoader.yaml_constructors[None],
    "tag:yaml.org,2002:map": _construct_object,
    **{
        tag: yaml.SafeLoader.yaml_constructors[tag]
        for tag in (f"tag:yaml.org,2002:{name}" for name in _PLAIN)
    },
}
for _tag, (_pattern, _first) in _VALUES.items():
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), list(_first)
    )
