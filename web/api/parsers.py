"""JSON, read strictly: what cannot be stored or would be read two ways is refused by name."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import IO, Any

from django.http import UnreadablePostError
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser

from core.errors import FieldError
from web import text

MAX_DEPTH = 20
BODY_LIMIT = 256 * 1024
BATCH_LIMIT = 5 * 1024 * 1024

BOM = b"\xef\xbb\xbf"


class BodyTooLarge(APIException):
    """More than this address takes."""

    status_code = 413
    default_code = "too_large"

    @classmethod
    def of(cls, limit: int) -> BodyTooLarge:
        """Say what the limit is."""
        return cls(f"The body is larger than {limit} bytes, the most this address takes.")


class BadJSON(ParseError):
    """The body is no JSON document we can take; `faults` names each place."""

    def __init__(self, detail: str, faults: list[FieldError] | None = None) -> None:
        super().__init__(detail, code="bad_json")
        self.faults = faults or []


class StrictJSONParser(BaseParser):
    """UTF-8 JSON without duplicate keys, infinities, NUL, half characters or deep nesting.

    A view may set `body_limit` (bytes), and `item_list`: the name of a list whose items it
    checks one by one with `faults`, so that a bad one is refused alone.
    """

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """The document as Python values. Raises BadJSON (400) or BodyTooLarge (413)."""
        view = (parser_context or {}).get("view")
        limit = getattr(view, "body_limit", BODY_LIMIT)
        if _announced(parser_context or {}) > limit:
            raise BodyTooLarge.of(limit)
        document = read(_bounded(stream, limit=limit))
        item_list = getattr(view, "item_list", None)
        checked = (
            {name: value for name, value in document.items() if name != item_list}
            if item_list
            and isinstance(document, dict)
            and isinstance(document.get(item_list), list)
            else document
        )
        found = list(faults(checked))
        if found:
            raise BadJSON(f"{found[0].field or 'The body'} {found[0].message}", found)
        return document


def read(raw: bytes) -> Any:
    """JSON text to values. NaN and infinities pass as such, for `faults` to name."""
    try:
        decoded = raw.removeprefix(BOM).decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadJSON(f"The body is not valid UTF-8 (byte {error.start}).") from None
    try:
        return json.loads(decoded, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise BadJSON(f"The body is not valid JSON: {error.msg} at {where}.") from None
    except RecursionError:
        raise BadJSON(f"The body is nested deeper than {MAX_DEPTH} levels.") from None
    except ValueError:
        raise BadJSON("The body holds a number with too many digits.") from None


def faults(value: Any, *, path: str = "", depth: int = 1) -> Iterator[FieldError]:
    """Every place in a document that must be refused, by its dotted path."""
    match value:
        case str() | float():
            yield from _scalar_faults(value, path=path)
        case dict() | list() if depth > MAX_DEPTH:
            yield FieldError(path, f"is nested deeper than {MAX_DEPTH} levels.", "too_deep")
        case dict():
            for name, inner in value.items():
                yield from _name_faults(name, path=path)
                yield from faults(inner, path=_join(path, name), depth=depth + 1)
        case list():
            for place, inner in enumerate(value):
                yield from faults(inner, path=_join(path, str(place)), depth=depth + 1)


def _scalar_faults(value: str | float, *, path: str) -> Iterator[FieldError]:
    if isinstance(value, float):
        if not math.isfinite(value):
            yield FieldError(path, "is not a finite number.", "not_finite")
    elif fault := text.fault(value):
        yield FieldError(path, fault, "bad_text")


def _name_faults(name: str, *, path: str) -> Iterator[FieldError]:
    fault = text.fault(name)
    if fault:
        yield FieldError(_join(path, name), f"is a name that {fault}", "bad_text")


def _join(path: str, name: str) -> str:
    printable = name.encode("utf-8", "replace").decode().replace("\x00", "\\0")
    return f"{path}.{printable}" if path else printable


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        names = [name for name, _ in pairs]
        twice = _join("", next(name for name in names if names.count(name) > 1))
        message = "appears twice; say it once."
        raise BadJSON(f"“{twice}” {message}", [FieldError(twice, message, "duplicate")])
    return document


def _announced(context: Mapping[str, Any]) -> int:
    """The length the caller tells beforehand, so that too much is not even read."""
    told = context["request"].headers.get("Content-Length", "") if "request" in context else ""
    return int(told) if told.isascii() and told.isdigit() else 0


def _bounded(stream: IO[bytes], *, limit: int) -> bytes:
    try:
        raw = stream.read(limit + 1)
    except UnreadablePostError:
        raise BadJSON("The body ended before its announced length.") from None
    if len(raw) > limit:
        raise BodyTooLarge.of(limit)
    return raw
