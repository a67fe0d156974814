"""The queues at intake as pages: what waits, why, since when, and what one can do about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Min, Q, QuerySet
from django.urls import reverse

from core.errors import NotFound
from core.texts import _, lazy
from governance import selectors as kits
from governance.terms import Reason
from leads import quality_sql
from leads.models import Lead, Touch
from lifecycle import queues, touch_words
from lifecycle.set_aside import AT_ONCE
from reports.declaration import Value
from web.console import keyset, lead_facts, words
from web.console import queues as pools

PAGE = 50
EXPORTED = 10_000
NAMED = 80
NAMES = {
    "exceptions": lazy("Exceptions"),
    "quarantine": lazy("Quarantine"),
    "spam": lazy("Suspected spam"),
    "duplicates": lazy("Likely duplicates"),
}
MEANINGS = {
    "exceptions": lazy(
        "Touchpoints that could not be decided. Some are tried again, some wait for you."
    ),
    "quarantine": lazy("Leads whose record is too thin to go on. Each has a clock."),
    "spam": lazy("What forms and webhooks held back. Nobody who asked is lost in here."),
    "duplicates": lazy("Pairs of people who may be one and the same."),
}
EMPTY = {
    "exceptions": lazy("Every touchpoint that came in was decided."),
    "quarantine": lazy("Every record is good enough to go on."),
    "spam": lazy("Nothing was held back."),
    "duplicates": lazy("Nobody looks like somebody else."),
}
LEFT = {"exceptions": lazy("Set aside"), "spam": lazy("Discarded")}


GAVE_UP = {
    "imports": (lazy("Imports that failed"), lazy("Go on with them, or undo them.")),
    "questions": (
        lazy("Questions nobody answered"),
        lazy("Providers failed as often as they may. Put right what failed, and ask again."),
    ),
}


@dataclass(frozen=True, slots=True)
class Tab:
    """One queue, or one half of it, with how much waits there."""

    name: str
    label: str
    meaning: str
    url: str
    count: str
    current: bool
    waits: bool
    oldest_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TouchRow:
    """A touch that waits for people."""

    id: int
    who: str
    company: str
    channel: str
    why: str
    said: str
    attempts: int
    received_at: datetime
    next_at: datetime | None
    url: str

    @property
    def is_unread(self) -> bool:
        """Whether it was kept as nobody could read it: it is tried once it is mended."""
        return not self.attempts


@dataclass(frozen=True, slots=True)
class LeadRow:
    """A lead that waits in quarantine."""

    id: int
    who: str
    company: str
    missing: str
    came_by: str
    queue: str
    since: datetime
    due_at: datetime | None
    url: str


@dataclass(frozen=True, slots=True)
class QueuePage:
    """One queue, one page of it. `left` shows what people have put aside."""

    name: str
    label: str
    meaning: str
    empty: str
    left: bool
    rows: tuple[Any, ...]
    tabs: tuple[Tab, ...]
    halves: tuple[Tab, ...]
    url: str
    act_url: str
    csv_url: str
    first_url: str
    next_url: str
    reasons: tuple[Reason, ...]
    ticked: frozenset[int] = frozenset()
    most: int = AT_ONCE


def overview(counts: queues.Counts) -> tuple[Tab, ...]:
    """Every queue with how much waits and since when. One query beside the counts'."""
    oldest = {
        "exceptions": queues.exceptions().aggregate(at=Min("received_at"))["at"],
        "quarantine": queues.quarantine().aggregate(at=Min("quarantined_at"))["at"],
        "spam": queues.spam().aggregate(at=Min("received_at"))["at"],
        "duplicates": queues.duplicates().aggregate(at=Min("suggested_at"))["at"],
    }
    return tuple(
        Tab(one.name, one.label, one.meaning if one.waits else EMPTY[one.name], one.url, one.count,
            current=False, waits=one.waits, oldest_at=oldest[one.name])
        for one in tabs(counts)
    )  # fmt: skip


