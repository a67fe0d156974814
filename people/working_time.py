"""When somebody works: their hours, their leave, being away. Kept by themselves or their manager.

Every change stays in the history of its row, with who made it and, for somebody else, why.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from django.db import transaction

from core import errors, holidays_source, reading, zones
from people import day_hours, holders, teams
from people.models import Leave, Role, Shift, User

NOON = dt.time(12)
LONGEST = dt.timedelta(days=731)
"""No leave is longer, or lies further from now: who is gone without end is not active."""
TO_COME = "Choose a time to come, within two years."

CHANGED_MEANWHILE = "changed_meanwhile"
"""The code of a refusal: the hours are not those any more from which they were changed."""
DAYS = tuple(str(label) for label in Shift.Weekday.labels)

M = TypeVar("M", User, Shift, Leave)
Week = Sequence[Sequence[day_hours.Span]]
"""Seven days, Monday first."""


def may_keep(of: User, by: User) -> bool:
    """Whether this person changes when somebody works: they themselves, their manager, RevOps."""
    if not by.is_active:
        return False
    if by.pk == of.pk or by.is_superuser or by.plays(Role.REVOPS):
        return True
    return teams.leads(by, of.team)


def kept_by(by: User, among: Sequence[User]) -> frozenset[int]:
    """The ids of those whose time this person changes; as `may_keep` of each, in one query.

    Their teams should be loaded.
    """
    if not by.is_active:
        return frozenset()
    if by.is_superuser or by.plays(Role.REVOPS):
        return frozenset(one.pk for one in among)
    led = teams.led_among(by, (one.team for one in among))
    return frozenset(one.pk for one in among if one.pk == by.pk or one.team_id in led)


def require_may_keep(of: User, by: User, why: str) -> None:
    """As `may_keep`; for others a reason is needed. Raises NotAllowed or InvalidInput."""
    if not may_keep(of, by):
        raise errors.NotAllowed(f"Only {of}, their manager and RevOps keep their working time.")
    if by.pk != of.pk and not why.strip():
        raise _invalid("why", "Say why: it is somebody else's time.")


@transaction.atomic
def set_hours(
    of: User,
    week: Week,
    *,
    zone: str,
    country: str,
    subdivision: str,
    by: User,
    why: str = "",
    seen: str = "",
) -> None:
    """The intervals of each weekday in this zone, and where public holidays are days off.

    `seen` is the `fingerprint` of the hours that were changed into these; empty: whatever there is.
    Raises InvalidInput naming the field, and TooLate where somebody changed them meanwhile.
    """
    require_may_keep(of, by, why)
    _require_place(zone, country, subdivision)
    clashing = day_hours.clash(week)
    if clashing is not None:
        raise _invalid(f"day_{clashing}", "Its last interval runs into the next day's first.")
    person = User.objects.select_for_update(no_key=True).get(pk=of.pk)
    if seen and fingerprint(person) not in (seen, _digest(week, zone, country, subdivision)):
        raise errors.TooLate(
            f"Somebody has changed these hours since you opened the page. {_as_told(person)} "
            "Yours are below: send them again to put them in their place.",
            code=CHANGED_MEANWHILE,
        )
    _set(
        person,
        {"time_zone": zone, "holiday_country": country, "holiday_subdivision": subdivision},
        by,
        why,
    )
    wanted = {
        (day, _time(begins)): _time(ends)
        for day, spans in enumerate(week)
        for begins, ends in spans
    }
    for row in Shift.objects.filter(user=person):
        ends = wanted.pop((row.weekday, row.starts), None)
        if ends is None:
            _told(row, by, why).delete()
        elif ends != row.ends:
            row.ends = ends
            _told(row, by, why).save(update_fields=["ends"])
    for (day, begins), ends in sorted(wanted.items()):
        _told(Shift(user=person, weekday=day, starts=begins, ends=ends), by, why).save()
    of.refresh_from_db()


def week_of(shifts: Iterable[Shift]) -> list[list[day_hours.Span]]:
    """Shifts as the intervals of seven days."""
    week: list[list[day_hours.Span]] = [[] for _ in DAYS]
    for row in sorted(shifts, key=lambda one: (one.weekday, one.starts)):
        begins, ends = (at.hour * 60 + at.minute for at in (row.starts, row.ends))
        week[row.weekday].append((begins, ends or day_hours.MIDNIGHT))
    return week


def fingerprint(of: User) -> str:
    """What tells the hours, zone and holidays of somebody from any others; as they stand now."""
    return standing(of)[1]


def standing(of: User) -> tuple[list[list[day_hours.Span]], str]:
    """Somebody's week as it stands now, and its `fingerprint`. One message."""
    rows, shifts = User.objects.filter(pk=of.pk), Shift.objects.filter(user=of.pk)
    reading.ask(rows, shifts)
    row, week = rows[0], week_of(shifts)
    return week, _digest(week, row.time_zone, row.holiday_country, row.holiday_subdivision)


