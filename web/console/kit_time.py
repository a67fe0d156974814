"""What a kit says about time, in words: clocks, escalation, calendars, settings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from governance import change_values
from governance.kit import Kit, Policy
from governance.models import EscalationLevel
from governance.terms import Level
from sla import clock as sla_clock
from web.console import kit_links, kit_parts, words
from web.console.kit_parts import Part

TELLS = dict(EscalationLevel.Tell.choices)
DAYS = {key: name[:3] for key, name in change_values.WEEKDAYS.items()}
HOLIDAYS_SHOWN = 4


PAUSES = {
    "CUSTOMER": "while it waits for the customer",
    "LEAVE": "while whoever holds the lead is on leave",
}


def within(kit: Kit, policy: Policy) -> str:
    """“within 4 h (Office hours)”, “within 24 h, day and night”."""
    if policy.elapsed:
        return f"within {words.promise(policy.allowance)}, day and night"
    calendar = kit.calendar_labels.get(policy.calendar, policy.calendar)
    if policy.by_holder:
        calendar = f"working hours of whoever holds the lead, else {calendar}"
    return f"within {words.promise(policy.allowance)} ({calendar})"


def clocks(kit: Kit) -> list[Part]:
    """By when each step must happen, from which moment, ended by what."""
    return [_clock(kit, one) for one in kit.policies]


def _clock(kit: Kit, policy: Policy) -> Part:
    told = [kit_parts.sentence(within(kit, policy))]
    if policy.prose:
        told.append(kit_parts.sentence(policy.prose))
    if policy.condition is not None:
        told.append(f"Where {kit_parts.english(policy.condition, kit)}")
    line = [
        f"In {', '.join(sorted(policy.stages))}.",
        f"Starts when {_moments(policy.starts_on)}; ended by {_moments(policy.stopped_by)}.",
        f"Warns at {policy.warn_percent} % of the time.",
    ]
    if policy.pauses_for:
        line.append(
            f"Stands still {' and '.join(PAUSES[one] for one in sorted(policy.pauses_for))}."
        )
    level = kit.escalations.get(policy.escalation)
    if level is not None:
        line.append(f"A breach goes to “{level.label}”{_levels(kit, policy)}.")
    return Part(policy.label, " ".join(told), " ".join(line))


def _levels(kit: Kit, policy: Policy) -> str:
    """What its levels count on, where that is not what it counts itself."""
    calendar = levels_on(kit, policy)
    return f"; levels count on the calendar {calendar}" if calendar else ""


def levels_on(kit: Kit, policy: Policy) -> str:
    """The calendar of a policy's levels where the clock counts its holder's hours; else empty."""
    if policy.elapsed or not policy.by_holder or policy.escalation not in kit.escalations:
        return ""
    return kit.calendar_labels.get(policy.calendar, policy.calendar)


def _moments(moments: frozenset[str]) -> str:
    return " or ".join(sorted(one.replace("_", " ").lower() for one in moments))


def escalations(kit: Kit) -> list[Part]:
    """Who hears of a breach, and of one that lasts; who has the lead then."""
    found = []
    for level in kit.escalations.values():
        after = words.promise(level.after)
        of = _time_of(kit, level)
        when = f"{after}{of} after the deadline" if level.after else "At the deadline"
        tells = ", ".join(TELLS.get(one, one.replace("_", " ").lower()) for one in level.tell)
        then = kit.escalations.get(level.then)
        does = _does(level)
        told = f"{when}: {tells or 'nobody is told besides' if does else tells or 'nobody'}.{does}"
        follows = f"Then “{then.label}”." if then else "The last level."
        found.append(Part(level.label, told, follows))
    return found


def _time_of(kit: Kit, level: Level) -> str:
    """What its minutes are of: that which the clocks count that come to it."""
    counting = {one.elapsed for one in kit.policies if level in sla_clock.levels(kit, one)}
    if counting == {True}:
        return ", day and night,"
    return ", as its clock counts," if True in counting else " of working time on the calendar"


def _does(level: Level) -> str:
    """What becomes of the lead, as a sentence of its own; empty where it stays."""
    if level.act == "BACKUP" and level.rep:
        return f" {level.rep} has it, as the backup."
    words = {
        "GIVE_ANEW": f" The rules choose anew, at most {level.times} times.",
        "BACKUP": " The holder's backup has it.",
        "POOL": f" The pool {level.pool} gives it to one of its members.",
        "MANAGER": " The manager of the holder's team has it.",
        "QUEUE": f" It waits in the queue {level.pool} for people to claim.",
    }
    return words.get(level.act, "")


def calendars(kit: Kit, *, now: datetime) -> list[Part]:
    """Open hours, and the next days that differ."""
    return [
        _calendar(entry, now=now, url=kit_links.url("kit-calendar", kit.number, entry["key"]))
        for entry in kit.part_documents("calendar")
    ]


def _calendar(entry: Mapping[str, Any], *, now: datetime, url: str) -> Part:
    zone = str(entry["zone"])
    today = now.astimezone(ZoneInfo(zone)).date()
    closed = _coming(entry.get("closed") or {}, today)
    line = [f"Closed next: {_named(closed)}." if closed else "No holiday is entered ahead."]
    if opened := _coming(entry.get("opened") or {}, today):
        special = ", ".join(f"{_date(day, today)} {_hours(spans)}" for day, spans in opened)
        line.append(f"Different hours: {special}.")
    hours = f"{week(entry.get('week') or {})}, {words.zone_city(zone)} time."
    return Part(str(entry.get("label") or entry["key"]), hours, " ".join(line), url)


def week(hours: Mapping[str, Any]) -> str:
    """“Mon–Fri 09:00–17:00, Sat 10:00–14:00”: days with equal hours next to each other as one."""
    runs: list[tuple[str, str, str]] = []
    for key, name in DAYS.items():
        told = _hours(hours[key]) if hours.get(key) else ""
        if runs and runs[-1][2] == told:
            runs[-1] = (runs[-1][0], name, told)
        else:
            runs.append((name, name, told))
    spans = [
        f"{first if first == last else f'{first}–{last}'} {told}"
        for first, last, told in runs
        if told
    ]
    return ", ".join(spans) or "Never open"


def _hours(spans: Any) -> str:
    told = change_values.intervals(spans)
    return "all day" if told == "00:00–24:00" else told


def _coming(days: Mapping[str, Any], today: date) -> list[tuple[date, Any]]:
    dated = sorted((date.fromisoformat(text), content) for text, content in days.items())
    return [(day, content) for day, content in dated if day >= today][:HOLIDAYS_SHOWN]


def _named(days: list[tuple[date, Any]]) -> str:
    return ", ".join(
        f"{_date(day, days[0][0])}{f' ({name})' if name else ''}" for day, name in days
    )


def _date(day: date, near: date) -> str:
    year = "" if day.year == near.year else f" {day.year}"
    return f"{day:%a} {day.day} {day:%b}{year}"


def _backdated(limit: timedelta | None) -> str:
    if limit is None:
        return "What somebody reports of themselves counts from when it was done."
    return (
        "What somebody reports of themselves counts from when it was done, if that is at most "
        f"{words.promise(limit)} ago; else from when it was written."
    )


def settings(kit: Kit) -> list[Part]:
    """Settings with one value for the whole company."""
    general = kit.general
    recycled = (
        f"An MQL without owner is recycled below {general.recycle_below:g} points."
        if general.recycle_below
        else "No MQL is recycled for its score."
    )
    return [
        Part("Undo", f"An act can be undone for {words.promise(general.undo)}."),
        Part("Recycling", recycled),
        Part(
            "Emergency changes",
            f"Revert after {words.promise(general.emergency)} unless countersigned.",
        ),
        Part("Own reports", _backdated(general.backdating)),
        Part("Disputed rejections", _disputes(kit)),
    ]


def _disputes(kit: Kit) -> str:
    general = kit.general
    if not general.dispute:
        return "A rejection stands: nobody can dispute it."
    calendar = kit.calendar_labels.get(general.dispute_calendar, "")
    counted = f" Counted on “{calendar}”." if calendar else ""
    ruled = f" within {words.promise(general.ruling)}" if general.ruling else ""
    return (
        f"Marketing may dispute a rejection for {words.promise(general.dispute)}; RevOps decides"
        f"{ruled}.{counted}"
    )
