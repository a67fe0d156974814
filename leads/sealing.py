"""What the daily seal is made of: one form of bytes for each row, and digests over them. Pure.

A value has one form whatever wrote it: numbers are equal if they are equal, keys have no order,
instants are whole microseconds. Every form begins with its kind and its length, so that no two
values share one. Digests name the version they were made by; a new way to write anything is a new
version beside this one, never a change of it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

VERSION = 1
SALT_BYTES = 16
BYTES = 32
"""Length of every digest."""
NOTHING: Mapping[str, Any] = {}


def canonical(value: object) -> bytes:
    """The one form of a value as JSON knows it, or of bytes.

    Raises ValueError for what is no value of JSON: NaN, infinities, keys that are no text.
    """
    for kind, form in _FORMS:
        if isinstance(value, kind):
            return form(value)
    raise ValueError(f"{type(value).__name__} has no form of its own.")


def _told(kind: bytes, content: bytes) -> bytes:
    return b"%s%d:%s" % (kind, len(content), content)


def _number(value: float | Decimal) -> bytes:
    """Equal numbers are written alike: whole ones as integers, others without closing zeros."""
    try:
        exact = value if isinstance(value, Decimal) else Decimal(repr(value))
        sign, digits, exponent = exact.as_tuple()
    except InvalidOperation as fault:  # pragma: no cover - repr of a float is a number
        raise ValueError(f"{value!r} is no number.") from fault
    if not isinstance(exponent, int):
        raise ValueError(f"{value!r} is no number of JSON.")
    text = "".join(map(str, digits)).lstrip("0")
    bare = text.rstrip("0")
    if not bare:
        return b"0"
    exponent += len(text) - len(bare)
    lead = "-" if sign else ""
    if 0 <= exponent <= _WRITTEN_OUT:
        return f"{lead}{bare}{'0' * exponent}".encode()
    return f"{lead}{bare}e{exponent}".encode()


_WRITTEN_OUT = 200_000
"""PostgreSQL's JSON has no longer numbers."""


def _pairs(value: Mapping[Any, object]) -> bytes:
    if not all(isinstance(key, str) for key in value):
        raise ValueError("Keys are text.")
    pairs = sorted((canonical(key), canonical(item)) for key, item in value.items())
    return b"".join(key + item for key, item in pairs)


def document(text: str) -> object:
    """A JSON text with its numbers as exact as they stand there.

    What cannot be read, however it came there, is its own text under a name JSON never gives.
    """
    try:
        return json.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError):
        return ("unreadable", text)


def micros(epoch: str | None) -> int | str | None:
    """Microseconds since 1970 of an instant as PostgreSQL counts it: `1772532000.000001`.

    An instant that is none, like infinity, is its own word.
    """
    if epoch is None:
        return None
    whole, dot, part = epoch.partition(".")
    try:
        return int(whole + part.ljust(6, "0")) if dot else int(whole) * 1_000_000
    except ValueError:
        return epoch


def commitment(salt: bytes, row: int, said: object) -> bytes:
    """What stands in a leaf for what may be personal: without the salt it tells nothing.

    Of an empty document nothing is to be hidden; it needs no salt.
    """
    if said == NOTHING:
        return b""
    return _digest("said", salt + canonical([row, said]))


def leaf(rows: str, columns: Iterable[object], said: bytes | None = None) -> bytes:
    """The digest of one row: which table's, its columns in their order, the commitment."""
    return _digest("leaf", canonical([rows, list(columns), said]))


def page(rows: str, of_day: str, ids: Sequence[int], leads: Sequence[int], leaves: bytes) -> bytes:
    """The digest of one page of leaves."""
    return _digest("page", canonical([rows, of_day, list(ids), list(leads), leaves]))


def seal(day: str, previous: str, pages: Sequence[bytes]) -> str:
    """The digest of a day, in hexadecimal digits: chained to the day before, over all its pages."""
    return _digest("seal", canonical([day, previous, len(pages), b"".join(pages)])).hex()


_FORMS: tuple[tuple[type | tuple[type, ...], Callable[[Any], bytes]], ...] = (
    (str, lambda value: _told(b"s", value.encode("utf-8", "surrogatepass"))),
    (bool, lambda value: b"t" if value else b"f"),
    (int, lambda value: _told(b"n", b"%d" % value)),
    (type(None), lambda _value: b"z"),
    ((float, Decimal), lambda value: _told(b"n", _number(value))),
    (Mapping, lambda value: _told(b"m", _pairs(value))),
    ((bytes, memoryview), lambda value: _told(b"b", bytes(value))),
    (Sequence, lambda value: _told(b"l", b"".join(map(canonical, value)))),
)


def _digest(what: str, content: bytes) -> bytes:
    return hashlib.sha256(f"leadgov {what} {VERSION}\n".encode() + content).digest()
