"""The leave calendar of a team: a month of who is there, who covers, and when nobody is."""

from __future__ import annotations

import calendar
import functools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from itertools import pairwise

from django.urls import reverse

from core import holidays_source
from core.errors import InvalidInput
from core.texts import _, lazy
from people import roster, teams
from people import selectors as people
from people.availability import Availability
from people.models import Leave, Role, Team, User
from people.roster import Attendance, Day, Span
from routing import pool_rights
from routing.models import PoolMember
from web.console import team_page, words

MOST = 80
"""So many people have a row."""
SIGNS = {
    Day.WORKS: ("", lazy("at work")),
    Day.PARTLY: ("½", lazy("there for a part of the day")),
    Day.LEAVE: ("L", lazy("on leave")),
    Day.AWAY: ("A", lazy("away, gets no new leads")),
    Day.HOLIDAY: ("H", lazy("public holiday")),
    Day.OFF: ("·", lazy("no shift")),
}
_MARKS = {"gap": "!", "thin": "–", "works": ""}


@dataclass(frozen=True, slots=True)
class Cell:
    """One day of one row. `title` says it in words."""

    sign: str
    kind: str
    title: str
    is_today: bool


@dataclass(frozen=True, slots=True)
class Row:
    """Somebody's month. `time_url` is empty where the reader does not keep their time."""

    name: str
    team: str
    covers: str
    time_url: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Pool:
    """A pool's month: where nobody of it is on shift."""

    label: str
    url: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """A day on which nobody of a pool is there while somebody works by their week."""

    day: date
    pool: str
    when: str
    whole: bool
    """Whether nobody is there at all."""
    why: str


@dataclass(frozen=True, slots=True)
class Absence:
    """One leave of the month. What a calendar brought is changed there."""

    id: int
    name: str
    when: str
    line: str
    covers: str
    is_open: bool
    runs: bool
    change_url: str
    end_url: str


@dataclass(frozen=True, slots=True)
class Head:
    """One day on top of the grid."""

    number: int
    weekday: str
    is_weekend: bool
    is_today: bool


@dataclass(frozen=True, slots=True)
class Roster:
    """The page."""

    title: str
    month: str
    before: str
    after: str
    days: tuple[Head, ...]
    rows: tuple[Row, ...]
    left_out: int
    pools: tuple[Pool, ...]
    gaps: tuple[Gap, ...]
    absences: tuple[Absence, ...]
    kept: tuple[User, ...]
    """Whose leave the reader enters and ends, themselves not among them."""


@dataclass(frozen=True, slots=True)
class _Month:
    """What is read at once: people, their hours and leaves, the pools and who shares them."""

    shown: Sequence[User]
    everybody: Mapping[int, User]
    hours: Mapping[int, Availability]
    there: Mapping[int, Attendance]
    leaves: Mapping[int, Sequence[Leave]]
    pools: Mapping[str, Sequence[int]]
    """Those that are any business of the reader's."""
    labels: Mapping[str, str]
    edges: Sequence[datetime]
    """When each day begins, and when the last one ends, in the reader's zone."""


def first_of(text: str, today: date) -> date:
    """The first day of the month that an address names; of this month where it names none near."""
    try:
        asked = date.fromisoformat(f"{text}-01")
    except ValueError:
        return today.replace(day=1)
    return asked if abs(asked - today) < timedelta(days=731) else today.replace(day=1)


def kept_by(reader: User) -> tuple[User, ...]:
    """Whose leave the reader enters: those of the calendar whom they lead, or all of them."""
    return _kept(reader, list(_members(reader)))


def build(reader: User, first: date, *, now: datetime, zone: tzinfo) -> Roster:
    """The month that begins on `first`; a fixed number of queries."""
    days = [first + timedelta(days=at) for at in range(_length(first))]
    members = list(_members(reader))
    month = _read(reader, members[:MOST], days, now=now, zone=zone)
    today, kept = now.astimezone(zone).date(), _kept(reader, members[:MOST])
    own = {one.pk for one in kept}
    pools, gaps = _pools(month, days, today, zone)
    return Roster(
        title=f"{calendar.month_name[first.month]} {first.year}",
        month=f"{first:%Y-%m}",
        before=f"{first - timedelta(days=1):%Y-%m}",
        after=f"{days[-1] + timedelta(days=1):%Y-%m}",
        days=tuple(
            Head(one.day, calendar.day_abbr[one.weekday()], one.weekday() > 4, one == today)
            for one in days
        ),
        rows=tuple(_row(one, month, days, today, own) for one in month.shown),
        left_out=len(members) - len(month.shown),
        pools=pools,
        gaps=gaps,
        absences=_absences(reader, month, kept, now=now),
        kept=kept,
    )


