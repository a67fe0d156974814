"""Making seals: one for each day that is over, in order, none left out."""

from __future__ import annotations

import datetime as dt
import itertools
import logging
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.db import connection, transaction

from core import database
from leads import sealing
from leads.models import Seal, SealedRows, SealPage
from lifecycle.sealing import rows as logs
from lifecycle.sealing.rows import LOGS, Row, midnight

LOCK = 0x4C45_4144_5345_414C
"""Advisory lock: held alone while sealing, shared by who lawfully changes sealed rows."""
GRACE = dt.timedelta(minutes=15)
"""After midnight: whoever read the clock before it has begun to write by then."""
OVERDUE = dt.timedelta(hours=1)
"""How long after that the worker may take."""
PAGE = 2_000
LATE_DAYS = 3
"""Of so many sealed days rows are searched that came after their seal."""

log = logging.getLogger(__name__)

STILL_OPEN = """
    SELECT 'process ' || pid || ' since ' || xact_start FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid()
       AND backend_type = 'client backend' AND xact_start < %(ended)s
     UNION ALL
    SELECT 'prepared transaction ' || gid || ' since ' || prepared FROM pg_prepared_xacts
     WHERE database = current_database() AND prepared < %(ended)s
     LIMIT 1
"""
SALTS = """
    INSERT INTO leads_sealsalt (lead_id, salt, day)
    SELECT lead_id, gen_random_uuid(), %(day)s
      FROM (SELECT DISTINCT lead_id FROM leads_leadevent
             WHERE (recorded_at >= %(since)s AND recorded_at < %(until)s)
                OR id = ANY(%(late)s)) l
     WHERE TRUE ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class Held:
    """A day that cannot be sealed yet: some transaction that began on it is still open."""

    day: dt.date
    by: str


def last_due(now: dt.datetime) -> dt.date:
    """The newest day that is over, and long enough."""
    return (now.astimezone(dt.UTC) - GRACE).date() - dt.timedelta(days=1)


def make_due(*, now: dt.datetime | None = None, until: float | None = None) -> list[Seal | Held]:
    """Seal every day that is over, oldest first, each in a transaction of its own.

    Returns the seals that were made, and last a day that is held up by an open transaction.
    `until`, an instant of the monotonic clock, ends it between two days. If somebody else is
    sealing, nothing is done.
    """
    at = now or database.now()
    made: list[Seal | Held] = []
    while until is None or not made or time.monotonic() < until:
        one = _next(at)
        if one is None:
            break
        made.append(one)
        if isinstance(one, Held):
            break
    return made


def is_due(now: dt.datetime) -> bool:
    """Whether there is a day to seal; cheap, for every second."""
    return _next_day(now) is not None


@transaction.atomic
def _next(now: dt.datetime) -> Seal | Held | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        (alone,) = cursor.fetchone()
    day = _next_day(now) if alone else None
    if day is None:
        return None
    held = _still_open(day)
    if held:
        return Held(day, held)
    return _seal(day, newest=day == last_due(now), now=now)


def _next_day(now: dt.datetime) -> dt.date | None:
    """The day after the last seal; at first the day of the oldest row, so all before is in."""
    due = last_due(now)
    last = Seal.objects.order_by("-day").values_list("day", flat=True).first()
    if last is not None:
        return last + dt.timedelta(days=1) if last < due else None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM leads_leadevent WHERE recorded_at < %s LIMIT 1",
            [midnight(due + dt.timedelta(days=1))],
        )
        if cursor.fetchone() is None:
            return None
        cursor.execute(
            "SELECT (min(recorded_at) AT TIME ZONE 'UTC')::date FROM leads_leadevent "
            "WHERE recorded_at > '-infinity'"
        )
        (first,) = cursor.fetchone()
    return first  # type: ignore[no-any-return]


def _still_open(day: dt.date) -> str:
    """A transaction that may still commit rows of the day: it began before the day's grace ended.

    Rows bear an instant that was read in the transaction that writes them, or shortly before.
    """
    with connection.cursor() as cursor:
        ended = midnight(day + dt.timedelta(days=1)) + GRACE
        cursor.execute(STILL_OPEN, {"ended": ended})
        found = cursor.fetchone()
    return found[0] if found else ""


def _seal(day: dt.date, *, newest: bool, now: dt.datetime) -> Seal:
    before = Seal.objects.order_by("-day").first()
    since = midnight(day) if before else dt.datetime(1, 1, 1, tzinfo=dt.UTC)
    until = midnight(day + dt.timedelta(days=1))
    late = _late(before, day) if before and newest else {}
    events = late.get(SealedRows.EVENT, {})
    with connection.cursor() as cursor:
        ids = [pk for some in events.values() for pk in some]
        cursor.execute(SALTS, {"day": day, "since": since, "until": until, "late": ids})
        cursor.execute("SELECT nextval(pg_get_serial_sequence('leads_seal', 'id'))")
        (pk,) = cursor.fetchone()
    pages = _Pages(pk)
    for kind in LOGS:
        where, span = "r.recorded_at >= %s AND r.recorded_at < %s", [since, until]
        pages.write(kind, day, logs.read(kind, where, span, many=True))
    on_time = pages.count
    for kind, by_day in late.items():
        for of_day, ids in sorted(by_day.items()):
            pages.write(kind, of_day, logs.read(kind, "r.id = ANY(%s)", [ids]))
    previous = before.digest if before else ""
    made = Seal.objects.create(
        pk=pk,
        day=day,
        version=sealing.VERSION,
        previous=previous,
        digest=sealing.seal(day.isoformat(), previous, pages.digests),
        count=pages.count,
        late=pages.count - on_time,
        made_at=now,
    )
    log.info("Sealed %s: %s rows, head %s.", day, made.count, made.digest)
    return made


def _late(before: Seal, day: dt.date) -> dict[SealedRows, dict[dt.date, list[int]]]:
    """Rows that appeared after the seals of the days they bear, by log and day."""
    first = before.day - dt.timedelta(days=LATE_DAYS - 1)
    oldest = Seal.objects.order_by("day").values_list("day", flat=True)[0]
    found: dict[SealedRows, dict[dt.date, list[int]]] = {}
    for kind in LOGS:
        for one in logs.strays(kind, first=first, until=day):
            found.setdefault(kind, {}).setdefault(max(one.day, oldest), []).append(one.id)
    return found


class _Pages:
    """The pages of one seal, written as they fill."""

    def __init__(self, seal: int) -> None:
        self.count = 0
        self.digests: list[bytes] = []
        self._seal = seal

    def write(self, kind: SealedRows, of_day: dt.date, found: Iterator[Row]) -> None:
        """Rows of one log that bear one day."""
        while some := list(itertools.islice(found, PAGE)):
            self._page(kind, of_day, some)

    def _page(self, kind: SealedRows, of_day: dt.date, some: Sequence[Row]) -> None:
        ids, leads = [one.id for one in some], [one.lead for one in some]
        leaves = _joined(one.leaf() for one in some)
        digest = sealing.page(kind.value, of_day.isoformat(), ids, leads, leaves)
        SealPage.objects.create(
            seal_id=self._seal,
            rows=kind,
            of_day=of_day,
            number=len(self.digests),
            last_id=ids[-1],
            ids=ids,
            leads=leads,
            leaves=leaves,
            digest=digest,
        )
        self.digests.append(digest)
        self.count += len(some)


def _joined(leaves: Iterable[bytes]) -> bytes:
    return b"".join(leaves)
