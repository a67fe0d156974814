"""Whom we may write to or call: what buyers said, what lists forbid, and the check at the door.

Whoever sends or calls asks `require` first. What people log afterwards is kept whatever they did,
with a mark where it was against the buyer's word.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from core import bulk, database, errors, steps
from core.errors import FieldError
from governance import selectors as kits
from leads import cleansing, contact, domains, enrichment, identity
from leads.contact import Purpose, Standing, State, Stop, Verdict, Way, Word
from leads.ledger import Ledger
from leads.models import (
    AccountStatus,
    Activity,
    ContactPoint,
    IdentityKey,
    Lead,
    Permission,
    Person,
    Suppression,
    Touch,
    TouchStatus,
)
from lifecycle import permissions
from people.models import Role, User


class NotToBeContacted(errors.DomainError):
    """The buyer, a list or the company forbids this contact; `state` says what."""

    code = "not_to_be_contacted"
    status = 403


MOST_REQUESTS = 100
"""Of a buyer's touchpoints so many are looked at, the latest first."""

WORDS = {
    contact.Because.SUPPRESSED: "is on the list “{source}”",
    contact.Because.DO_NOT_CONTACT: "works for a company that is not to be contacted",
    contact.Because.REFUSED: "said no ({source}, {since:%d %b %Y})",
    contact.Because.WITHDRAWN: "took the permission back ({source}, {since:%d %b %Y})",
    contact.Because.UNSAID: "has not agreed to be sent anything",
}


def record(touch: Touch, person: Person, *, ledger: Ledger) -> None:
    """Keep what a touchpoint says about permission, as said when the buyer acted."""
    for said in contact.said_in(touch.payload):
        source = touch.get_channel_display()
        _keep(said, person, source=source, touch=touch, at=touch.occurred_at, ledger=ledger)


def record_signal(kind: str, person: Person, *, at: dt.datetime, ledger: Ledger) -> None:
    """Keep what a signal that came by itself says about permission: an unsubscription does."""
    for said in contact.said_in({"signals": [{"kind": kind}]}):
        _keep(said, person, source="Signal", touch=None, at=at, ledger=ledger)


def _keep(
    said: contact.Said,
    person: Person,
    *,
    source: str,
    touch: Touch | None,
    at: dt.datetime,
    ledger: Ledger,
) -> None:
    ledger.add(
        Permission(
            person=person,
            way=said.way.value,
            state=said.state.value,
            basis=said.basis,
            source=source,
            words=said.words,
            touch=touch,
            at=at,
            recorded_at=ledger.now,
        )
    )


def say(
    *,
    lead_id: int,
    by: User,
    way: str,
    state: str,
    basis: str = "CONSENT",
    source: str,
    words: str = "",
    at: dt.datetime | None = None,
    now: dt.datetime | None = None,
) -> Permission:
    """Somebody here writes down what the buyer said.

    Raises InvalidInput naming what is wrong, and TooLate for a buyer who was erased.
    """
    faults = [
        FieldError(name, f"Choose one of: {', '.join(choices)}.", "choice")
        for name, given, choices in (
            ("way", way, Permission.Way.values),
            ("state", state, Permission.State.values),
            ("basis", basis, Permission.Basis.values),
        )
        if given not in choices
    ]
    source = cleansing.clean_text(source, 80, field="source")
    if not source:
        faults.append(FieldError("source", "Say where the buyer said so: a call, a mail …"))
    if faults:
        raise errors.InvalidInput("Say what the buyer said.", errors=faults)
    with transaction.atomic():
        lead = Lead.objects.select_related("person").filter(pk=lead_id).first()
        if lead is None:
            raise errors.NotFound(f"There is no lead {lead_id}.")
        _require_hand(lead, by)
        permissions.require_kept(lead.person)
        moment = now or database.now()
        if at is not None and at > moment:
            raise errors.InvalidInput(
                "This lies in the future.", errors=[FieldError("at", "This lies in the future.")]
            )
        return Permission.objects.create(
            person_id=lead.person_id,
            way=way,
            state=state,
            basis=basis,
            source=source,
            words=cleansing.clean_text(words, 2_000, field="words"),
            by=by,
            at=at or moment,
            recorded_at=moment,
        )


@steps.in_steps
def standing(lead: Lead) -> steps.Story[Standing]:
    """Everything that decides about contact with this lead's buyer. Two messages; two more for
    an open request of somebody who is on a list, or refused a way.
    """
    group = _group(lead.person_id)
    said = Permission.objects.filter(person_id__in=group).order_by("at", "pk")
    kept = _kept_of(group)
    yield said, kept
    words = {Way(row.way): Word(State(row.state), row.basis, row.source, row.at) for row in said}
    listed = _listed(_values_of(kept, lead.person))
    yield [listed]
    suppressed = _suppressed(listed)
    refused = any(word.state is not State.GRANTED for word in words.values())
    asked = lead.hand_raised_at is not None and (suppressed or refused)
    status = lead.account.status if lead.account is not None else ""
    return Standing(
        words=words,
        suppressed=suppressed,
        do_not_contact=status == AccountStatus.DO_NOT_CONTACT,
        asked_at=lead.hand_raised_at,
        asked_by=_asked_by(group) if asked else {},
    )


