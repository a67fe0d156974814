"""A lead as it stood at a past instant, folded from what had been written down by then. Read only.

Stage, owner and clocks come from the events of the log, the score from its stored parts, names and
fields from the records kept of them. A fixed number of queries.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from core import steps
from core.texts import _, lazy
from leads import score_shown
from leads.models import EventKind, Lead, LeadEvent
from people.models import User
from sla.models import ClockEvent
from web.console import people_names, queues, score_words, timeline, todo, words

NO_INSTANT = lazy("Give a date and time, such as 2026-05-04T09:30.")
AHEAD = lazy("That lies in the future; this is the lead by now.")
PERSON = {
    "first_name": lazy("First name"),
    "last_name": lazy("Last name"),
    "email": lazy("E-mail"),
    "phone": lazy("Phone"),
    "title": lazy("Job title"),
    "country": lazy("Country"),
}
ACCOUNT = {
    "name": "Company",
    "domain": lazy("Domain"),
    "industry": lazy("Industry"),
    "employees": lazy("Employees"),
    "country": lazy("Seat"),
    "status": lazy("Status"),
}
OWNING = (EventKind.ASSIGNED, EventKind.QUEUED, EventKind.RELEASED)
Kind = ClockEvent.Kind
ENDS = (Kind.STOPPED, Kind.CANCELLED, Kind.VOIDED)


@dataclass(frozen=True, slots=True)
class Slider:
    """Where the page is among the lead's events: `step` of `last`, the one before and after."""

    url: str
    step: int
    last: int
    said: str
    """When that was, as the reader says it."""

    @property
    def before(self) -> int:
        """The event before; 0 where there is none."""
        return max(0, self.step - 1)

    @property
    def after(self) -> int:
        """The event after; 0 where this is the last."""
        return self.step + 1 if self.step < self.last else 0


@dataclass(frozen=True, slots=True)
class ClockThen:
    """One clock in words, as it was known then."""

    label: str
    state: str
    tone: str
    line: str


@dataclass(frozen=True, slots=True)
class FieldThen:
    """One field as it was then; `now` only where it is another by now."""

    label: str
    then: str
    now: str


@dataclass(frozen=True, slots=True)
class AsOf:
    """The page."""

    id: int
    name: str
    at: datetime
    asked: str
    problem: str
    slider: Slider
    stage: str
    cycle: int
    owner: str
    score: float
    band: str
    score_url: str
    clocks: tuple[ClockThen, ...]
    fields: tuple[FieldThen, ...]
    story: timeline.Story


def slider(lead: Lead, *, step: int | None = None, said: str = "") -> Slider:
    """The slider of a lead's page; without a step it stands at the last event. No query."""
    url = reverse("console:lead-as-of", args=[lead.pk])
    at = lead.version if step is None else step
    return Slider(url, at, lead.version, said or _("as it is now"))


@steps.in_steps
def build(
    lead: Lead, *, asked: str, step: str, kind: str, reader: User, now: datetime, zone: tzinfo
) -> steps.Story[AsOf]:
    """The lead at the event `step`, else at the instant `asked`, else at its beginning."""
    at, problem = _instant(lead, asked, step, now=now, zone=zone)
    events = LeadEvent.objects.filter(lead=lead, recorded_at__lte=at).order_by("-sequence")
    placed = events.filter(kind__in=OWNING).select_related("owner")[:1]
    staged = events.filter(kind=EventKind.STAGE)[:1]
    last = events.values_list("sequence", flat=True)[:1]
    whole, pools = score_shown.asked_of(lead, now=now, at=at), queues.pairs()
    clocks, records = _clocks(lead, at, now=now, zone=zone), _records(lead, at)
    story = timeline.of_lead(
        lead.pk, reader=reader, now=now, zone=zone, kind=kind, until=at,
        address=f"{reverse('console:lead-as-of', args=[lead.pk])}?at={_iso(at, zone)}",
    )  # fmt: skip
    yield placed, staged, last, whole, pools, clocks, *records, story
    score, stage = whole.found, staged[0] if staged else None
    return AsOf(
        id=lead.pk,
        name=lead.person.name,
        at=at,
        asked=asked if problem else f"{at.astimezone(zone):%Y-%m-%dT%H:%M:%S}",
        problem=problem,
        slider=slider(lead, step=last[0] if last else 0, said=words.moment(at, now=now, zone=zone)),
        stage=stage.to_stage if stage is not None else "",
        cycle=stage.cycle if stage is not None else 1,
        owner=_owner(placed[0] if placed else None, dict(pools)),
        score=score.sums["total"],
        band=score_words.band(score.band, score.kit) if score.band and score.kit else "",
        score_url=f"{reverse('console:lead-score', args=[lead.pk])}?at={_iso(at, zone)}",
        clocks=clocks.found,
        fields=_fields(lead, records),
        story=story.found,
    )


