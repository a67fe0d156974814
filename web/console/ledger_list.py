"""What the lists of costs and quotas have in common: filters, pages, totals by month."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import DateTimeField, ExpressionWrapper, F, Q, QuerySet

from core.errors import FieldError, InvalidInput
from core.texts import _, lazy
from reports import costs, restating, spreading
from reports.models.statement import Statement
from reports.periods import Period
from reports.restating import Restatement
from web.console import ledger_words
from web.console.deal_list import Filter, filter_of
from web.console.ledger_words import Mark

PAGE, EXPORTED = 50, 20_000
RESTATED, LATELY = 5, dt.timedelta(days=60)
STATES = (
    ("late", lazy("Late")),
    ("changed", lazy("Changed since")),
    ("withdrawn", lazy("Withdrawn")),
)
UNVALUED = ("unvalued", lazy("Without a rate"))


@dataclass(frozen=True, slots=True)
class Row:
    """One entry of the list."""

    number: int
    span: str
    what: str
    what_line: str
    detail: str
    detail_line: str
    amount: str
    amount_line: str
    marks: tuple[Mark, ...]
    by: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Cell:
    """What one source or party has in one month; `gap` leads to entering what is missing."""

    text: str
    gap: str = ""
    is_gap: bool = False


@dataclass(frozen=True, slots=True)
class Totals:
    """A table by month: headings, lines, their sum, and what is missing in words."""

    months: tuple[str, ...]
    lines: tuple[tuple[str, tuple[Cell, ...]], ...]
    total: tuple[str, ...]
    gaps: tuple[tuple[str, str], ...]
    more_gaps: int = 0


@dataclass(frozen=True, slots=True)
class LedgerList:
    """One page of the list."""

    rows: tuple[Row, ...]
    filters: tuple[Filter, ...]
    is_filtered: bool
    problems: tuple[str, ...]
    totals: Totals
    unvalued: tuple[str, ...]
    restated: tuple[tuple[str, int], ...]
    csv_url: str
    first_url: str
    next_url: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for; `problems` name what could not be read."""

    given: dict[str, str]
    after: int | None
    problems: tuple[str, ...]


def read(query: Mapping[str, str], shapes: Mapping[str, str]) -> Asked:
    """Read the address. Values that mean nothing are told. Raises InvalidInput for a bad page."""
    given = {name: value for name in shapes if (value := query.get(name, "").strip())}
    problems = [
        _("{filter}: pick one from the list.").format(filter=name.capitalize())
        for name, value in given.items()
        if not re.fullmatch(shapes[name], value, re.ASCII)
    ]
    after = query.get("after", "")
    if after and not re.fullmatch(r"\d{1,18}", after, re.ASCII):
        told = _("Use the links below the list; this address is not one of them.")
        raise InvalidInput(told, errors=[FieldError("after", told)])
    return Asked(given, int(after) if after else None, tuple(problems))


MONTH = r"20\d\d-(0[1-9]|1[0-2])"


def narrowed(rows: QuerySet[Any], given: Mapping[str, str]) -> QuerySet[Any]:
    """The rows of a month and a state, of the last ones of their chains."""
    state = given.get("state", "")
    rows = rows.filter(withdrawn=state == "withdrawn")
    if state == "late":
        rows = rows.filter(late())
    if state == "changed":
        rows = rows.filter(version__gt=1)
    if "month" in given:
        first = dt.date.fromisoformat(f"{given['month']}-01")
        rows = rows.filter(costs.touching(first, spreading.last_of_month(first)))
    return rows


def late() -> Q:
    """That a row was written when its span and the days of grace were over (UTC)."""
    over = F("last_day") + (spreading.GRACE + dt.timedelta(days=1))
    return Q(recorded_at__gte=ExpressionWrapper(over, output_field=DateTimeField()))


def paged(rows: QuerySet[Any], asked: Asked, address: str) -> tuple[list[Any], str, str]:
    """One page, the latest span first, and where the first and the next one are."""
    query = urlencode(asked.given)
    rows = rows.order_by("-last_day", "-first_day", "-pk")
    begin = asked.after or 0
    found = list(rows[begin : begin + PAGE + 1])
    more = {**asked.given, "after": str(begin + PAGE)}
    following = f"{address}?{urlencode(more)}" if len(found) > PAGE else ""
    return found[:PAGE], f"{address}?{query}" if begin else "", following


