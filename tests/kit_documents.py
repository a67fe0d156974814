"""Documents with parts of any kind, as wild as the columns allow, for properties over all kinds."""

from __future__ import annotations

from typing import Any

from django.db import models
from hypothesis import strategies as st

from governance import documents
from governance.models import KitPart
from governance.models.part import part_models

# What PostgreSQL cannot keep in text is refused on the way in.
LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
KEYS = st.from_regex(r"[a-z][a-z0-9_.-]{0,12}", fullmatch=True)
PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(-1e15, 1e15).map(lambda number: number + 0.0)  # the database knows no -0.0
    | st.text(LETTERS, max_size=40),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(LETTERS, max_size=12), inner, max_size=3)
    ),
    max_leaves=8,
)


def _column(field: models.Field[Any, Any]) -> st.SearchStrategy[Any]:
    """Values that a column takes, within every limit there is."""
    if field.choices:
        return st.sampled_from([key for key, _ in field.flatchoices])
    if isinstance(field, models.JSONField):
        return _json(field)
    if isinstance(field, models.DecimalField):
        lowest = 1 if field.null else -99_999
        places = st.decimals(lowest, 99_999, places=field.decimal_places).map(str)
        return (st.none() | places) if field.null else places
    if isinstance(field, models.BooleanField):
        return st.booleans()
    if isinstance(field, models.IntegerField):
        return st.integers(1, 99)
    texts = st.text(LETTERS, max_size=field.max_length or 300).map(str.strip)
    return texts if field.blank else texts.filter(bool)


def _json(field: models.JSONField[Any, Any]) -> st.SearchStrategy[Any]:
    shape = type(field.get_default())
    if shape is list:
        found: st.SearchStrategy[Any] = st.lists(PLAIN, max_size=3)
    elif shape is dict:
        found = st.dictionaries(st.text(LETTERS, max_size=12), PLAIN, max_size=3)
    else:
        found = st.none() | st.dictionaries(st.text(LETTERS, max_size=12), PLAIN, min_size=1)
    return found if field.blank else found.filter(bool)


@st.composite
def parts(draw: st.DrawFn, model: type[KitPart], *, most: int = 3) -> list[dict[str, Any]]:
    """Up to `most` parts of a kind, each with what it needs and some of what it may have."""
    columns = {
        field.name: field
        for field in model._meta.concrete_fields
        if field.name not in ("id", "kit", "key", "position")
    }
    needed = {name for name, one in columns.items() if not one.blank and not one.get_default()}
    found = []
    for key in draw(st.lists(KEYS, unique=True, min_size=1, max_size=most)):
        named = draw(st.sets(st.sampled_from(sorted(columns)))) | needed
        found.append({"key": key} | {name: draw(_column(columns[name])) for name in sorted(named)})
    return found


def of_kind(model: type[KitPart]) -> st.SearchStrategy[dict[str, Any]]:
    """A document with parts of one kind, with every entry a stored one has."""
    return parts(model).map(
        lambda found: documents.completed({"schema": 1, "parts": {model.kind: found}})
    )


@st.composite
def every_kind(draw: st.DrawFn) -> dict[str, Any]:
    """A document with one part of each kind, with every entry a stored one has."""
    drawn = {model.kind: draw(parts(model, most=1)) for model in part_models()}
    return documents.completed({"schema": 1, "parts": drawn})
