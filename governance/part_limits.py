"""What the database would refuse of a part, told before it is asked: ranges and odd letters.

Reads the check constraints of the part's own table, so a limit is written once.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import CheckConstraint, Model, Q

_LOOKUPS: dict[str, tuple[Callable[[Any, Any], bool], str]] = {
    "range": (lambda value, edges: edges[0] <= value <= edges[1], "be from {0[0]} to {0[1]}"),
    "gt": (operator.gt, "be above {0}"),
    "gte": (operator.ge, "be at least {0}"),
    "lt": (operator.lt, "be below {0}"),
    "lte": (operator.le, "be at most {0}"),
    "isnull": (lambda value, missing: (value is None) is missing, "be left out"),
}


def broken(row: Model) -> dict[str, str]:
    """What is wrong with the columns of an unsaved part, by column; empty when nothing is."""
    found = {}
    for constraint in row._meta.constraints:
        if isinstance(constraint, CheckConstraint) and isinstance(constraint.condition, Q):
            tests = _tests(constraint.condition)
            if not _holds(row, constraint.condition):
                words = " or ".join(_words(*test) for test in tests)
                found[tests[0][0]] = f"Must {words}."
    return found


def is_storable(value: Any) -> bool:
    """Whether every text in a value can be stored: no NUL, no half of a character."""
    if isinstance(value, str):
        return not any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in value)
    if isinstance(value, Mapping):
        return all(is_storable(key) and is_storable(item) for key, item in value.items())
    return not isinstance(value, list | tuple) or all(map(is_storable, value))


def _tests(condition: Q) -> list[tuple[str, str, Any]]:
    """The column, lookup and value of each test in a condition."""
    found: list[tuple[str, str, Any]] = []
    children: list[Any] = condition.children
    for child in children:
        if isinstance(child, Q):
            found += _tests(child)
        else:
            column, _, lookup = child[0].partition("__")
            found.append((column, lookup, child[1]))
    return found


def _holds(row: Model, condition: Q) -> bool:
    children: list[Any] = condition.children
    outcomes = [
        _holds(row, child) if isinstance(child, Q) else _passes(row, *child) for child in children
    ]
    met = any(outcomes) if condition.connector == Q.OR else all(outcomes)
    return met is not condition.negated


def _passes(row: Model, name: str, wanted: Any) -> bool:
    """One test. As in SQL, a missing value breaks no range."""
    column, _, lookup = name.partition("__")
    value = getattr(row, column)
    if value is None and lookup != "isnull":
        return True
    return _LOOKUPS[lookup][0](value, wanted)


def _words(column: str, lookup: str, wanted: Any) -> str:
    return _LOOKUPS[lookup][1].format(wanted)