def _members(reader: User) -> Iterable[User]:
    rows = team_page.members(reader).select_related("team", "backup")
    return rows.order_by("team__name", "first_name", "pk")


def _length(first: date) -> int:
    return calendar.monthrange(first.year, first.month)[1]


def _kept(reader: User, members: Iterable[User]) -> tuple[User, ...]:
    """As `working_time.may_keep`, of all of them at once."""
    others = [one for one in members if one.pk != reader.pk]
    if reader.is_superuser or reader.plays(Role.REVOPS):
        return tuple(others)
    if not reader.plays(Role.MANAGER):
        return ()
    led = set(Team.objects.filter(pk__in=teams.led_by(reader)).values_list("pk", flat=True))
    return tuple(one for one in others if one.team_id in led)


def _read(
    reader: User, shown: Sequence[User], days: Sequence[date], *, now: datetime, zone: tzinfo
) -> _Month:
    edges = [datetime.combine(one, time(), zone) for one in (*days, days[-1] + timedelta(days=1))]
    ids = [one.pk for one in shown]
    near = PoolMember.objects.filter(user__in=ids, active=True).values("pool")
    shares = PoolMember.objects.filter(pool__in=near, active=True).select_related("pool", "user")
    pools, labels, sees = defaultdict(list), {}, set[str]()
    leads_all = pool_rights.leads_all(reader)
    everybody = {one.pk: one for one in shown}
    for share in shares.order_by("pool__label", "pk"):
        pools[share.pool.key].append(share.user_id)
        labels[share.pool.key] = share.pool.label
        if leads_all or reader.pk in (share.user_id, share.pool.manager_id):
            sees.add(share.pool.key)
        everybody.setdefault(share.user_id, share.user)
    hours = people.availabilities(everybody, at=edges[0])
    leaves = defaultdict(list)
    rows = Leave.objects.filter(user__in=ids, starts_at__lt=edges[-1], ends_at__gt=edges[0])
    for leave in rows.order_by("starts_at", "pk"):
        leaves[leave.user_id].append(leave)
    there = {pk: roster.attendance(one, edges[0], edges[-1], now=now) for pk, one in hours.items()}
    seen = {key: ids for key, ids in pools.items() if key in sees}
    return _Month(shown, everybody, hours, there, leaves, seen, labels, edges)


def _row(one: User, month: _Month, days: Sequence[date], today: date, kept: set[int]) -> Row:
    cells = tuple(
        _cell(one, month, place, day, is_today=day == today) for place, day in enumerate(days)
    )
    return Row(
        str(one),
        str(one.team) if one.team else "",
        str(one.backup) if one.backup else "",
        reverse("console:time-of", args=[one.pk]) if one.pk in kept else "",
        cells,
    )


def _cell(one: User, month: _Month, place: int, day: date, *, is_today: bool) -> Cell:
    since, until = month.edges[place], month.edges[place + 1]
    kind = _day(one.pk, month, since, until)
    sign, said = SIGNS[kind]
    if kind is Day.HOLIDAY:
        said = _holidays(one.holiday_country, one.holiday_subdivision, day.year).get(day, said)
    elif kind in (Day.WORKS, Day.PARTLY):
        spans = [span for span in month.there[one.pk].there if span[0] < until and span[1] > since]
        said = f"{said}: {_hours(spans, since.tzinfo)}"
    return Cell(sign, kind.value.lower(), f"{_named(day)}: {said}", is_today)


def _day(pk: int, month: _Month, since: datetime, until: datetime) -> Day:
    return roster.day(month.there[pk], month.hours[pk].leaves, since, until)


def _hours(spans: Iterable[Span], zone: tzinfo | None) -> str:
    return ", ".join(
        f"{begins.astimezone(zone):%H:%M}–{ends.astimezone(zone):%H:%M}" for begins, ends in spans
    )


