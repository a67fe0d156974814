"""The charts of the SLA report: attainment over time, when deadlines pass, rep beside rep.

They draw the very rows of the report's tables, so that a reader sees there what they see here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta, tzinfo

from django.utils import dateformat

from core.texts import _
from governance.models import KitVersion
from reports import breach_hours, intervals, sla
from web.console import words
from web.console.charts import comparison, hours, trend
from web.console.charts.parts import Measure, Unit

DAILY = 31
"""So many days are drawn one by one; of more the points are weeks."""
WEEK = 7


def over_time(
    rows: Sequence[sla.Row],
    versions: Iterable[KitVersion],
    *,
    first: date,
    length: int,
    now: datetime,
    zone: tzinfo,
) -> trend.Trend:
    """Attainment day by day or week by week, with what came into force meanwhile."""
    step = 1 if length <= DAILY else WEEK
    found = {row.key: row for row in rows}
    days = [first + timedelta(days=offset) for offset in range(length)]
    blocks = [days[place : place + step] for place in range(0, length, step)]
    points = [_point(block, [found.get(one.isoformat()) for one in block]) for block in blocks]
    drawn = trend.draw(
        "attainment-over-time",
        _("Attainment by day") if step == 1 else _("Attainment by week"),
        points,
        measure=Measure(Unit.SHARE),
        label=_("Attainment"),
        of=_("decided clocks by the day they began"),
        events=[_event(one, first, step, now, zone) for one in versions],
    )
    running = sum(row.running for row in rows)
    if not running or drawn.lack:
        return drawn
    still = _("{clocks} still in time may change the last points.").format(
        clocks=words.plural(running, "clock")
    )
    return replace(drawn, note=f"{drawn.note} {still}".strip())


def _point(days: Sequence[date], rows: Iterable[sla.Row | None]) -> trend.Point:
    known = [row for row in rows if row is not None]
    met, n = sum(row.met for row in known), sum(row.n for row in known)
    low, high = intervals.wilson(met, n) or (None, None)
    begin, end = (dateformat.format(day, "j M") for day in (days[0], days[-1]))
    label = begin if begin == end else _("{first} to {last}").format(first=begin, last=end)
    return trend.Point(label, met / n if n else None, n, low, high, begin)


def _event(version: KitVersion, first: date, step: int, now: datetime, zone: tzinfo) -> trend.Event:
    at = version.published_at or now
    local = at.astimezone(zone)
    passed = (local.date() - first).days + (local.hour * 60 + local.minute) / (24 * 60)
    told = _("in force from {moment}").format(moment=words.moment(at, now=now, zone=zone))
    title = f": {version.title}" if version.title else ""
    return trend.Event(passed / step, f"v{version.number}", f"{told}{title}")


def when_missed(counts: Mapping[breach_hours.Slot, int], *, zone: tzinfo) -> hours.Hours:
    """Weekdays and hours in which deadlines passed."""
    drawn = hours.draw(
        "when-missed",
        _("When deadlines pass unmet"),
        counts,
        what=_("deadlines"),
        zone=words.zone_city(str(zone)),
    )
    more = _("Clocks that were cancelled past their deadline count here, too.")
    return replace(drawn, note=f"{drawn.note} {more}") if counts else drawn


def rep_beside_rep(rows: Sequence[sla.Row], totals: sla.Row) -> comparison.Comparison | None:
    """Attainment of each rep with its interval; None where there are not two to be compared."""
    reps = [comparison.Share(row.label, row.met, row.n) for row in rows if row.key]
    if len(reps) < 2:
        return None
    drawn = comparison.draw(
        "rep-beside-rep",
        _("Attainment by rep"),
        reps,
        whole=comparison.Share(_("All"), totals.met, totals.n),
        label=_("Rep"),
        what=_("Attainment"),
    )
    if not any(row.n for row in rows if not row.key):
        return drawn
    nobodys = _("What nobody held counts in the whole only.")
    return replace(drawn, note=f"{drawn.note} {nobodys}")
