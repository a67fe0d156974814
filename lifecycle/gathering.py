"""Reading what a batch needs, under lock and in a fixed number of queries.

Locks are taken in one order everywhere: kit, identity keys, accounts, leads, reps.
"""

from __future__ import annotations

import functools
import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import models

from core import bulk, made, reading
from core.errors import FieldError
from governance.kit import Kit
from leads import cleansing, identity, personal_names, recognition, selectors
from leads.likeness import Traits
from leads.models import (
    Account,
    EnrichmentProvider,
    Lead,
    Person,
    SentSignal,
    Signal,
    Touch,
    TouchStatus,
)
from leads.partner_naming import Keys
from leads.recognition import Identification, Policy, Sender
from leads.stages import Stage
from lifecycle import companies, identities, namesakes, origins
from lifecycle.acquaintance import Acquaintance
from lifecycle.case import Buyer, Case
from lifecycle.enriching import queueing
from lifecycle.lands import Lands
from lifecycle.namings import Namings
from lifecycle.registrations import Register
from lifecycle.remembering import Past
from lifecycle.sayings import Sayings
from lifecycle.signalling import attaching
from routing import selectors as assignments
from sla import following
from sla import selectors as clocks

UNWRITTEN = -1
"""The id of what is written nowhere."""
WAITING = (TouchStatus.RECEIVED, TouchStatus.PARKED)


@dataclass(slots=True, eq=False)
class Arrival:
    """One touch of the batch: what it says, whom it belongs to, and that buyer's case."""

    touch: Touch
    sender: Sender = field(default_factory=Sender)
    company: companies.Named | None = None
    identification: Identification | None = None
    person_id: int = 0
    came_as: int = 0
    alike: dict[int, Traits] = field(default_factory=dict)
    case: Case | None = None
    waited: list[SentSignal] = field(default_factory=list)
    """Signals that waited for this buyer and count from now on."""
    outcome: str = ""
    remarks: tuple[FieldError, ...] = ()

    def said(self, section: str) -> dict[str, Any]:
        """A section of the payload; empty if the touch has none."""
        found = self.touch.payload.get(section)
        return found if isinstance(found, dict) else {}


@dataclass(slots=True)
class Batch:
    """The arrivals in order, the cases they belong to, and receipts of touches done before."""

    arrivals: list[Arrival]
    known: Acquaintance
    cases: list[Case] = field(default_factory=list)
    done: dict[int, dict[str, Any]] = field(default_factory=dict)
    providers: Sequence[EnrichmentProvider] = ()
    fresh_accounts: list[Account] = field(default_factory=list)
    learnt_accounts: list[Account] = field(default_factory=list)
    fresh_people: list[Person] = field(default_factory=list)
    fresh_leads: list[Lead] = field(default_factory=list)
    spare: Iterator[int] = field(default_factory=lambda: iter(()))
    """Ids for the signals that the arrivals carry, and for those that waited."""


def gather(touch_ids: Iterable[int], *, kit: Kit) -> Batch:
    """Lock the touches and everything they are about; make new people and leads in memory."""
    policy = identities.policy_of(kit)
    wanted = sorted(touch_ids)
    touches = reading.rows(Touch, "WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", wanted)
    providers = queueing.active()
    spare = dict.fromkeys((Person, Lead, Account), len(wanted))
    ids = bulk.reserve(spare, after=[touches, providers])
    batch = Batch(
        [Arrival(t) for t in touches.found if t.status in WAITING],
        Acquaintance(policy),
        done={t.pk: t.receipt for t in touches.found if t.receipt is not None},
        providers=providers.found,
    )
    if batch.arrivals:
        _settle(batch, ids, kit=kit, locked=True)
    return batch


def gather_unwritten(touch: Touch, *, kit: Kit) -> Batch:
    """The same for one touch that is stored nowhere: nothing is locked, nothing written.

    Who and what would be new has ids below nought.
    """
    batch = Batch([Arrival(touch)], Acquaintance(identities.policy_of(kit)))
    _settle(batch, {Person: [-1], Lead: [-1], Account: [-1]}, kit=kit, locked=False)
    return batch


def _settle(
    batch: Batch, ids: Mapping[type[models.Model], list[int]], *, kit: Kit, locked: bool
) -> None:
    """Whose each arrival is, of which company, and the case it belongs to."""
    policy = identities.policy_of(kit)
    for arrival in batch.arrivals:
        arrival.sender = sender_of(arrival, policy)
        arrival.company = companies.named(arrival.said("company"), arrival.said("person"))
        origins.attribute(arrival.touch, kit=kit)
    batch.known = identities.settle(
        batch.arrivals, policy=policy, new_ids=ids[Person], locked=locked
    )
    accounts = companies.settle(batch.arrivals, new_ids=ids[Account], batch=batch, locked=locked)
    fresh = [account.pk for account in batch.fresh_accounts]
    namesakes.settle(batch.arrivals, fresh=fresh, known=batch.known, locked=locked)
    _attach(batch, accounts, new_people=ids[Person], lead_ids=ids[Lead], locked=locked)


