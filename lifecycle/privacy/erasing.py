"""Erasing a person: nothing of them is left, and the log, the clocks and the statistics stay.

What is owed to them ends first (open leads are disqualified, clocks cancelled), by the usual steps
and events. Then every column that holds something of them is blanked, in the tables and in their
field history; the records of decisions lose the facts about the person. Leads, events, clocks and
assignments stay: they carry ids only.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pgtrigger
from django.db import transaction
from django.db.models import CharField, Model, Q, QuerySet, Value
from django.db.models.functions import Concat

from core import database, errors
from core.errors import FieldError
from leads import industries, own_fields, survivorship
from leads.models import (
    Account,
    AccountAlias,
    AccountStatus,
    ContactPoint,
    DuplicateSuggestion,
    EventKind,
    IdentityKey,
    Lead,
    LeadEvent,
    Opportunity,
    Person,
    PersonMerge,
    SentSignal,
    SentStatus,
    Touch,
    TouchStatus,
)
from leads.stages import CLOSED, Stage
from leads.survivorship import Side
from lifecycle import acts, contacting, ownership
from lifecycle.models import ImportChunk, ImportRun
from lifecycle.privacy import parts, subject, uploads
from lifecycle.privacy.holdings import HOLDINGS, OF_THE_COMPANY, PERSONAL_FACTS
from lifecycle.privacy.subject import Subject
from lifecycle.sealing import away
from people.models import User
from routing.models import Decision

APPEND_ONLY = (
    "leads.LeadEvent:events_are_append_only", "routing.Decision:decisions_are_append_only",
)  # fmt: skip
KEPT_OF_A_TOUCH = ("channel", "occurred_at", "signals")
CALLED_BY = ("first_name", "last_name", "email", "phone")
SHORTEST = 4
"""Shorter values are not looked for in free text: they stand in too many words."""


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased, in numbers."""

    person: int
    people: int
    leads: int
    touches: int
    companies: int
    suppressed: int


def erase(
    *,
    person_id: int,
    by: User,
    reason: str,
    never_contact: bool = False,
    now: dt.datetime | None = None,
) -> Erased:
    """Erase a person for good, in one transaction; it cannot be undone.

    `never_contact` puts their addresses and numbers on the suppression list, as fingerprints.
    Raises NotAllowed, NotFound, InvalidInput without a reason, TooLate when they are erased
    already or a file that names them is being imported.
    """
    subject.require_keeper(by)
    if not reason.strip():
        fault = FieldError("reason", "Say why, for example: asked for it on 3 May, ticket 117.")
        raise errors.InvalidInput(fault.message, errors=[fault])
    with transaction.atomic():
        who = subject.of(person_id)
        _require_first(who)
        merged = Lead.objects.filter(pk__in=who.leads, stage=Stage.MERGED.value)
        merged_ids = set(merged.values_list("pk", flat=True))
        for lead_id in who.leads:
            if lead_id not in merged_ids:  # of those nothing is owed: another lead carries on
                _end(lead_id, by=by, touches=len(who.touches), now=now)
        at = now or database.now()
        suppressed = _suppress(who, by=by, now=at) if never_contact else 0
        values = _values(who)
        _deals(who, values)
        _files(who, values)
        nameless = parts.forget(who.accounts, who.leads)
        companies = _companies(who)
        _decisions(who, companies, nameless, words=_campaigns(who), by=by, now=at)
        _touches(who)
        _signals(who)
        _parted(who)
        for holding in HOLDINGS:
            _blank(holding.model._default_manager.filter(holding.rows(who)), holding)
        Person.objects.filter(pk__in=who.people).update(erased_at=at)
        DuplicateSuggestion.objects.filter(
            status=DuplicateSuggestion.Status.OPEN, first_id__in=who.people
        ).update(status=DuplicateSuggestion.Status.DISMISSED, decided_at=at, decided_by=by)
        DuplicateSuggestion.objects.filter(
            status=DuplicateSuggestion.Status.OPEN, second_id__in=who.people
        ).update(status=DuplicateSuggestion.Status.DISMISSED, decided_at=at, decided_by=by)
    return Erased(
        who.person, len(who.people), len(who.leads), len(who.touches), len(companies), suppressed
    )


def _require_first(who: Subject) -> None:
    people = Person.objects.filter(pk__in=who.people).order_by("pk").select_for_update()
    if any(person.erased_at is not None for person in people):
        raise errors.TooLate("This person is erased already.")


def _end(lead_id: int, *, by: User, touches: int, now: dt.datetime | None) -> None:
    """Nothing is owed any more; a deal stays with its company and its owner."""
    with acts.on(lead_id, by=by, now=now) as act:
        lead = act.lead
        because = {"erased": True, "touches": touches}
        cause = None
        if lead.stage not in CLOSED and lead.stage != Stage.OPPORTUNITY:
            cause = act.move("disqualify", because={"erased": True, "reason": "", "override": True})
            ownership.let_go(act.case, ledger=act.ledger, why="erased", cause=cause)
            lead.reason = ""
            act.ledger.change(lead, "reason")
        if lead.quarantined_at is not None:
            lead.quarantined_at = None
            act.ledger.change(lead, "quarantined_at")
        if lead.unheard_at is not None:
            lead.unheard_at = None
            act.ledger.change(lead, "unheard_at")
        act.ledger.event(lead, EventKind.ERASED, because=because, cause=cause)


