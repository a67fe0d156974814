"""The leads behind the figures of speed to lead: who waited how long, and what ended that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse

from core.texts import _, lazy
from governance import selectors as kits
from governance.moments import Moment
from people.models import User
from reports import speed
from reports.declaration import Report, Row
from sla import evidence
from sla.models import Clock
from web.console import keyset, todo, words

KEY = speed.DECLARATION.key
PAGE = 50
WORDS = {
    "answered": lazy("Answered"),
    "waiting": lazy("Waiting"),
    "unanswered": lazy("Ended unanswered"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One leg."""

    lead: int
    clock: int
    name: str
    label: str
    asked_at: datetime
    held_by: str
    took: str
    working: str
    ended: str


@dataclass(frozen=True, slots=True)
class Behind:
    """What stands behind one figure."""

    title: str
    rows: tuple[Line, ...]
    next_url: str
    template: str = "console/_behind_speed.html"


def links(report: Report, row: Row, query: str, _rest: tuple[date, date]) -> dict[str, str]:
    """By column, where the leads behind a figure are listed."""
    if not (row.key or row is report.totals):
        return {}
    here = f"{reverse('console:report', args=[KEY])}?{query}"
    return {name: f"{here}&{urlencode({'row': row.key, 'of': name})}#leads" for name in WORDS}


def obligations() -> dict[str, str]:
    """What a contact ends under the kit in force, in words, by key."""
    version = kits.active_version()
    policies = kits.kit_of(version.pk).policies if version else ()
    keys = dict.fromkeys(one.obligation for one in policies if Moment.CONTACTED in one.stopped_by)
    return {key: key.replace("_", " ").capitalize() for key in keys}


def build(reader: User, report: Report, query: Mapping[str, str]) -> Behind:
    """One page of them, in two queries. Raises InvalidInput for an address that is not ours."""
    key, of = query.get("row", ""), query.get("of", "")
    of = of if of in WORDS else "answered"
    only = {"obligation": query["obligation"]} if query.get("obligation") else {}
    after = keyset.read(query.get("after", ""))
    found = speed.chosen(reader, period=report.period, by=report.by.key, key=key, of=of, only=only)
    if after:
        at, pk = after
        found = found.filter(started_at__lte=at).filter(Q(started_at__lt=at) | Q(pk__lt=pk))
    some = list(found.select_related("lead__person", "holder", "stopped_by")[: PAGE + 1])
    last = some[PAGE - 1] if len(some) > PAGE else None
    label = next((one.label for one in report.rows if key and one.key == key), "")
    asked = {name: value for name, value in query.items() if name != "after"}
    return Behind(
        title=f"{WORDS[of]}{': ' if label else ''}{label}",
        rows=tuple(_line(one, report.generated_at) for one in some[:PAGE]),
        next_url=f"?{urlencode({**asked, 'after': keyset.write(last.started_at, last.pk)})}#leads"
        if last
        else "",
    )


def _line(clock: Clock, now: datetime) -> Line:
    asked = evidence.asked_at(clock)
    worked = clock.working_seconds
    by = _(", by {stopped_by}").format(stopped_by=clock.stopped_by) if clock.stopped_by else ""
    proof = clock.get_proof_display() if clock.is_stopped else ""
    ended = f"{proof or clock.get_state_display()}{by if clock.is_stopped else ''}"
    return Line(
        lead=clock.lead_id,
        clock=clock.pk,
        name=clock.lead.person.name,
        label=todo.label(clock),
        asked_at=asked,
        held_by=str(clock.holder) if clock.holder else _("Nobody"),
        took=words.span((clock.ended_at or now) - asked),
        working=words.DASH if worked is None else words.span(timedelta(seconds=worked)),
        ended=ended,
    )
