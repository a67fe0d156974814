"""Which person a touch belongs to. Pure: reads no rows, merges nobody, only attaches or says new.

First it is settled what the touch's values are worth. A mailbox of a desk, and a value that several
people are known to share, name nobody. Neither does a value whose holder is clearly called
otherwise, where the kit says after how many people such a value counts as shared; by e-mail only
another first name counts, since last names change. In the place of each such value stands the key
of the touch's name there. Then the rules, first that holds:

1. An e-mail that is known names its person, whatever the other keys say. One e-mail, one lead.
2. An external id that is known names its person, unless the touch brings an e-mail and the person
   has others: then a new person, and the known one as suggestion.
3. A name known at a desk's mailbox or at a shared value, or a phone that is known, names its
   person, unless the touch brings an e-mail, or an external id of a scope, where the person has
   others: then a new person and a suggestion.
4. Otherwise a new person; the holder of a value under another name is the suggestion.

Who gives no name, no address and no id of their own at a desk's mailbox, or by a number that is
shared, is one record per mailbox or number, which nobody with a name ever joins.

The touch's keys that nobody holds go to the person it names, unless that would give them a second
e-mail or a second external id of one scope. A key that another person holds stays there; that
person is the suggestion, the key is listed as a conflict.

The kit may say of a kind of key that it only suggests: then a known one names nobody, and where no
other key does, the touch is a new person's, with the known one as suggestion; it still speaks
against weaker keys. A kind that is ignored says nothing and is not claimed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from enum import StrEnum

from leads import identity, personal_names
from leads.identity import EmailPolicy, Key, KeyKind, Use
from leads.personal_names import FullName

NOBODY: FullName = ("", "")
VALUES = frozenset({KeyKind.EMAIL, KeyKind.PHONE})
"""Kinds of value that several people may turn out to use."""
STRONG = frozenset({KeyKind.EMAIL, KeyKind.EXTERNAL})
"""Kinds of which one person has one, and that speak against weaker ones."""
_LONGEST_KEY = 400
_RANK = {kind: rank for rank, kind in enumerate(KeyKind)}


class Reason(StrEnum):
    """Why a touch goes to its person."""

    EMAIL = "EMAIL"
    EXTERNAL = "EXTERNAL"
    CONTACT = "CONTACT"
    PHONE = "PHONE"
    NAME = "NAME"
    NEW = "NEW"
    NO_KEYS = "NO_KEYS"
    SUGGESTED = "SUGGESTED"
    EXTERNAL_BUT_OTHER_EMAIL = "EXTERNAL_BUT_OTHER_EMAIL"
    CONTACT_BUT_OTHER_EMAIL = "CONTACT_BUT_OTHER_EMAIL"
    CONTACT_BUT_OTHER_EXTERNAL = "CONTACT_BUT_OTHER_EXTERNAL"
    PHONE_BUT_OTHER_EMAIL = "PHONE_BUT_OTHER_EMAIL"
    PHONE_BUT_OTHER_EXTERNAL = "PHONE_BUT_OTHER_EXTERNAL"
    EMAIL_BUT_OTHER_NAME = "EMAIL_BUT_OTHER_NAME"
    PHONE_BUT_OTHER_NAME = "PHONE_BUT_OTHER_NAME"


@dataclass(frozen=True, slots=True)
class Policy:
    """What the kit says of values: their use, after how many people they are shared, spelling.

    `names` is the use of a name known at the same company.
    """

    use: Mapping[KeyKind, Use] = field(default_factory=lambda: dict.fromkeys(KeyKind, Use.MERGE))
    shared_after: Mapping[KeyKind, int] = field(default_factory=dict)
    names: Use = Use.IGNORE
    spelling: EmailPolicy = field(default_factory=EmailPolicy)


@dataclass(frozen=True, slots=True)
class Sender:
    """What a touch says about who sent it."""

    keys: tuple[Key, ...] = ()
    contact_points: tuple[Key, ...] = ()
    name: FullName = NOBODY

    @property
    def name_key(self) -> str:
        """The name as it is compared; empty if there is none."""
        return personal_names.key(*self.name)

    @property
    def candidates(self) -> tuple[Key, ...]:
        """Every key that may come to matter for this touch, and so is looked up."""
        name = self.name_key
        values = (*self.contact_points, *(key for key in self.keys if key.kind in VALUES))
        return (*self.keys, *(contact_key(value, name) for value in values))


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of keys and people; all of it may hold more than a touch needs.

    `holders` maps keys to people, `strong_of` people to all their e-mails, external ids and names
    at shared values, `names_of` people to what they are called. Keys in `shared` name nobody.
    """

    holders: Mapping[Key, int] = field(default_factory=dict)
    strong_of: Mapping[int, AbstractSet[Key]] = field(default_factory=dict)
    names_of: Mapping[int, Sequence[FullName]] = field(default_factory=dict)
    shared: AbstractSet[Key] = frozenset()