def _suppress(who: Subject, *, by: User, now: dt.datetime) -> int:
    """Their own values stop every way; one that others use, too, only the way it is itself."""
    kinds = ("EMAIL", "PHONE")
    held, others = set[tuple[str, str]](), set[tuple[str, str]]()
    for model in (IdentityKey, ContactPoint):
        rows = model._default_manager.filter(kind__in=kinds)
        held |= set(rows.filter(person_id__in=who.people).values_list("kind", "value"))
    for model in (IdentityKey, ContactPoint):
        rows = model._default_manager.filter(kind__in=kinds, value__in={v for _, v in held})
        others |= set(rows.exclude(person_id__in=who.people).values_list("kind", "value"))
    reaches = {
        "ALL": held - others,
        "MAIL": {one for one in held & others if one[0] == "EMAIL"},
        "CALL": {one for one in held & others if one[0] == "PHONE"},
    }
    return sum(
        contacting.suppress(
            [contacting.Entry(*one) for one in sorted(values)],
            reach=reach, source="Erased at their request", by=None, now=now,
        ).added
        for reach, values in reaches.items()
        if values
    )  # fmt: skip


def _parted(who: Subject) -> None:
    """While they were merged into somebody who is another again, that history told of them."""
    merges = PersonMerge.objects.filter(loser_id__in=who.people, undone_at__isnull=False)
    for merge in merges.exclude(winner_id__in=who.people):
        told = {name for name, side in merge.kept.items() if side == Side.LOSER.value}
        names = sorted((told | set(merge.fields)) & {*survivorship.FIELDS})
        if names:
            Person.history.filter(
                id=merge.winner_id, history_date__gte=merge.at, history_date__lt=merge.undone_at
            ).update(**dict.fromkeys(names, ""))


def _values(who: Subject) -> list[str]:
    """What the person is called and reached by, longest first, to find it in free text."""
    found: set[str] = set()
    for person in Person.objects.filter(pk__in=who.people):
        found |= {person.name, person.first_name, person.last_name, person.email, person.phone}
    found |= set(
        IdentityKey.objects.filter(person_id__in=who.people).values_list("value", flat=True)
    )
    for payload in Touch.objects.filter(pk__in=who.touches).values_list("payload", flat=True):
        said = payload.get("person") or {}
        found |= {
            str(said.get(name) or "") for name in ("first_name", "last_name", "email", "phone")
        }
    return sorted((one for one in found if len(one) >= SHORTEST), key=lambda one: (-len(one), one))


def _deals(who: Subject, values: Iterable[str]) -> None:
    """A deal is the company's; only the person's name goes out of its title, history included."""
    deals = Opportunity.objects.filter(leads__in=who.leads).distinct()
    past = Opportunity.history.filter(id__in=list(deals.values_list("pk", flat=True)))
    for row in (*deals, *past):
        name = row.name
        for value in values:
            name = name.replace(value, "…")
        if name != row.name:
            type(row)._default_manager.filter(pk=row.pk).update(name=name)


def _files(who: Subject, values: Sequence[str]) -> None:
    """Uploaded files that name the person are deleted whole; their runs and tallies stay."""
    named = {*who.imports, *uploads.naming([value for value in values if "@" in value])}
    runs = ImportRun.objects.filter(pk__in=named)
    at_work = runs.filter(state__in=[ImportRun.State.CHECKING, ImportRun.State.RUNNING]).first()
    if at_work is not None:
        raise errors.TooLate(
            f"Import {at_work.pk} is at work on a file that names this person; erase them when it "
            "is done, or cancel it."
        )
    ImportChunk.objects.filter(run_id__in=named).delete()
    runs.update(file_until=None)


def _companies(who: Subject) -> set[int]:
    """A company of which nothing but this person is known is the person: its names go, too."""
    alone = Account.objects.filter(
        pk__in=who.accounts,
        status=AccountStatus.PROSPECT,
        owner__isnull=True,
        parent__isnull=True,
        opportunities__isnull=True,
        customer__isnull=True,
        partnered_opportunities__isnull=True,
        subsidiaries__isnull=True,
        references__isnull=True,
    ).exclude(
        leads__in=Lead.objects.exclude(pk__in=who.leads).filter(person__erased_at__isnull=True)
    )
    found = set(alone.values_list("pk", flat=True))
    AccountAlias.objects.filter(account_id__in=found).delete()
    AccountAlias.history.filter(account_id__in=found).delete()
    key = Concat(Value("erased "), "pk", output_field=CharField())
    Account.objects.filter(pk__in=found).update(name="", domain=None, provenance={}, name_key=key)
    past = Account.history.filter(id__in=found)
    past.update(name="", domain=None, name_key="")
    for rows in (Account.objects.filter(pk__in=found), past):
        rows.exclude(industry__in=industries.NAMES).update(industry="")
    return found


