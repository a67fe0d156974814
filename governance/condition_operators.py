"""The operators of the rule language, each declared once. Their SQL is in `condition_sql`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from governance.facts import FactType


class Shape(StrEnum):
    """What value an operator takes: none, one, a list of them, or a low and a high one."""

    NONE = "none"
    ONE = "one"
    LIST = "list"
    PAIR = "pair"


# Upper to lower case, letter by letter, for the scripts below. Python's and PostgreSQL's own
# case rules differ by version and locale, so this table is applied on both sides.
_FOLDED_RANGES = ((0x41, 0x5A), (0xC0, 0xDE), (0x100, 0x17F), (0x386, 0x3AB), (0x400, 0x42F))
FOLD_FROM = "".join(
    chr(code)
    for low, high in _FOLDED_RANGES
    for code in range(low, high + 1)
    if len(chr(code).lower()) == 1 and chr(code).lower() != chr(code)
)
FOLD_TO = "".join(letter.lower() for letter in FOLD_FROM)
_FOLD = str.maketrans(FOLD_FROM, FOLD_TO)


def fold(text: str) -> str:
    """Text without regard to case: Latin, Greek and Cyrillic letters in lower case."""
    return text.lower() if text.isascii() else text.translate(_FOLD)


@dataclass(frozen=True, slots=True)
class Operator:
    """One way to test a fact.

    `test(value)` returns the check of a fact value that is present; a missing one never
    passes. An operator that `negates` another holds exactly when the other does not, so also
    for missing values, and has no test of its own.
    """

    name: str
    words: str
    words_negated: str
    types: frozenset[FactType]
    shape: Shape
    test: Callable[[Any], Callable[[Any], bool]] | None = None
    negates: str = ""


def _equal(value: Any) -> Callable[[Any], bool]:
    return lambda given: bool(given == value)


def _one_of(values: tuple[Any, ...]) -> Callable[[Any], bool]:
    return frozenset(values).__contains__


def _below(value: Any) -> Callable[[Any], bool]:
    return lambda given: bool(given < value)


def _at_most(value: Any) -> Callable[[Any], bool]:
    return lambda given: bool(given <= value)


def _above(value: Any) -> Callable[[Any], bool]:
    return lambda given: bool(given > value)


def _at_least(value: Any) -> Callable[[Any], bool]:
    return lambda given: bool(given >= value)


def _between(pair: tuple[Any, Any]) -> Callable[[Any], bool]:
    low, high = pair
    return lambda given: bool(low <= given <= high)


def _contains(value: str) -> Callable[[str], bool]:
    part = fold(value)
    return lambda given: part in fold(given)


def _starts_with(value: str) -> Callable[[str], bool]:
    start = fold(value)
    return lambda given: fold(given).startswith(start)


def _present(_: None) -> Callable[[Any], bool]:
    return lambda given: True


_ANY = frozenset(FactType)
_LISTED = _ANY - {FactType.BOOLEAN}
_NUMERIC = frozenset({FactType.INTEGER, FactType.NUMBER})
_TEXT = frozenset({FactType.TEXT})
_ONE, _LIST, _PAIR, _NONE = Shape.ONE, Shape.LIST, Shape.PAIR, Shape.NONE

OPERATORS: dict[str, Operator] = {
    operator.name: operator
    for operator in (
        Operator("eq", "is", "is not", _ANY, _ONE, _equal),
        Operator("ne", "is not", "is", _ANY, _ONE, negates="eq"),
        Operator("in", "is one of", "is none of", _LISTED, _LIST, _one_of),
        Operator("not_in", "is none of", "is one of", _LISTED, _LIST, negates="in"),
        Operator("lt", "is below", "is not below", _NUMERIC, _ONE, _below),
        Operator("lte", "is at most", "is not at most", _NUMERIC, _ONE, _at_most),
        Operator("gt", "is above", "is not above", _NUMERIC, _ONE, _above),
        Operator("gte", "is at least", "is not at least", _NUMERIC, _ONE, _at_least),
        Operator("between", "is between", "is not between", _NUMERIC, _PAIR, _between),
        Operator("contains", "contains", "does not contain", _TEXT, _ONE, _contains),
        Operator("starts_with", "starts with", "does not start with", _TEXT, _ONE, _starts_with),
        Operator("is_set", "is known", "is missing", _ANY, _NONE, _present),
        Operator("is_missing", "is missing", "is known", _ANY, _NONE, negates="is_set"),
    )
}


def base(name: str) -> tuple[Operator, bool]:
    """The operator that does the work for this one, and whether its outcome is negated."""
    operator = OPERATORS[name]
    return (OPERATORS[operator.negates], True) if operator.negates else (operator, False)


def allowed(fact_type: FactType) -> list[str]:
    """Names of the operators that can test a fact of this type, in order for editors."""
    return [operator.name for operator in OPERATORS.values() if fact_type in operator.types]
