"""Removing leads whole, as if they had never come: rows, log, clocks, people, companies.

The one place that goes behind the guards of the log; see docs/adr/0012. Whoever calls has locked
touches, keys, accounts and leads, and made sure that nothing happened to them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection
from dataclasses import dataclass

import pgtrigger
from django.db.models import Exists, OuterRef, Q, QuerySet

from core import bulk
from governance.kit import Kit
from leads.models import (
    Account,
    AccountStatus,
    ContactPoint,
    DuplicateSuggestion,
    EnrichmentTask,
    ExternalReference,
    IdentityKey,
    Lead,
    LeadEvent,
    Opportunity,
    OpportunityLine,
    OpportunityStep,
    Outbox,
    Permission,
    Person,
    PersonMerge,
    ScorePart,
    ScoreRecord,
    Signal,
    Touch,
    Visitor,
)
from lifecycle import sharing
from lifecycle.importing import unturning
from lifecycle.models import HandedLead, ImportRow, Notice, ShadowDecision, SimulatedLead
from lifecycle.sealing import away
from lifecycle.signalling import forgetting
from routing.models import Assignment, Decision
from sla.models import Clock, ClockEvent

GUARDS = (
    "leads.Lead:leads_are_never_deleted",
    "leads.LeadEvent:events_are_append_only",
    "routing.Decision:decisions_are_append_only",
    "sla.Clock:clocks_are_never_deleted",
    "sla.ClockEvent:clock_events_are_append_only",
)
BY_MACHINES = ("touch:", "provider:", "rule:")

_forgetting: list[Callable[[Collection[int]], None]] = []


def also(forget: Callable[[Collection[int]], None]) -> None:
    """Have this done with leads that are removed, before their rows go.

    For rows of upper apps that are derived from leads. Called from `ready()` of their app.
    """
    if forget not in _forgetting:
        _forgetting.append(forget)


@dataclass(frozen=True, slots=True)
class Removed:
    """How many rows of each kind went."""

    leads: int = 0
    people: int = 0
    accounts: int = 0
    touches: int = 0


@dataclass(frozen=True, slots=True)
class Act:
    """Who removes, when, and under which name it is on record with the seal."""

    by_id: int | None
    now: dt.datetime
    note: str


def remove(
    leads: Collection[int], *, leadless: Collection[int], accounts: Collection[int],
    since: dt.datetime, kit: Kit, act: Act,
) -> Removed:  # fmt: skip
    """Remove these leads, touchpoints that never got one, and people and accounts left alone.

    `accounts` are those the touchpoints named; one made before `since` stays. A fixed number of
    statements.
    """
    people = set(Lead.objects.filter(pk__in=leads).values_list("person_id", flat=True))
    rows = Lead.objects.filter(pk__in=leads, opportunity__isnull=False)
    deals = set(rows.values_list("opportunity_id", flat=True))
    owned = Touch.objects.filter(lead_id__in=leads)
    touches = {*owned.values_list("pk", flat=True), *leadless}
    vacated = unturning.give_back(leads)
    away.removing(leads, by_id=act.by_id, now=act.now, note=act.note)
    with pgtrigger.ignore(*GUARDS):
        _of_leads(leads)
        _touches(touches, leads)
        _wipe(LeadEvent.objects.filter(lead_id__in=leads))
        _wipe(Lead.history.filter(id__in=leads))
        gone = _wipe(Lead.objects.filter(pk__in=leads))
    unturning.keep_numbers(vacated)
    _deals(deals)
    lonely = _lonely(people)
    values = _values(lonely)
    _people(lonely)
    sharing.unshare(values, kit)
    return Removed(gone, len(lonely), _accounts(accounts, since), len(touches))


def _of_leads(leads: Collection[int]) -> None:
    """What hangs on leads: what was told, promised, decided, asked, and what it is worth."""
    for forget in _forgetting:
        forget(leads)
    _wipe(Notice.objects.filter(lead_id__in=leads))
    _wipe(ShadowDecision.objects.filter(lead_id__in=leads))
    _wipe(HandedLead.objects.filter(lead_id__in=leads))
    _wipe(SimulatedLead.objects.filter(lead_id__in=leads))
    _wipe(Outbox.objects.filter(event__in=LeadEvent.objects.filter(lead_id__in=leads).values("pk")))
    _wipe(ClockEvent.objects.filter(clock__in=Clock.objects.filter(lead_id__in=leads).values("pk")))
    forgetting.wait_again(Signal.objects.filter(lead_id__in=leads))
    for model in (
        Clock, Assignment, Decision, EnrichmentTask, ExternalReference, Signal, ScorePart,
        ScoreRecord,
    ):  # fmt: skip
        _wipe(model._default_manager.filter(lead_id__in=leads))


def _touches(touches: Collection[int], leads: Collection[int]) -> None:
    """Rows of imports, of this one and of later ones that met the same touch, lose sight of it."""
    told = ImportRow.objects.filter(touch_id__in=touches)
    told.update(touch=None, lead=None, undone=ImportRow.Undone.REMOVED)
    ImportRow.objects.filter(lead_id__in=leads).update(lead=None)
    _wipe(Permission.objects.filter(touch_id__in=touches))
    _wipe(DuplicateSuggestion.objects.filter(touch_id__in=touches, status="OPEN"))
    DuplicateSuggestion.objects.filter(touch_id__in=touches).update(touch=None)
    _wipe(Touch.objects.filter(pk__in=touches))


def _deals(deals: Collection[int]) -> None:
    """Deals of these leads alone: the import made them, else their leads would stay."""
    shared = Lead.objects.filter(opportunity_id__in=deals).values_list("opportunity_id", flat=True)
    alone = set(deals) - set(shared)
    _wipe(ExternalReference.objects.filter(opportunity_id__in=alone))
    _wipe(OpportunityLine.history.filter(opportunity_id__in=alone))
    _wipe(OpportunityLine.objects.filter(opportunity_id__in=alone))
    _wipe(OpportunityStep.objects.filter(opportunity_id__in=alone))
    _wipe(Opportunity.history.filter(id__in=alone))
    _wipe(Opportunity.objects.filter(pk__in=alone))


def _lonely(people: Collection[int]) -> set[int]:
    """Those of whom nothing is left."""
    own = {"person_id": OuterRef("pk")}
    merges = PersonMerge.objects.filter(Q(winner_id=OuterRef("pk")) | Q(loser_id=OuterRef("pk")))
    left = (
        Exists(Lead.objects.filter(**own)),
        Exists(Touch.objects.filter(**own)),
        Exists(Touch.objects.filter(came_as_id=OuterRef("pk"))),
        Exists(Permission.objects.filter(**own)),
        Exists(Person.objects.filter(merged_into_id=OuterRef("pk"))),
        Exists(merges),
    )
    rows = Person.objects.filter(pk__in=people, merged_into=None, erased_at=None)
    for one in left:
        rows = rows.filter(~one)
    return set(rows.values_list("pk", flat=True))


def _people(people: Collection[int]) -> None:
    _wipe(DuplicateSuggestion.objects.filter(Q(first_id__in=people) | Q(second_id__in=people)))
    for model in (ContactPoint, IdentityKey, Visitor):
        _wipe(model._default_manager.filter(person_id__in=people))
    _wipe(Person.history.filter(id__in=people))
    _wipe(Person.objects.filter(pk__in=people))


def _values(people: Collection[int]) -> set[tuple[str, str]]:
    found = ContactPoint.objects.filter(person_id__in=people)
    return set(found.values_list("kind", "value"))


def _accounts(accounts: Collection[int], since: dt.datetime) -> int:
    """Companies that came since then by touchpoints alone, and of which nothing is left."""
    plain = Account.objects.filter(
        pk__in=accounts,
        created_at__gte=since,
        status=AccountStatus.PROSPECT,
        owner=None,
        parent=None,
        leads=None,
        opportunities=None,
        customer=None,
        partnered_opportunities=None,
        subsidiaries=None,
        references=None,
        aliases=None,
        import_rows=None,
    )
    alone = [
        pk
        for pk, provenance in plain.values_list("pk", "provenance")
        if all(str(told[0]).startswith(BY_MACHINES) for told in provenance.values())
    ]
    _wipe(Account.history.filter(id__in=alone))
    return _wipe(Account.objects.filter(pk__in=alone))


def _wipe(rows: QuerySet[object]) -> int:  # type: ignore[type-var]
    """Delete unread; what refers to the rows must be gone by the commit."""
    return bulk.delete(rows)
