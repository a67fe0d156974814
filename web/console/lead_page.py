"""One lead as its page and the inbox's pane show it. A fixed number of queries."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from core import steps
from core.texts import _
from governance import selectors as kits
from governance.kit import Kit
from leads.contact import Way
from leads.models import Lead, LeadEvent
from leads.stages import Stage
from lifecycle import gathering, pausing
from lifecycle.case import Case
from people.availability import Kind, Unavailable
from people.models import User
from routing import pool_rights
from sla.models import OPEN, Clock
from web.console import (
    affirm_words,
    calling_words,
    checklist_words,
    course_words,
    dispute_words,
    exclusion_words,
    lead_facts,
    lead_read,
    menu,
    permission_page,
    permission_words,
    places,
    proof,
    scores,
    todo,
    waiting_words,
    words,
)
from web.console.decision_words import Record
from web.console.menu import Action
from web.console.path_words import TouchLine
from web.console.proof import Check
from web.console.scores import Explained
from web.console.todo import Obligation
from web.console.waiting_words import Checklist


@dataclass(frozen=True, slots=True)
class Absence:
    """Why the owner is not at work and until when, in the reader's zone; and its tone."""

    words: str
    tone: str


@dataclass(frozen=True, slots=True)
class LeadPage:
    """Everything the page says about a lead, its timeline apart."""

    id: int
    name: str
    title: str
    company: str
    company_line: str
    call: calling_words.Call
    stage: str
    owner: str
    absence: Absence | None
    queue: str
    email: str
    phone: str
    came_by: str
    note: lead_read.Note
    facts: tuple[lead_facts.Fact, ...]
    elsewhere: Sequence[lead_facts.Fact]
    permission: tuple[permission_page.WayLine, ...]
    permission_url: str
    closed: frozenset[str]
    privacy_url: str
    score: float
    score_line: str
    score_parts: tuple[Explained, ...]
    touches: tuple[TouchLine, ...]
    clocks: tuple[Obligation, ...]
    due_at: datetime | None
    warn_at: datetime | None
    state: str
    todo: str
    todo_line: str
    accepting: str
    """What accepting confirms, where one key does it."""
    plan: tuple[str, ...]
    reachable: bool
    decision: Record | None
    pool_url: str
    waiting: Checklist | None
    whose_label: str
    why_you: str
    why_not_you: str
    checks: tuple[Check, ...]
    actions: tuple[Action, ...]
    more_actions: tuple[Action, ...]
    not_yours: str
    protocol: dispute_words.Protocol | None
    """What is said of its rejection."""
    checklists: tuple[checklist_words.List, ...]
    """What is known for them at SAL."""
    exclusion: exclusion_words.Notice | None
    """Of the exclusion that has it out, or would have if nobody owned it."""


def load(leads: QuerySet[Lead], lead_id: int) -> Lead | None:
    """The lead with what its page needs beside it, if the reader may see it."""
    return rows(leads, lead_id).first()


def rows(leads: QuerySet[Lead], lead_id: int) -> QuerySet[Lead]:
    """The row for `load`, to be asked with others."""
    beside = ("person", "account", "owner__team", "opportunity__owner", "sourced_by")
    return leads.select_related(*beside).filter(pk=lead_id).order_by("pk")


