"""Entries of parts as people read them: conditions in words, lists with commas, nothing cut."""

from __future__ import annotations

from typing import Any

from governance import condition_prose, conditions, facts
from governance.conditions import Node


def english(document: Any) -> str:
    """A stored condition as one sentence; where it cannot be read, what is wrong with it."""
    node = _read(document)
    return node if isinstance(node, str) else condition_prose.english(node, facts.registry)


def value(name: str, content: Any) -> str:
    """One entry of a part. Conditions are told in full, so that every change can be seen."""
    if name == "condition":
        node = _read(content)
        if isinstance(node, str):
            return node
        return " · ".join(line.text for line in condition_prose.lines(node, facts.registry))
    return _plain(content)


def _read(document: Any) -> Node | str:
    if document is None:
        return "always"
    try:
        return conditions.parse(document, facts.registry)
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