def open_cases(leads: Sequence[Lead]) -> dict[int, Case]:
    """The cases of leads that are locked already: one message, one more for the buyers."""

    @functools.cache
    def read() -> dict[int, Buyer]:
        return _buyers(leads)

    cases = {lead.pk: Case(lead, read) for lead in leads}
    if cases:
        _hold(cases)
    return cases


def seen(lead: Lead) -> Case:
    """The case of a lead that is only looked at: without its clocks and who holds it."""
    return Case(lead, lambda: _buyers([lead]))


def named_by(touch: Touch) -> Keys:
    """By what the partner is looked up whom a touch names."""
    return Keys(touch.partner_key, touch.partner_domain)


def sender_of(arrival: Arrival, policy: Policy) -> Sender:
    """Who a touch says it is from: name, keys and contact points."""
    person = arrival.said("person")
    spoken_of = (
        person.get("country"), arrival.said("company").get("country"), settings.DEFAULT_COUNTRY
    )  # fmt: skip
    countries = (cleansing.country_code(country) for country in spoken_of if country)
    reading = identity.keys_of(
        email=person.get("email"),
        phone=person.get("phone"),
        external_id=arrival.touch.payload.get("external_id"),
        external_scope=arrival.touch.idempotency_scope,
        country=next(filter(None, countries), None),
        policy=policy.spelling,
    )
    name = (person.get("first_name") or "", person.get("last_name") or "")
    if personal_names.is_nobodys(*name):
        name = recognition.NOBODY
    return Sender(reading.keys, reading.contact_points, name)


def _attach(
    batch: Batch,
    accounts: dict[int, Account],
    *,
    new_people: Sequence[int],
    lead_ids: Sequence[int],
    locked: bool,
) -> None:
    """Give every arrival its case: the buyer's lead, or a new one."""
    # Who is made in this very transaction is in no table yet, nor are leads of theirs.
    person_ids = {arrival.person_id for arrival in batch.arrivals} - set(new_people)
    leads_of, people = leads_of_people(person_ids, locked=locked)
    others = {lead.account_id for known in leads_of.values() for lead in known if lead.account_id}
    accounts |= Account.objects.in_bulk(others - accounts.keys())
    cases: dict[int, Case] = {}
    buyers: dict[int, Buyer] = {}
    register, namings, lands, sayings = Register(), Namings(), Lands(), Sayings()
    spare = iter(lead_ids)
    for arrival in batch.arrivals:
        person = people.get(arrival.person_id) or _new_person(arrival, people, batch)
        account = arrival.company.account if arrival.company else None
        known = leads_of[person.pk]
        lead = choose(known, account) or _new_lead(arrival, person, account, next(spare), batch)
        if lead not in known:
            known.append(lead)
        held = accounts.get(lead.account_id) if lead.account_id else None
        if arrival.company is not None and companies.knows_more(arrival.company, held, lead):
            lead.account = account
        if lead.pk not in buyers:
            known_account = accounts.get(lead.account_id) if lead.account_id else None
            buyers[lead.pk] = Buyer(
                person,
                known_account,
                register=register,
                namings=namings,
                lands=lands,
                sayings=sayings,
            )
            cases[lead.pk] = Case(lead, lambda: buyers)
        if account is not None and lead.account_id == account.pk:
            buyers[lead.pk].account = account
        arrival.case = cases[lead.pk]
    batch.cases = list(cases.values())
    sayings.about(set(cases) - {lead.pk for lead in batch.fresh_leads})
    _recall(batch, buyers, register, namings, locked=locked)


def leads_of_people(
    person_ids: Iterable[int], *, locked: bool
) -> tuple[dict[int, list[Lead]], dict[int, Person]]:
    """The leads of each person, in order, locked; and then these people.

    In this order, as whoever merges people locks their leads.
    """
    ids = sorted(person_ids)
    found: dict[int, list[Lead]] = defaultdict(list)
    asked = _LEADS_OF_PEOPLE + (" FOR NO KEY UPDATE" if locked else "")
    leads = reading.rows(Lead, asked, ids, Stage.MERGED.value)
    people = reading.rows(Person, "WHERE id = ANY(%s)", ids)
    if ids:
        reading.ask(leads, people)
    for lead in leads.found:
        found[lead.person_id].append(lead)
    if any(person.merged_into_id for person in people.found):
        raise identities.Contended("This buyer is being merged; send the touch again.")
    return found, {person.pk: person for person in people.found}


