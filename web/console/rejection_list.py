"""The list of rejections: filters read strictly, pages by key, a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.urls import reverse

from core.errors import InvalidInput
from core.texts import _, lazy
from governance import selectors as kits
from leads.models import Activity, LeadEvent, SourceCategory
from lifecycle import disputes, rejections
from lifecycle.models import RejectionDispute
from lifecycle.rejections import Standing, Wanted
from people import holders
from people.models import User
from reports.declaration import Value
from web.console import dispute_words, keyset
from web.console.lead_list import Filter, Option

PAGE = 50
EXPORTED = 10_000
STANDINGS = (
    (Standing.CONTESTABLE, lazy("Contestable still")),
    (Standing.DISPUTED, lazy("Disputed, to decide")),
    (Standing.OVERDUE, lazy("To decide, overdue")),
    (Standing.OVERTURNED, lazy("Overturned")),
    (Standing.UPHELD, lazy("Upheld")),
    (Standing.OVERTAKEN, lazy("Overtaken")),
    (Standing.UNDISPUTED, lazy("Not disputed")),
)
HEADINGS = (
    lazy("Lead"),
    lazy("Company"),
    lazy("Rejected at (UTC)"),
    lazy("By"),
    lazy("Reason"),
    lazy("Failed criterion"),
    lazy("Contestable"),
    lazy("State"),
    lazy("Disputed by"),
    lazy("Disputed at (UTC)"),
    lazy("To decide by (UTC)"),
    lazy("Decided by"),
    lazy("Decided at (UTC)"),
    lazy("Kit version"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One rejection. `act` is the form its reader may open."""

    lead: int
    name: str
    company: str
    at: datetime
    by: str
    reason: str
    criterion: str
    note: str
    contestable: bool
    state: str
    tone: str
    until: datetime | None
    disputed_by: str
    disputed_at: datetime | None
    due_at: datetime | None
    is_overdue: bool
    ruled_by: str
    ruled_at: datetime | None
    said: str
    act: str
    kit: int | None


