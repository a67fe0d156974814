"""New rows without Django's constructor, which takes most of the time of a batch that makes many.

The same row comes out: every column has its default, relations are set by instance or by id. For
rows that are written in bulk; no signal is sent, as none is anyhow when they are written.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from django.db import models
from django.db.models.base import ModelState

M = TypeVar("M", bound=models.Model)


def row(model: type[M], **values: Any) -> M:
    """A row of `model` as `model(**values)` makes it. Raises TypeError for an unknown name."""
    plain, called, relations = _columns(model)
    new = model.__new__(model)
    content = new.__dict__
    content.update(plain)
    for name, default in called:
        content[name] = default()
    state = content["_state"] = ModelState()
    for name, value in values.items():
        column = relations.get(name)
        if column is not None:
            content[column] = None if value is None else value.pk
            state.fields_cache[name] = value
        elif name in content:
            content[name] = value
        else:
            raise TypeError(f"{model.__name__} has no column {name}")
    return new


@functools.cache
def _columns(
    model: type[models.Model],
) -> tuple[dict[str, Any], list[tuple[str, Callable[[], Any]]], dict[str, str]]:
    """Columns with their default, those whose default is made each time, and relations."""
    plain: dict[str, Any] = {}
    called: list[tuple[str, Callable[[], Any]]] = []
    relations: dict[str, str] = {}
    for field in model._meta.concrete_fields:
        if field.has_default() and callable(field.default):
            called.append((field.attname, field.default))
        else:
            plain[field.attname] = field.get_default()
        if field.is_relation:
            relations[field.name] = field.attname
    return plain, called, relations
