"""A page of a list that is searched: what fits is gathered once, for the page and for the count.

A word of three letters fits thousands among a million. Their numbers and dates come from indexes
alone; rows are read only of those that are shown. Told is what was not looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import QuerySet

from core import reading
from leads import search, search_words
from leads.models import Lead

MOST = 20_000
"""So many that fit are looked at, of each way in which they do."""
PLENTY = 1_000
"""Where more fit by name or company, e-mail addresses are not searched for the word besides."""
LAST = ("email",)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One page: `size` leads in an order, after the one that the page before ended with."""

    size: int
    counted: int
    oldest_first: bool = False
    after: tuple[datetime, int] | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """The numbers of the leads, in order, and how many there are, counted up to `counted`."""

    ids: tuple[int, ...] = ()
    count: int = 0
    is_cut: bool = False
    """Whether more fit than are looked at: some of them are not in the list."""
    left_out: bool = False
    """Whether e-mail addresses were not searched, for enough fit by name."""


def find(
    leads: QuerySet[Lead], text: str, wanted: Wanted, *, among: QuerySet[Any, Any] | None = None
) -> Page:
    """The page of those of `leads` that fit, `among` these numbers alone where there are any.

    One query.
    """
    asked = search_words.read(text)
    ways = {
        name: found
        for name, rows in search.fitting(asked).items()
        if (found := _sql(rows.values_list("pk", "created_at")[: MOST + 1])) is not None
    }
    checks = [_sql(among)] if among is not None else []
    if leads.query.where:
        checks.append(_sql(leads.order_by().values("pk")))
    told = [check for check in checks if check is not None]
    if not ways or len(told) < len(checks):
        return Page()
    sql, values = _whole(ways, told, wanted, at_once=among is not None)
    question = reading.plain(sql, *values)
    reading.ask(question)
    ids, count, is_cut, left_out = question.found[0]
    return Page(tuple(ids), count, is_cut, left_out)


Sql = tuple[str, Sequence[Any]]


def _sql(rows: QuerySet[Any, Any]) -> Sql | None:
    try:
        return rows.query.sql_with_params()
    except EmptyResultSet:
        return None


def _whole(ways: dict[str, Sql], checks: Sequence[Sql], wanted: Wanted, *, at_once: bool) -> Sql:
    """What fits by each way, then the page and the count of those that pass all checks.

    Checks are held against all that fits `at_once`, where few pass them; else one by one, in order,
    until the page is full.
    """
    sure = [sql for name, sql in ways.items() if name not in LAST]
    weak = [sql for name, sql in ways.items() if name in LAST]
    if not sure:
        sure, weak = weak, []
    plenty = f"(SELECT count(*) FROM sure) > {PLENTY}"  # noqa: S608 - numbers of ours, as below
    parts = [_gathered("sure", sure), ("fits AS MATERIALIZED (SELECT * FROM sure)", ())]
    if weak:
        union = "SELECT * FROM sure UNION ALL SELECT * FROM weak"
        gathered = _gathered("weak", weak, f" WHERE NOT {plenty}")
        parts[1:] = [gathered, (f"fits AS MATERIALIZED ({union})", ())]
    where, given = _passing(checks)
    if at_once:
        parts.append((f"mine AS MATERIALIZED ({EVERY}{where})", given))
        where, given = "", []
    source = "mine" if at_once else ""
    page, count = _page(wanted, source, where, given), _count(wanted, source, where, given)
    cut = f"EXISTS (SELECT FROM fits GROUP BY way HAVING count(*) > {MOST})"
    told = f"ARRAY({page[0]}), ({count[0]}), {cut}, {plenty if weak else 'false'}"
    sql = f"WITH {', '.join(part for part, _ in parts)} SELECT {told}"
    return sql, [value for _, values in (*parts, page, count) for value in values]


def _gathered(name: str, ways: Sequence[Sql], only: str = "") -> Sql:
    rows = [
        f"SELECT '{name}{place}' AS way, * FROM ({sql}) AS w(id, created_at){only}"  # noqa: S608
        for place, (sql, _) in enumerate(ways)
    ]
    values = [value for _, given in ways for value in given]
    return f"{name} AS MATERIALIZED ({' UNION ALL '.join(rows)})", values


EVERY = "SELECT DISTINCT id, created_at FROM fits"


def _passing(checks: Sequence[Sql]) -> tuple[str, list[Any]]:
    """The condition on what fits, and its values."""
    where = " AND ".join(f"id IN ({sql})" for sql, _ in checks)
    return f" WHERE {where}" if where else "", [value for _, given in checks for value in given]


def _page(wanted: Wanted, source: str, where: str, given: Sequence[Any]) -> Sql:
    """The leads of the page."""
    way, sign = ("ASC", ">") if wanted.oldest_first else ("DESC", "<")
    order = f"ORDER BY created_at {way}, id {way}"
    source = source or f"({EVERY} {order})"
    sql, values = f"SELECT id FROM {source} f{where or ' WHERE true'}", list(given)  # noqa: S608 - ours
    if wanted.after is not None:
        sql += f" AND (created_at, id) {sign} (%s, %s)"
        values += wanted.after
    return f"{sql} {order} LIMIT {wanted.size}", values


def _count(wanted: Wanted, source: str, where: str, given: Sequence[Any]) -> Sql:
    rows = f"SELECT FROM {source or f'({EVERY})'} f{where} LIMIT {wanted.counted}"
    return f"SELECT count(*) FROM ({rows}) c", given  # noqa: S608 - as above
