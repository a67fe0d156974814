"""Whose a signal is, under lock and in a fixed number of queries: by the rules of touches.

A signal claims no key and makes nobody. The identity it states comes first; a visitor's id counts
where that names nobody. Mailboxes of desks and shared numbers name nobody here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from core import bulk, reading
from governance.kit import Kit
from leads import selectors
from leads.models import Lead, SentSignal, SentStatus, Signal
from leads.recognition import Policy
from lifecycle import gathering, identities
from lifecycle.acquaintance import Acquaintance
from lifecycle.case import Case
from lifecycle.signalling import senders, visitors
from lifecycle.signalling.visitors import Visit


@dataclass(slots=True)
class Batch:
    """The signals of each lead, those nobody is known by, and the receipts of those done before.

    `came_as` says of each that was found whose key or visit named its buyer; `spare` are ids.
    """

    of_cases: list[tuple[Case, list[SentSignal]]] = field(default_factory=list)
    waiting: list[SentSignal] = field(default_factory=list)
    came_as: dict[int, int] = field(default_factory=dict)
    spare: list[int] = field(default_factory=list)
    done: dict[int, dict[str, Any]] = field(default_factory=dict)


def gather(ids: Iterable[int], *, kit: Kit) -> Batch:
    """Lock the signals, the keys they name, and the leads of who holds those; nothing is made."""
    wanted = sorted(ids)
    rows = reading.rows(SentSignal, "WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", wanted)
    spare = bulk.reserve({Signal: len(wanted)}, after=[rows])[Signal]
    sent = [row for row in rows.found if row.status != SentStatus.ADVANCED]
    batch = Batch(
        spare=spare,
        done={one.pk: one.receipt or {} for one in rows.found if one.status == SentStatus.ADVANCED},
    )
    if not sent:
        return batch
    named = _named(sent, policy=identities.policy_of(kit))
    leads_of, _ = gathering.leads_of_people({one.person for one in named.values()}, locked=True)
    chosen: dict[int, list[SentSignal]] = defaultdict(list)
    leads: dict[int, Lead] = {}
    for row in sent:
        who = named.get(row.pk)
        lead = gathering.choose(leads_of[who.person], None) if who is not None else None
        if who is None or lead is None:
            batch.waiting.append(row)
            continue
        batch.came_as[row.pk] = who.came_as
        leads[lead.pk] = lead
        chosen[lead.pk].append(row)
    cases = gathering.open_cases([leads[pk] for pk in sorted(leads)])
    _recall_contacts(cases)
    batch.of_cases = [(cases[pk], chosen[pk]) for pk in sorted(chosen)]
    return batch


def _named(sent: Sequence[SentSignal], *, policy: Policy) -> dict[int, Visit]:
    """Who each signal is of, by its number; those nobody is known by are left out."""
    said = {row.pk: senders.sender_of(row, policy) for row in sent}
    keys = sorted({key for sender in said.values() for key in sender.keys})
    known = Acquaintance.read(keys, policy=policy) if keys else Acquaintance(policy)
    seen = visitors.people_of(map(senders.visitor_of, sent))
    found = {}
    for row in sent:
        verdict = senders.stated(said[row.pk], known=known.known, policy=policy)
        if verdict.person is not None and verdict.by is not None:
            found[row.pk] = Visit(verdict.person, known.own.get(verdict.by, verdict.person))
        elif senders.visitor_of(row) in seen:
            found[row.pk] = seen[senders.visitor_of(row)]
    return found


def _recall_contacts(cases: dict[int, Case]) -> None:
    """When somebody last reached out to each."""
    if cases:
        contacts = selectors.last_contacts(sorted(cases))
        reading.ask(contacts)
        for lead_id, at in contacts.found:
            cases[lead_id].contacted_at = at