@dataclass(frozen=True, slots=True, order=True)
class Conflict:
    """A key of the touch that does not fit, and the person it does not fit with.

    Either that person holds the key and the touch goes elsewhere, or they hold another value of
    its kind.
    """

    key: Key
    person: int


@dataclass(frozen=True, slots=True)
class Identification:
    """To whom a touch belongs: a known person, or None for a new one.

    `claim` are the keys to give that person, sorted; `suggestion` somebody who may be the same.
    `by` is the key that named the person; `uses` are values by which they can be reached, but
    which are not theirs.
    """

    person: int | None
    reason: Reason
    claim: tuple[Key, ...] = ()
    suggestion: int | None = None
    conflicts: tuple[Conflict, ...] = ()
    by: Key | None = None
    uses: tuple[Key, ...] = ()


def contact_key(value: Key, name_key: str) -> Key:
    """Return the key of a name at a mailbox or number; of nobody's, for those without a name."""
    return Key(KeyKind.CONTACT, f"{value.value}|{name_key}"[:_LONGEST_KEY])


def decide(sender: Sender, *, known: Known, policy: Policy) -> Identification:
    """Decide to whom a touch belongs, by the rules at the head of this module.

    `policy.use` has an entry for every kind.
    """
    usable, elsewhere = _worth(sender, known, policy)
    holders = known.holders
    person, reason, by, suggestion = _named(usable, known, policy)
    held = known.strong_of.get(person, frozenset()) if person is not None else frozenset()
    claim = _claimable(usable, holders, held)
    conflicts = {
        Conflict(key, holders[key]) for key in usable if holders.get(key, person) != person
    }
    if person is not None:
        conflicts |= {
            Conflict(key, person) for key in usable if key not in holders and key not in claim
        }
        suggestion = _other_holder(usable, holders, person)
    elif reason is Reason.NEW or reason is Reason.NO_KEYS:
        reason, suggestion = _under_another_name(reason, elsewhere, known)
    values = (*elsewhere, *(key for key in usable if key.kind in VALUES and key in holders))
    uses = tuple(key for key in values if person is None or holders.get(key) != person)
    return Identification(person, reason, claim, suggestion, tuple(sorted(conflicts)), by, uses)


def retold(sender: Sender, *, person: int, known: Known, policy: Policy) -> Identification:
    """What becomes of values that somebody typed for a person: who it is stands already.

    The person gets whatever nobody holds, a second e-mail address, too. A value that somebody else
    holds stays there; that is the suggestion.
    """
    usable, elsewhere = _worth(sender, known, policy)
    holders = known.holders
    claim = tuple(key for key in usable if key not in holders)
    others = {key: holders[key] for key in usable if holders.get(key, person) != person}
    values = (*elsewhere, *(key for key in others if key.kind in VALUES))
    uses = tuple(key for key in values if holders.get(key) != person)
    _, apart = _under_another_name(Reason.NEW, elsewhere, known)
    suggestion = next(iter(others.values()), apart)
    return Identification(
        person,
        Reason.NEW,
        claim,
        suggestion if suggestion != person else None,
        tuple(sorted(Conflict(key, holder) for key, holder in others.items())),
        uses=uses,
    )


def _worth(sender: Sender, known: Known, policy: Policy) -> tuple[list[Key], list[Key]]:
    """Return the keys that may name somebody, strongest first, and the values that may not."""
    heard = [key for key in sender.keys if policy.use[key.kind] is not Use.IGNORE]
    desks = sender.contact_points if policy.use[KeyKind.EMAIL] is not Use.IGNORE else ()
    apart = [key for key in heard if _is_apart(key, sender, known, policy)]
    own = [key for key in heard if key not in apart]
    elsewhere = [*desks, *apart]
    if policy.use[KeyKind.CONTACT] is not Use.IGNORE and elsewhere:
        name = sender.name_key
        if name:
            own += [contact_key(value, name) for value in elsewhere]
        elif not any(key.kind in STRONG for key in own):
            return _of_desk(own, elsewhere)
    return sorted(set(own), key=_strength), elsewhere


