"""When a mailing is due, and of which days it tells. Whole days of the company. Pure."""

from __future__ import annotations

import datetime as dt

from core.texts import _
from reports.facts import company_days
from web.console.metric_period import Span
from web.models import ReportMailing

DAY = dt.timedelta(days=1)
Rhythm = ReportMailing.Rhythm


def following(mailing: ReportMailing, after: dt.datetime) -> dt.datetime:
    """The first instant after `after` at which it is due, UTC.

    An hour that the clock leaves out is due when it goes on; one that comes twice the first time.
    """
    day = company_days.of(after)
    while True:
        at = _at(day, mailing.hour)
        if _is_due(mailing, day) and at > after:
            return at
        day += DAY


def latest(mailing: ReportMailing, now: dt.datetime) -> dt.datetime:
    """The last instant until `now` at which it was due, UTC."""
    day = company_days.of(now)
    while True:
        at = _at(day, mailing.hour)
        if _is_due(mailing, day) and at <= now:
            return at
        day -= DAY


def days_of(mailing: ReportMailing, at: dt.datetime) -> Span:
    """What a mail of that instant tells of: the last whole day, week from Monday, or month."""
    today = company_days.of(at)
    if mailing.rhythm == Rhythm.DAILY:
        return Span(today - DAY, today - DAY)
    if mailing.rhythm == Rhythm.WEEKLY:
        monday = today - DAY * today.weekday()
        return Span(monday - DAY * 7, monday - DAY)
    last = today.replace(day=1) - DAY
    return Span(last.replace(day=1), last)


def words(mailing: ReportMailing) -> str:
    """“Mondays at 07:00 (Europe/Berlin), of the week before”."""
    hour, zone = f"{mailing.hour:02}:00", company_days.zone().key
    if mailing.rhythm == Rhythm.DAILY:
        told = _("Every day at {hour} ({zone}), of the day before")
        return told.format(hour=hour, zone=zone)
    if mailing.rhythm == Rhythm.WEEKLY:
        told = _("Every {day} at {hour} ({zone}), of the week before")
        return told.format(day=weekday(mailing.day), hour=hour, zone=zone)
    told = _("On day {day} of the month at {hour} ({zone}), of the month before")
    return told.format(day=max(1, mailing.day), hour=hour, zone=zone)


def weekday(number: int) -> str:
    """“Monday” of 0."""
    return str(
        (
            _("Monday"),
            _("Tuesday"),
            _("Wednesday"),
            _("Thursday"),
            _("Friday"),
            _("Saturday"),
            _("Sunday"),
        )[number % 7]
    )


def _at(day: dt.date, hour: int) -> dt.datetime:
    local = dt.datetime.combine(day, dt.time(hour), company_days.zone())
    return local.astimezone(dt.UTC)


def _is_due(mailing: ReportMailing, day: dt.date) -> bool:
    if mailing.rhythm == Rhythm.DAILY:
        return True
    if mailing.rhythm == Rhythm.WEEKLY:
        return day.weekday() == mailing.day % 7
    return day.day == min(28, max(1, mailing.day))
