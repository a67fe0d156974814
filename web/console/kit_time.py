"""What a kit says about time, in words: clocks, escalation, calendars, settings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from core.texts import _, lazy
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
    "CUSTOMER": lazy("while it waits for the customer"),
    "LEAVE": lazy("while whoever holds the lead is on leave"),
}


def within(kit: Kit, policy: Policy) -> str:
    """“within 4 h (Office hours)”, “within 24 h, day and night”."""
    if policy.elapsed:
        return _("within {promise}, day and night").format(promise=words.promise(policy.allowance))
    calendar = kit.calendar_labels.get(policy.calendar, policy.calendar)
    if policy.by_holder:
        calendar = _("working hours of whoever holds the lead, else {calendar}").format(
            calendar=calendar
        )
    return _("within {promise} ({calendar})").format(
        promise=words.promise(policy.allowance), calendar=calendar
    )


def clocks(kit: Kit) -> list[Part]:
    """By when each step must happen, from which moment, ended by what."""
    return [_clock(kit, one) for one in kit.policies]


def _clock(kit: Kit, policy: Policy) -> Part:
    told = [kit_parts.sentence(within(kit, policy))]
    if policy.prose:
        told.append(kit_parts.sentence(policy.prose))
    if policy.condition is not None:
        told.append(_("Where {english}").format(english=kit_parts.english(policy.condition, kit)))
    line = [
        _("In {sorted}.").format(sorted=kit_parts.stage_names(policy.stages)),
        _("Starts when {moments}; ended by {moments2}.").format(
            moments=_moments(policy.starts_on), moments2=_moments(policy.stopped_by)
        ),
        _("Warns at {warn_percent} % of the time.").format(warn_percent=policy.warn_percent),
    ]
    if policy.pauses_for:
        line.append(
            _("Stands still {value}.").format(
                value=" and ".join(PAUSES[one] for one in sorted(policy.pauses_for))
            )
        )
    level = kit.escalations.get(policy.escalation)
    if level is not None:
        line.append(
            _("A breach goes to “{label}”{levels}.").format(
                label=level.label, levels=_levels(kit, policy)
            )
        )
    return Part(policy.label, " ".join(told), " ".join(line))


def _levels(kit: Kit, policy: Policy) -> str:
    """What its levels count on, where that is not what it counts itself."""
    calendar = levels_on(kit, policy)
    return (
        _("; levels count on the calendar {calendar}").format(calendar=calendar) if calendar else ""
    )


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
        when = (
            _("{after}{of} after the deadline").format(after=after, of=of)
            if level.after
            else _("At the deadline")
        )
        tells = ", ".join(TELLS.get(one, one.replace("_", " ").lower()) for one in level.tell)
        then = kit.escalations.get(level.then)
        does = _does(level)
        told = "{when}: {tells}.{does}".format(
            when=when,
            tells=tells or _("nobody is told besides") if does else tells or _("nobody"),
            does=does,
        )
        follows = _("Then “{label}”.").format(label=then.label) if then else _("The last level.")
        found.append(Part(level.label, told, follows))
    return found


def _time_of(kit: Kit, level: Level) -> str:
    """What its minutes are of: that which the clocks count that come to it."""
    counting = {one.elapsed for one in kit.policies if level in sla_clock.levels(kit, one)}
    if counting == {True}:
        return _(", day and night,")
    return (
        _(", as its clock counts,") if True in counting else _(" of working time on the calendar")
    )


def _does(level: Level) -> str:
    """What becomes of the lead, as a sentence of its own; empty where it stays."""
    if level.act == "BACKUP" and level.rep:
        return _(" {rep} has it, as the backup.").format(rep=level.rep)
    acts = {
        "GIVE_ANEW": _(" The rules choose anew, at most {times}.").format(
            times=words.plural(level.times, "time")
        ),
        "BACKUP": _(" The holder's backup has it."),
        "POOL": _(" The pool {pool} gives it to one of its members.").format(pool=level.pool),
        "MANAGER": _(" The manager of the holder's team has it."),
        "QUEUE": _(" It waits in the queue {pool} for people to claim.").format(pool=level.pool),
    }
    return acts.get(level.act, "")


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
    line = [
        _("Closed next: {named}.").format(named=_named(closed))
        if closed
        else _("No holiday is entered ahead.")
    ]
    if opened := _coming(entry.get("opened") or {}, today):
        special = ", ".join(f"{_date(day, today)} {_hours(spans)}" for day, spans in opened)
        line.append(_("Different hours: {special}.").format(special=special))
    hours = _("{week}, {zone_city} time.").format(
        week=week(entry.get("week") or {}), zone_city=words.zone_city(zone)
    )
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
    return ", ".join(spans) or _("Never open")


def _hours(spans: Any) -> str:
    told = change_values.intervals(spans)
    return _("all day") if told == "00:00–24:00" else told


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
        return _("What somebody reports of themselves counts from when it was done.")
    return _(
        "What somebody reports of themselves counts from when it was done, if that "
        "is at most {promise} ago; else from when it was written."
    ).format(promise=words.promise(limit))


def settings(kit: Kit) -> list[Part]:
    """Settings with one value for the whole company."""
    general = kit.general
    recycled = (
        _("An MQL without owner is recycled below {recycle_below} points.").format(
            recycle_below=f"{general.recycle_below:g}"
        )
        if general.recycle_below
        else _("No MQL is recycled for its score.")
    )
    return [
        Part(
            _("Undo"),
            _("An act can be undone for {promise}.").format(promise=words.promise(general.undo)),
        ),
        Part(_("Recycling"), recycled),
        Part(
            _("Emergency changes"),
            _("Revert after {promise} unless countersigned.").format(
                promise=words.promise(general.emergency)
            ),
        ),
        Part(_("Own reports"), _backdated(general.backdating)),
        Part(_("Disputed rejections"), _disputes(kit)),
    ]


def _disputes(kit: Kit) -> str:
    general = kit.general
    if not general.dispute:
        return _("A rejection stands: nobody can dispute it.")
    calendar = kit.calendar_labels.get(general.dispute_calendar, "")
    counted = _(" Counted on “{calendar}”.").format(calendar=calendar) if calendar else ""
    ruled = (
        _(" within {promise}").format(promise=words.promise(general.ruling))
        if general.ruling
        else ""
    )
    return _(
        "Marketing may dispute a rejection for {promise}; RevOps decides{ruled}.{counted}"
    ).format(promise=words.promise(general.dispute), ruled=ruled, counted=counted)