def _of_desk(own: list[Key], elsewhere: list[Key]) -> tuple[list[Key], list[Key]]:
    """What names the record of a desk: its mailbox, else its number; never a number beside.

    A mailbox that is made up is a desk's only where there is no number beside, and nobody's where
    it is none of those that are made up for a trial (test@acme.com).
    """
    boxes = [value for value in elsewhere if value.kind is KeyKind.EMAIL]
    mailbox = next((box for box in boxes if not identity.is_made_up(box.value)), None)
    if mailbox is not None:
        return [contact_key(mailbox, "")], [mailbox]
    if own or any(identity.is_nobodys(box.value) for box in boxes):
        return own, elsewhere
    return [contact_key(elsewhere[0], "")], elsewhere


def _is_apart(key: Key, sender: Sender, known: Known, policy: Policy) -> bool:
    """Whether a value names nobody: it is shared, or its holder is clearly somebody else."""
    if key.kind not in VALUES:
        return False
    if key in known.shared:
        return True
    holder = known.holders.get(key)
    looks = policy.shared_after.get(key.kind, 0) and policy.use[key.kind] is Use.MERGE
    if not looks or holder is None:
        return False
    called = [one for one in known.names_of.get(holder, ()) if any(one)]
    if key.kind is KeyKind.PHONE and not (called and any(sender.name)):
        return _reads_otherwise(sender, called, known.strong_of.get(holder, frozenset()))
    return _is_another(key, sender.name, called)


def _is_another(key: Key, name: FullName, called: Sequence[FullName]) -> bool:
    """Whether who says `name` is none of those called `called`."""
    if not called or not any(name) or name in called:
        return False
    by_mailbox = key.kind is KeyKind.EMAIL
    differ = personal_names.first_names_differ if by_mailbox else personal_names.differ
    return all(differ(name, one) for one in called)


def _reads_otherwise(sender: Sender, called: Sequence[FullName], held: AbstractSet[Key]) -> bool:
    """Of whom one gives no name but an address: whether that is spelt like another's name."""
    names = called or [sender.name]
    keys = sender.keys if called else held
    boxes = [key.value.partition("@")[0] for key in keys if key.kind is KeyKind.EMAIL]
    return bool(boxes) and all(
        any(name) and personal_names.is_of_another(box, name) for box in boxes for name in names
    )


def _strength(key: Key) -> tuple[int, str]:
    return (_RANK[key.kind], key.value)


def _named(
    usable: list[Key], known: Known, policy: Policy
) -> tuple[int | None, Reason, Key | None, int | None]:
    """Return the person the first known key names, why, by what, and who is suggested else."""
    holders = known.holders
    spoken_of = [key for key in usable if key in holders]
    if not spoken_of:
        return None, Reason.NEW if usable else Reason.NO_KEYS, None, None
    found = next((key for key in spoken_of if policy.use[key.kind] is Use.MERGE), None)
    if found is None:
        return None, Reason.SUGGESTED, None, holders[spoken_of[0]]
    held = known.strong_of.get(holders[found], frozenset())
    other = _disagreement(found, usable, holders, held)
    if other is None:
        return holders[found], Reason(found.kind), found, None
    return None, Reason(f"{found.kind}_BUT_OTHER_{other.kind}"), None, holders[found]


def _disagreement(
    found: Key, keys: list[Key], holders: Mapping[Key, int], held: AbstractSet[Key]
) -> Key | None:
    """Return the strong key of a touch that speaks against the person whom `found` names."""
    for key in keys:
        speaks = key.kind in STRONG and _RANK[key.kind] < _RANK[found.kind]
        if not speaks or key in held:
            continue
        is_another_persons = holders.get(key, holders[found]) != holders[found]
        if is_another_persons or any(other.group == key.group for other in held):
            return key
    return None


def _other_holder(usable: Iterable[Key], holders: Mapping[Key, int], person: int) -> int | None:
    return next((holders[key] for key in usable if holders.get(key, person) != person), None)


def _under_another_name(
    reason: Reason, elsewhere: Iterable[Key], known: Known
) -> tuple[Reason, int | None]:
    """Whose value a new person used, where it is one person's still."""
    for key in elsewhere:
        if key in known.holders and key not in known.shared:
            return Reason(f"{key.kind}_BUT_OTHER_NAME"), known.holders[key]
    return reason, None


def _claimable(
    keys: list[Key], holders: Mapping[Key, int], held: AbstractSet[Key]
) -> tuple[Key, ...]:
    """Return the keys nobody holds, but of each strong group only what does not make it two."""
    taken = {key.group for key in held if key.kind in STRONG}
    claim = []
    for key in keys:
        if key in holders or key.group in taken:
            continue
        claim.append(key)
        if key.kind in STRONG:
            taken.add(key.group)
    return tuple(claim)