_LEADS_OF_PEOPLE = "WHERE person_id = ANY(%s) AND stage <> %s ORDER BY id"


def choose(known: Sequence[Lead], account: Account | None) -> Lead | None:
    """The buyer's lead at this account, else the latest, open ones first: one way at a time."""
    if account is not None:
        for lead in known:
            if lead.account_id == account.pk:
                return lead
    return max(known, key=lambda lead: (lead.is_open, lead.pk), default=None)


def _new_person(arrival: Arrival, people: dict[int, Person], batch: Batch) -> Person:
    person = made.row(Person, id=arrival.person_id, created_at=arrival.touch.received_at)
    people[person.pk] = person
    batch.fresh_people.append(person)
    return person


def _new_lead(
    arrival: Arrival, person: Person, account: Account | None, pk: int, batch: Batch
) -> Lead:
    touch = arrival.touch
    lead = made.row(
        Lead,
        id=pk,
        person=person,
        account=account,
        channel=touch.channel,
        category=touch.category,
        campaign=touch.campaign,
        entered_stage_at=touch.received_at,
        last_touch_at=touch.occurred_at,
        created_at=touch.received_at,
    )
    batch.fresh_leads.append(lead)
    return lead


def _hold(cases: dict[int, Case], *also: reading.Question[Any], signals: int = 0) -> list[int]:
    """Who holds the leads, and which clocks run on them; more is asked in the same message.

    Returns ids for so many `signals`.
    """
    ids = list(cases)
    running, held = clocks.open_of(ids), assignments.held_of(ids)
    declined = assignments.declined_of(ids)
    counts: dict[type[models.Model], int] = {Signal: signals}
    spare = bulk.reserve(counts, after=[running, held, declined, *also])
    following.load(running.found)
    for clock in running.found:
        cases[clock.lead_id].clocks.append(clock)
    for assignment in held.found:
        cases[assignment.lead_id].held = assignment
    for lead_id, users in declined.found:
        cases[lead_id].declined = frozenset(users)
    return spare.get(Signal, [])


def _buyers(leads: Sequence[Lead]) -> dict[int, Buyer]:
    ids = sorted({lead.person_id for lead in leads})
    homes = sorted({lead.account_id for lead in leads if lead.account_id})
    found = reading.rows(Person, "WHERE id = ANY(%s)", ids)
    companies = reading.rows(Account, "WHERE id = ANY(%s)", homes)
    register, namings, lands = Register(), Namings(), Lands()
    sayings = Sayings(lead.pk for lead in leads)
    past = Past(leads, namings)
    registered = register.ask(homes)
    reading.ask(found, companies, *past.questions, *registered)
    register.learn(registered)
    people = {person.pk: person for person in found.found}
    accounts = {account.pk: account for account in companies.found}
    buyers = {
        lead.pk: Buyer(
            people[lead.person_id],
            accounts.get(lead.account_id) if lead.account_id else None,
            register=register,
            namings=namings,
            lands=lands,
            sayings=sayings,
        )
        for lead in leads
    }
    past.tell(buyers)
    return buyers


def _recall(
    batch: Batch, buyers: dict[int, Buyer], register: Register, namings: Namings, *, locked: bool
) -> None:
    """All that was there before of these leads, their buyers and companies, in one message."""
    fresh = {lead.pk for lead in batch.fresh_leads}
    cases = {case.lead.pk: case for case in batch.cases if case.lead.pk not in fresh}
    register.note_new(account.pk for account in batch.fresh_accounts)
    registered = register.ask(one.account.pk for one in buyers.values() if one.account is not None)
    named = namings.ask(named_by(arrival.touch) for arrival in batch.arrivals)
    waited = attaching.question(batch.arrivals, locked=locked)
    carried = sum(len(one.touch.payload.get("signals") or ()) for one in batch.arrivals)
    carried = carried if locked else 0
    if cases:
        past = Past([case.lead for case in cases.values()], namings)
        contacts = selectors.last_contacts(sorted(cases))
        told = [*past.questions, *registered, *named, *waited, contacts]
        spare = _hold(cases, *told, signals=carried)
        past.tell(buyers)
        for lead_id, at in contacts.found:
            cases[lead_id].contacted_at = at
    else:
        counts: dict[type[models.Model], int] = {Signal: carried}
        spare = bulk.reserve(counts, after=[*registered, *named, *waited]).get(Signal, [])
    register.learn(registered)
    namings.learn(named)
    attaching.give(waited, batch.arrivals, batch.known)
    if locked and (more := sum(len(one.waited) for one in batch.arrivals)):
        spare += bulk.reserve({Signal: more})[Signal]
    batch.spare = iter(spare) if locked else itertools.repeat(UNWRITTEN)