@steps.in_steps
def build(
    lead: Lead, *, reader: User, now: datetime, zone: tzinfo, back: str = ""
) -> steps.Story[LeadPage]:
    """Read and phrase everything about one lead; `back` as in `menu.offer`."""
    read = yield from lead_read.of(lead, reader, now=now, zone=zone)
    kit, account, clocks, pools = read.kit, lead.account, read.clocks, read.pools
    nearest, story, case = _nearest(clocks), read.story, gathering.seen(lead)
    shut = tuple(one for one in read.ways if one.is_closed)
    score, protocol = scores.show(read.parts, kit=kit, now=now), read.protocol
    offered, accepting = _ready(case, kit, menu.offer(
        lead, reader, back=back, obligation=nearest.obligation if nearest else "",
        reachable=len(shut) < len(Way), waits=_waits(clocks, now), disputes=_act(protocol),
    ), now, shut=shut, back=back)  # fmt: skip
    return LeadPage(
        id=lead.pk,
        name=lead.person.name,
        title=lead.person.title,
        company=account.name or account.domain or "" if account else "",
        company_line=company_line(lead),
        call=calling_words.of(lead, allowed=_open(Way.PHONE, shut), now=now, zone=zone),
        stage=lead.stage,
        owner=str(lead.owner) if lead.owner else "",
        absence=_absent(read.absence, now=now, zone=zone),
        queue=_queue(lead, pools),
        email=lead.person.email,
        phone=lead.person.phone,
        came_by=lead_facts.came_by(lead),
        note=read.note,
        facts=lead_facts.without(read.facts, _labels(shut)),
        elsewhere=read.elsewhere,
        permission=read.ways,
        closed=_labels(shut),
        permission_url=reverse("console:lead-permission", args=[lead.pk]),
        privacy_url=permission_page.privacy_url(lead, reader),
        score=score.total,
        score_line=score.line,
        score_parts=score.parts,
        touches=read.touches,
        clocks=tuple(todo.describe(clock, now=now, zone=zone) for clock in clocks),
        due_at=nearest.due_at if nearest else None,
        warn_at=nearest.warn_at if nearest else None,
        state=_state(nearest, now),
        todo=todo.words_for(nearest, reachable=len(shut) < len(Way)),
        todo_line=_todo_line(lead, nearest, kit, shut),
        accepting=accepting,
        plan=course_words.plan(lead, clocks, functools.partial(words.moment, now=now, zone=zone)),
        reachable=len(shut) < len(Way),
        decision=story.decision,
        waiting=waiting_words.of_lead(lead, reader, pools, sight=read.sight, now=now),
        pool_url=_pool_url(story.decision, reader),
        whose_label=_("Why you") if lead.owner_id == reader.pk else _("Why there"),
        why_you=story.why,
        why_not_you=story.why_not,
        checks=_checks(lead, kit, read.proven),
        actions=offered.first,
        more_actions=offered.more,
        not_yours=offered.why_not,
        protocol=protocol,
        checklists=read.checklists,
        exclusion=exclusion_words.of_lead(case, kit, now=now),
    )


def _queue(lead: Lead, pools: Mapping[str, str]) -> str:
    name = pools.get(lead.queue, lead.queue)
    return _("Queue {name}").format(name=name) if lead.queue else ""


def _ready(
    case: Case,
    kit: Kit,
    offered: menu.Menu,
    now: datetime,
    *,
    shut: Sequence[permission_page.WayLine],
    back: str,
) -> tuple[menu.Menu, str]:
    """The menu with accepting done by one key where all it confirms is shown, and that in words."""
    if not any(one.name == "accept" for one in offered.first):
        return offered, ""
    found = affirm_words.ready(case, kit, now, shut=[one.way for one in shut])
    if found is None:
        return offered, ""
    return menu.at_once(offered, "accept", found.keys, back=back), found.line


def _open(way: Way, shut: Sequence[permission_page.WayLine]) -> bool:
    return all(one.way is not way for one in shut)


def _labels(ways: Sequence[permission_page.WayLine]) -> frozenset[str]:
    return frozenset(one.label for one in ways)


def _act(protocol: dispute_words.Protocol | None) -> str:
    return protocol.act if protocol is not None else ""


def _nearest(clocks: Sequence[Clock]) -> Clock | None:
    """The open clock that is due first."""
    running = (one for one in clocks if one.state in OPEN)
    return min(running, key=lambda one: one.due_at, default=None)


def _waits(clocks: Sequence[Clock], now: datetime) -> str:
    """The action on clocks that stand still for the buyer, or may; empty where none does."""
    found = pausing.may_wait(clocks, now)
    return "go_on" if found.waits else "wait" if found.clocks else ""


