"""Files of rows, read one at a time: tables (CSV), lines of JSON, JSON, XES; packed or plain.

Each row comes with its number in the file, counted from 1 behind the headings, and either what it
holds or why it cannot be read: nothing is left out silently.
"""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, NamedTuple, cast
from xml.etree import ElementTree

from core.errors import InvalidInput

LISTS = ("vectors", "cases", "tests", "rows", "events", "data")
"""Under which name a JSON object may hold its rows."""


class Row(NamedTuple):
    """One row; `fault` is why it cannot be read, empty when it can."""

    number: int
    found: Mapping[str, Any]
    fault: str = ""


@dataclass(slots=True)
class Rows:
    """The rows of an open file. `besides` is what a JSON object holds around its list."""

    file: IO[Any]
    rows: Iterator[Row]
    headings: list[str] = field(default_factory=list)
    besides: Mapping[str, Any] = field(default_factory=dict)

    def __enter__(self) -> Rows:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()


def read(path: Path, *, delimiter: str = "", encoding: str = "utf-8-sig") -> Rows:
    """The rows of a file by what its name ends with (.csv, .tsv, .jsonl, .json, .xes; and .gz).

    All are streamed but one JSON document, which is read whole. Raises `InvalidInput` for a
    file that is not there or holds no rows.
    """
    packed = path.suffix.lower() == ".gz"
    ending = Path(path.stem).suffix.lower() if packed else path.suffix.lower()
    try:
        file = _opened(path, encoding, packed=packed, as_bytes=ending == ".xes")
    except (OSError, LookupError) as fault:
        raise InvalidInput(f"{path} cannot be read: {fault}") from None
    try:
        if ending == ".xes":
            return Rows(file, _events(file))
        if ending == ".json":
            return _document(file, path)
        if ending in (".jsonl", ".ndjson"):
            return Rows(file, _lines(file))
        return _table(file, delimiter or ("\t" if ending == ".tsv" else ""), path)
    except BaseException:
        file.close()
        raise


def _opened(path: Path, encoding: str, *, packed: bool, as_bytes: bool) -> IO[Any]:
    kind: dict[str, Any] = {"mode": "rb"}
    if not as_bytes:
        kind = {"mode": "rt", "encoding": encoding, "newline": ""}
    return cast("IO[Any]", gzip.open(path, **kind)) if packed else path.open(**kind)


def _events(file: IO[bytes]) -> Iterator[Row]:
    """The events of an XES log; what its trace says stands under “case:”, as tables write it."""
    number = 0
    trace: ElementTree.Element | None = None
    case: dict[str, Any] | None = None
    try:
        steps = ElementTree.iterparse(file, events=("start", "end"))  # noqa: S314 (one's own file)
        for step, element in steps:
            tag = element.tag.rpartition("}")[2]
            if tag == "trace":
                trace, case = (element, None) if step == "start" else (None, element.clear())
            elif tag == "event" and step == "start" and case is None and trace is not None:
                case = _said(trace, "case:")
            elif tag == "event" and step == "end":
                number += 1
                yield Row(number, {**(case or {}), **_said(element)})
                element.clear()
    except ElementTree.ParseError as broken:
        yield Row(number + 1, {}, f"the log breaks here: {broken}")


def _said(element: ElementTree.Element, before: str = "") -> dict[str, Any]:
    return {f"{before}{one.get('key')}": one.get("value") for one in element if one.get("key")}


def _table(file: IO[str], delimiter: str, path: Path) -> Rows:
    start = file.readline()
    if not start.strip():
        raise InvalidInput(f"{path} is empty.")
    sign = delimiter or max(",;\t|", key=start.count)
    reader = csv.reader(_chained(start, file), delimiter=sign)
    headings = [one.strip() for one in next(reader)]
    if twice := sorted({one for one in headings if one and headings.count(one) > 1}):
        raise InvalidInput(f"{path} has two columns “{twice[0]}”; give each a name of its own.")
    return Rows(file, _cells(reader, headings), headings)


def _chained(start: str, file: IO[str]) -> Iterator[str]:
    yield start
    yield from file


def _cells(reader: Iterator[list[str]], headings: list[str]) -> Iterator[Row]:
    number = 0
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as broken:
            number += 1
            yield Row(number, {}, f"the table breaks here: {broken}")
            continue
        if cells is None:
            return
        if not cells:
            continue  # a blank line is no row
        number += 1
        surplus = any(one.strip() for one in cells[len(headings) :])
        fault = f"it has {len(cells)} cells under {len(headings)} headings." if surplus else ""
        yield Row(number, dict(zip(headings, cells, strict=False)), fault)


def _lines(file: IO[str]) -> Iterator[Row]:
    number = 0
    for line in file:
        if not line.strip():
            continue
        number += 1
        try:
            found = json.loads(line)
        except ValueError as broken:
            yield Row(number, {}, f"this is no JSON: {broken}")
            continue
        yield _object(number, found)


def _document(file: IO[str], path: Path) -> Rows:
    try:
        document = json.load(file)
    except (ValueError, RecursionError) as fault:
        raise InvalidInput(f"{path} is no JSON: {fault}") from None
    besides: Mapping[str, Any] = document if isinstance(document, dict) else {}
    found = next((besides[name] for name in LISTS if name in besides), document)
    if not isinstance(found, list):
        raise InvalidInput(f"{path} holds no list of rows, nor one under {', '.join(LISTS)}.")
    return Rows(file, (_object(number, one) for number, one in enumerate(found, 1)), [], besides)


def _object(number: int, found: object) -> Row:
    if isinstance(found, dict):
        return Row(number, found)
    return Row(number, {}, "a row is an object with names.")
