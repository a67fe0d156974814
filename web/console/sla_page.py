"""The SLA report as a page: a sentence, four figures, day by day, then a table per cut."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from urllib.parse import urlencode

from django.urls import reverse

from core import errors, steps
from core.errors import FieldError
from core.texts import _, lazy
from governance import selectors as kits
from leads.models import Channel
from people.models import Team, User
from reports import breach_hours, periods, sla
from reports.periods import Period
from web.console import sla_charts, words
from web.console.charts.comparison import Comparison
from web.console.charts.hours import Hours
from web.console.charts.trend import Trend
from web.console.lead_list import Filter, Option
from web.console.shares import Share

CUTS = (
    ("policy", lazy("By clock")),
    ("stage", lazy("By stage")),
    ("rep", lazy("By rep")),
    ("channel", lazy("By channel")),
    ("scope", lazy("By whom it is owed")),
    ("proof", lazy("By evidence")),
)
DAYS = (("7", lazy("Last 7 days")), ("30", lazy("Last 30 days")), ("90", lazy("Last 90 days")))
MOST_DAYS = 93
"""So many days are drawn one by one as columns."""
MOST_WEEKS = 53 * 7
"""So many days are told by week."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One number on top, with what it counts."""

    name: str
    value: str
    unit: str
    line: str


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table."""

    label: str
    met: int
    late: int
    breached: int
    running: int
    attainment: str
    range: str
    median: str
    p90: str


@dataclass(frozen=True, slots=True)
class Table:
    """One cut of the report."""

    key: str
    title: str
    label: str
    rows: tuple[Line, ...]
    csv_url: str
    chart: Comparison | None = None


@dataclass(frozen=True, slots=True)
class SlaPage:
    """The page."""

    sentence: str
    filters: tuple[Filter, ...]
    first: date
    last: date
    figures: tuple[Figure, ...]
    trend: Trend | None
    days: tuple[Line, ...]
    hours: Hours
    tables: tuple[Table, ...]
    meaning: str
    formula: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for."""

    period: Period
    days: str
    only: dict[str, str]


def read(query: Mapping[str, str], *, now: datetime, zone: tzinfo) -> Asked:
    """Read the address. Raises InvalidInput naming a date that cannot be read, or a team or channel
    that is not there.
    """
    days = query.get("days", "")
    first, last = query.get("from", ""), query.get("to", "")
    known = dict(DAYS)
    if days in known and not (first or last):
        today = now.astimezone(zone).date()
        period = Period.of_days(today - timedelta(days=int(days) - 1), today, zone)
    else:
        days = ""
        period = periods.read(first, last, now=now, zone=zone)
    only = {name: query[name] for name in ("team", "channel") if query.get(name)}
    _require_known(only)
    return Asked(period, days or ("" if first or last else "30"), only)


def _require_known(only: Mapping[str, str]) -> None:
    """Refuse what no filter offers: an empty report would be taken for an answer."""
    team, channel = only.get("team"), only.get("channel")
    teams = {str(pk) for pk in Team.objects.values_list("pk", flat=True)} if team else set()
    faults = []
    if team and team not in teams:
        faults.append(FieldError("team", _("There is no such team."), "choice"))
    if channel and channel not in Channel.values:
        faults.append(FieldError("channel", _("There is no such channel."), "choice"))
    if faults:
        raise errors.InvalidInput(" ".join(one.message for one in faults), errors=faults)


def build(reader: User, asked: Asked, *, now: datetime, zone: tzinfo) -> SlaPage:
    """Every cut of the report as the reader may see it, in one message and one for the legs."""
    first, last = _dates(asked.period, zone)
    length = (last - first).days + 1
    cuts = [by for by, _rest in CUTS] + (["day"] if 2 <= length <= MOST_WEEKS else [])
    made = {
        by: sla.asked_of(reader, period=asked.period, by=by, only=asked.only, now=now)
        for by in cuts
    }
    teams = Team.objects.order_by("name").values_list("pk", "name")
    span = asked.period
    versions = kits.came_into_force(span.start, span.end).only("number", "title", "published_at")
    missed = breach_hours.asked_of(reader, period=span, only=asked.only, zone=zone, now=now)
    steps.ask(*made.values(), teams, versions, missed)
    reports = {by: one.found for by, one in made.items()}
    totals = reports["policy"].totals
    return SlaPage(
        sentence=_sentence(totals, reports["policy"].kits, first, last),
        filters=_filters(asked, [(str(pk), name) for pk, name in teams]),
        first=first,
        last=last,
        figures=_figures(totals, reports["policy"].rows),
        trend=sla_charts.over_time(
            reports["day"].rows, versions, first=first, length=length, now=now, zone=zone
        )
        if "day" in reports
        else None,
        days=_day_by_day(reports.get("day"), first, length),
        hours=sla_charts.when_missed(missed.found, zone=zone),
        tables=tuple(_table(by, title, reports[by], asked, first, last) for by, title in CUTS),
        meaning=sla.DECLARATION.meaning,
        formula=sla.DECLARATION.formula,
    )