def company_line(lead: Lead) -> str:
    """`Logistics · 420 employees · Germany`; what is unknown is left out."""
    account = lead.account
    if account is None:
        return places.country(lead.person.country)
    size = words.employees(account.employees)
    place = places.country(account.country or lead.person.country)
    return " · ".join(part for part in (account.industry, size, place) if part)


def _absent(why: Unavailable | None, *, now: datetime, zone: tzinfo) -> Absence | None:
    """That the owner is off shift, on leave, away or gone, and until when."""
    if why is None:
        return None
    off_shift = why.kind == Kind.OFF_SHIFT
    if off_shift and why.until is None:
        return Absence(_("off shift, no hours ahead"), "none")
    until = (
        _(" until {until}").format(until=words.moment(why.until, now=now, zone=zone))
        if why.until
        else ""
    )
    return Absence(f"{why.words}{until}", "none" if off_shift else "warn")


def _state(clock: Clock | None, now: datetime) -> str:
    if clock is None:
        return ""
    if now >= clock.due_at:
        return "late"
    return "warn" if now >= clock.warn_at else "ok"


def _todo_line(
    lead: Lead, clock: Clock | None, kit: Kit, shut: Sequence[permission_page.WayLine]
) -> str:
    if clock is not None and len(shut) == len(Way):
        return _(
            "Every way to reach them is “Do not use”: {line}. Disqualify them, write "
            "down what they allow by now, or ask RevOps; until then the clock runs "
            "on."
        ).format(line=shut[0].line)
    hints = {
        "accept": _(
            "Confirm the ICP fit and that the contact is reachable, or reject with a reason."
        ),
        "first_contact": _("A call, an e-mail or a meeting counts; log it and the clock stops."),
        "respond": _("They asked for a person. Log the contact and the clock stops."),
        "sales_qualify": _("Hold the discovery call and fill the checklist."),
        "convert": _("Create the opportunity, or join the account’s open one."),
        "route": _("It waits for somebody in the pool to be free."),
        "next_step": _("A contact of the promised kind does it; log it and the clock stops."),
    }
    if clock is not None:
        hint = hints.get(clock.obligation) or todo.promise(clock)
        if clock.obligation not in todo.BY_CONTACT:
            return hint
        stops = (f"{permission_words.MUST_NOT[one.way]}: {one.line}." for one in shut)
        return " ".join((hint, *stops))
    if not lead.is_open:
        return _("Closed; nothing is owed to the buyer in this cycle.")
    return next((_("No SLA here: {why}").format(why=why) for why in _exempt_because(lead, kit)), "")


def _exempt_because(lead: Lead, kit: Kit) -> Iterator[str]:
    """The signed reasons for which something, or all, is not owed where this lead is."""
    for one in kit.exemptions:
        if one.covers(stage=lead.stage, channel=lead.channel, obligation=one.obligation):
            yield one.because


def _pool_url(decision: Record | None, reader: User) -> str:
    """The ledger of the pool that decided, for who may open it."""
    if decision is None or not decision.pool_key:
        return ""
    may = pool_rights.leads_all(reader) or reader.pk in decision.users
    return reverse("console:pool", args=[decision.pool_key]) if may else ""


def _checks(lead: Lead, kit: Kit, event: LeadEvent | None) -> tuple[Check, ...]:
    """The proof of the last qualification; for inquiries nothing is proven yet."""
    if event is not None:
        judged: list[dict[str, Any]] = event.because.get("criteria") or []
        return proof.checks(judged, kit=kits.kit_of(event.kit_id or kit.id))
    if lead.sourced_by_id is not None:
        return (Check("info", _("Sales-generated: it entered as SAL, outside the MQL criteria.")),)
    text = _("Not qualified yet; the criteria of the kit are not met.")
    return (Check("info", text),) if lead.stage in (Stage.INQUIRY, Stage.NURTURE) else ()
