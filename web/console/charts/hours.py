"""When in the week: seven days by 24 hours as heat map, of counts or of shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils import dates

from core.texts import _
from web.console import words
from web.console.charts import parts, shades

DAYS, HOURS = 7, 24
HEAD, HIGH, WIDE = 22.0, 28.0, 27.0
Slot = tuple[int, int]
"""Weekday from 0 (Monday) to 6, hour from 0 to 23."""


@dataclass(frozen=True, slots=True)
class Square:
    """One hour of a weekday where it is drawn."""

    x: float
    y: float
    middle: float
    shade: int
    text: str
    said: str


@dataclass(frozen=True, slots=True)
class Line:
    """A weekday beside its row."""

    y: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours(parts.Chart):
    """The week; `wide` pixels at least, or it is scrolled."""

    template = "console/_chart_hours.html"

    heads: tuple[parts.Tick, ...] = ()
    lines: tuple[Line, ...] = ()
    squares: tuple[Square, ...] = ()
    legend: tuple[shades.Key, ...] = ()
    column: float = parts.WIDE / HOURS
    wide: float = WIDE * HOURS
    high: float = HEAD + HIGH * DAYS


def draw(
    key: str,
    title: str,
    counts: Mapping[Slot, int],
    *,
    what: str,
    wholes: Mapping[Slot, int] | None = None,
    zone: str = "",
) -> Hours:
    """The week of these counts, or of the shares they are of `wholes`; `what` is counted."""
    measure = parts.Measure(parts.Unit.COUNT if wholes is None else parts.Unit.SHARE)
    found = {
        (day, hour): _value((day, hour), counts, wholes)
        for day in range(DAYS)
        for hour in range(HOURS)
    }
    known = [one for one in found.values() if one is not None]
    top = _top(max(known, default=0.0), measure)
    total = sum(counts.values())
    drawn = bool(total) if wholes is None else bool(known)
    note = _peak(counts, what) if wholes is None and total else ""
    if zone:
        note = " ".join((note, _("Hours are those of {zone}.").format(zone=zone))).strip()
    return Hours(
        key=key,
        title=title,
        label=_("{title}: by weekday and hour; the table below has every number").format(
            title=title
        ),
        note=note,
        lack="" if drawn else _("Nothing of this in the period: {what}.").format(what=what),
        table=_table(found, counts, measure, shares=wholes is not None),
        heads=tuple(parts.Tick(parts.slot_middle(hour, HOURS), f"{hour}") for hour in range(HOURS)),
        lines=tuple(Line(HEAD + HIGH * day, _name(day, short=True)) for day in range(DAYS)),
        squares=tuple(_square(slot, value, top, measure) for slot, value in found.items()),
        legend=_legend(top, measure) if drawn else (),
    )


def _value(
    slot: Slot, counts: Mapping[Slot, int], wholes: Mapping[Slot, int] | None
) -> float | None:
    """A count, or a share; None of nothing."""
    if wholes is None:
        return float(counts.get(slot, 0))
    whole = wholes.get(slot, 0)
    return counts.get(slot, 0) / whole if whole else None


def _top(highest: float, measure: parts.Measure) -> float:
    """Counts end at a multiple of the shades, so that each shade is whole numbers."""
    if measure.unit is parts.Unit.SHARE:
        return measure.top(highest)
    return float(max(1, -(-int(highest) // shades.SHADES)) * shades.SHADES)


def _legend(top: float, measure: parts.Measure) -> tuple[shades.Key, ...]:
    if measure.unit is parts.Unit.COUNT and top == shades.SHADES:
        return tuple(shades.Key(one, str(one)) for one in range(shades.SHADES + 1))
    return shades.keys(top, measure)


def _square(slot: Slot, value: float | None, top: float, measure: parts.Measure) -> Square:
    day, hour = slot
    said = measure.say(value)
    return Square(
        x=parts.WIDE * hour / HOURS,
        y=HEAD + HIGH * day,
        middle=parts.slot_middle(hour, HOURS),
        shade=shades.shade(value or 0.0, top),
        text=said.removesuffix(" %") if value else "",
        said=f"{_when(slot)}: {said}",
    )


def _peak(counts: Mapping[Slot, int], what: str) -> str:
    """“Most on Tuesday from 14 to 15: 12 of 80 missed deadlines.” Of equals none is named."""
    most, total = max(counts.values()), words.number(sum(counts.values()))
    slots = [slot for slot, count in counts.items() if count == most]
    if len(slots) > 1:
        return _("{total} {what}, at most {count} in one hour of the week.").format(
            total=total, what=what, count=words.number(most)
        )
    return _("Most on {when}: {count} of {total} {what}.").format(
        when=_when(slots[0]), count=words.number(most), total=total, what=what
    )


def _when(slot: Slot) -> str:
    day, hour = slot
    return _("{day} from {hour} to {next}").format(day=_name(day), hour=hour, next=hour + 1)


def _name(day: int, *, short: bool = False) -> str:
    return str((dates.WEEKDAYS_ABBR if short else dates.WEEKDAYS)[day])


def _table(
    found: Mapping[Slot, float | None],
    counts: Mapping[Slot, int],
    measure: parts.Measure,
    *,
    shares: bool,
) -> parts.Table:
    heads = [_("Weekday"), *(f"{hour}" for hour in range(HOURS)), *([] if shares else [_("All")])]
    return parts.table(
        heads,
        (
            [
                _name(day),
                *(measure.say(found[day, hour]) for hour in range(HOURS)),
                *(
                    []
                    if shares
                    else [words.number(sum(counts.get((day, h), 0) for h in range(HOURS)))]
                ),
            ]
            for day in range(DAYS)
        ),
    )
