"""Times, spans and numbers in plain words, for pages. Pure: `now` and the zone are given."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

from django.utils import dateformat

from core import phrases, texts
from core.texts import _
from leads import bands

plural = texts.plural
to_the_second = phrases.to_the_second
in_a_sentence = phrases.in_a_sentence

MINUTE, HOUR, DAY = phrases.MINUTE, phrases.HOUR, phrases.DAY
DASH = "\N{EN DASH}"
MINUS = "\N{MINUS SIGN}"


def span(length: timedelta | None) -> str:
    """A length in at most two units: `11 min`, `3 h 20 min`, `2 d 4 h`. None is a dash."""
    return DASH if length is None else phrases.span(length)


def promise(length: timedelta) -> str:
    """An allowance as it was agreed: `15 min`, `4 h`, `48 h`; days only when it is a whole week."""
    seconds = int(length.total_seconds())
    if seconds % HOUR == 0 and HOUR <= seconds < 7 * DAY:
        return f"{seconds // HOUR} h"
    return span(length)


def countdown(due_at: datetime, *, now: datetime) -> str:
    """Time left, or a minus and time since; `static/js/countdown.js` says the same."""
    length = due_at - now
    # Beyond ten hours nobody plans by the minute.
    hours = int(abs(length.total_seconds())) // HOUR
    text = f"{hours} h" if 10 <= hours < 48 else span(length)
    return text if length >= timedelta(0) else f"{MINUS}{text}"


def left(due_at: datetime, *, now: datetime) -> str:
    """`43 min left` or `12 min late`."""
    told = _("{span} left") if due_at >= now else _("{span} late")
    return told.format(span=span(due_at - now))


def ago(at: datetime, *, now: datetime) -> str:
    """`just now`, `5 min ago`, `in 2 h`; the reader's zone does not matter."""
    length = now - at
    if abs(length) < timedelta(minutes=1):
        return _("just now")
    size = " ".join(span(length).split()[:2])  # the larger unit says enough
    return (_("{size} ago") if length > timedelta(0) else _("in {size}")).format(size=size)


def moment(at: datetime, *, now: datetime, zone: tzinfo) -> str:
    """A time of day with as much of its date as needed: `14:02 today`, `09:10 on Mon 16 Nov`."""
    local = at.astimezone(zone)
    time, near = f"{local:%H:%M}", _near(at, now=now, zone=zone)
    if near:
        return _("{time} {day}").format(time=time, day=near)
    return _("{time} on {day}").format(time=time, day=_dated(at, now=now, zone=zone))


def day(at: datetime, *, now: datetime, zone: tzinfo) -> str:
    """`today`, `tomorrow`, `yesterday`, else the date; the year only when it is another one."""
    return _near(at, now=now, zone=zone) or _dated(at, now=now, zone=zone)


def _near(at: datetime, *, now: datetime, zone: tzinfo) -> str:
    distance = (at.astimezone(zone).date() - now.astimezone(zone).date()).days
    return {0: _("today"), 1: _("tomorrow"), -1: _("yesterday")}.get(distance, "")


def _dated(at: datetime, *, now: datetime, zone: tzinfo) -> str:
    local, today = at.astimezone(zone), now.astimezone(zone).date()
    return dateformat.format(local, "D j M" if local.year == today.year else "D j M Y")


def by(due_at: datetime, *, now: datetime, zone: tzinfo) -> str:
    """A deadline: `by 15:30 today`."""
    return _("by {moment}").format(moment=moment(due_at, now=now, zone=zone))


def deadline(due_at: datetime, *, now: datetime, zone: tzinfo) -> str:
    """`by 15:30 today` while there is time, `was due 15:30 today` after."""
    if due_at >= now:
        return by(due_at, now=now, zone=zone)
    return _("was due {moment}").format(moment=moment(due_at, now=now, zone=zone))


def zone_city(zone_name: str) -> str:
    """`Europe/Berlin` as people say it: `Berlin`."""
    return zone_name.rsplit("/", 1)[-1].replace("_", " ")


def capped(count: int, most: int) -> str:
    """`99+` of what is counted no further than one more than `most`."""
    return f"{most}+" if count > most else str(count)


def number(value: float | int | None) -> str:
    """Thousands apart, no needless decimals. None is a dash."""
    if value is None:
        return DASH
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"


def employees(count: int | None) -> str:
    """A company's size: `420 employees`, `501–1,000 employees`; empty when it is unknown."""
    if count is None:
        return ""
    return _("{count} employees").format(count=bands.shown(count))


def days(count: float) -> str:
    """`1 day`, `7 days`, `2.5 days`."""
    return (_("{count} day") if count == 1 else _("{count} days")).format(count=f"{count:g}")


def percent(part: int, whole: int) -> str:
    """A share with one decimal, a dash of nothing."""
    return f"{100 * part / whole:.1f} %" if whole else DASH


def initials(name: str) -> str:
    """At most two letters for a round mark beside a name."""
    parts = [part for part in name.split() if part]
    letters = [parts[0][:1], parts[-1][:1]] if len(parts) > 1 else [name.strip()[:2]]
    return "".join(letters).upper() or "?"


NO_MEDIUM = frozenset(("", "-", "none", "direct", "not set", "unknown", "n/a", "null"))


def medium(told: str, category: str = "") -> str:
    """`cpc`; empty for a medium that says nothing, or only the source category over again."""
    plain = told.strip().strip("()").casefold()
    again = plain == category.replace("_", " ").casefold()
    return "" if plain in NO_MEDIUM or again else told