def restated(rows: Sequence[Restatement[Any]], zone: dt.tzinfo) -> tuple[tuple[str, int], ...]:
    """What was said late, the latest first: in words, and of which entry."""
    last = list(reversed(rows))[:RESTATED]
    return tuple((restating.in_words(one, zone), one.entry.number) for one in last)


def lately(now: dt.datetime) -> Period:
    """As far back as such things are told."""
    return Period(now - LATELY, now + dt.timedelta(seconds=1))


def month_filter(given: Mapping[str, str], *, today: dt.date, ahead: int = 0) -> Filter:
    """The months one may look at, the latest first."""
    months = before(today, 24, ahead=ahead)
    options = [(f"{month:%Y-%m}", f"{month:%B %Y}") for month in reversed(months)]
    chosen = given.get("month", "")
    if chosen and chosen not in dict(options) and re.fullmatch(MONTH, chosen):
        options.append((chosen, f"{dt.date.fromisoformat(chosen + '-01'):%B %Y}"))
    return filter_of("month", _("Month"), _("Any month"), options, given)


def before(today: dt.date, count: int, *, ahead: int = 0) -> list[dt.date]:
    """The first days of so many months up to the present one, and of some ahead of it."""
    place = today.year * 12 + today.month - 1
    every = range(place - count + 1, place + ahead + 1)
    return [dt.date(one // 12, one % 12 + 1, 1) for one in every]


def totals(
    entries: Sequence[Statement],
    months: Sequence[dt.date],
    *,
    share: Callable[[Any, dt.date], Decimal | None],
    key: Callable[[Any], str],
    labels: Mapping[str, str],
    due: Callable[[str, dt.date], bool],
    enter: Callable[[str, dt.date], str],
    missing: str,
    most_gaps: int = 6,
) -> Totals:
    """Sums by key and month. A month that is due for a key which has nothing there is a gap."""
    sums: dict[tuple[str, dt.date], Decimal] = {}
    there: set[tuple[str, dt.date]] = set()
    for entry in entries:
        for month in months:
            if entry.first_day <= spreading.last_of_month(month) and entry.last_day >= month:
                place = key(entry), month
                there.add(place)
                sums[place] = sums.get(place, Decimal(0)) + (share(entry, month) or 0)
    used = {one for one, _month in there}
    lines, gaps = [], []
    for one, label in labels.items():
        if one not in used:
            continue
        cells = []
        for month in months:
            is_gap = (one, month) not in there and due(one, month)
            url = enter(one, month) if is_gap else ""
            if is_gap:
                gaps.append((month, missing.format(who=label, month=f"{month:%B %Y}"), url))
            known = (one, month) in there
            cells.append(Cell(whole(sums[one, month]) if known else "–", url, is_gap))
        lines.append((label, tuple(cells)))
    total = tuple(
        whole(sum((sums[one] for one in there if one[1] == month), Decimal(0)))
        if any(one[1] == month for one in there)
        else "–"
        for month in months
    )
    gaps.sort(key=lambda gap: gap[0], reverse=True)
    return Totals(
        tuple(f"{month:%b %Y}" for month in months),
        tuple(lines),
        total,
        tuple((told, url) for _month, told, url in gaps[:most_gaps]),
        max(0, len(gaps) - most_gaps),
    )


def whole(amount: Decimal) -> str:
    """An amount for a narrow table, in whole units."""
    return f"{amount:,.0f}"


def row_of(entry: Any, *, what: tuple[str, str], detail: tuple[str, str], line: str = "") -> Row:
    """One entry in words; who wrote it should be loaded."""
    return Row(
        number=entry.number,
        span=ledger_words.span(entry.first_day, entry.last_day),
        what=what[0],
        what_line=what[1],
        detail=detail[0],
        detail_line=detail[1],
        amount=ledger_words.money(entry.amount, getattr(entry, "currency", "")),
        amount_line=line,
        marks=ledger_words.marks(entry),
        by=str(entry.by or ""),
        at=entry.recorded_at,
    )