def _digest(week: Week, zone: str, country: str, subdivision: str) -> str:
    text = json.dumps([[[list(one) for one in day] for day in week], zone, country, subdivision])
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _as_told(of: User) -> str:
    week = week_of(Shift.objects.filter(user=of))
    days = [f"{DAYS[at]} {day_hours.write(spans)}" for at, spans in enumerate(week) if spans]
    place = "-".join(filter(None, (of.holiday_country, of.holiday_subdivision)))
    holidays = f", public holidays of {place}" if place else ""
    return f"They are now: {'; '.join(days) or 'none'} ({of.time_zone}{holidays})."


def is_near(day: dt.date, *, now: dt.datetime) -> bool:
    """Whether a day, or the day of an instant, lies within `LONGEST` of now.

    By the calendar alone, without time zones: any day that can be written may be asked.
    """
    date = day.date() if isinstance(day, dt.datetime) else day
    return abs(date - now.date()) <= LONGEST


def morning(of: User, day: dt.date, *, now: dt.datetime) -> dt.datetime:
    """When a day begins for somebody, in UTC. Raises InvalidInput for one far from now."""
    if not is_near(day, now=now):
        raise _invalid("until", TO_COME)
    return dt.datetime.combine(day, dt.time(), of.zone).astimezone(dt.UTC)


def span(
    of: User,
    first: dt.date,
    last: dt.date,
    *,
    from_noon: bool = False,
    until_noon: bool = False,
    now: dt.datetime,
) -> tuple[dt.datetime, dt.datetime]:
    """Days off as instants: both days whole unless told, in the person's zone.

    Raises InvalidInput for days in the wrong order, far too many, or far from now.
    """
    for field, day in (("first", first), ("last", last)):
        if not is_near(day, now=now):
            raise _invalid(field, "Leave lies within two years from today, before or after.")
    if last < first:
        raise _invalid("last", "The last day comes before the first.")
    after = last if until_noon else last + dt.timedelta(days=1)
    begins = dt.datetime.combine(first, NOON if from_noon else dt.time(), of.zone)
    ends = dt.datetime.combine(after, NOON if until_noon else dt.time(), of.zone)
    if ends <= begins:
        raise _invalid("last", "From noon until noon of the same day is nothing.")
    if ends - begins > LONGEST:
        raise _invalid("last", "That is more than two years; deactivate who is gone for good.")
    return begins.astimezone(dt.UTC), ends.astimezone(dt.UTC)


@transaction.atomic
def add_leave(
    of: User,
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    *,
    reason: str = "",
    by: User,
    why: str = "",
) -> Leave:
    """Somebody is away from one instant to another."""
    require_may_keep(of, by, why)
    row = Leave(user=of, starts_at=starts_at, ends_at=ends_at, reason=reason.strip()[:120])
    _told(row, by, why).save()
    return row


@transaction.atomic
def change_leave(
    leave_id: int,
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    *,
    reason: str = "",
    by: User,
    why: str = "",
) -> Leave:
    """Other days for a leave. What a calendar brought is changed there."""
    row = _leave(leave_id, by, why)
    row.starts_at, row.ends_at, row.reason = starts_at, ends_at, reason.strip()[:120]
    _told(row, by, why).save(update_fields=["starts_at", "ends_at", "reason"])
    return row


