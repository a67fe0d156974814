"""Leave that calendars bring. What was typed by hand is never touched."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from people.calendar_file import Absence
from people.models import Leave, User

Source = Leave.Source


@dataclass(frozen=True, slots=True)
class Taken:
    """What a reading changed."""

    added: int = 0
    changed: int = 0
    removed: int = 0
    remarks: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """All of it."""
        return self.added + self.changed + self.removed


@transaction.atomic
def follow(of: User, absences: Sequence[Absence], *, now: dt.datetime) -> Taken:
    """Make the leave from the calendar equal to what it says; what is over stays as it was."""
    return _write(of, absences, Source.CALENDAR, now=now, removes=True, by=None)


@transaction.atomic
def add(of: User, absences: Sequence[Absence], *, now: dt.datetime, by: User) -> Taken:
    """Enter the absences of a file once; the same file again changes what it brought before."""
    return _write(of, absences, Source.UPLOAD, now=now, removes=False, by=by)


@transaction.atomic
def forget(of: User, *, now: dt.datetime, by: User, why: str = "") -> int:
    """Take out what the calendar brought and has not begun; returns how many."""
    rows = list(Leave.objects.filter(user=of, source=Source.CALENDAR, starts_at__gt=now))
    for row in rows:
        _told(row, by, why or "The calendar is read no more").delete()
    return len(rows)


def _write(
    of: User,
    absences: Sequence[Absence],
    source: Leave.Source,
    *,
    now: dt.datetime,
    removes: bool,
    by: User | None,
) -> Taken:
    User.objects.select_for_update(no_key=True).get(pk=of.pk)
    present = {row.uid: row for row in Leave.objects.filter(user=of, source=source).exclude(uid="")}
    added = changed = removed = 0
    for one in absences:
        row = present.pop(one.uid, None)
        if row is None:
            row = Leave(user=of, source=source, uid=one.uid)
            added += 1
        elif (row.starts_at, row.ends_at, row.reason) == (one.starts_at, one.ends_at, one.title):
            continue
        else:
            changed += 1
        row.starts_at, row.ends_at, row.reason = one.starts_at, one.ends_at, one.title
        _told(row, by, "").save()
    if removes:
        for row in present.values():
            if row.starts_at > now:
                _told(row, by, "").delete()
                removed += 1
            elif row.ends_at > now:
                row.ends_at = now
                _told(row, by, "").save(update_fields=["ends_at"])
                removed += 1
    return Taken(added, changed, removed)


def _told(row: Leave, by: User | None, why: str) -> Leave:
    told: Any = row
    told._history_user, told._change_reason = by, why.strip() or None
    return row