@dataclass(frozen=True, slots=True)
class RejectionList:
    """One page of the list."""

    rows: tuple[Row, ...]
    filters: tuple[Filter, ...]
    is_filtered: bool
    problems: tuple[str, ...]
    csv_url: str
    first_url: str
    next_url: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for; `problems` name what could not be read."""

    given: dict[str, str]
    wanted: Wanted
    after: tuple[datetime, int] | None
    problems: tuple[str, ...]


def read(query: Mapping[str, str]) -> Asked:
    """Read the address. Values that mean nothing are told, never passed over."""
    names = ("standing", "reason", "criterion", "source", "by")
    given = {name: text for name in names if (text := query.get(name, "").strip())}
    problems: list[str] = []
    standing, source, by = (given.get(name, "") for name in ("standing", "source", "by"))
    if standing and standing not in {one.value for one in Standing}:
        problems.append(
            _("State: there is no “{standing}”; pick one from the list.").format(
                standing=standing[:40]
            )
        )
        standing = ""
    if source and source not in SourceCategory.values:
        problems.append(
            _("Source: there is no “{source}”; pick one from the list.").format(source=source[:40])
        )
    if by and not (by.isascii() and by.isdigit() and len(by) < 19):
        problems.append(_("Rejected by: pick one from the list."))
        by = ""
    try:
        after = keyset.read(query.get("after", ""))
    except (InvalidInput, OverflowError):
        after = None
        problems.append(
            _("Page: {OTHER}{OTHER2}").format(
                OTHER=keyset.OTHER[0].lower(), OTHER2=keyset.OTHER[1:]
            )
        )
    wanted = Wanted(
        standing=Standing(standing) if standing else None,
        reason=given.get("reason", ""),
        criterion=given.get("criterion", ""),
        source=source,
        by=int(by) if by else None,
    )
    return Asked(given, wanted, after, tuple(problems))


def build(reader: User, asked: Asked, *, now: datetime) -> RejectionList:
    """One page, in four queries at most; nothing for an address that could not be read."""
    found = _chosen(reader, asked, now)
    if asked.after is not None:
        at, pk = asked.after
        found = found.filter(at__lte=at).filter(Q(at__lt=at) | Q(pk__lt=pk))
    events = list(found[: PAGE + 1])
    last = events[PAGE - 1] if len(events) > PAGE else None
    address, query = reverse("console:rejections"), urlencode(asked.given)
    following = urlencode({**asked.given, "after": keyset.write(last.at, last.pk)}) if last else ""
    return RejectionList(
        rows=tuple(_rows(events[:PAGE], reader, now)),
        filters=_filters(asked.given),
        is_filtered=bool(asked.given),
        problems=asked.problems,
        csv_url=f"{reverse('console:rejections-csv')}?{query}",
        first_url=f"{address}?{query}" if asked.after else "",
        next_url=f"{address}?{following}" if following else "",
    )


def export(reader: User, asked: Asked, *, now: datetime) -> Iterator[Sequence[Value]]:
    """Headings, then one row per rejection, newest first, up to `EXPORTED`."""
    yield HEADINGS
    some: list[LeadEvent] = []
    for event in _chosen(reader, asked, now)[:EXPORTED].iterator(chunk_size=1_000):
        some.append(event)
        if len(some) == 1_000:
            yield from _lines(some, reader, now)
            some = []
    yield from _lines(some, reader, now)


def _lines(events: Sequence[LeadEvent], reader: User, now: datetime) -> Iterator[Sequence[Value]]:
    for row in _rows(events, reader, now):
        yield (row.lead, row.company, _utc(row.at), row.by, row.reason, row.criterion,
               "yes" if row.contestable else "", row.state, row.disputed_by,
               _utc(row.disputed_at), _utc(row.due_at), row.ruled_by, _utc(row.ruled_at),
               row.kit)  # fmt: skip


def _utc(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}" if at else ""


def _chosen(reader: User, asked: Asked, now: datetime) -> QuerySet[LeadEvent]:
    rows = rejections.visible_to(reader)
    if asked.problems:
        return rows.none()
    beside = ("lead__person", "lead__account", "by", "dispute__opened_by", "dispute__ruled_by")
    found = rejections.narrow(rows, asked.wanted, now=now).select_related(*beside)
    return found.order_by("-at", "-pk")


def _rows(events: Sequence[LeadEvent], reader: User, now: datetime) -> Iterator[Row]:
    notes = _notes(events)
    for event in events:
        yield _row(event, notes, reader, now)


def _notes(events: Iterable[Any]) -> dict[int, str]:
    """What people wrote: with the rejection, the dispute and the ruling. One query."""
    wanted: set[int] = set()
    for one in events:
        row = _dispute(one)
        told = (one.because.get("note"), *((row.note_id, row.ruling_id) if row else ()))
        wanted |= {pk for pk in told if pk is not None}
    rows = Activity.objects.filter(pk__in=wanted)
    return dict(rows.values_list("pk", "note"))


def _dispute(event: LeadEvent) -> RejectionDispute | None:
    found: RejectionDispute | None = getattr(event, "dispute", None)
    return found


def _row(event: Any, notes: Mapping[int, str], reader: User, now: datetime) -> Row:
    row, account = _dispute(event), event.lead.account
    kit = kits.kit_of(event.kit_id) if event.kit_id else None
    reason = kit.reasons.get(event.reason) if kit else None
    labels = {one.key: one.label for one in kit.all_criteria} if kit else {}
    state = row.state if row else ""
    return Row(
        lead=event.lead_id,
        name=event.lead.person.name,
        company=(account.name or account.domain or "") if account else "",
        at=event.at,
        by=str(event.by) if event.by else "",
        reason=reason.label if reason else str(event.reason or "").replace("_", " "),
        criterion=labels.get(event.criterion, event.criterion or ""),
        note=notes.get(event.because.get("note") or 0, ""),
        contestable="contestable" in event.because,
        state=dispute_words.headline(event.because, state, now),
        tone=dispute_words.tone(event.because, row, now),
        until=event.until if row is None and event.until and event.until >= now else None,
        disputed_by=str(row.opened_by) if row else "",
        disputed_at=row.opened_at if row else None,
        due_at=row.due_at if row and row.state == disputes.State.OPEN else None,
        is_overdue=row is not None and dispute_words.is_overdue(row, now),
        ruled_by=str(row.ruled_by) if row and row.ruled_by else "",
        ruled_at=row.ruled_at if row else None,
        said=notes.get((row.ruling_id or row.note_id) if row else 0, ""),
        act=_act(event, row, reader, now),
        kit=kit.number if kit else None,
    )


def _act(event: LeadEvent, row: RejectionDispute | None, reader: User, now: datetime) -> str:
    """The form that its reader may open; the act itself looks whether the lead stands there yet."""
    name = dispute_words.act(event, row, reader, now)
    if not name or event.lead.stage != event.to_stage:
        return ""
    return reverse("console:lead-action", args=[event.lead_id, name.replace("_", "-")])


def _filters(given: Mapping[str, str]) -> tuple[Filter, ...]:
    kit = kits.active_kit()
    reasons = [(one.key, one.label) for one in kit.reasons.values() if "reject" in one.used_for]
    criteria = [(one.key, f"{one.stage}: {one.label}") for one in kit.all_criteria]
    people = [(str(one.pk), str(one)) for one in holders.by_name(holders.everybody())]
    return (
        _filter(
            "standing", _("State"), _("Any"), [(one.value, word) for one, word in STANDINGS], given
        ),
        _filter("reason", _("Reason"), _("Any"), reasons, given),
        _filter("criterion", _("Failed criterion"), _("Any"), criteria, given),
        _filter("source", _("Source"), _("Any"), SourceCategory.choices, given),
        _filter("by", _("Rejected by"), _("Anybody"), people, given),
    )


def _filter(
    name: str, label: str, any_word: str, choices: Iterable[tuple[str, Any]],
    given: Mapping[str, str],
) -> Filter:  # fmt: skip
    """What the address names and the list does not offer is offered, too."""
    asked = given.get(name, "")
    offered = [(key, str(word)) for key, word in choices]
    if asked and asked not in {key for key, _rest in offered}:
        offered.append((asked, asked))
    options = tuple(Option(key, word, key == asked) for key, word in offered)
    return Filter(name, label, any_word, options)
