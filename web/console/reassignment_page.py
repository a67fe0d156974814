"""Acts that handed on many leads, of people and of leavers: the list, and one with its leads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.urls import reverse

from core.texts import _
from lifecycle import bulk_handing, taking_leads_back
from lifecycle.models import HandedLead, Reassignment
from people.models import User
from web.console import handing_page, lead_names, people_names, queues, words
from web.console.handing_page import Line

PAGE = 50
TONES = {"WAITING": "info", "RUNNING": "info", "DONE": "ok", "CANCELLED": "warn", "FAILED": "late"}


@dataclass(frozen=True, slots=True)
class Row:
    """One act in the list."""

    id: int
    title: str
    line: str
    state: str
    tone: str


@dataclass(frozen=True, slots=True)
class Handed:
    """One lead of an act."""

    lead: int
    name: str
    line: str


@dataclass(frozen=True, slots=True)
class Acts:
    """One page of the list."""

    rows: tuple[Row, ...]
    next_url: str


@dataclass(frozen=True, slots=True)
class ActPage:
    """One act."""

    id: int
    title: str
    sentence: str
    state: str
    tone: str
    is_open: bool
    done: int
    total: int
    reason: str
    going: tuple[Line, ...]
    stays: tuple[Line, ...]
    leads: tuple[Handed, ...]
    next_url: str
    may_undo: bool
    gone: str
    undone_by: int | None
    undoes: int | None


def acts(reader: User, *, before: int | None, now: datetime, zone: tzinfo) -> Acts:
    """Newest first. Raises NotAllowed for who hands on none."""
    moved = Count("leads", filter=Q(leads__stayed=""))
    rows = bulk_handing.visible(reader).annotate(moved=moved).order_by("-pk")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: PAGE + 1])
    more = urlencode({"before": found[PAGE - 1].pk}) if len(found) > PAGE else ""
    return Acts(
        tuple(
            Row(
                row.pk,
                _title(row),
                _("{requested_at} · {moved} of {plural} moved{words}").format(
                    requested_at=words.moment(row.requested_at, now=now, zone=zone),
                    moved=words.number(row.moved),
                    plural=words.plural(row.total, "lead"),
                    words=f" · {row.by}" if row.by else "",
                ),
                *_state(row, moved=row.moved),
            )
            for row in found[:PAGE]
        ),
        f"{reverse('console:reassignments')}?{more}" if more else "",
    )


def build(act_id: int, reader: User, *, after: int, now: datetime, zone: tzinfo) -> ActPage:
    """One act with a page of its leads, in the order of the work. Raises NotFound."""
    act = bulk_handing.seen(act_id, reader)
    found = bulk_handing.result(act)
    going, stays = handing_page.told(found.users, found.queues, found.stays)
    lines = list(act.leads.filter(pk__gt=after).order_by("pk")[: PAGE + 1])
    is_open = act.state in bulk_handing.OPEN
    address = reverse("console:reassignment", args=[act.pk])
    can_undo = not is_open and act.way != "BACK" and not found.undone_by and bool(going)
    gone = taking_leads_back.gone(act) if can_undo else None
    last = lines[PAGE - 1].pk if len(lines) > PAGE else None
    at = words.moment(act.requested_at, now=now, zone=zone)
    dealt = _("{done} of {plural} dealt with").format(
        done=words.number(act.done), plural=words.plural(act.total, "lead")
    )
    state, tone = _state(act, moved=found.users.total() + found.queues.total())
    return ActPage(
        id=act.pk,
        title=_title(act),
        sentence=_("{dealt}, asked for {at}{words}.").format(
            dealt=dealt, at=at, words=_(" by {by}").format(by=act.by) if act.by else ""
        ),
        state=state,
        tone=tone,
        is_open=is_open,
        done=act.done,
        total=act.total,
        reason=act.reason,
        going=going,
        stays=stays,
        leads=_handed(lines[:PAGE]),
        next_url=f"{address}?{urlencode({'after': last})}" if last else "",
        may_undo=gone is not None and not gone.is_all,
        gone=gone.sentence if gone is not None else "",
        undone_by=found.undone_by,
        undoes=act.undoes_id,
    )


def _state(act: Reassignment, *, moved: int) -> tuple[str, str]:
    """In a word and a tone: an act that is through and moved nothing is not simply done."""
    if act.state == Reassignment.State.DONE and act.total and not moved:
        return _("Moved nothing"), "warn"
    return act.get_state_display(), TONES[act.state]


def _title(act: Reassignment) -> str:
    """What was asked for; whether it came about is told beside it."""
    if act.way == Reassignment.Way.LEFT:
        return _("Leads of {leaver}, who works none any more").format(leaver=act.leaver)
    if act.way == Reassignment.Way.PERSON:
        return _("Hand to {to}").format(to=act.to)
    if act.way == Reassignment.Way.POOL:
        return _("Hand to the pool {labels}").format(labels=queues.labels().get(act.pool, act.pool))
    if act.way == Reassignment.Way.BACK:
        return _("Undo act {undoes_id}").format(undoes_id=act.undoes_id)
    return _("Give anew by the rules")


def _handed(lines: list[HandedLead]) -> tuple[Handed, ...]:
    names = people_names.of(
        [line.from_user_id for line in lines] + [line.to_user_id for line in lines]
    )
    called = lead_names.of([line.lead_id for line in lines])
    labels = queues.labels()

    def who(user: int | None, queue: str) -> str:
        return names.get(user or 0, "") or _("queue {labels}").format(
            labels=labels.get(queue, queue)
        )

    def way(line: HandedLead) -> str:
        if line.stayed:
            return _("Stayed: {stayed}").format(stayed=line.stayed)
        before = who(line.from_user_id, line.from_queue)
        return f"{before} → {who(line.to_user_id, line.to_queue)}"

    return tuple(
        Handed(
            line.lead_id,
            called[line.lead_id].name
            if line.lead_id in called
            else _("Lead {lead_id}").format(lead_id=line.lead_id),
            way(line),
        )
        for line in lines
    )
