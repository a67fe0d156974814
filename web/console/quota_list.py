"""The list of quotas: whose, for which days, how much; totals by month, and who has none."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from core.texts import _
from people.models import User
from reports import costs, ledger_rights, quotas, restating, spreading, statements
from reports.declaration import Value
from reports.models import QuotaEntry
from web.console import ledger_list, ledger_words
from web.console.deal_list import filter_of
from web.console.ledger_list import Asked, LedgerList, Row, Totals

SHAPES = {
    "of": "company|teams|reps|me",
    "month": ledger_list.MONTH,
    "state": "late|changed|withdrawn",
}
BEHIND, AHEAD = 3, 3
HEADINGS = (
    "Entry", "Whose", "First day", "Last day", "Amount", "Opportunities", "SQLs", "External id",
    "Note", "Late", "Changes", "State", "Entered by", "Entered at (UTC)",
)  # fmt: skip
"""What a file of quotas is headed with; it is read again by these, whatever the language."""


def read(query: Mapping[str, str]) -> Asked:
    """What the address asks for."""
    return ledger_list.read(query, SHAPES)


def build(reader: User, asked: Asked, *, now: dt.datetime) -> LedgerList:
    """One page of the list, with totals of the months around the present one."""
    ledger_rights.require_reads_quotas(reader)
    today, address = now.date(), reverse("console:quotas")
    found, first, following = ledger_list.paged(chosen(reader, asked), asked, address)
    given = asked.given
    whose = [("company", _("Company")), ("teams", _("Teams")), ("reps", _("Reps")),
             ("me", _("Me"))]  # fmt: skip
    return LedgerList(
        rows=tuple(row(entry) for entry in found),
        filters=(
            filter_of("of", _("Whose"), _("Anybody’s"), whose, given),
            ledger_list.month_filter(given, today=today, ahead=12),
            filter_of("state", _("State"), _("All that count"), ledger_list.STATES, given),
        ),
        is_filtered=bool(given),
        problems=asked.problems,
        totals=_totals(reader, today),
        unvalued=(),
        restated=_restated(reader, now),
        csv_url=f"{reverse('console:quotas-csv')}?{urlencode(given)}",
        first_url=first,
        next_url=following,
    )


def chosen(reader: User, asked: Asked) -> QuerySet[QuotaEntry]:
    """The quotas asked for that the reader sees; those that count unless others are."""
    rows = ledger_rights.visible_quotas(reader, statements.heads(QuotaEntry))
    rows = rows.select_related("by", "rep", "team")
    if asked.problems:
        return rows.none()
    given = asked.given
    whose = {
        "company": Q(rep=None, team=None), "teams": Q(team__isnull=False),
        "reps": Q(rep__isnull=False), "me": Q(rep=reader),
    }  # fmt: skip
    return ledger_list.narrowed(rows, given).filter(whose.get(given.get("of", ""), Q()))


def row(entry: QuotaEntry) -> Row:
    """One quota in words."""
    kind = _("Rep") if entry.rep_id else _("Team") if entry.team_id else ""
    return ledger_list.row_of(
        entry,
        what=(quotas.party_name(entry), kind),
        detail=(ledger_words.counts(entry), entry.note[:80]),
    )


def export(reader: User, asked: Asked) -> Iterator[Sequence[Value]]:
    """Headings, then one row for each quota; the file can be imported again."""
    ledger_rights.require_reads_quotas(reader)
    yield HEADINGS
    rows = chosen(reader, asked).order_by("-last_day", "-first_day", "-pk")
    for one in rows[: ledger_list.EXPORTED].iterator(chunk_size=1_000):
        whose = one.rep.username if one.rep else one.team.name if one.team else "Company"
        yield (
            one.number, whose, str(one.first_day), str(one.last_day), str(one.amount), one.deals,
            one.sqls, one.external_id, one.note,
            "late" if spreading.is_late(one.last_day, one.recorded_at) else "", one.version - 1,
            "withdrawn" if one.withdrawn else "", str(one.by or ""),
            f"{one.recorded_at:%Y-%m-%d %H:%M}",
        )  # fmt: skip


def _restated(reader: User, now: dt.datetime) -> tuple[tuple[str, int], ...]:
    """What was said late of quotas that the reader sees."""
    told = restating.late_within(QuotaEntry, ledger_list.lately(now))
    if told:
        numbers = {one.entry.pk for one in told}
        rows = QuotaEntry.objects.filter(pk__in=numbers)
        seen = set(ledger_rights.visible_quotas(reader, rows).values_list("pk", flat=True))
        told = [one for one in told if one.entry.pk in seen]
    return ledger_list.restated(told, timezone.get_current_timezone())


def _totals(reader: User, today: dt.date) -> Totals:
    months = ledger_list.before(today, BEHIND, ahead=AHEAD)
    last = spreading.last_of_month(months[-1])
    rows = ledger_rights.visible_quotas(reader, quotas.entries_as_of())
    entries = list(rows.filter(costs.touching(months[0], last)).select_related("rep", "team"))
    # The company first, then teams, then reps, each by name.
    by_rank = sorted(entries, key=lambda one: (_rank(one), quotas.party_name(one)))
    labels = {_key(one): quotas.party_name(one) for one in by_rank}
    may = ledger_rights.enters_quotas(reader)
    latest = sorted(entries, key=lambda one: one.first_day, reverse=True)
    since = {_key(one): one.first_day.replace(day=1) for one in latest}
    told = ledger_list.totals(
        entries,
        months,
        share=lambda entry, month: quotas.share_of(entry, spreading.month_of(month)),
        key=_key,
        labels=labels,
        due=lambda party, month: since[party] <= month <= today,
        enter=lambda party, month: _enter(party, month) if may else "",
        missing=_("No quota is set for {who} in {month}."),
    )
    # Those of reps are parts of their team's, and teams' of the company's: no sum makes sense.
    return Totals(told.months, told.lines, (), told.gaps, told.more_gaps)


def _rank(entry: QuotaEntry) -> int:
    return 2 if entry.rep_id else 1 if entry.team_id else 0


def _key(entry: QuotaEntry) -> str:
    return f"{_rank(entry)}-{entry.rep_id or entry.team_id or 0}"


def _enter(party: str, month: dt.date) -> str:
    given = {"party": party, "first_day": month, "last_day": spreading.last_of_month(month)}
    return f"{reverse('console:quota-new')}?{urlencode(given)}"
