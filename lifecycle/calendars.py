"""People's calendars, read every hour for their absences.

The row of each calendar is its own due row; a pass takes those that are due, one after the other,
outside any transaction. A calendar that cannot be read takes no leave away: what it said last
holds, the page says since when, and it is asked again, ever later, once an hour at least.
Connections are guarded as those to providers are, at each redirect anew.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from core import database, errors, sealing, work
from lifecycle.outbound import fetching
from lifecycle.outbound.failing import Failed
from people import calendar_file, calendar_leave, working_time
from people.calendar_file import Found
from people.calendar_leave import Taken
from people.models import CalendarFeed, User

EVERY = dt.timedelta(hours=1)
FIRST_PAUSE = dt.timedelta(minutes=5)
LEASE = dt.timedelta(minutes=5)
AHEAD = dt.timedelta(days=400)
REDIRECTS = 3
SECONDS = 20.0
"""For one calendar, each of its redirects included."""
PASS_SECONDS = 10.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pass:
    """How many calendars one pass read, and how many it could not."""

    read: int = 0
    failed: int = 0


@transaction.atomic
def subscribe(of: User, address: str, *, counts: str, by: User, why: str = "") -> CalendarFeed:
    """Read this calendar from now on. An empty address keeps the present one.

    Raises InvalidInput for an address that may not be asked.
    """
    working_time.require_may_keep(of, by, why)
    row = CalendarFeed.objects.select_for_update().filter(user=of).first()
    plain = address.strip()
    if plain.lower().startswith("webcal://"):
        plain = "https://" + plain[len("webcal://") :]
    if not plain and row is None:
        raise _invalid("address", "Paste the address of your calendar; it ends in .ics mostly.")
    now = database.now()
    if row is None:
        row = CalendarFeed(user=of, due_at=now)
    if plain:
        _require_address(plain)
        row.address, row.host = sealing.seal(plain), (urlsplit(plain).hostname or "")[:255]
    row.counts, row.due_at, row.attempts, row.error = counts, now, 0, ""
    row.lease_until = None
    _note(row, by, why)
    row.save()
    return row


@transaction.atomic
def forget(of: User, *, by: User, why: str = "") -> int:
    """Read the calendar no more; what it brought and is still to come is taken out."""
    working_time.require_may_keep(of, by, why)
    row = CalendarFeed.objects.select_for_update().filter(user=of).first()
    if row is None:
        raise errors.TooLate("No calendar is read.")
    _note(row, by, why)
    row.delete()
    now = database.now()
    return calendar_leave.forget(of, now=now, by=by, why=why)


@transaction.atomic
def upload(of: User, data: bytes, *, all_day: bool, by: User, why: str = "") -> Taken:
    """Enter the absences of a calendar file once. Raises InvalidInput when it cannot be read."""
    working_time.require_may_keep(of, by, why)
    now = database.now()
    try:
        found = _absences(of, data, all_day=all_day, now=now)
    except calendar_file.Unreadable as fault:
        raise _invalid("file", str(fault)) from None
    taken = calendar_leave.add(of, found.absences, now=now, by=by)
    return replace(taken, remarks=found.remarks)


def run(*, now: dt.datetime | None = None, seconds: float = PASS_SECONDS) -> Pass:
    """Read the calendars that are due, for about so long."""
    until = time.monotonic() + seconds
    read = failed = 0
    while time.monotonic() < until:
        feed = _take_one(now or database.now())
        if feed is None:
            break
        if _read(feed, now=now):
            read += 1
        else:
            failed += 1
    return Pass(read, failed)


def _take_one(now: dt.datetime) -> CalendarFeed | None:
    due = CalendarFeed.objects.filter(
        Q(lease_until__isnull=True) | Q(lease_until__lte=now), due_at__lte=now, user__is_active=True
    )
    rows = work.take(
        due.order_by("due_at", "pk"), until="lease_until", attempts="attempts", now=now,
        lease=LEASE, limit=1,
    )  # fmt: skip
    return CalendarFeed.objects.select_related("user").get(pk=rows[0].pk) if rows else None


def _read(feed: CalendarFeed, *, now: dt.datetime | None) -> bool:
    try:
        data = _fetched(sealing.unseal(feed.address))
        found = _absences(
            feed.user, data, all_day=feed.counts == CalendarFeed.Counts.ALL_DAY,
            now=now or database.now(),
        )  # fmt: skip
        _keep(feed, found, now=now or database.now())
        return True
    except (Failed, calendar_file.Unreadable, errors.DomainError) as fault:
        _put_off(feed, str(fault), now=now or database.now())
    except Exception as fault:
        log.exception("Calendar %s could not be worked.", feed.pk)
        _put_off(feed, f"{type(fault).__name__}; see the worker's log.", now=now or database.now())
    return False


@transaction.atomic
def _keep(feed: CalendarFeed, found: Found, *, now: dt.datetime) -> None:
    row = CalendarFeed.objects.select_for_update().filter(pk=feed.pk, address=feed.address)
    if not row.exists():  # forgotten or changed while it was being read
        return
    calendar_leave.follow(feed.user, found.absences, now=now)
    row.update(
        due_at=now + EVERY, lease_until=None, attempts=0, tried_at=now, read_at=now, error="",
        events=found.events, remarks=" ".join(found.remarks),
    )  # fmt: skip


def _put_off(feed: CalendarFeed, why: str, *, now: dt.datetime) -> None:
    wait = work.pause(feed.attempts, first=FIRST_PAUSE, factor=2, longest=EVERY)
    CalendarFeed.objects.filter(pk=feed.pk, address=feed.address).update(
        due_at=now + wait, lease_until=None, tried_at=now, error=why[:300]
    )


def _absences(of: User, data: bytes, *, all_day: bool, now: dt.datetime) -> Found:
    return calendar_file.read(data, zone=of.zone, since=now, until=now + AHEAD, all_day=all_day)


def _fetched(address: str) -> bytes:
    """The calendar behind an address, redirects followed a few times, each checked as the first."""
    until = time.monotonic() + SECONDS
    for _ in range(REDIRECTS + 1):
        reply = fetching.fetch(
            address,
            headers={"Accept": "text/calendar", "User-Agent": "LeadGov"},
            seconds=max(0.1, until - time.monotonic()),
            private_too=settings.ALLOW_PRIVATE_PROVIDERS,
            most_bytes=calendar_file.MOST_BYTES,
        )
        if reply.status not in (301, 302, 303, 307, 308):
            break
        if not reply.location:
            raise Failed(f"It answered {reply.status} without saying where to go.")
        address = urljoin(address, reply.location)
    else:
        raise Failed("It redirects again and again.")
    if reply.status in (401, 403):
        raise Failed(f"It answered {reply.status}: is the calendar still shared by this address?")
    if reply.status in (404, 410):
        raise Failed(f"It answered {reply.status}: there is no calendar at this address any more.")
    if reply.status != 200:
        raise Failed(f"It answered {reply.status}.")
    return reply.body


def _require_address(address: str) -> None:
    try:
        fetching.require_safe(address, private_too=settings.ALLOW_PRIVATE_PROVIDERS)
    except Failed as fault:
        raise _invalid("address", str(fault)) from None


def _note(row: CalendarFeed, by: User, why: str) -> None:
    told: Any = row
    told._history_user, told._change_reason = by, why.strip() or None


def _invalid(field: str, message: str) -> errors.InvalidInput:
    return errors.InvalidInput(message, errors=[errors.FieldError(field, message)])