def _named(day: date) -> str:
    return f"{calendar.day_abbr[day.weekday()]} {day.day} {calendar.month_abbr[day.month]}"


@functools.lru_cache(maxsize=256)
def _holidays(country: str, part: str, year: int) -> dict[date, str]:
    try:
        return holidays_source.holiday_dates(country, part or None, [year])
    except InvalidInput:
        return {}


def _pools(
    month: _Month, days: Sequence[date], today: date, zone: tzinfo
) -> tuple[tuple[Pool, ...], tuple[Gap, ...]]:
    """Each pool's row, and the days to come on which nobody of one is there, the first on top."""
    rows, gaps = [], []
    for key, ids in month.pools.items():
        group = [month.there[pk] for pk in ids]
        cells = []
        for day, (since, until) in zip(days, pairwise(month.edges), strict=True):
            bare = roster.uncovered(group, since, until)
            whole = bool(bare) and bare == roster.usual(group, since, until)
            when = _("all day") if whole else _hours(bare, zone)
            title = (
                _("nobody {when}").format(when=when)
                if bare
                else _("somebody is there, or nobody has a shift")
            )
            kind = "gap" if whole else "thin" if bare else "works"
            cells.append(Cell(_MARKS[kind], kind, f"{_named(day)}: {title}", day == today))
            if bare and day >= today:
                why = _why(ids, month, since, until)
                gaps.append(Gap(day, month.labels[key], when, whole, why))
        rows.append(Pool(month.labels[key], reverse("console:pool", args=[key]), tuple(cells)))
    return tuple(rows), tuple(sorted(gaps, key=lambda one: (one.day, one.pool)))


def _why(ids: Iterable[int], month: _Month, since: datetime, until: datetime) -> str:
    """Who of the pool is not there, and why."""
    found = []
    for pk in ids:
        kind = _day(pk, month, since, until)
        if kind not in (Day.WORKS, Day.OFF):
            found.append(f"{month.everybody[pk]}: {SIGNS[kind][1]}")
    return "; ".join(found)


def _absences(
    reader: User, month: _Month, kept: Sequence[User], *, now: datetime
) -> tuple[Absence, ...]:
    """The leaves of the month, the first on top. Why somebody is away their team reads."""
    own = {one.pk for one in kept} | {reader.pk}
    found = []
    for one in month.shown:
        mine = one.pk in own
        near = mine or (one.team_id is not None and one.team_id == reader.team_id)
        found += [
            (row.starts_at, _absence(one, row, month, mine=mine, near=near, now=now))
            for row in month.leaves[one.pk]
        ]
    return tuple(row for _rest, row in sorted(found, key=lambda pair: (pair[0], pair[1].id)))


def _absence(
    one: User, row: Leave, month: _Month, *, mine: bool, near: bool, now: datetime
) -> Absence:
    typed = row.source != Leave.Source.CALENDAR
    is_open = mine and typed and row.ends_at > now
    begins, ends = (words.moment(at, now=now, zone=one.zone) for at in (row.starts_at, row.ends_at))
    said = [row.reason if near else "", "" if typed else row.get_source_display()]
    return Absence(
        row.pk,
        str(one),
        _("from {begins} until {ends}").format(begins=begins, ends=ends),
        " · ".join(filter(None, said)),
        _covers(one, row, month),
        is_open,
        row.starts_at <= now < row.ends_at,
        f"{reverse('console:time-of', args=[one.pk])}?leave={row.pk}#leave" if is_open else "",
        reverse("console:time-act", args=[one.pk, "end-leave"]) if is_open else "",
    )


def _covers(one: User, row: Leave, month: _Month) -> str:
    """Whom they have named as backup, and whether these are on leave then, too."""
    backup = one.backup
    if backup is None:
        return _("No backup is named.")
    hours = month.hours.get(backup.pk)
    if hours is None:
        return _("{backup} covers.").format(backup=backup)
    also = any(begins < row.ends_at and ends > row.starts_at for begins, ends in hours.leaves)
    return (
        _("{backup} covers, but is on leave then, too.").format(backup=backup)
        if also
        else _("{backup} covers.").format(backup=backup)
    )