def _instant(
    lead: Lead, asked: str, step: str, *, now: datetime, zone: tzinfo
) -> tuple[datetime, str]:
    """The instant, and what was wrong with what was asked for."""
    if asked.strip():
        try:
            said = datetime.fromisoformat(asked.strip())
            at = said if said.tzinfo is not None else said.replace(tzinfo=zone)
            at.timestamp()
        except (ValueError, OverflowError):
            return now, NO_INSTANT
        return (at, "") if at <= now else (now, AHEAD)
    number = int(step) if step.isascii() and step.isdigit() and len(step) < 10 else 1
    rows = LeadEvent.objects.filter(lead=lead, sequence__lte=max(1, number))
    found = rows.order_by("-sequence").values_list("recorded_at", flat=True).first()
    return found or lead.created_at, ""


def _iso(at: datetime, zone: tzinfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%dT%H:%M:%S}"


def _owner(placed: LeadEvent | None, pools: Mapping[str, str]) -> str:
    if placed is None:
        return ""
    if placed.owner is not None:
        return str(placed.owner)
    return (
        _("Queue {pools}").format(pools=pools.get(placed.queue, placed.queue))
        if placed.queue
        else ""
    )


@steps.in_steps
def _clocks(
    lead: Lead, at: datetime, *, now: datetime, zone: tzinfo
) -> steps.Story[tuple[ClockThen, ...]]:
    """Each clock that had begun by then, newest first, as its log stood."""
    known = ClockEvent.objects.filter(clock__lead=lead, recorded_at__lte=at)
    rows = known.select_related("clock").order_by("pk")
    yield [rows]
    of_clock: dict[int, list[ClockEvent]] = {}
    for row in rows:
        of_clock.setdefault(row.clock_id, []).append(row)
    names = people_names.asked(row.holder_id for row in rows)
    yield [names]
    return tuple(
        _clock(notes, names.found, at, now=now, zone=zone)
        for _rest, notes in sorted(of_clock.items())[::-1]
    )


def _clock(
    notes: list[ClockEvent], names: Any, at: datetime, *, now: datetime, zone: tzinfo
) -> ClockThen:
    label = todo.label(notes[0].clock)
    due = next((one.due_at for one in reversed(notes) if one.due_at), notes[0].clock.due_at)
    when, ended = words.moment(due, now=now, zone=zone), _last(notes, *ENDS)
    if ended is not None:
        state, tone = _ended(ended, due)
        told = words.moment(ended.at, now=now, zone=zone)
        return ClockThen(
            label, state, tone, _("{told}; it was due {when}.").format(told=told, when=when)
        )
    paused, held = _last(notes, Kind.PAUSED, Kind.RESUMED), _last(notes, Kind.STARTED, Kind.HANDED)
    holder = held.holder_id if held is not None else None
    who = _(", held by {names}").format(names=names[holder]) if holder in names else ""
    if paused is not None and paused.kind == Kind.PAUSED:
        return ClockThen(
            label, _("Standing still"), "info", _("Due {when}{who}.").format(when=when, who=who)
        )
    if at > due:
        late = words.span(at - due)
        return ClockThen(
            label,
            _("Breached, open"),
            "late",
            _("Was due {when}, {late} before{who}.").format(when=when, late=late, who=who),
        )
    return ClockThen(
        label,
        _("Running"),
        "info",
        _("Due {when}, {due} left{who}.").format(when=when, due=words.span(due - at), who=who),
    )


def _last(notes: list[ClockEvent], *kinds: str) -> ClockEvent | None:
    return next((one for one in reversed(notes) if one.kind in kinds), None)


def _ended(ended: ClockEvent, due: datetime) -> tuple[str, str]:
    if ended.kind == Kind.STOPPED:
        return (_("Met"), "ok") if ended.at <= due else (_("Late"), "late")
    return (_("No longer owed"), "none") if ended.kind == Kind.CANCELLED else (_("Undone"), "none")


def _records(lead: Lead, at: datetime) -> list[QuerySet[Any]]:
    """The last records of the buyer and the company before an instant."""
    rows: list[Any] = [lead.person, *([lead.account] if lead.account is not None else [])]
    return [
        type(row)
        .history.filter(id=row.pk, history_date__lte=at)
        .order_by("-history_date", "-history_id")[:1]
        for row in rows
    ]


def _fields(lead: Lead, records: Sequence[QuerySet[Any]]) -> tuple[FieldThen, ...]:
    """What was known of the buyer and the company; what is another by now says so."""
    pairs: tuple[tuple[Any, dict[str, str]], ...] = ((lead.person, PERSON), (lead.account, ACCOUNT))
    return tuple(
        one
        for (row, labels), found in zip(pairs, records, strict=False)
        for one in _of_row(row, found[0] if found else None, labels)
    )


def _of_row(row: Any, then: Any, labels: dict[str, str]) -> Iterable[FieldThen]:
    for name, label in labels.items():
        was = str(getattr(then, name) or "") if then is not None else ""
        now = str(getattr(row, name) or "")
        if was or now:
            yield FieldThen(label, was, now if now != was else "")
