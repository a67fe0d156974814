"""Between the rows of a version and its document. Generic over every kind of part, in any app."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, models
from psycopg import sql

from core import bulk, reading
from core.errors import FieldError
from governance import part_limits
from governance.facts import did_you_mean
from governance.kit import SCHEMA, KitInvalid
from governance.models import KitPart, KitVersion
from governance.models.part import part_models, plain
from people.models import User

_OWN_COLUMNS = ("id", "kit")
_IN_ONE_MESSAGE = 1_000
"""Rows: they are of forty tables, and COPY takes three messages for each."""


def document_of(version: KitVersion) -> dict[str, Any]:
    """The version as one document: what was published, or what the rows of a draft say now."""
    published: dict[str, Any] | None = version.document
    if published is not None:
        return published
    found = rows_of(version)
    parts = {model.kind: [row.entry() for row in rows] for model, rows in found.items() if rows}
    return {"schema": SCHEMA, "parts": parts}


def copy_parts(source: KitVersion, target: KitVersion, *, by: User | None, now: datetime) -> None:
    """Copy every part of one version into another, with history."""
    copies = rows_of(source)
    for rows in copies.values():
        for row in rows:
            row.kit = target
    _insert(copies, by=by, now=now)


def write_parts(
    document: Mapping[str, Any], target: KitVersion, *, by: User, now: datetime
) -> None:
    """Write a document's parts as rows of a version. Raises `KitInvalid` with every fault."""
    faults: list[FieldError] = []
    rows = _read(document, target, faults)
    if faults:
        raise KitInvalid(faults)
    _insert(rows, by=by, now=now)


def replace_parts(
    version: KitVersion, document: Mapping[str, Any], *, by: User, now: datetime
) -> None:
    """Make a draft say what a document says, touching only the parts that differ.

    Raises `KitInvalid` with every fault of the document.
    """
    faults: list[FieldError] = []
    wanted = _read(document, version, faults)
    if faults:
        raise KitInvalid(faults)
    fresh: dict[type[KitPart], list[Any]] = {}
    for model in part_models():
        after = {row.key: row for row in wanted.get(model, [])}
        before = {row.key: row for row in model._default_manager.filter(kit=version)}
        for key, row in before.items():
            row._history_user, row._history_date = by, now  # type: ignore[attr-defined]
            if key not in after:
                row.delete()
            elif row.entry() != after[key].entry():
                after[key].pk, after[key]._state.adding = row.pk, False
                after[key]._history_user, after[key]._history_date = by, now  # type: ignore[attr-defined]
                after[key].save()
        fresh[model] = [row for key, row in after.items() if key not in before]
    _insert(fresh, by=by, now=now)


def completed(document: Mapping[str, Any]) -> dict[str, Any]:
    """A hand-written document with every entry that a stored one has. Raises `KitInvalid`."""
    faults: list[FieldError] = []
    rows = _read(document, KitVersion(), faults)
    if faults:
        raise KitInvalid(faults)
    parts = {model.kind: [row.entry() for row in found] for model, found in rows.items() if found}
    return {"schema": SCHEMA, "parts": parts}


