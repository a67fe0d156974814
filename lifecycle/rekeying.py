"""An address or number that somebody here typed for a buyer: whose key it becomes.

As of a touch: what nobody holds becomes the buyer's key; a number that is another's key, a shared
value and a desk's mailbox are only how they are reached, and the pair is suggested. But an address
by which another buyer is recognised is refused: two people cannot be told apart by it. A former
address stays a key: who writes from it is still recognised, what forbids writing to it holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from core import bulk, errors
from core.errors import FieldError
from leads import identity, recognition, selectors
from leads.identity import Key, KeyKind, Use
from leads.ledger import Ledger
from leads.likeness import Traits
from leads.models import ContactPoint, DuplicateSuggestion, IdentityKey, Lead, Person, Touch
from leads.recognition import Identification, Policy, Sender
from lifecycle import acquaintance, identities, suggesting
from lifecycle.acquaintance import Acquaintance
from lifecycle.companies import Named
from lifecycle.signalling import looking
from people.models import User

FIELDS = ("email", "phone")


class AddressTaken(errors.DomainError):
    """Another buyer is recognised by this address; `state` names their lead to who may see it."""

    code = "address_taken"


@dataclass(slots=True, eq=False)
class Told:
    """What was typed for one person: settled as a touch is, but whose it is stands already."""

    sender: Sender
    identification: Identification | None
    person_id: int
    came_as: int
    known: Acquaintance
    claimed: list[int] = field(default_factory=list)
    touch: Touch | None = None
    company: Named | None = None
    alike: dict[int, Traits] = field(default_factory=dict)


def settle(person: Person, said: Mapping[str, Any], *, policy: Policy) -> Told | None:
    """Claim and lock the keys of what is typed, before accounts and leads are locked.

    `said` are clean fields of the person; None if none of them is an address or number.
    """
    typed = {name: str(said[name]) for name in FIELDS if said.get(name)}
    if not typed:
        return None
    reading = identity.keys_of(
        **typed,
        country=str(said.get("country") or person.country or settings.DEFAULT_COUNTRY),
        policy=policy.spelling,
    )
    name = tuple(str(said.get(one, getattr(person, one))) for one in ("first_name", "last_name"))
    sender = Sender(reading.keys, reading.contact_points, (name[0], name[1]))
    root = person.merged_into_id or person.pk
    for _ in range(identities.ROUNDS):
        known = Acquaintance.read(sorted(sender.candidates), policy=policy)
        verdict = recognition.retold(sender, person=root, known=known.known, policy=policy)
        rows = [
            IdentityKey(kind=key.kind.value, value=key.value, person_id=person.pk)
            for key in sorted(verdict.claim)
        ]
        inserted = [pk for (pk,) in bulk.insert_new(rows, on=["id"])]
        if len(inserted) == len(rows):
            known.meet(sender, verdict, person=root, own=person.pk)
            return Told(sender, verdict, root, person.pk, known, inserted)
        acquaintance.let_go()
    raise identities.Contended("Others write the same address or number at once; try again.")


def require_free(told: Told, *, by: User) -> None:
    """Refuse an address by which somebody else is recognised. Raises AddressTaken."""
    use = told.known.policy.use[KeyKind.EMAIL]
    holder = next(
        (
            told.known.holders[key]
            for key in told.sender.keys
            if key.kind is KeyKind.EMAIL
            and use is Use.MERGE
            and key not in told.known.shared
            and told.known.holders.get(key, told.person_id) != told.person_id
        ),
        None,
    )
    if holder is not None:
        raise _taken(holder, by)


def record(told: Told, *, ledger: Ledger) -> dict[str, Any]:
    """Write how the buyer is reached and who may be the same; returns what an undo takes back."""
    verdict = told.identification
    uses = verdict.uses if verdict is not None else ()
    points = _ids(ContactPoint, uses, told.came_as)
    pairs = _pairs(told)
    suggesting.record([told], known=told.known, ledger=ledger)
    looking.wake(verdict.claim if verdict is not None else ())
    # Nobody is merely reached by what is their own key now.
    for key in verdict.claim if verdict is not None else ():
        ContactPoint.objects.filter(
            kind=key.kind.value, value=key.value, person_id=told.came_as
        ).delete()
    return {
        "keys": told.claimed,
        "points": sorted(_ids(ContactPoint, uses, told.came_as) - points),
        "suggested": sorted(_pairs(told) - pairs),
    }


def remarks(told: Told | None, said: Mapping[str, Any]) -> list[FieldError]:
    """What whoever typed it should know."""
    if told is None or told.identification is None:
        return []
    found = []
    kinds = {key.kind for key in (*told.sender.keys, *told.sender.contact_points)}
    if said.get("phone") and KeyKind.PHONE not in kinds:
        text = "This is no number one can call; nobody is recognised by it."
        found.append(FieldError("person.phone", text, "unreadable"))
    for key in told.identification.uses:
        email = key.kind is KeyKind.EMAIL
        name = "e-mail address" if email else "number"
        shared = key in told.known.shared
        others = "several people use it" if shared else "it is another's, or a desk's"
        text = f"They can be reached by this {name}, but not recognised by it: {others}."
        found.append(FieldError("person.email" if email else "person.phone", text, "contact"))
    if told.identification.suggestion is not None:
        text = "Another buyer has it, too; the two are suggested as one person."
        found.append(FieldError("", text, "suggested"))
    return found


def _taken(holder: int, by: User) -> AddressTaken:
    leads = Lead.objects.filter(person_id=holder).select_related("person", "owner")
    visible = selectors.visible_to(by).filter(person_id=holder).select_related("person")
    lead = visible.order_by("-pk").first()
    if lead is not None:
        text = (
            f"This is the address of {lead.person.name}, lead {lead.pk}. If the two are one "
            "person, suggest it; else write another address."
        )
        state = {"lead": str(lead.pk)}
    else:
        other = leads.order_by("-pk").first()
        keeper = other.owner if other is not None else None
        text = (
            "Another buyer is recognised by this address"
            f"{f', whom {keeper} works' if keeper else ''}. If the two are one person, RevOps can "
            "merge them."
        )
        state = {}
    return AddressTaken(text, errors=[FieldError("person.email", text, "taken")], state=state)


def _ids(model: type[ContactPoint], values: Iterable[Key], person: int) -> set[int]:
    found: set[int] = set()
    for key in values:
        rows = model.objects.filter(kind=key.kind.value, value=key.value, person_id=person)
        found |= set(rows.values_list("pk", flat=True))
    return found


def _pairs(told: Told) -> set[int]:
    suggestion = told.identification.suggestion if told.identification is not None else None
    if suggestion is None:
        return set()
    first, second = sorted((told.person_id, suggestion))
    rows = DuplicateSuggestion.objects.filter(first_id=first, second_id=second)
    return set(rows.values_list("pk", flat=True))