def may(lead: Lead, way: Way, purpose: Purpose) -> Verdict:
    """Whether this buyer may be reached this way for this purpose, and why."""
    return contact.decide(way, purpose, standing(lead).read())


def require(lead: Lead, way: Way, purpose: Purpose) -> Verdict:
    """The same as a guard for whoever sends or calls. Raises NotToBeContacted."""
    verdict = may(lead, way, purpose)
    if not verdict.allowed:
        raise NotToBeContacted(
            f"This buyer {told(verdict)}.",
            state={"way": way.value, "because": verdict.because.value},
        )
    return verdict


OF_KIND = {
    Activity.Kind.CALL: Way.PHONE, Activity.Kind.EMAIL: Way.EMAIL, Activity.Kind.SOCIAL: Way.SOCIAL
}  # fmt: skip
"""The way by which somebody is reached who is called, or written to."""


def against(lead: Lead, activity: Activity) -> dict[str, dict[str, str]]:
    """What stood against a contact when it was made, for its event; empty where nothing did.

    What was done is kept all the same: a fact, with its remark.
    """
    way = OF_KIND.get(Activity.Kind(activity.kind))
    if way is None or activity.direction != Activity.Direction.OUTBOUND:
        return {}
    verdict = may(lead, way, Purpose.ANSWER)
    if verdict.allowed or (verdict.since is not None and verdict.since > activity.at):
        return {}
    return {"against": {"way": way.value, "because": verdict.because.value}}


def told(verdict: Verdict) -> str:
    """The reason of a refusal in words that follow the buyer's name."""
    words = WORDS.get(verdict.because, "may be contacted")
    return words.format(source=verdict.source or "unknown", since=verdict.since)