def gave_up(counts: queues.Counts, *, administers: bool) -> tuple[Tab, ...]:
    """What gave up by itself, where anything did."""
    asked = f"{reverse('admin:leads_enrichmenttask_changelist')}?outcome__exact=FAILED"
    urls = {"imports": reverse("console:import"), "questions": asked if administers else ""}
    return tuple(
        Tab(name, label, meaning, urls[name], _count(counts.of(name)), current=False, waits=True)
        for name, (label, meaning) in GAVE_UP.items()
        if counts.of(name)
    )


def tabs(counts: queues.Counts, current: str = "") -> tuple[Tab, ...]:
    """The queues there are."""
    return tuple(
        Tab(name, label, MEANINGS[name], _address(name), _count(counts.of(name)),
            current=name == current, waits=counts.of(name) > 0)
        for name, label in NAMES.items()
    )  # fmt: skip


def build(name: str, counts: queues.Counts, *, left: bool, after: str, now: datetime) -> QueuePage:
    """One page of a queue. Raises NotFound, and InvalidInput for an address that is none of ours.

    Duplicates have a page of their own.
    """
    start = keyset.read(after)
    given = {"left": "1"} if left else {}
    rows, following = (
        _leads(start, now) if name == "quarantine" else _touches(_touch_queue(name, left), start)
    )
    here = _address(name)
    return QueuePage(
        name=name,
        label=NAMES[name],
        meaning=MEANINGS[name],
        empty=EMPTY[name] if not left else _("{LEFT}: none yet.").format(LEFT=LEFT[name]),
        left=left,
        rows=rows,
        tabs=tabs(counts, name),
        halves=_halves(name, left),
        url=f"{here}?{urlencode(given)}" if given else here,
        act_url=reverse("console:queue-act", args=[name]),
        csv_url=f"{reverse('console:queue-csv', args=[name])}?{urlencode(given)}",
        first_url=f"{here}?{urlencode(given)}" if after else "",
        next_url=f"{here}?{urlencode({**given, 'after': following})}" if following else "",
        reasons=_reasons() if name == "quarantine" else (),
    )


def export(name: str, *, left: bool, now: datetime) -> Iterator[Sequence[Value]]:
    """Headings, then one row each, up to EXPORTED."""
    if name == "quarantine":
        yield ("Lead", "Name", "Company", "Missing", "Came by", "Queue", "Since (UTC)", "Due (UTC)")
        for lead in _lead_rows(queues.quarantine(), EXPORTED, now):
            yield (lead.id, lead.who, lead.company, lead.missing, lead.came_by, lead.queue,
                   _utc(lead.since), _utc(lead.due_at))  # fmt: skip
        return
    yield ("Touchpoint", "Who", "Company", "Channel", "Why", "Attempts", "Received (UTC)",
           "Next try (UTC)")  # fmt: skip
    for touch in _touch_queue(name, left).order_by("-received_at", "-pk")[:EXPORTED].iterator():
        row = touch_row(touch)
        yield (row.id, row.who, row.company, row.channel, row.why, row.attempts,
               _utc(row.received_at), _utc(row.next_at))  # fmt: skip


def _address(name: str) -> str:
    if name == "duplicates":
        return reverse("console:duplicates")  # decided side by side, on pages of their own
    return reverse("console:queue", args=[name])


def _count(count: int) -> str:
    return words.capped(count, queues.COUNTED)


def _reasons() -> tuple[Reason, ...]:
    """Why a lead is no buyer, by the kit."""
    reasons = kits.active_kit().reasons.values()
    return tuple(one for one in reasons if "disqualify" in one.used_for)


def _halves(name: str, left: bool) -> tuple[Tab, ...]:  # noqa: FBT001 - of a page's address
    if name not in LEFT:
        return ()
    here = _address(name)
    return (
        Tab(name, _("To do"), "", here, "", current=not left, waits=True),
        Tab(name, LEFT[name], "", f"{here}?left=1", "", current=left, waits=False),
    )


def _touch_queue(name: str, left: bool) -> QuerySet[Touch]:  # noqa: FBT001 - as above
    if name not in LEFT:
        raise NotFound(_("There is no such queue."))
    return queues.exceptions(left=left) if name == "exceptions" else queues.spam(left=left)


