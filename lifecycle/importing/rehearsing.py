"""What a batch of a dry run must be shown of the rows before it: those it may meet. Pure.

Each batch of a dry run is rolled back, so that nobody who works meanwhile waits for a lock. For
row 9,000 to be seen as the buyer of row 3, row 3 is taken in again before its batch. Two rows
may meet that share an address, a number, an id, or a word of a name at one company, and those
that meet a third one; compared coarsely, for the pipeline decides anyway.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Any

from leads import personal_names
from lifecycle import companies
from lifecycle.importing import translating
from lifecycle.importing.tables import Table
from lifecycle.importing.translating import Plan, Translation

MOST_PER_MARK = 10
"""Of a switchboard's number in ten thousand rows, so many show what it is."""
MOST_PER_COMPANY = 3
"""So many rows show which domain and which name are one company's."""
MOST_AT_ONCE = 1_000
DIGITS = 8
"""The end of a telephone number, which tells it in any spelling."""
_SAME_MAIL = {"googlemail.com": "gmail.com"}


@dataclass(frozen=True, slots=True)
class _Marks:
    """What tells a row's buyer, and what tells only the company."""

    own: frozenset[int]
    company: frozenset[int]

    def kept_to(self, repeated: frozenset[int]) -> _Marks:
        return _Marks(self.own & repeated, self.company & repeated)


@dataclass(frozen=True, slots=True)
class _Kept:
    touch: Translation
    marks: _Marks


class Rehearsal:
    """The rows that later ones of the same table may meet, kept small."""

    def __init__(self, repeated: frozenset[int]) -> None:
        self._repeated = repeated
        self._kept: dict[int, list[_Kept]] = {}

    @classmethod
    def of(cls, table: Table, plan: Plan) -> Rehearsal:
        """Read the table once, for the marks that more than one row bears."""
        every = array("Q")
        for row in table:
            if not row.fault:
                marks = _marks(translating.translate(row, plan))
                every.extend(marks.own | marks.company)
        ranked = sorted(every)
        return cls(frozenset(mark for mark, same in groupby(ranked) if _several(same)))

    def remember(self, touch: Translation) -> None:
        """Keep a row if later ones may meet it; one that is refused meets nobody."""
        if touch.errors:
            return
        one = _Kept(touch, _marks(touch).kept_to(self._repeated))
        for mark in one.marks.own | one.marks.company:
            most = MOST_PER_MARK if mark in one.marks.own else MOST_PER_COMPANY
            kept = self._kept.setdefault(mark, [])
            if len(kept) < most:
                kept.append(one)

    def met_by(self, batch: Iterable[Translation]) -> Sequence[Translation]:
        """The earlier rows that these may meet, in the order they came.

        Those who share a buyer's mark come first, with those that share one with them; then those
        that only tell the company.
        """
        marks = [_marks(touch).kept_to(self._repeated) for touch in batch]
        found: dict[int, _Kept] = {}
        self._follow((one.own for one in marks), found)
        near = [*marks, *(one.marks for one in found.values())]
        self._follow((one.company | one.own for one in near), found)
        return [one.touch for one in sorted(found.values(), key=lambda one: one.touch.number)]

    def _follow(self, begin: Iterable[frozenset[int]], found: dict[int, _Kept]) -> None:
        """From mark to rows to their own marks, until no more are found or they are enough."""
        ahead = list(begin)
        while ahead:
            fresh = {
                id(one): one
                for marks in ahead
                for mark in sorted(marks)
                for one in self._kept.get(mark, ())
                if id(one) not in found
            }
            found |= islice(fresh.items(), max(0, MOST_AT_ONCE - len(found)))
            ahead = [one.marks.own for one in fresh.values()] if len(found) < MOST_AT_ONCE else []


def _several(same: Iterator[int]) -> bool:
    next(same)
    return next(same, None) is not None


def _marks(touch: Translation) -> _Marks:
    body: dict[str, Any] = touch.body
    person, company = body.get("person", {}), body.get("company", {})
    said = {
        ("key", touch.key),
        ("id", str(body.get("external_id", ""))),
        ("mail", _mailbox(str(person.get("email", "")))),
        ("phone", "".join(filter(str.isdigit, str(person.get("phone", ""))))[-DIGITS:]),
    }
    named = companies.named(company, person)
    places = {("domain", named.domain or ""), ("company", named.name_key)} if named else set()
    words = personal_names.key(person.get("first_name", ""), person.get("last_name", "")).split()
    if len(words) > 1:
        said |= {(kind, f"{word}@{place}") for kind, place in places if place for word in words}
    return _Marks(_numbers(said), _numbers(places))


def _numbers(said: Iterable[tuple[str, str]]) -> frozenset[int]:
    return frozenset(_number(kind, value) for kind, value in said if value)


def _mailbox(address: str) -> str:
    local, _, domain = address.strip().casefold().rpartition("@")
    mailbox = local.partition("+")[0].replace(".", "")
    return f"{mailbox}@{_SAME_MAIL.get(domain, domain)}" if local else ""


def _number(kind: str, value: str) -> int:
    digest = hashlib.blake2b(f"{kind}:{value}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big")