def _dates(period: Period, zone: tzinfo) -> tuple[date, date]:
    last = period.end.astimezone(zone) - timedelta(microseconds=1)
    return period.start.astimezone(zone).date(), last.date()


def _sentence(totals: sla.Row, kits: tuple[int, ...], first: date, last: date) -> str:
    begin, end = f"{first.day} {first:%b}", f"{last.day} {last:%b %Y}"
    span = _("Clocks started from {begin} to {end}").format(begin=begin, end=end)
    if not totals.n:
        return _("{span}: none is decided yet.").format(span=span)
    share = Share(totals.met, totals.n)
    listed = " and ".join(f"v{number}" for number in kits[-3:])
    under = _(", under kit {listed}").format(listed=listed) if kits else ""
    return _(
        "{span}: {met} of {n} decided ones were met in time, {percent} ({range}){under}."
    ).format(
        span=span,
        met=f"{totals.met:,}",
        n=f"{totals.n:,}",
        percent=share.percent,
        range=share.range,
        under=under,
    )


def _figures(totals: sla.Row, rows: tuple[sla.Row, ...]) -> tuple[Figure, ...]:
    share = Share(totals.met, totals.n)
    contact = [row for row in rows if row.key.startswith("first_contact") and row.working_median]
    first = max(contact, key=lambda row: row.met + row.late, default=None)
    speed = first or totals
    of = f"{first.label.lower()}, n = {first.met + first.late:,}" if first else (
        _("of all stopped clocks, n = {met}").format(met=f"{totals.met + totals.late:,}")
    )  # fmt: skip
    return (
        Figure(
            _("Met in time"),
            share.percent,
            "",
            _("{met} of {n}; {range}").format(
                met=f"{totals.met:,}", n=f"{totals.n:,}", range=share.range
            ),
        ),
        Figure(_("Median working time"), _time(speed.working_median), "", of),
        Figure(_("p90 working time"), _time(speed.working_p90), "", _("one in ten takes longer")),
        Figure(
            _("Breached and open"),
            f"{totals.breached:,}",
            "",
            _("{running} still in time").format(running=f"{totals.running:,}"),
        ),
    )


def _day_by_day(report: sla.Report | None, first: date, length: int) -> tuple[Line, ...]:
    if report is None or not report.rows or length > MOST_DAYS:
        return ()
    found = {row.key: row for row in report.rows}
    days = [first + timedelta(days=offset) for offset in range(length)]
    return tuple(_day(day, found.get(day.isoformat())) for day in days)


def _day(day: date, row: sla.Row | None) -> Line:
    label = f"{day.day} {day:%b}"
    if row is None:
        return Line(label, 0, 0, 0, 0, "", "", "", "")
    return _line(row, label)


def _table(by: str, title: str, report: sla.Report, asked: Asked, first: date, last: date) -> Table:
    query = {"by": by, "from": first.isoformat(), "to": last.isoformat(), **asked.only}
    return Table(
        key=by,
        title=title,
        label=report.by.label,
        rows=tuple(_line(row, row.label) for row in report.rows),
        csv_url=f"{reverse('console:report-sla-csv')}?{urlencode(query)}",
        chart=sla_charts.rep_beside_rep(report.rows, report.totals) if by == "rep" else None,
    )


def _line(row: sla.Row, label: str) -> Line:
    share = Share(row.met, row.n)
    return Line(
        label=label,
        met=row.met,
        late=row.late,
        breached=row.breached,
        running=row.running,
        attainment=share.percent,
        range=share.range,
        median=_time(row.working_median),
        p90=_time(row.working_p90),
    )


def _time(seconds: float | None) -> str:
    return words.span(None if seconds is None else timedelta(seconds=seconds))


def _filters(asked: Asked, teams: Sequence[tuple[str, str]]) -> tuple[Filter, ...]:
    return (
        Filter("days", _("Period"), _("As dated below") if not asked.days else "",
               tuple(Option(key, label, key == asked.days) for key, label in DAYS)),
        Filter("team", _("Team"), _("All teams"),
               tuple(Option(k, label, k == asked.only.get("team")) for k, label in teams)),
        Filter("channel", _("Channel"), _("All channels"),
               tuple(Option(k, str(label), k == asked.only.get("channel"))
                     for k, label in Channel.choices)),
    )  # fmt: skip