@dataclass(frozen=True, slots=True)
class Entry:
    """One value to suppress, as it was given."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Listed:
    """What a list came to: new entries, those there already, and faults by place from 1."""

    added: int
    known: int
    faults: tuple[tuple[int, str], ...]


def suppress(
    entries: Sequence[Entry],
    *,
    reach: str,
    source: str,
    by: User | None,
    reason: str = "",
    now: dt.datetime | None = None,
) -> Listed:
    """Put values on the suppression list; a bad one is refused alone, the others go in.

    For RevOps and managers; `by` None is a command. Raises InvalidInput for an unknown reach.
    """
    if by is not None:
        require_keeper(by)
    if reach not in Suppression.Reach.values:
        known = ", ".join(Suppression.Reach.values)
        raise errors.InvalidInput("Unknown reach.", errors=[FieldError("reach", f"One of {known}")])
    at, faults = now or database.now(), []
    rows: dict[tuple[str, str], Suppression] = {}
    for place, entry in enumerate(entries, start=1):
        try:
            kind, value = normal(entry)
        except errors.InvalidInput as fault:
            faults.append((place, fault.message))
            continue
        row = Suppression(
            kind=kind,
            value_hash=contact.value_hash(kind, value),
            hint=contact.hint(kind, value),
            reach=reach,
            reason=cleansing.clean_text(reason, 200, field="reason"),
            source=cleansing.clean_text(source, 80, field="source"),
            by=by,
            created_at=at,
        )
        rows[(row.kind, row.value_hash)] = row
    with transaction.atomic():
        added = len(bulk.insert_new([rows[key] for key in sorted(rows)], on=["id"]))
    return Listed(added, len(entries) - len(faults) - added, tuple(faults))


def lift(*, suppression_id: int, by: User, now: dt.datetime | None = None) -> Suppression:
    """Take an entry off the list; it stays as a record. Raises TooLate when it is off already."""
    require_keeper(by)
    with transaction.atomic():
        row = Suppression.objects.select_for_update().filter(pk=suppression_id).first()
        if row is None:
            raise errors.NotFound("There is no such entry.")
        if row.lifted_at is not None:
            raise errors.TooLate(f"{row.lifted_by or 'Somebody'} took this entry off already.")
        row.lifted_at, row.lifted_by = now or database.now(), by
        row.save(update_fields=["lifted_at", "lifted_by"])
    return row


def listed(value: str) -> list[Suppression]:
    """The entries in force that stop this address, number or domain."""
    try:
        kind, text = normal(Entry("", value))
    except errors.InvalidInput:
        return []
    wanted = {(kind, text)}
    if kind == "EMAIL":
        wanted |= {("DOMAIN", domain) for domain in _domains([text])}
    return list(_listed(wanted))


def normal(entry: Entry) -> tuple[str, str]:
    """Kind and normal form of a value; an empty kind is found out. Raises InvalidInput."""
    text = entry.value.strip()
    kind = entry.kind or ("EMAIL" if "@" in text else "DOMAIN" if _is_domain(text) else "PHONE")
    if kind == "EMAIL" and not text.startswith("@"):
        return kind, identity.normalise_email(text)
    if kind == "PHONE":
        return kind, identity.normalise_phone(text)
    domain = cleansing.registrable_domain(text.removeprefix("@"))
    if kind not in Suppression.Kind.values or domain is None:
        message = "Give an e-mail address, a phone number with its country code, or a domain."
        raise errors.InvalidInput(message, errors=[FieldError("value", message)])
    if domains.is_free_mail(domain):
        message = f"Anybody can have a mailbox at {domain}; list the addresses themselves."
        raise errors.InvalidInput(message, errors=[FieldError("value", message)])
    return "DOMAIN", domain


def require_reader(by: User) -> None:
    """As `require_keeper`, and auditors. Raises NotAllowed."""
    if not permissions.audits(by):
        require_keeper(by)


def require_keeper(by: User) -> None:
    """Lists are kept by RevOps, managers and Marketing. Raises NotAllowed for others."""
    keepers = {Role.REVOPS, Role.MANAGER, Role.MARKETING, Role.SERVICE}
    if not by.is_active or not (by.is_superuser or by.plays(*keepers)):
        raise errors.NotAllowed("Suppression lists are kept by RevOps, Marketing and managers.")


def _require_hand(lead: Lead, by: User) -> None:
    if by.is_active and by.plays(Role.MARKETING):
        return
    permissions.require_owner(lead, by)


def _is_domain(text: str) -> bool:
    return any(map(str.isalpha, text)) and cleansing.registrable_domain(text) is not None


def _group(person_id: int) -> QuerySet[Any]:
    """The person with everybody who was merged into them, as a subquery."""
    return Person.objects.filter(Q(pk=person_id) | Q(merged_into_id=person_id)).values("pk")


def _kept_of(group: QuerySet[Any]) -> QuerySet[Any]:
    keys, points = (
        model._default_manager.filter(person_id__in=group, kind__in=["EMAIL", "PHONE"])
        .order_by()
        .values_list("kind", "value")
        for model in (IdentityKey, ContactPoint)
    )
    return keys.union(points)


def _values_of(kept: Iterable[tuple[str, str]], person: Person) -> set[tuple[str, str]]:
    rows = set(kept)
    for kind, said in (("EMAIL", person.email), ("PHONE", person.phone)):
        try:
            rows |= {normal(Entry(kind, said))} if said else set()
        except errors.InvalidInput:
            continue  # what cannot be read cannot be on a list
    return rows | {("DOMAIN", one) for one in _domains(v for k, v in rows if k == "EMAIL")}


def _domains(emails: Iterable[str]) -> set[str]:
    found = (cleansing.registrable_domain(email) for email in emails)
    return {domain for domain in found if domain}


def _asked_by(group: QuerySet[Any]) -> dict[Way, dt.datetime]:
    """When the buyer's requests last named each way."""
    kit = kits.active_kit()
    touches = Touch.objects.filter(
        person_id__in=group, status=TouchStatus.ADVANCED, historical=False
    )
    asked: dict[Way, dt.datetime] = {}
    for touch in touches.order_by("-occurred_at")[:MOST_REQUESTS]:
        if enrichment.raises_hand(touch, kit):
            person = touch.payload.get("person") or {}
            for way in contact.ways_of(touch.channel, person):
                asked.setdefault(way, touch.occurred_at)
    return asked


def _listed(values: Iterable[tuple[str, str]]) -> QuerySet[Suppression]:
    hashes = [contact.value_hash(kind, value) for kind, value in values]
    return Suppression.objects.filter(value_hash__in=hashes, lifted_at__isnull=True)


def _suppressed(rows: Iterable[Suppression]) -> dict[Way, Stop]:
    """Each way that a list stops, and the entry that does: a domain's first, then the latest."""
    stopped: dict[Way, Stop] = {}
    for row in sorted(rows, key=lambda one: (one.kind == "DOMAIN", one.created_at)):
        named, whole = row.source or row.get_reach_display(), row.kind == "DOMAIN"
        stop = Stop(named, row.created_at, whole, row.reason)
        stopped |= {way: stop for way, stops in contact.STOPS.items() if row.reach in stops}
    return stopped
