"""All that the page of a lead is made of, its timeline apart: asked side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from django.db.models import QuerySet

from core import steps
from core.texts import _
from governance import selectors as kits
from governance.kit import Kit
from leads import score_rows
from leads.models import EventKind, Lead, LeadEvent, Touch
from leads.scoring import Part
from lifecycle import possession, possessions, self_sourcing
from lifecycle.possession import Reader
from people import selectors as people
from people.availability import Unavailable
from people.models import User
from routing import pool_rights
from routing.discretion import Sight
from sla.models import Clock
from web.console import (
    checklist_words,
    decision_words,
    dispute_words,
    lead_facts,
    path_words,
    people_names,
    permission_page,
    queues,
    target_words,
)
from web.console.decision_words import Record
from web.console.path_words import TouchLine


@dataclass(frozen=True, slots=True)
class Story:
    """How it came to who has it, or why it waits; and the last decision of the rules."""

    why: str
    why_not: str
    decision: Record | None


@dataclass(frozen=True, slots=True)
class Note:
    """What came with the first touchpoint: the buyer's words, or those of who added them."""

    text: str | None = None
    scope: str = ""

    @property
    def is_ours(self) -> bool:
        """Whether somebody of the house wrote it."""
        return self.scope.startswith(f"{self_sourcing.SCOPE}:")


@dataclass(frozen=True, slots=True)
class Read:
    """What was read of one lead."""

    kit: Kit
    sight: Sight
    pools: Mapping[str, str]
    clocks: Sequence[Clock]
    absence: Unavailable | None
    """Why somebody else, the owner, is not at work."""
    note: Note
    proven: LeadEvent | None
    """The last qualification."""
    parts: Sequence[Part]
    touches: tuple[TouchLine, ...]
    ways: tuple[permission_page.WayLine, ...]
    elsewhere: Sequence[lead_facts.Fact]
    protocol: dispute_words.Protocol | None
    story: Story
    facts: tuple[lead_facts.Fact, ...]
    checklists: tuple[checklist_words.List, ...]


def of(lead: Lead, reader: User, *, now: datetime, zone: tzinfo) -> steps.Story[Read]:
    """Four messages, or five where its last rejection was disputed."""
    kit, sight, absence = kits.in_force(), pool_rights.sight(reader), _absence(lead, reader, now)
    clocks = Clock.objects.filter(lead=lead).order_by("-started_at", "-pk")[:12]
    pools, first, proven = queues.pairs(), _first(lead), _proven(lead)
    parts, path = score_rows.parts_of(lead.pk), path_words.of_lead(lead.pk)
    ways, elsewhere = permission_page.lines(lead, now=now, zone=zone), lead_facts.elsewhere(lead)
    rejected = dispute_words.of_lead(lead, reader, now=now, zone=zone)
    yield kit, sight, absence, clocks, pools, first, proven, parts, path, ways, elsewhere, rejected
    story = _story(lead, reader, dict(pools), sight.found)
    facts = lead_facts.build(lead, kit=kit.found, now=now, zone=zone)
    checklists = checklist_words.of_lead(lead, kit.found)
    yield story, facts, checklists
    return Read(
        kit=kit.found,
        sight=sight.found,
        pools=dict(pools),
        clocks=list(clocks),
        absence=absence.found.get(lead.owner_id or 0),
        note=Note(*first[0]) if first else Note(),
        proven=proven[0] if proven else None,
        parts=parts.found,
        touches=path.found,
        ways=ways.found,
        elsewhere=elsewhere.found,
        protocol=rejected.found,
        story=story.found,
        facts=facts.found,
        checklists=checklists.found,
    )


def _first(lead: Lead) -> QuerySet[Touch, Any]:
    first = Touch.objects.filter(lead=lead).order_by("occurred_at", "pk")
    return first.values_list("payload__note", "idempotency_scope")[:1]


def _absence(lead: Lead, reader: User, now: datetime) -> steps.Steps[dict[int, Unavailable]]:
    theirs = lead.owner is None or lead.owner_id == reader.pk
    return people.not_at_work([] if theirs or lead.owner is None else [lead.owner], at=now)


@steps.in_steps
def _story(lead: Lead, reader: User, pools: Mapping[str, str], sight: Sight) -> steps.Story[Story]:
    asked, last = possessions.asked_of([lead]), decision_words.last_of(lead.pk, sight)
    yield asked, last
    came, row = asked.found.get(lead.pk), last.found
    named = [*(came.people if came else ()), *(decision_words.people_in(row) if row else ())]
    users = people_names.asked(named)
    yield [users]
    names = users.found
    why = _("Nobody holds it; no rule has placed it yet.")
    if came is not None:
        why = possession.sentence(came, Reader(reader.pk, names, pools, target_words.when, sight))
    if row is None:
        return Story(why, "", None)
    number, pool = kits.kit_of(row.kit_id).number, pools.get(row.pool, row.pool)
    told = decision_words.of_record(row, kit=number, pool=pool, names=names, reader_id=reader.pk)
    return Story(why, told.of_reader if lead.owner_id != reader.pk else "", told)


def _proven(lead: Lead) -> QuerySet[LeadEvent]:
    events = LeadEvent.objects.filter(lead=lead, kind=EventKind.STAGE, transition="qualify")
    return events.order_by("-sequence")[:1]