def _touches(
    rows: QuerySet[Touch], after: tuple[datetime, int] | None
) -> tuple[tuple[TouchRow, ...], str]:
    """Newest first."""
    if after is not None:
        at, pk = after
        rows = rows.filter(received_at__lte=at).filter(Q(received_at__lt=at) | Q(pk__lt=pk))
    found = list(rows.order_by("-received_at", "-pk")[: PAGE + 1])
    last = found[PAGE - 1] if len(found) > PAGE else None
    following = keyset.write(last.received_at, last.pk) if last else ""
    return tuple(map(touch_row, found[:PAGE])), following


def touch_row(touch: Touch) -> TouchRow:
    """A touch as a line of its queue."""
    person, company = section(touch.payload, "person"), section(touch.payload, "company")
    name = f"{person.get('first_name', '')} {person.get('last_name', '')}".strip()
    known = (name, person.get("email"), person.get("phone"), touch.payload.get("external_id"),
             *_said_of_who(touch.payload))  # fmt: skip
    return TouchRow(
        id=touch.pk,
        who=next((str(one)[:NAMED] for one in known if one), _("Nobody named")),
        company=str(company.get("name") or company.get("domain") or ""),
        channel=touch.get_channel_display(),
        why=touch_words.in_words(touch.last_error) or _held_by(touch),
        said=str(touch.payload.get("note") or "")[:160],
        attempts=touch.attempts,
        received_at=touch.received_at,
        next_at=touch.next_attempt_at,
        url=reverse("console:queue-touch", args=[touch.pk]),
    )


def _said_of_who(found: Any, depth: int = 4) -> Iterator[str]:
    """What a payload that nobody could read says of who it is about, in whatever shape."""
    parts: Any = ()
    if isinstance(found, Mapping):
        for key, value in found.items():
            if isinstance(value, str) and str(key).lower().endswith(("name", "email", "phone")):
                yield value.strip()
        parts = found.values()
    elif isinstance(found, list):
        parts = found
    if depth:
        for part in parts:
            yield from _said_of_who(part, depth - 1)


def _held_by(touch: Touch) -> str:
    scope, _rest, key = touch.idempotency_scope.partition(":")
    return (
        _("Form “{key}”: filled in too fast, or by a machine").format(key=key)
        if scope == "form"
        else _("Held back")
    )


def section(payload: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A section of a payload; empty if there is none, or nothing that could be read."""
    found = payload.get(name)
    return found if isinstance(found, dict) else {}


def _leads(after: tuple[datetime, int] | None, now: datetime) -> tuple[tuple[LeadRow, ...], str]:
    """Who waits longest first."""
    rows = queues.quarantine()
    if after is not None:
        at, pk = after
        rows = rows.filter(quarantined_at__gte=at).filter(Q(quarantined_at__gt=at) | Q(pk__gt=pk))
    found = list(_lead_rows(rows, PAGE + 1, now))
    last = found[PAGE - 1] if len(found) > PAGE else None
    return tuple(found[:PAGE]), keyset.write(last.since, last.id) if last else ""


def _lead_rows(rows: QuerySet[Lead], most: int, now: datetime) -> Iterator[LeadRow]:
    """The rows in three queries, whatever their number."""
    kit, labels = kits.active_kit(), pools.labels()
    rules = kit.quality
    judged, names = quality_sql.annotate(
        rows.select_related("person", "account"), rules, now=now, registry=kit.registry
    )
    for lead in judged.order_by("quarantined_at", "pk")[:most]:
        account = lead.account
        yield LeadRow(
            id=lead.pk,
            who=lead.person.name,
            company=(account.name or account.domain or "") if account else "",
            missing=", ".join(
                rule.label
                for rule, name in zip(rules, names, strict=True)
                if not getattr(lead, name)
            ),
            came_by=lead_facts.came_by(lead),
            queue=labels.get(lead.queue, lead.queue),
            since=lead.quarantined_at or lead.created_at,
            due_at=lead.next_due_at,
            url=reverse("console:lead", args=[lead.pk]),
        )


def _utc(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if at else ""