def _campaigns(who: Subject) -> frozenset[str]:
    """A campaign or medium of which only this person is known names them: it goes, too.

    Returns the words that went. What others came by, too, stays and is counted.
    """
    touches, leads = Touch.objects.filter(pk__in=who.touches), Lead.objects.filter(pk__in=who.leads)
    others = Touch.objects.exclude(pk__in=who.touches), Lead.objects.exclude(pk__in=who.leads)
    said = {*touches.values_list("campaign", flat=True), *touches.values_list("medium", flat=True),
            *leads.values_list("campaign", flat=True)} - {""}  # fmt: skip
    shared = {
        *others[0].filter(campaign__in=said).values_list("campaign", flat=True),
        *others[0].filter(medium__in=said).values_list("medium", flat=True),
        *others[1].filter(campaign__in=said).values_list("campaign", flat=True),
    }
    alone = frozenset(said - shared)
    touches.filter(campaign__in=alone).update(campaign="")
    touches.filter(medium__in=alone).update(medium="")
    with pgtrigger.ignore("leads.Lead:first_touch_is_kept"):
        leads.filter(campaign__in=alone).update(campaign="")
    Lead.history.filter(id__in=who.leads, campaign__in=alone).update(campaign="")
    return alone


def _decisions(
    who: Subject,
    companies: set[int],
    nameless: set[int],
    *,
    words: frozenset[str],
    by: User,
    now: dt.datetime,
) -> None:
    """Records of decisions lose what they say of the person; ids, numbers and verdicts stay.

    Those of others who were erased before lose a company that was theirs together. Leads in
    `nameless` came from a company that was theirs alone.
    """
    theirs = Q(pk__in=[*who.leads, *nameless]) | Q(account_id__in=companies)
    alone = {*companies, None}  # of whom no company is known any more, a record may still tell one
    of_lead = {
        pk: PERSONAL_FACTS | (OF_THE_COMPANY if pk in nameless or at in alone else frozenset())
        for pk, at in Lead.objects.filter(theirs).values_list("pk", "account_id")
    }
    with away.erasing(of_lead, by_id=by.pk, now=now), pgtrigger.ignore(*APPEND_ONLY):
        for event in LeadEvent.objects.filter(lead_id__in=of_lead).exclude(because={}):
            gone = of_lead[event.lead_id]
            because = _without(event.because, gone, words)
            if because != event.because:
                LeadEvent.objects.filter(pk=event.pk).update(because=because)
        for decision in Decision.objects.filter(lead_id__in=of_lead):
            gone = of_lead[decision.lead_id]
            Decision.objects.filter(pk=decision.pk).update(
                facts=_without(decision.facts, gone, words),
                tried=_without(decision.tried, gone, words),
            )


def _without(value: Any, gone: frozenset[str], words: frozenset[str]) -> Any:
    """The document without these facts, wherever in it they stand, and without these words."""
    if isinstance(value, dict):
        return {
            key: _without(item, gone, words)
            for key, item in value.items()
            if key not in gone
            and not own_fields.is_one(key)
            and not (isinstance(item, str) and item in words)
        }
    if isinstance(value, list):
        return [_without(item, gone, words) for item in value]
    return value


def _touches(who: Subject) -> None:
    """Of a touchpoint stay its channel, time, source category, campaign and behaviours."""
    for touch in Touch.objects.filter(pk__in=who.touches).only("payload", "status"):
        kept = {name: touch.payload[name] for name in KEPT_OF_A_TOUCH if name in touch.payload}
        undecided = touch.status in subject.UNDECIDED
        Touch.objects.filter(pk=touch.pk).update(
            payload=kept | {"erased": True},
            idempotency_key=f"erased:{touch.pk}",
            body_hash="",
            utm_source="",
            referrer_host="",
            partner_key="",
            partner_domain="",
            last_error="",
            **({"status": TouchStatus.WITHDRAWN, "next_attempt_at": None, "lease_until": None}
               if undecided else {}),
        )  # fmt: skip


def _signals(who: Subject) -> None:
    """What waits goes altogether; of what counts stay its kind, time and source."""
    mine = SentSignal.objects.filter(pk__in=who.signals)
    mine.exclude(status=SentStatus.ADVANCED).delete()
    key = Concat(Value("erased:"), "pk", output_field=CharField())
    mine.update(payload={"erased": True}, keys=[], body_hash="", last_error="", idempotency_key=key)


def _blank(rows: QuerySet[Any], holding: Any) -> None:
    if holding.past and holding.blank:
        past: type[Model] = holding.model.history.model
        known = {column.name for column in past._meta.concrete_fields}
        columns = {name: value for name, value in holding.blank.items() if name in known}
        past._default_manager.filter(id__in=list(rows.values_list("pk", flat=True))).update(
            **columns
        )
    if holding.delete:
        rows.delete()
    elif holding.blank:
        rows.update(**holding.blank)
