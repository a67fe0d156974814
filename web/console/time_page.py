"""Somebody's working time: now, the week, leave, being away, the calendar, what was changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from django.urls import reverse

from core import worktime
from core.errors import NotFound
from core.texts import _
from people import availability, working_time
from people import selectors as people
from people.models import CalendarFeed, Leave, User
from web.console import time_forms, time_history, words
from web.console.time_forms import TimeForm
from web.console.time_history import Line

PAST = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class LeaveRow:
    """One leave; `change_url` is empty where it is changed elsewhere or is over."""

    id: int
    when: str
    line: str
    word: str
    tone: str
    change_url: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class Calendar:
    """The calendar that is read: how it went, and what went wrong."""

    host: str
    line: str
    fault: str


@dataclass(frozen=True, slots=True)
class TimePage:
    """The page."""

    person: User
    mine: bool
    title: str
    sentence: str
    tone: str
    is_away: bool
    leaves: tuple[LeaveRow, ...]
    history: tuple[Line, ...]
    calendar: Calendar | None
    urls: Mapping[str, str]


def person(reader: User, user_id: int | None) -> User:
    """Whose page it is. Raises NotFound where the reader may not keep their time."""
    if user_id is None or user_id == reader.pk:
        return reader
    found = User.objects.select_related("team").filter(pk=user_id).first()
    if found is None or not working_time.may_keep(found, reader):
        raise NotFound(_("There is nobody here whose working time you keep."))
    return found


def url(of: User, act: str) -> str:
    """Where one of its forms goes."""
    return reverse("console:time-act", args=[of.pk, act])


def build(reader: User, of: User, *, now: datetime, zone: tzinfo) -> TimePage:
    """Everything but the forms; a fixed number of queries."""
    hours = people.availabilities([of.pk], at=now)[of.pk]
    held = availability.reason(hours, now)
    mine = of.pk == reader.pk
    whom = _("You take") if mine else _("{of} takes").format(of=of)
    if held is None:
        ends = worktime.closes_at(hours.hours, now)
        until = (
            _(" until {ends}").format(ends=words.moment(ends, now=now, zone=zone)) if ends else ""
        )
        sentence, tone = _("{whom} leads{until}.").format(whom=whom, until=until), "ok"
    else:
        until = (
            _(" until {until}").format(until=words.moment(held.until, now=now, zone=zone))
            if held.until
            else ""
        )
        why = held.words
        if held.kind is availability.Kind.NO_LEADS:
            why = _("working leads is no part of your role") if mine else _("works no leads")
        sentence = _("{whom} no new leads now: {words}{until}.").format(
            whom=whom, words=why, until=until
        )
        tone = "none" if held.kind is availability.Kind.OFF_SHIFT else "warn"
        back = availability.next_available(hours, now)
        if back is not None and back != held.until:
            sentence += _(" Back {back}.").format(back=words.moment(back, now=now, zone=zone))
    rows = Leave.objects.filter(user=of, ends_at__gt=now - PAST).order_by("starts_at", "pk")
    return TimePage(
        of,
        mine,
        _("My time") if mine else _("Working time of {of}").format(of=of),
        sentence,
        tone,
        of.away_until is not None and of.away_until > now,
        tuple(_leave(row, of, now=now, zone=of.zone) for row in rows),
        time_history.of(of, now=now, zone=zone),
        _calendar(of, now=now),
        {act.replace("-", "_"): url(of, act) for act in time_forms.FORMS},
    )


def forms(of: User, reader: User, *, now: datetime, leave: str = "") -> dict[str, TimeForm]:
    """The forms as they first stand; `leave` is the id of one that is being changed."""
    found = {
        name.replace("-", "_"): form(of=of, reader=reader, now=now)
        for name, form in time_forms.FORMS.items()
    }
    changed = Leave.objects.filter(user=of, pk=int(leave)).first() if leave.isdecimal() else None
    if changed is not None:
        found["leave"].initial = time_forms.of_leave(changed, of)
    return found


def _calendar(of: User, *, now: datetime) -> Calendar | None:
    row = CalendarFeed.objects.filter(user=of).first()
    if row is None:
        return None
    if row.read_at is None:
        line = _("It is being read.") if not row.error else _("It was never read so far.")
    else:
        held = Leave.objects.filter(user=of, source=Leave.Source.CALENDAR, ends_at__gt=now).count()
        line = (
            _("Last read {ago}: {plural}, {held} of them leave now or to come. {remarks}")
            .format(
                ago=words.ago(row.read_at, now=now),
                plural=words.plural(row.events, "event"),
                held=held,
                remarks=row.remarks,
            )
            .rstrip()
        )
    fault = ""
    if row.error and row.tried_at is not None:
        holds = _(" What it said before still holds.") if row.read_at else ""
        again = words.moment(row.due_at, now=now, zone=of.zone)
        fault = _("Could not be read {ago}: {error} Tried again at {again}.{holds}").format(
            ago=words.ago(row.tried_at, now=now), error=row.error, again=again, holds=holds
        )
    return Calendar(row.host, line, fault)


def _leave(row: Leave, of: User, *, now: datetime, zone: tzinfo) -> LeaveRow:
    is_open = row.ends_at > now
    runs = row.starts_at <= now < row.ends_at
    typed = row.source != Leave.Source.CALENDAR
    begins, ends = (words.moment(at, now=now, zone=zone) for at in (row.starts_at, row.ends_at))
    page = reverse("console:time-of", args=[of.pk])
    said = [row.reason, "" if row.source == Leave.Source.TYPED else row.get_source_display()]
    return LeaveRow(
        row.pk,
        _("From {begins} until {ends}").format(begins=begins, ends=ends),
        " · ".join(filter(None, said)),
        _("Now") if runs else _("Later") if is_open else _("Over"),
        "warn" if runs else "info" if is_open else "none",
        f"{page}?leave={row.pk}#leave" if is_open and typed else "",
        is_open and typed,
    )
