"""Entries of parts as people read them: conditions in words, lists with commas, nothing cut."""

from __future__ import annotations

from typing import Any

from governance import condition_prose, conditions, facts
from governance.conditions import Node
from governance.facts import Registry


def english(document: Any, registry: Registry = facts.registry) -> str:
    """A stored condition as one sentence; where it cannot be read, what is wrong with it."""
    node = _read(document, registry)
    return node if isinstance(node, str) else condition_prose.english(node, registry)


def value(name: str, content: Any, registry: Registry = facts.registry) -> str:
    """One entry of a part. Conditions are told in full, so that every change can be seen."""
    if name == "condition":
        node = _read(content, registry)
        if isinstance(node, str):
            return node
        return " · ".join(line.text for line in condition_prose.lines(node, registry))
    return _plain(content)


def _read(document: Any, registry: Registry) -> Node | str:
    if document is None:
        return "always"
    try:
        return conditions.parse(document, registry)
    except conditions.ConditionInvalid as refusal:
        return refusal.message


def _plain(content: Any) -> str:
    if content in (None, "", [], {}):
        return "nothing"
    if isinstance(content, bool):
        return "yes" if content else "no"
    if isinstance(content, dict):
        return "; ".join(f"{key} {_plain(one)}" for key, one in content.items())
    if isinstance(content, list):
        return ", ".join(map(_plain, content))
    return str(content)
