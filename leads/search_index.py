"""How names are indexed for the search: the expressions that index and query must share."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db.models import F, Value
from django.db.models.expressions import Combinable, OrderBy
from django.db.models.functions import Collate, Lower, Replace
from django.db.models.indexes import IndexExpression

# As django.contrib.postgres does where it is installed; nothing else of it is needed here.
IndexExpression.register_wrappers(OrderBy, OpClass, Collate)

PAIRS = (("ae", "a"), ("oe", "o"), ("ue", "u"))
"""As `name_spelling.plain` reads them: Germans write ä, ae and, abroad, a for one letter."""


def folded(field: str) -> Combinable:
    """A company's `name_key` with one letter for each umlaut, however it was written."""
    expression: Combinable = F(field)
    for pair, letter in PAIRS:
        expression = Replace(expression, Value(pair), Value(letter))
    return expression


def of_companies() -> GinIndex:
    """Parts of company names and of their domains."""
    return GinIndex(
        OpClass(folded("name_key"), name="gin_trgm_ops"),
        OpClass(F("domain"), name="gin_trgm_ops"),
        name="accounts_by_part",
    )


def of_values(name: str) -> GinIndex:
    """Parts of addresses, numbers, ids and other names."""
    return GinIndex(fields=["value"], opclasses=["gin_trgm_ops"], name=name)


def of_deals() -> GinIndex:
    """Parts of opportunities' names."""
    return GinIndex(OpClass(Lower("name"), name="gin_trgm_ops"), name="opportunities_by_part")
