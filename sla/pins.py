"""What people work, pinned for the clocks that count in their hours.

A pin keeps somebody's hours as they were known when a deadline was computed, so that the deadline
can be computed again whatever becomes of the hours. Equal hours share a pin.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from core import made, reading
from leads.ledger import Ledger
from people import selectors as people
from people.availability import Availability
from people.models import Role, User
from sla import hours
from sla.hours import Hours
from sla.models import HoursPin

MEMORY = dt.timedelta(days=92)
"""Leave that ended longer ago stays as it was pinned."""
_MOST = 4096
_read: dict[str, Hours] = {}
"""The hours of each digest: a document never changes."""


def hours_of(pin: HoursPin | None) -> Hours | None:
    """The hours a pin holds its clocks to; None where their policy's calendar counts."""
    if pin is None or not pin.document or pin.document.get("falls_back"):
        return None
    return known_hours(pin)


def known_hours(pin: HoursPin) -> Hours | None:
    """The hours in a pin, also where a clock could not be held to them; None where it has none."""
    if not pin.document:
        return None
    if pin.digest not in _read:
        if len(_read) >= _MOST:
            _read.clear()
        _read[pin.digest] = hours.from_document(pin.document)
    return _read[pin.digest]


class Pins:
    """What an act has read of people's hours: of the first one asked for, then of all at once.

    So an act on a thousand leads asks as often as one on two. Use `ledger.once(Pins)`.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._works: dict[int, Hours | None] = {}
        self._pins: dict[str, HoursPin] = {}
        self._asked = 0

    def of(self, user_id: int) -> HoursPin:
        """The pin of what somebody works now; one without hours where they have none."""
        return self.of_hours(self.works(user_id))

    def of_hours(self, works: Hours | None, *, falls_back: bool = False) -> HoursPin:
        """The pin of these hours; `falls_back` for a clock that asks for more than that."""
        return self._pin({} if works is None else hours.to_document(works, falls_back=falls_back))

    def after(
        self, works: Hours | None, pinned: Hours | None, *, at: dt.datetime, kept: bool = False
    ) -> HoursPin:
        """The same of hours that hold from an instant on, with leave from the months before as it
        was pinned.

        `kept`: so it is with all leave up to then.
        """
        since = at if kept else at - MEMORY
        known = () if pinned is None else pinned.leaves
        old = {(begins, min(ends, at)) for begins, ends in known if begins < since}
        old = {one for one in old if kept or one[1] <= since}
        if works is None or not old:
            return self.of_hours(works)
        return self._pin(hours.to_document(works.with_leaves(tuple(sorted({*old, *works.leaves})))))

    def works(self, user_id: int) -> Hours | None:
        """What somebody works, less their leave; None where that is no hour at all."""
        if user_id not in self._works:
            self.read([user_id] if not self._asked else [user_id, *_everybody()])
            self._asked += 1
        return self._works[user_id]

    def read(self, user_ids: Iterable[int]) -> None:
        """Read what these people work, and the pins there are of it: two messages."""
        wanted = sorted(set(user_ids))
        self._works.update(present(wanted, now=self._ledger.now))
        documents = [hours.to_document(one) for one in self._works.values() if one is not None]
        self.look_up([{}, *documents])

    def look_up(self, documents: Iterable[Mapping[str, Any]]) -> None:
        """Read the pins there are of these documents: one query, if there are any."""
        digests = {hours.digest(one) for one in documents} - self._pins.keys()
        for pin in HoursPin.objects.filter(digest__in=digests).order_by("-pk"):
            self._pins[pin.digest] = pin

    def kept(self, document: Mapping[str, Any]) -> HoursPin:
        """The pin of a document that `hours.to_document` wrote, or of the empty one."""
        return self._pin(document)

    def _pin(self, document: Mapping[str, Any]) -> HoursPin:
        digest = hours.digest(document)
        if digest not in self._pins:
            pin = self._pins[digest] = made.row(HoursPin, digest=digest, document=dict(document))
            self._ledger.add(pin)
        return self._pins[digest]


def present(user_ids: Sequence[int], *, now: dt.datetime) -> dict[int, Hours | None]:
    """What each of these people works, with the leave of the last months; one message."""
    persons = reading.rows(User, "WHERE id = ANY(%s)", list(user_ids))
    shifts, leaves = people.shifts_of(user_ids), people.leaves_of(user_ids, at=now - MEMORY)
    reading.ask(persons, shifts, leaves)
    known = people.hours_of(persons.found, shifts.found, leaves.found, at=now)
    return {pk: worked(one) for pk, one in known.items()}


def worked(works: Availability) -> Hours | None:
    """Somebody's hours less their leave; None where that is no hour at all."""
    if not hours.ever_open(works.hours):
        return None
    return Hours(works.hours, tuple(sorted(works.leaves)), own=True)


def _everybody() -> list[int]:
    """Whoever may hold a lead."""
    found = User.objects.filter(is_active=True).exclude(role=Role.SERVICE)
    return list(found.values_list("pk", flat=True))
