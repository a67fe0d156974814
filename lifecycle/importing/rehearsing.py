"""What a batch of a dry run must be shown of the rows before it: those it may meet. Pure.

Each batch of a dry run is rolled back, so that nobody who works meanwhile waits for a lock. For
row 9,000 to be seen as the buyer of row 3, row 3 is taken in again before its batch. Two rows
may meet that share an address, a number, an id, or a surname at one company; compared coarsely,
for the pipeline decides anyway.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from lifecycle.importing import mapping, translating
from lifecycle.importing.tables import Table
from lifecycle.importing.translating import Plan, Translation

MOST_PER_MARK = 10
"""Of a switchboard's number in ten thousand rows, so many show what it is."""
MOST_AT_ONCE = 1_000
DIGITS = 8
"""The end of a telephone number, which tells it in any spelling."""


class Rehearsal:
    """The rows that later ones of the same table may meet, kept small."""

    def __init__(self, repeated: frozenset[int]) -> None:
        self._repeated = repeated
        self._kept: dict[int, list[Translation]] = {}

    @classmethod
    def of(cls, table: Table, plan: Plan) -> Rehearsal:
        """Read the table once, for the marks that more than one row bears."""
        marks = array("Q")
        for row in table:
            if not row.fault:
                marks.extend(_marks(translating.translate(row, plan)))
        every = sorted(marks)
        return cls(frozenset(mark for mark, same in groupby(every) if _several(same)))

    def remember(self, touch: Translation) -> None:
        """Keep a row if later ones may meet it; one that is refused meets nobody."""
        if touch.errors:
            return
        for mark in _marks(touch) & self._repeated:
            kept = self._kept.setdefault(mark, [])
            if len(kept) < MOST_PER_MARK:
                kept.append(touch)

    def met_by(self, batch: Iterable[Translation]) -> Sequence[Translation]:
        """The earlier rows that these may meet, in the order they came."""
        found: dict[int, Translation] = {}
        for touch in batch:
            for mark in sorted(_marks(touch) & self._repeated):
                found |= {id(one): one for one in self._kept.get(mark, ())}
        return sorted(found.values(), key=lambda one: one.number)[:MOST_AT_ONCE]


def _several(same: Iterator[int]) -> bool:
    next(same)
    return next(same, None) is not None


def _marks(touch: Translation) -> set[int]:
    body: dict[str, Any] = touch.body
    person, company = body.get("person", {}), body.get("company", {})
    said = {
        ("key", touch.key),
        ("id", str(body.get("external_id", ""))),
        ("mail", _mailbox(str(person.get("email", "")))),
        ("phone", "".join(filter(str.isdigit, str(person.get("phone", ""))))[-DIGITS:]),
    }
    name = mapping.fold(str(person.get("last_name", "")))
    for place in (company.get("domain"), company.get("name")):
        said.add(("name", f"{name}@{mapping.fold(str(place))}" if name and place else ""))
    return {_number(kind, value) for kind, value in said if value}


def _mailbox(address: str) -> str:
    local, _, domain = address.strip().casefold().rpartition("@")
    return f"{local.partition('+')[0].replace('.', '')}@{domain}" if local else ""


def _number(kind: str, value: str) -> int:
    digest = hashlib.blake2b(f"{kind}:{value}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big")
