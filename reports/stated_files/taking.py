"""A table of costs or quotas into its book: what would become of each row, and doing it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.db import transaction

from core.texts import _
from leads.exchange import Rates
from people.models import User
from reports import ledger_rights, statements
from reports.models import CostEntry, QuotaEntry
from reports.models.statement import Via
from reports.stated_files import cost_rows, quota_rows
from reports.stated_files.plan import Line, Plan, Told, Verdict
from reports.stated_files.table import Kept

COSTS, QUOTAS = "costs", "quotas"


class Planner(Protocol):
    """Decides over the entries of one book."""

    @property
    def model(self) -> type[CostEntry] | type[QuotaEntry]:
        """What it writes."""
        ...

    def decide(self, row: Told[Any]) -> Line[Any]: ...

    def write(
        self, line: Line[Any], *, via: Via, reason: str, now: dt.datetime, rates: Rates
    ) -> CostEntry | QuotaEntry: ...


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of the rows. `moved`: nothing was done, for others were faster since the
    plan with this fingerprint was looked at. `entries` are the numbers of what was written, by row.
    """

    plan: Plan[Any]
    moved: bool = False
    entries: dict[int, int] | None = None


def require_may(book: str, by: User) -> None:
    """Raises NotAllowed for who does not write into this book."""
    if book == COSTS:
        ledger_rights.require_enters_costs(by)
    else:
        ledger_rights.require_enters_quotas(by)


def rows_of(book: str, table: Kept) -> list[Told[Any]]:
    """What each row of a table says. Raises Unreadable where a column that is needed is missing."""
    meanings = table.meanings(book)
    if book == COSTS:
        return [cost_rows.told(row, meanings) for row in table.rows]
    parties = quota_rows.Parties()
    return [quota_rows.told(row, meanings, parties) for row in table.rows]


def look(book: str, rows: Iterable[Told[Any]], *, by: User) -> Plan[Any]:
    """What would become of each row; nothing is written."""
    require_may(book, by)
    return _planned(rows, _planner(book, by))


def take(
    book: str,
    rows: Sequence[Told[Any]],
    *,
    by: User,
    via: Via,
    reason: str = "",
    name: str = "",
    seen: str = "",
    whole: bool = False,
    now: dt.datetime | None = None,
) -> Taken:
    """Do it, all in one transaction: refused rows are left out, the others are written.

    `seen` is the fingerprint of the plan somebody looked at; with `whole`, one refused row has
    nothing written. `reason` stands with what is restated.
    """
    require_may(book, by)
    why = reason.strip() or _why(name, via)
    with transaction.atomic():
        planner = _planner(book, by, hold=True)
        plan = _planned(rows, planner)
        if seen and plan.fingerprint != seen:
            return Taken(plan, moved=True)
        if whole and plan.counts[Verdict.REFUSED]:
            return Taken(plan)
        at, rates = statements.instant(now), Rates()
        entries = {
            line.row: planner.write(
                line, via=via, reason=statements.reason_of(why), now=at, rates=rates
            ).number
            for line in plan.lines
            if line.verdict in (Verdict.NEW, Verdict.RESTATES)
        }
    return Taken(plan, entries=entries)


def _planner(book: str, by: User, *, hold: bool = False) -> Planner:
    if hold:
        statements.hold(CostEntry if book == COSTS else QuotaEntry)
    return cost_rows.Planner(by=by) if book == COSTS else quota_rows.Planner(by=by)


def _planned(rows: Iterable[Told[Any]], planner: Planner) -> Plan[Any]:
    return Plan(tuple(planner.decide(row) for row in rows))


def _why(name: str, via: Via) -> str:
    if via == Via.API:
        return _("Said by the API")
    return _("Imported from {name}").format(name=name[:200] or _("a file"))
