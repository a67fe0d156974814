"""What time it is where the buyer is, and whether now is a good hour to call, in words."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from zoneinfo import ZoneInfo

from django.conf import settings

from core import holidays_source
from core.errors import InvalidInput
from core.texts import _, lazy
from leads import calling, local_time
from leads.calling import Hour, State
from leads.models import Lead
from web.console import words


@dataclass(frozen=True, slots=True)
class Call:
    """`time` at its `place`, empty where it is unknown; `word` and `tone` say the same of calling,
    `line` says more.
    """

    time: str
    place: str
    word: str
    line: str
    tone: str


def of(lead: Lead, *, allowed: bool, now: datetime, zone: tzinfo) -> Call:
    """Of one lead, with its person and account; `allowed` is what permission says of calling."""
    account, person = lead.account, lead.person
    country = person.country or (account.country if account else "")
    # A company's state is the buyer's only where they are in its country.
    region = account.region if account and account.country == country else ""
    zones = local_time.zones(country, region, person.phone)
    rests = functools.partial(_rests, country or "")
    hour = calling.decide(zones, now=now, hours=settings.CALL_HOURS, rests=rests)
    there = " to ".join(f"{one:%H:%M}" for one in _ends(hour.times))
    if not person.phone:
        return Call(there, _place(hour), _("No number"), "", "none")
    if not allowed:
        return Call(there, _place(hour), _("Do not call"), "", "late")
    word, tone = _WORDS[hour.state]
    return Call(there, _place(hour), word, _line(hour, now=now, zone=zone), tone)


_WORDS = {
    State.NOW: (lazy("Callable now"), "ok"),
    State.LATER: (lazy("Not now"), "warn"),
    State.UNSURE: (lazy("Perhaps not now"), "warn"),
    State.UNKNOWN: (lazy("Hour there unknown"), "none"),
}


def _ends(times: tuple[datetime, ...]) -> tuple[datetime, ...]:
    return times if len(times) < 2 else (times[0], times[-1])


def _place(hour: Hour) -> str:
    return (
        _("in {zone_city}").format(zone_city=words.zone_city(hour.zone)) if hour.zone else "there"
    )


def _line(hour: Hour, *, now: datetime, zone: tzinfo) -> str:
    """`from 08:00 there, 14:00 today your time`; one time where both clocks show the same."""
    at = hour.until or hour.opens
    if at is None:
        return _("Neither country nor number tells.")
    moment = words.moment(at, now=now, zone=zone)
    there = at.astimezone(ZoneInfo(hour.zone)) if hour.zone else None
    alike = there is not None and there.utcoffset() == at.astimezone(zone).utcoffset()
    if hour.state is State.NOW:
        return (
            _("until {moment}").format(moment=moment)
            if alike
            else _("until {moment}, your time").format(moment=moment)
        )
    if alike:
        return _("from {moment}").format(moment=moment)
    return _("from {words}{moment} your time").format(
        words=_("{there} there, ").format(there=f"{there:%H:%M}") if there else "", moment=moment
    )


@functools.lru_cache(maxsize=512)
def _holidays(country: str, year: int) -> frozenset[date]:
    try:
        return frozenset(holidays_source.holiday_dates(country, None, [year]))
    except InvalidInput:
        return frozenset()


def _rests(country: str, day: date) -> bool:
    """Whether it is a weekend or a public holiday of the whole country."""
    return day.weekday() >= 5 or day in _holidays(country, day.year)