def overlapping(row: Leave) -> list[Leave]:
    """The other leave of the same person that shares time with this one, earliest first."""
    others = Leave.objects.filter(user=row.user_id).exclude(pk=row.pk)
    shared = others.filter(starts_at__lt=row.ends_at, ends_at__gt=row.starts_at)
    return list(shared.order_by("starts_at", "pk"))


@transaction.atomic
def end_leave(leave_id: int, *, now: dt.datetime, by: User, why: str = "") -> Leave:
    """Back before the end: a leave that runs ends now, one that has not begun is taken out."""
    row = _leave(leave_id, by, why)
    if row.ends_at <= now:
        raise errors.TooLate("This leave is over already.")
    if row.starts_at < now:
        row.ends_at = now
        _told(row, by, why).save(update_fields=["ends_at"])
    else:
        _told(row, by, why).delete()
    return row


@transaction.atomic
def set_away(
    of: User, until: dt.datetime | None, *, now: dt.datetime, by: User, why: str = ""
) -> None:
    """Gets no new leads until then; None: is back."""
    require_may_keep(of, by, why)
    if until is not None and not now < until <= now + LONGEST:
        raise _invalid("until", TO_COME)
    _set(User.objects.select_for_update(no_key=True).get(pk=of.pk), {"away_until": until}, by, why)
    of.away_until = until


@transaction.atomic
def name_backup(of: User, backup_id: int | None, *, by: User, why: str = "") -> None:
    """Who takes over what escalates to the backup of somebody; None: nobody."""
    require_may_keep(of, by, why)
    if backup_id is not None:
        there = holders.everybody().filter(pk=backup_id).exclude(pk=of.pk)
        if not there.exists():
            raise _invalid("backup", "Choose somebody else who is active and works leads.")
    row = User.objects.select_for_update(no_key=True).get(pk=of.pk)
    _set(row, {"backup_id": backup_id}, by, why)
    of.backup_id = backup_id


@transaction.atomic
def set_languages(of: User, codes: Sequence[str], *, by: User, why: str = "") -> None:
    """What somebody speaks with buyers beside English; codes as `people.languages` reads them."""
    require_may_keep(of, by, why)
    row = User.objects.select_for_update(no_key=True).get(pk=of.pk)
    _set(row, {"languages": list(codes)}, by, why)
    of.languages = row.languages


def _leave(leave_id: int, by: User, why: str) -> Leave:
    rows = Leave.objects.select_related("user__team").select_for_update(of=("self",))
    row = rows.filter(pk=leave_id).first()
    if row is None or not may_keep(row.user, by):
        raise errors.NotFound("There is no such leave, or it is not yours to change.")
    require_may_keep(row.user, by, why)
    if row.source == Leave.Source.CALENDAR:
        raise errors.DomainError("It comes from the calendar; change the event there.")
    return row


def _set(person: User, values: Mapping[str, object], by: User, why: str) -> None:
    changed = [name for name, value in values.items() if getattr(person, name) != value]
    for name in changed:
        setattr(person, name, values[name])
    if changed:
        _told(person, by, why).save(update_fields=changed)


def _told(row: M, by: User, why: str) -> M:
    """The row, with who changes it and why, for its history."""
    told: Any = row
    told._history_user, told._change_reason = by, why.strip() or None
    return row


def _require_place(zone: str, country: str, subdivision: str) -> None:
    if not zones.is_known(zone):
        raise _invalid("zone", "That is no known time zone; use a name such as Europe/Berlin.")
    if not country and subdivision:
        raise _invalid("country", "Name the country, too.")
    if country:
        try:
            holidays_source.holiday_dates(country, subdivision or None, [2026])
        except errors.InvalidInput as fault:
            raise _invalid(fault.errors[0].field, fault.message) from None


def _time(minute: int) -> dt.time:
    return dt.time(minute // 60 % 24, minute % 60)


def _invalid(field: str, message: str) -> errors.InvalidInput:
    return errors.InvalidInput(message, errors=[errors.FieldError(field, message)])
