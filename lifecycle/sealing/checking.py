"""Holding the logs against their seals, and the seals against each other."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Max

from leads import sealing
from leads.models import Seal, SealedAway, SealedRows, SealPage, SealSalt
from lifecycle.sealing import rows as logs
from lifecycle.sealing.days import OVERDUE, last_due
from lifecycle.sealing.rows import Row

DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Fault:
    """A row of a sealed log that is not as it was sealed."""

    rows: str
    id: int
    lead: int
    what: str


def newest(count: int) -> list[Seal]:
    """The last so many seals, oldest first; all with 0."""
    found = Seal.objects.order_by("-day")
    return list(found[:count] if count else found)[::-1]


def edited(seals: Sequence[Seal], rows: SealedRows) -> Iterator[Fault]:
    """Sealed rows that were edited or are gone, without a lawful act on record."""
    days = {one.pk: one.day for one in seals}
    pages = SealPage.objects.filter(seal__in=days, rows=rows).order_by("seal_id", "number")
    for page in pages.iterator(chunk_size=20):
        yield from _of_page(page, rows, days[page.seal_id])


def _of_page(page: SealPage, rows: SealedRows, day: dt.date) -> Iterator[Fault]:
    found = {one.id: one for one in logs.read(rows, "r.id = ANY(%s)", [page.ids])}
    away: dict[int, list[SealedAway]] = defaultdict(list)
    for act in SealedAway.objects.filter(rows=rows, row_id__in=page.ids).order_by("pk"):
        away[act.row_id].append(act)
    leaves, size = bytes(page.leaves), sealing.BYTES
    for place, (pk, lead) in enumerate(zip(page.ids, page.leads, strict=False)):
        leaf = leaves[place * size : (place + 1) * size]
        what = _what(found.get(pk), leaf, away[pk])
        if what:
            yield Fault(rows.value, pk, lead, f"of lead {lead}, sealed with {day}, {what}")


def _what(row: Row | None, leaf: bytes, acts: Sequence[SealedAway]) -> str:
    """What is wrong with a sealed row; nothing if it is as it was, or changed lawfully."""
    removed = any(act.reason == SealedAway.Reason.REMOVED for act in acts)
    if row is None:
        return "" if removed else "was removed"
    if removed:
        return "is there although it was removed with its import"
    if not acts:
        return "" if row.leaf() == leaf else "was edited"
    first, last = acts[0].commitment, acts[-1].after
    if row.leaf(bytes(first or b"")) != leaf:
        return "was edited"
    return "" if row.commitment() == bytes(last or b"") else "was edited after its erasure"


def added(seals: Sequence[Seal], rows: SealedRows) -> Iterator[Fault]:
    """Rows that bear a sealed day and were not there when it was sealed."""
    if not seals:
        return
    whole = not Seal.objects.filter(day__lt=seals[0].day).exists()
    first = None if whole else seals[0].day
    for one in logs.strays(rows, first=first, until=seals[-1].day + DAY):
        what = f"of lead {one.lead} bears {one.day} but was not there when that day was sealed"
        yield Fault(rows.value, one.id, one.lead, what)
    days = {one.pk: one.day for one in seals}
    for page in SealPage.objects.filter(seal__in=days, rows=rows):
        day = days[page.seal_id]
        if page.of_day < day:
            for pk, lead in zip(page.ids, page.leads, strict=False):
                what = f"of lead {lead} bears {page.of_day} but appeared by {day} only"
                yield Fault(rows.value, pk, lead, what)


def chain(seals: Sequence[Seal]) -> Iterator[tuple[str, str]]:
    """Days whose seal is missing, was edited, or does not follow the one before.

    Of the seals given their pages are read, too.
    """
    before: Seal | None = None
    for one in Seal.objects.order_by("day"):
        yield from _link(before, one)
        before = one
    for one in seals:
        yield from _pages(one)
    yield from _cut_off(before)


def _link(before: Seal | None, one: Seal) -> Iterator[tuple[str, str]]:
    if before is not None:
        for gone in range(1, (one.day - before.day).days):
            yield str(before.day + gone * DAY), "has no seal, though later days have"
    if before is None and one.previous:
        yield str(one.day - DAY), "has no seal, though the next day was chained to it"
    elif one.previous != (before.digest if before else ""):
        yield str(one.day), "is not chained to the seal of the day before"
    if one.version != sealing.VERSION:
        yield str(one.day), f"is of version {one.version}, which is unknown"


def _pages(one: Seal) -> Iterator[tuple[str, str]]:
    digests, count, late = [], 0, 0
    for page in one.pages.order_by("number").iterator(chunk_size=20):
        leaves = bytes(page.leaves)
        told = (page.ids, page.leads, leaves)
        digest = sealing.page(page.rows, page.of_day.isoformat(), *told)
        if digest != bytes(page.digest) or page.last_id != max(page.ids, default=0):
            yield str(one.day), f"page {page.number} of its seal was edited"
        digests.append(bytes(page.digest))
        count += len(page.ids)
        late += len(page.ids) if page.of_day < one.day else 0
    if sealing.seal(one.day.isoformat(), one.previous, digests) != one.digest:
        yield str(one.day), "its seal is not the digest of its pages"
    elif (count, late) != (one.count, one.late):
        yield str(one.day), "its seal counts other rows than its pages hold"


def _cut_off(last: Seal | None) -> Iterator[tuple[str, str]]:
    """Seals gone from the end leave salts behind."""
    needed = SealSalt.objects.aggregate(day=Max("day"))["day"]
    if needed is not None and (last is None or needed > last.day):
        yield str(needed), "was sealed once, and its seal is gone"


def missing(now: dt.datetime) -> Iterator[tuple[str, str]]:
    """Days that are over for long and have no seal yet."""
    last = Seal.objects.aggregate(day=Max("day"))["day"]
    if last is None:
        return
    due = last_due(now - OVERDUE)
    for ahead in range(1, (due - last).days + 1):
        yield str(last + ahead * DAY), "is over and not sealed"
