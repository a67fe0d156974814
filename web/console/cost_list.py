"""The list of costs: what sources cost, totals by source and month, and where nothing is known."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlencode

from django.db.models import Min, QuerySet
from django.urls import reverse
from django.utils import timezone

from core.texts import _
from people.models import User
from reports import costs, ledger_rights, restating, spreading, statements
from reports.declaration import Value
from reports.models import CostEntry
from web.console import ledger_list, ledger_words
from web.console.deal_list import filter_of
from web.console.ledger_list import Asked, LedgerList, Row, Totals
from web.console.ledger_words import SOURCES

SHAPES = {
    "source": "|".join(SOURCES),
    "month": ledger_list.MONTH,
    "state": "late|changed|withdrawn|unvalued",
}
MONTHS = 6
HEADINGS = (
    "Entry", "First day", "Last day", "Source", "Channel", "Campaign", "Label", "Amount",
    "Currency", "External id", "Note", "Worth in base currency", "Rate", "Rate of", "Late",
    "Changes", "State", "Entered by", "Entered at (UTC)",
)  # fmt: skip
"""What a file of costs is headed with; it is read again by these, whatever the language."""


def read(query: Mapping[str, str]) -> Asked:
    """What the address asks for."""
    return ledger_list.read(query, SHAPES)


def build(reader: User, asked: Asked, *, now: dt.datetime) -> LedgerList:
    """One page of the list, with totals of the last months."""
    ledger_rights.require_reads_costs(reader)
    today, address = now.date(), reverse("console:costs")
    found, first, following = ledger_list.paged(chosen(asked), asked, address)
    given = asked.given
    states = [*ledger_list.STATES, ledger_list.UNVALUED]
    return LedgerList(
        rows=tuple(row(entry) for entry in found),
        filters=(
            filter_of("source", _("Source"), _("Any source"), SOURCES.items(), given),
            ledger_list.month_filter(given, today=today),
            filter_of("state", _("State"), _("All that count"), states, given),
        ),
        is_filtered=bool(given),
        problems=asked.problems,
        totals=_totals(reader, today),
        unvalued=tuple(sorted({entry.currency for entry in costs.unvalued()})),
        restated=ledger_list.restated(
            restating.late_within(CostEntry, ledger_list.lately(now)),
            timezone.get_current_timezone(),
        ),
        csv_url=f"{reverse('console:costs-csv')}?{urlencode(given)}",
        first_url=first,
        next_url=following,
    )


def chosen(asked: Asked) -> QuerySet[CostEntry]:
    """The entries asked for; those that count unless others are."""
    rows = statements.heads(CostEntry).select_related("by")
    if asked.problems:
        return rows.none()
    given = asked.given
    rows = ledger_list.narrowed(rows, given)
    if "source" in given:
        rows = rows.filter(source=given["source"])
    return rows.filter(amount_base=None) if given.get("state") == "unvalued" else rows


def row(entry: CostEntry) -> Row:
    """One cost in words."""
    return ledger_list.row_of(
        entry,
        what=(SOURCES[entry.source], ledger_words.value(entry, "channel")),
        detail=(entry.label or entry.campaign, entry.campaign if entry.label else ""),
        line=ledger_words.worth(entry),
    )


def export(reader: User, asked: Asked) -> Iterator[Sequence[Value]]:
    """Headings, then one row for each entry; the file can be imported again."""
    ledger_rights.require_reads_costs(reader)
    yield HEADINGS
    rows = chosen(asked).order_by("-last_day", "-first_day", "-pk")
    for one in rows[: ledger_list.EXPORTED].iterator(chunk_size=1_000):
        yield (
            one.number, str(one.first_day), str(one.last_day), one.source, one.channel,
            one.campaign, one.label, str(one.amount), one.currency, one.external_id, one.note,
            str(one.amount_base or ""), str(one.rate or ""), str(one.rate_date or ""),
            "late" if costs.is_late(one) else "", one.version - 1,
            "withdrawn" if one.withdrawn else "", str(one.by or ""),
            f"{one.recorded_at:%Y-%m-%d %H:%M}",
        )  # fmt: skip


def _totals(reader: User, today: dt.date) -> Totals:
    months = ledger_list.before(today, MONTHS)
    last = spreading.last_of_month(months[-1])
    rows = costs.entries_as_of().filter(costs.touching(months[0], last))
    may = ledger_rights.enters_costs(reader)
    # Before the first cost of a source nobody expects one.
    begun = costs.entries_as_of().order_by().values_list("source").annotate(Min("first_day"))
    since = {source: first.replace(day=1) for source, first in begun}
    return ledger_list.totals(
        list(rows),
        months,
        share=lambda entry, month: costs.share_of(entry, spreading.month_of(month)),
        key=lambda entry: str(entry.source),
        labels=SOURCES,
        due=lambda source, month: (
            spreading.last_of_month(month) < today and month >= since.get(source, today)
        ),
        enter=lambda source, month: _enter(source, month) if may else "",
        missing=_("No cost is known for {who} in {month}."),
    )


def _enter(source: str, month: dt.date) -> str:
    given = {"source": source, "first_day": month, "last_day": spreading.last_of_month(month)}
    return f"{reverse('console:cost-new')}?{urlencode(given)}"