def changed_kinds(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> set[str]:
    """The kinds of parts in which two documents differ; columns added since count as unchanged."""
    return {
        model.kind for model in part_models() if by_key(model, before or {}) != by_key(model, after)
    }


def by_key(model: type[KitPart], document: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The entries of one kind by key, with today's columns: absent ones take their default."""
    defaults = {
        field.name: plain(field.get_default())
        for field in model._meta.concrete_fields
        if field.name not in _OWN_COLUMNS
    }
    entries = document.get("parts", {}).get(model.kind, [])
    return {
        entry["key"]: {name: entry.get(name, default) for name, default in defaults.items()}
        for entry in entries
    }


def editors_of(version: KitVersion) -> set[int]:
    """Ids of everybody who wrote a part of this version. One query over all kinds."""
    with connection.cursor() as cursor:
        cursor.execute(_editors(tuple(part_models())), {"kit": version.pk})
        return {user for (user,) in cursor.fetchall()}


@functools.cache
def _editors(kinds: tuple[type[KitPart], ...]) -> sql.Composed:
    one = sql.SQL(
        "SELECT history_user_id FROM {table} WHERE kit_id = %(kit)s AND history_user_id IS NOT NULL"
    )
    tables = [model.history.model._meta.db_table for model in kinds]
    return sql.SQL(" UNION ").join(one.format(table=sql.Identifier(table)) for table in tables)


def rows_of(version: KitVersion) -> dict[type[KitPart], list[Any]]:
    """Every part of a version, in order. One message for all kinds."""
    asked: dict[type[KitPart], reading.Question[Any]] = {
        model: reading.rows(model, "WHERE kit_id = %s ORDER BY position, key", version.pk)
        for model in part_models()
    }
    reading.ask(*asked.values())
    return {model: question.found for model, question in asked.items()}


def _insert(
    parts: Mapping[type[KitPart], Sequence[Any]], *, by: User | None, now: datetime
) -> None:
    """New parts of all kinds with their history: two messages, for a kit of usual size."""
    ids = bulk.reserve({model: len(rows) for model, rows in parts.items()})
    script = bulk.Script(few=_IN_ONE_MESSAGE)
    for model, rows in parts.items():
        for row, pk in zip(rows, ids.get(model, ()), strict=True):
            row.pk = pk
        script.insert(rows)
        script.history(rows, change="+", at=now, by_id=by.pk if by else None, reason=None)
    script.run()


def _read(
    document: Mapping[str, Any], target: KitVersion, faults: list[FieldError]
) -> dict[type[KitPart], list[KitPart]]:
    if not isinstance(document, Mapping) or not isinstance(document.get("parts"), Mapping):
        faults.append(FieldError("parts", "Write an object: one list for each kind of part."))
        return {}
    if document.get("schema") != SCHEMA:
        message = f"is {document.get('schema')!r}; this release reads schema {SCHEMA}"
        faults.append(FieldError("schema", message, "schema"))
    models_by_kind = {model.kind: model for model in part_models()}
    rows: dict[type[KitPart], list[KitPart]] = {}
    for kind, entries in document["parts"].items():
        model = models_by_kind.get(kind)
        if model is None:
            hint = did_you_mean(str(kind), models_by_kind)
            faults.append(FieldError(f"parts.{kind}", f"There is no such kind of part{hint}."))
        elif not isinstance(entries, list):
            faults.append(FieldError(f"parts.{kind}", "Write a list of parts."))
        else:
            rows[model] = _rows(model, entries, target, faults)
    return rows


def _rows(
    model: type[KitPart], entries: list[Any], target: KitVersion, faults: list[FieldError]
) -> list[KitPart]:
    columns = {
        field.name: field for field in model._meta.concrete_fields if field.name not in _OWN_COLUMNS
    }
    rows, seen = [], set()
    for number, entry in enumerate(entries):
        if not isinstance(entry, Mapping) or not isinstance(entry.get("key"), str):
            faults.append(FieldError(f"{model.kind}[{number}]", "Write an object with a key."))
            continue
        place = f"{model.kind}.{entry['key']}"
        if entry["key"] in seen:
            faults.append(FieldError(place, "Is written twice; keys are unique in their kind."))
        seen.add(entry["key"])
        for name in entry.keys() - columns.keys():
            hint = did_you_mean(str(name), columns)
            faults.append(FieldError(f"{place}.{name}", f"There is no such entry{hint}."))
        rows.append(_row(model, entry, number, target, columns, faults))
    return rows


def _row(
    model: type[KitPart],
    entry: Mapping[str, Any],
    number: int,
    target: KitVersion,
    columns: Mapping[str, models.Field[Any, Any]],
    faults: list[FieldError],
) -> KitPart:
    given = {name: entry[name] for name in columns if name in entry}
    wrong = {name: message for name in given if (message := _misfit(columns[name], given[name]))}
    exact = {name: _exact(columns[name], given[name]) for name in given if name not in wrong}
    row = model(kit=target, **{"position": number} | exact)
    try:
        row.clean_fields(exclude=["kit", *wrong])
    except ValidationError as refusal:
        wrong |= {name: " ".join(texts) for name, texts in refusal.message_dict.items()}
    else:
        wrong |= {name: text for name, text in part_limits.broken(row).items() if name not in wrong}
    faults += [
        FieldError(f"{model.kind}.{entry['key']}.{name}", wrong[name]) for name in sorted(wrong)
    ]
    return row


def _misfit(field: models.Field[Any, Any], value: Any) -> str:
    """What sort of value the column wants, if it is given another one; nothing is guessed."""
    if value is None:
        return "" if field.null else "Must not be empty."
    if not part_limits.is_storable(value):
        return "Holds a character that text cannot have (NUL or half a character)."
    for columns, types, wanted in _WANTED:
        if isinstance(field, columns):
            odd = isinstance(value, bool) and bool not in types
            return "" if isinstance(value, types) and not odd else f"Must be {wanted}."
    shape = type(field.get_default())
    if shape in (list, dict) and not isinstance(value, shape):
        return "Must be a list." if shape is list else "Must be an object."
    return ""


def _exact(field: models.Field[Any, Any], value: Any) -> Any:
    # Through the shortest text of a float: 0.1 is meant, not its binary neighbour.
    is_float = isinstance(value, float) and isinstance(field, models.DecimalField)
    return repr(value) if is_float else value


_WANTED: tuple[tuple[tuple[type, ...], tuple[type, ...], str], ...] = (
    ((models.CharField, models.TextField), (str,), "text"),
    ((models.BooleanField,), (bool,), "true or false"),
    ((models.IntegerField,), (int,), "a whole number"),
    ((models.DecimalField,), (int, float, str), "a number"),
)
