"""The leads behind the figures of overrides: each with the override and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse

from core.texts import _, lazy
from people.models import User
from reports import overrides
from reports.declaration import Report, Row
from routing import pool_rights
from routing.models import Override
from web.console import keyset, people_names

KEY = overrides.DECLARATION.key
PAGE = 50
FATES = {"RIGHT": lazy("went well"), "WRONG": lazy("went badly"), "UNDECIDED": "undecided"}
COLLEAGUE = lazy("a colleague")
"""Of whom figures are none of the reader's business: lists are counted in no time."""
COLUMNS = {"overridden": "", "right": "RIGHT", "wrong": "WRONG", "undecided": "UNDECIDED"}
DECISIONS = {"rule": "rule", "pool": "pool", "kit": "kit"}


@dataclass(frozen=True, slots=True)
class Line:
    """One overridden decision."""

    lead: int
    name: str
    decision: int
    at: datetime
    rule: str
    picked: str
    kind: str
    why: str
    by: str
    fate: str


@dataclass(frozen=True, slots=True)
class Behind:
    """What stands behind one figure."""

    title: str
    rows: tuple[Line, ...]
    next_url: str
    template: str = "console/_behind_overrides.html"


def links(report: Report, row: Row, query: str, days: tuple[date, date]) -> dict[str, str]:
    """By column, where the leads behind a figure are listed; none in other reports.

    `days` are the first and the last of the report's period, as its reader counts them.
    """
    if not (row.key or row is report.totals):
        return {}
    here = f"{reverse('console:report', args=[KEY])}?{query}"
    found = {
        name: f"{here}&{urlencode({'row': row.key, 'fate': fate})}#leads"
        for name, fate in COLUMNS.items()
    }
    name = DECISIONS.get(report.by.key)
    if name and row.key:
        first, last = (day.isoformat() for day in days)
        asked = {name: row.key, "since": first, "until": last}
        found["decisions"] = f"{reverse('console:decisions')}?{urlencode(asked)}"
    return found


def build(reader: User, report: Report, query: Mapping[str, str]) -> Behind:
    """One page of them, in three queries. Raises InvalidInput for an address that is not ours."""
    key, fate = query.get("row", ""), query.get("fate", "")
    after = keyset.read(query.get("after", ""))
    found = overrides.chosen(reader, period=report.period, by=report.by.key, key=key, fate=fate)
    if after:
        at, pk = after
        found = found.filter(at__lte=at).filter(Q(at__lt=at) | Q(pk__lt=pk))
    some: list[Any] = list(found[: PAGE + 1])
    names = people_names.of([one.over_by for one in some])
    last = some[PAGE - 1] if len(some) > PAGE else None
    label = next((one.label for one in report.rows if one.key == key), "")
    told = [one for one in (label if key else "", FATES.get(fate, "")) if one]
    asked = {name: value for name, value in query.items() if name != "after"}
    return Behind(
        title=_("Overridden decisions{words}{told}").format(
            words=": " if told else "", told=", ".join(told)
        ),
        rows=tuple(_line(one, names, reader) for one in some[:PAGE]),
        next_url=f"?{urlencode({**asked, 'after': keyset.write(last.at, last.pk)})}#leads"
        if last
        else "",
    )


def _line(one: Any, names: Mapping[int, str], reader: User) -> Line:
    is_told = pool_rights.leads_all(reader) or one.picked_id == reader.pk
    last: Mapping[str, Any] = one.tried[-1] if one.tried else {}
    return Line(
        lead=one.lead_id,
        name=one.lead.person.name,
        decision=one.pk,
        at=one.at,
        rule=str(last.get("label") or last.get("rule") or ""),
        picked=str(one.picked) if is_told else COLLEAGUE,
        kind=str(Override.Kind(one.kind).label),
        why=str(Override.Why(one.why).label),
        by=names.get(one.over_by, COLLEAGUE),
        fate=FATES[one.fate].capitalize(),
    )
