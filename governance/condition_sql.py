"""Conditions as Django queries. Selects exactly the rows for which the predicate holds.

SQL knows three truth values, conditions two. Negation is therefore pushed down to the tests,
where an unknown outcome is turned into "does not hold" before it is negated; above the tests
there are only AND and OR, which keep an unknown outcome out of the selection.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeAlias, TypeVar

from django.db.models import (
    BigIntegerField,
    BooleanField,
    CharField,
    DecimalField,
    ExpressionWrapper,
    F,
    Func,
    IntegerField,
    Model,
    Q,
    QuerySet,
    TextField,
    Value,
)
from django.db.models.functions import Coalesce
from django.db.models.lookups import (
    Exact,
    GreaterThan,
    GreaterThanOrEqual,
    In,
    LessThan,
    LessThanOrEqual,
    Range,
)

from core import errors
from governance import condition_operators, facts
from governance.conditions import All, Node, Not, Test, facts_of
from governance.facts import FactType

Row = TypeVar("Row", bound=Model)
Build: TypeAlias = Callable[[F, Any], Any]


class NotSelectable(errors.InvalidInput):
    """The condition speaks of a fact that has no SQL, so it can judge leads but not find them."""

    code = "not_selectable"


class RuleNumber(Func):
    """The number as `facts.clean_number` gives it: six places, NaN and infinities missing."""

    output_field = DecimalField()
    template = (
        "round(nullif(nullif(nullif((%(expressions)s)::text, 'NaN'), 'Infinity'), '-Infinity')"
        f"::numeric, {facts.DECIMAL_PLACES})"
    )

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """Leave exact columns alone, so that their indexes can be used."""
        (source,) = self.get_source_expressions()
        if _is_exact(source.output_field):
            return compiler.compile(source)
        return self.as_sql(compiler, connection, **context)


class FoldedText(Func):
    """The text as `condition_operators.fold` gives it, whatever the locale of the database."""

    output_field = TextField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """Fold plain ASCII by the fast way: the table costs a search for each letter."""
        text, params = compiler.compile(self.get_source_expressions()[0])
        folded = (
            f"CASE WHEN octet_length({text}) = char_length({text}) "
            f'THEN lower({text} COLLATE "C") ELSE translate({text}, %s, %s) END'
        )
        letters = (condition_operators.FOLD_FROM, condition_operators.FOLD_TO)
        return folded, (*params, *params, *params, *params, *letters)


class Holds(Func):
    """A test in SQL that is used as a condition."""

    output_field = BooleanField()


class Contains(Holds):
    """Whether the first text holds the second."""

    template = "strpos(%(expressions)s) > 0"


class StartsWith(Holds):
    """Whether the first text starts with the second."""

    function = "starts_with"


class IsSet(Holds):
    """Whether there is a value; an empty text is none."""

    template = "nullif((%(expressions)s)::text, '') IS NOT NULL"


def select(
    queryset: QuerySet[Row], node: Node, *, registry: facts.Registry, now: datetime
) -> QuerySet[Row]:
    """The rows of a lead queryset for which the condition holds at `now`.

    Aliases only the facts the condition speaks of. Raises `UnknownFact`, or `NotSelectable`
    for a fact without SQL.
    """
    taken = len(queryset.query.annotations)
    columns, aliases = columns_of(facts_of(node), registry=registry, now=now, start=taken)
    selected: QuerySet[Row] = queryset.alias(**aliases).filter(q(node, columns))
    return selected


def columns_of(
    names: Iterable[str], *, registry: facts.Registry, now: datetime, start: int = 0
) -> tuple[dict[str, str], dict[str, Any]]:
    """The column of each fact by its name, and what each column holds, for `alias` or `annotate`.

    Columns are numbered from `start`. Raises `UnknownFact` and `NotSelectable`.
    """
    columns = {name: f"fact_{place}" for place, name in enumerate(sorted(names), start=start)}
    return columns, {columns[name]: _expression(registry.get(name), now) for name in columns}


def q(node: Node, columns: Mapping[str, str]) -> Q:
    """The condition over columns or aliases that hold the facts, by fact name.

    Columns must give the facts' cleaned numbers (see `RuleNumber`); text may be empty.
    """
    return _q(node, columns, negated=False)


def _q(node: Node, columns: Mapping[str, str], *, negated: bool) -> Q:
    if isinstance(node, Test):
        return _test(node, columns[node.fact], negated=negated)
    if isinstance(node, Not):
        return _q(node.node, columns, negated=not negated)
    conjunction = isinstance(node, All) is not negated
    if not node.nodes:
        return Q(Value(conjunction, output_field=BooleanField()))
    children = [_q(child, columns, negated=negated) for child in node.nodes]
    return Q(*children, _connector=Q.AND if conjunction else Q.OR)


def _test(node: Test, column: str, *, negated: bool) -> Q:
    operator, is_negation = condition_operators.base(node.op)
    expression = SQL[operator.name](F(column), node.value)
    if negated is is_negation:
        return Q(expression)
    known = Coalesce(
        ExpressionWrapper(expression, output_field=BooleanField()),
        Value(False, output_field=BooleanField()),  # noqa: FBT003
    )
    return Q(Exact(known, Value(False, output_field=BooleanField())))  # noqa: FBT003


def _literal(value: Any) -> Value:
    """The value in its widest type: a narrow column must not make it overflow."""
    fields: dict[type, Any] = {bool: BooleanField, int: BigIntegerField, Decimal: DecimalField}
    return Value(value, output_field=fields.get(type(value), CharField)())


def _folded(value: str) -> Value:
    return Value(condition_operators.fold(value), output_field=TextField())


SQL: dict[str, Build] = {
    "eq": lambda column, value: Exact(column, _literal(value)),
    "in": lambda column, value: In(column, [_literal(item) for item in value]),
    "lt": lambda column, value: LessThan(column, _literal(value)),
    "lte": lambda column, value: LessThanOrEqual(column, _literal(value)),
    "gt": lambda column, value: GreaterThan(column, _literal(value)),
    "gte": lambda column, value: GreaterThanOrEqual(column, _literal(value)),
    "between": lambda column, value: Range(column, tuple(map(_literal, value))),
    "contains": lambda column, value: Contains(FoldedText(column), _folded(value)),
    "starts_with": lambda column, value: StartsWith(FoldedText(column), _folded(value)),
    "is_set": lambda column, _: IsSet(column),
}


def _expression(fact: facts.Fact, now: datetime) -> Any:
    if fact.sql is None:
        raise NotSelectable(
            f"“{fact.label}” ({fact.name}) is known for one lead at a time only: "
            "take it out of the condition to find leads by it."
        )
    expression = fact.sql(now)
    return RuleNumber(expression) if fact.type is FactType.NUMBER else expression


def _is_exact(field: Any) -> bool:
    if isinstance(field, DecimalField):
        places = field.decimal_places
        return places is not None and places <= facts.DECIMAL_PLACES
    return isinstance(field, IntegerField)
