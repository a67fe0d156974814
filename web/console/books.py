"""The two books, costs and quotas: what their common pages need to know of each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from core.texts import lazy
from people.models import User
from reports import cost_acts, ledger_rights, quota_acts, statements
from reports.declaration import Value
from reports.models import CostEntry, QuotaEntry
from web.console import cost_forms, cost_list, quota_forms, quota_list
from web.console.ledger_forms import LedgerForm
from web.console.ledger_list import Asked, LedgerList
from web.console.ledger_words import COST_LABELS, QUOTA_LABELS


class Undo(Protocol):
    """How the last row of an entry is taken back."""

    def __call__(self, number: int, *, by: User, seen: int | None = None) -> Any: ...


class Lists(Protocol):
    """The module of a list."""

    def read(self, query: Mapping[str, str]) -> Asked: ...

    def build(self, reader: User, asked: Asked, *, now: dt.datetime) -> LedgerList: ...

    def export(self, reader: User, asked: Asked) -> Iterator[Sequence[Value]]: ...


@dataclass(frozen=True, slots=True)
class Book:
    """One of them. `key` names its addresses, `one` those of an entry."""

    key: str
    one: str
    title: str
    lead: str
    headings: tuple[str, ...]
    labels: dict[str, str]
    enter: type[LedgerForm]
    forms: dict[str, type[LedgerForm]]
    model: type[CostEntry] | type[QuotaEntry]
    lists: Lists
    undo: Undo
    add: str
    none: str
    none_line: str
    columns: str

    def may_enter(self, reader: User) -> bool:
        """Whether somebody writes into this book at all."""
        if self.model is CostEntry:
            return ledger_rights.enters_costs(reader)
        return ledger_rights.enters_quotas(reader)

    def may_change(self, reader: User, head: Any) -> bool:
        """Whether somebody changes this entry."""
        if self.model is CostEntry:
            return ledger_rights.enters_costs(reader)
        return ledger_rights.sets_quota(reader, rep=head.rep, team=head.team)

    def rows(self, reader: User, number: int) -> list[Any]:
        """Every row of an entry, for who may read it; none where there is no such entry."""
        chain = statements.chain(self.model, number).select_related("by", "replaces")
        if self.model is CostEntry:
            ledger_rights.require_reads_costs(reader)
            return list(chain)
        ledger_rights.require_reads_quotas(reader)
        found: list[Any] = list(chain.select_related("rep__team", "team", "replaces__rep",
                                                     "replaces__team"))  # fmt: skip
        head = QuotaEntry.objects.filter(pk__in=[row.pk for row in found[-1:]])
        return found if ledger_rights.visible_quotas(reader, head).exists() else []


COSTS = Book(
    key="costs",
    one="cost",
    title=lazy("Costs"),
    lead=lazy(
        "What each source cost, from day to day. Cost per lead and return on a source are "
        "computed from it; a correction never hides what was told before."
    ),
    headings=(lazy("Days"), lazy("Source"), lazy("For what"), lazy("Amount")),
    labels=COST_LABELS,
    enter=cost_forms.Enter,
    forms=cost_forms.FORMS,
    model=CostEntry,
    lists=cost_list,
    undo=cost_acts.undo,
    add=lazy("Enter a cost"),
    none=lazy("No cost is known yet"),
    none_line=lazy("Enter one, or bring in the months of a year from a file."),
    columns=lazy("Needs a month (or first and last day), a source and an amount."),
)
QUOTAS = Book(
    key="quotas",
    one="quota",
    title=lazy("Quotas"),
    lead=lazy(
        "What reps, teams and the company are to win, from day to day. Pipeline coverage and the "
        "leads still needed are computed from it."
    ),
    headings=(lazy("Days"), lazy("Whose"), lazy("Further"), lazy("To be won")),
    labels=QUOTA_LABELS,
    enter=quota_forms.Enter,
    forms=quota_forms.FORMS,
    model=QuotaEntry,
    lists=quota_list,
    undo=quota_acts.undo,
    add=lazy("Set a quota"),
    none=lazy("No quota is set yet"),
    none_line=lazy("Set one for a month or a quarter, or bring them in from a file."),
    columns=lazy("Needs whose it is, a month or quarter (or first and last day) and an amount."),
)
BOOKS = {one.key: one for one in (COSTS, QUOTAS)}


def read_by(reader: User) -> tuple[Book, ...]:
    """Those that somebody reads."""
    may = (ledger_rights.reads_costs(reader), ledger_rights.reads_quotas(reader))
    return tuple(one for one, reads in zip(BOOKS.values(), may, strict=True) if reads)
