"""Who is meant: a person with everybody merged into them, their leads and their touchpoints."""

from __future__ import annotations

import json
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from core import errors, reading
from leads import cleansing, identity, signal_intake
from leads.models import (
    ContactPoint,
    IdentityKey,
    Lead,
    Person,
    SentSignal,
    SentStatus,
    Touch,
    TouchStatus,
    Visitor,
)
from lifecycle.models import ImportRow
from people.models import Role, User

UNDECIDED = (
    TouchStatus.RECEIVED, TouchStatus.PARKED, TouchStatus.QUARANTINED, TouchStatus.HELD,
    TouchStatus.WITHDRAWN,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Subject:
    """The rows that are about one person, by id; `person` is the one all others are merged into."""

    person: int
    people: tuple[int, ...]
    leads: tuple[int, ...]
    touches: tuple[int, ...]
    accounts: tuple[int, ...]
    imports: tuple[int, ...]
    signals: tuple[int, ...] = ()
    """Signals that came by themselves: those that count for them, and those that wait for them."""


def is_keeper(by: User) -> bool:
    """Whether this person gives out and erases the data of others: RevOps."""
    return by.is_active and (by.is_superuser or by.plays(Role.REVOPS))


def require_keeper(by: User) -> None:
    """Guard the same. Raises NotAllowed for all others."""
    if not is_keeper(by):
        raise errors.NotAllowed("Only RevOps gives out or erases the data of a person.")


def of(person_id: int) -> Subject:
    """Everything that belongs to this person. Raises NotFound."""
    person = Person.objects.filter(pk=person_id).first()
    if person is None:
        raise errors.NotFound(f"There is no person {person_id}.")
    root = person.merged_into_id or person.pk
    members = Person.objects.filter(Q(pk=root) | Q(merged_into_id=root))
    people = tuple(sorted(members.values_list("pk", flat=True)))
    leads = Lead.objects.filter(person_id__in=people)
    touches = _touches(people)
    imported = ImportRow.objects.filter(touch_id__in=touches).order_by()
    runs = imported.values_list("run_id", flat=True).distinct()
    held = leads.order_by("pk").values_list("pk", "account_id")
    reading.ask(held, runs)
    return Subject(
        person=root,
        people=people,
        leads=tuple(pk for pk, _ in held),
        touches=touches,
        accounts=tuple(sorted({account for _, account in held if account is not None})),
        imports=tuple(runs),
        signals=_signals(people, leads),
    )


def find(text: str) -> list[Person]:
    """People by id (`#17`), e-mail address or phone number, also those merged into others."""
    wanted = text.strip()
    if not wanted:
        return []
    if wanted.removeprefix("#").isascii() and wanted.removeprefix("#").isdigit():
        return list(Person.objects.filter(pk=int(wanted.removeprefix("#")[:18])))
    keys = identity.keys_of(email=wanted, phone=wanted if "@" not in wanted else None)
    values = [key.value for key in (*keys.keys, *keys.contact_points)]
    held = IdentityKey.objects.filter(value__in=values).values("person_id")
    used = ContactPoint.objects.filter(value__in=values).values("person_id")
    return list(
        Person.objects.filter(Q(pk__in=held) | Q(pk__in=used) | Q(email__iexact=wanted)).order_by(
            "pk"
        )[:50]
    )


def _touches(people: tuple[int, ...]) -> tuple[int, ...]:
    """Their touchpoints, and those not decided yet that bring one of their values."""
    known = Q(person_id__in=people) | Q(came_as_id__in=people)
    theirs = Touch.objects.filter(known).values_list("pk", flat=True)
    keys = IdentityKey.objects.filter(person_id__in=people, kind__in=["EMAIL", "PHONE"])
    held = keys.values_list("value", flat=True)
    reading.ask(theirs, held)
    found, values = set(theirs), set(held)
    written = tuple(value.casefold() for value in values if "@" in value)
    waiting = Touch.objects.filter(status__in=UNDECIDED)
    for pk, payload in waiting.values_list("pk", "payload").iterator(chunk_size=2_000):
        # What nobody could read holds its values wherever the sender put them.
        text = json.dumps(payload, ensure_ascii=False).casefold()
        if any(value in text for value in written) or values & _values(payload.get("person") or {}):
            found.add(pk)
    return tuple(sorted(found))


def _signals(people: tuple[int, ...], leads: QuerySet[Lead]) -> tuple[int, ...]:
    """Those of their leads, and those not decided yet that name one of their keys or browsers."""
    keys = IdentityKey.objects.filter(person_id__in=people).values_list("kind", "value")
    points = ContactPoint.objects.filter(person_id__in=people).values_list("kind", "value")
    seen = Visitor.objects.filter(person_id__in=people).values_list("value", flat=True)
    reading.ask(keys, points, seen)
    known_by = [f"{kind}:{value}" for kind, value in {*keys, *points}]
    known_by += [f"{signal_intake.VISITOR}:{value}" for value in seen]
    undecided = SentSignal.objects.exclude(status=SentStatus.ADVANCED)
    counted = Q(signal__lead__in=leads) | Q(came_as_id__in=people)
    theirs = SentSignal.objects.filter(counted).values_list("pk", flat=True)
    naming = undecided.filter(keys__has_any_keys=known_by).values_list("pk", flat=True)
    reading.ask(theirs, naming)
    return tuple(sorted({*theirs, *naming}))


def _values(said: dict[str, str]) -> set[str]:
    country = cleansing.country_code(said.get("country") or "") or None
    read = identity.keys_of(email=said.get("email"), phone=said.get("phone"), country=country)
    return {key.value for key in (*read.keys, *read.contact_points)}
