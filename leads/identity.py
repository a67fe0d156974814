"""Which person a touch belongs to. Pure: reads no rows, merges nobody, only attaches or says new.

E-mail and external id (per scope) are strong keys, a phone is a weak one. Role mailboxes and
shared phones are contact points, never keys. The rules, first that holds:

1. An e-mail that is known names its person, whatever the other keys say. One e-mail, one lead.
2. An external id that is known names its person, unless the touch brings an e-mail and the person
   has others: then a new person, and the known one as suggestion.
3. A phone that is known names its person, unless the touch brings an e-mail, or an external id of
   a scope, where the person has others: then a new person and a suggestion.
4. Otherwise a new person.

The touch's keys that nobody holds go to the person it names, unless that would give them a second
e-mail or a second external id of one scope. A key that another person holds stays there; that
person is the suggestion, the key is listed as a conflict.

The kit may say of a kind of key that it only suggests: then a known one names nobody, and where no
other key does, the touch is a new person's, with the known one as suggestion; it still speaks
against weaker keys. A kind that is ignored says nothing and is not claimed.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

import email_validator
import phonenumbers

from core.errors import FieldError, InvalidInput

_ROLE_MAILBOXES = frozenset(
    line
    for line in (Path(__file__).parent / "data/role_mailboxes.txt").read_text("utf-8").split("\n")
    if line and not line.startswith("#")
)
_GMAIL = ("gmail.com", "googlemail.com")
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"))
_LONGEST_EXTERNAL = 200


class KeyKind(StrEnum):
    """Kinds of identity key, the strong ones first."""

    EMAIL = "EMAIL"
    EXTERNAL = "EXTERNAL"
    PHONE = "PHONE"


class Use(StrEnum):
    """What a known key of some kind means: that person, perhaps that person, or nothing."""

    MERGE = "MERGE"
    SUGGEST = "SUGGEST"
    IGNORE = "IGNORE"


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """A normalised value that belongs to exactly one person. External ids read `scope:id`."""

    kind: KeyKind
    value: str

    @property
    def group(self) -> tuple[KeyKind, str]:
        """What a person has one value of: e-mail, or the external ids of one scope."""
        scope = self.value.partition(":")[0] if self.kind == KeyKind.EXTERNAL else ""
        return (self.kind, scope)


@dataclass(frozen=True, slots=True)
class EmailPolicy:
    """How far two spellings of an address are one: tags after a plus, dots at Gmail."""

    strip_plus: bool = True
    gmail_dots: bool = True


@dataclass(frozen=True, slots=True)
class KeyReading:
    """What a touch says about identity; `faults` name what could not be read, never its value."""

    keys: tuple[Key, ...]
    contact_points: tuple[Key, ...]
    faults: tuple[FieldError, ...]


class Reason(StrEnum):
    """Why a touch goes to its person."""

    EMAIL = "EMAIL"
    EXTERNAL = "EXTERNAL"
    PHONE = "PHONE"
    NEW = "NEW"
    NO_KEYS = "NO_KEYS"
    SUGGESTED = "SUGGESTED"
    EXTERNAL_BUT_OTHER_EMAIL = "EXTERNAL_BUT_OTHER_EMAIL"
    PHONE_BUT_OTHER_EMAIL = "PHONE_BUT_OTHER_EMAIL"
    PHONE_BUT_OTHER_EXTERNAL = "PHONE_BUT_OTHER_EXTERNAL"


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
    """

    person: int | None
    reason: Reason
    claim: tuple[Key, ...] = ()
    suggestion: int | None = None
    conflicts: tuple[Conflict, ...] = ()


def normalise_email(raw: str, *, policy: EmailPolicy | None = None) -> str:
    """Return the one spelling of an address: lower case, ASCII domain, tags and dots by policy.

    Raises `InvalidInput` for what is no address. Domains reserved for trials (.test, .example)
    are taken, names without a dot and IP addresses are not.
    """
    policy = policy or EmailPolicy()
    text = unicodedata.normalize("NFKC", raw).translate(_INVISIBLE).strip()
    try:
        local, domain = _parts_of_email(text.removeprefix("mailto:"))
    except email_validator.EmailNotValidError:
        message = "This is no e-mail address; write one like name@company.com."
        raise InvalidInput(message, errors=[FieldError("email", message, "email")]) from None
    if policy.strip_plus:
        local = local.partition("+")[0] or local
    if policy.gmail_dots and domain in _GMAIL:
        local, domain = local.replace(".", "") or local, _GMAIL[0]
    return f"{unicodedata.normalize('NFC', local)}@{domain}"


@lru_cache(maxsize=4096)
def _parts_of_email(text: str) -> tuple[str, str]:
    """Local part and ASCII domain; kept a while, since one touch is read several times."""
    read = email_validator.validate_email(text, check_deliverability=False, test_environment=True)
    return read.local_part.lower(), (read.ascii_domain or read.domain).lower()


def is_role_mailbox(email: str) -> bool:
    """Say whether an address belongs to a desk (info@, vertrieb@, no-reply@), not to a person."""
    local = email.partition("@")[0].partition("+")[0].lower()
    bare = local.translate(dict.fromkeys(map(ord, ".-_")))
    return bare in _ROLE_MAILBOXES or bare.rstrip("0123456789") in _ROLE_MAILBOXES


def normalise_phone(raw: str, country: str | None = None) -> str:
    """Return a number as E.164 without its extension; `country` (ISO alpha-2) reads national ones.

    Raises `InvalidInput` for what is no number, or needs a country. Numbers of ranges younger
    than the numbering data are taken when they are long enough and do not look made up.
    """
    text = unicodedata.normalize("NFKC", raw).translate(_INVISIBLE).strip()
    region = country.strip().upper() if country else None
    spellings = [text]
    if text.startswith("00"):  # the prefix of most countries, whatever country is named
        spellings.append("+" + text[2:])
    for spelling in spellings:
        number = _parsed(spelling, region)
        if number is not None and _is_plausible(number):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    message = "This is no phone number; write it with its country code, like +49 30 123456."
    raise InvalidInput(message, errors=[FieldError("phone", message, "phone")])


def _parsed(text: str, region: str | None) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None


def _is_plausible(number: phonenumbers.PhoneNumber) -> bool:
    national = phonenumbers.national_significant_number(number)
    if len(set(national)) == 1:
        return False
    if phonenumbers.is_valid_number(number):
        return True
    reason = phonenumbers.is_possible_number_with_reason(number)
    is_typed_in_order = national in "01234567890123456789" or national in "98765432109876543210"
    return (
        reason == phonenumbers.ValidationResult.IS_POSSIBLE
        and len(national) >= 9
        and len(set(national)) >= 4
        and not is_typed_in_order
    )


def external_key(external_id: str, *, scope: str) -> Key:
    """Return the key of a record in another system; `scope` names the system.

    Raises `InvalidInput` for an empty or overlong id, and when no scope is given.
    """
    value = unicodedata.normalize("NFC", external_id).strip()
    system = unicodedata.normalize("NFKC", scope).strip().lower().replace(":", "_")
    if not value or not value.isprintable() or len(value) > _LONGEST_EXTERNAL:
        message = f"An external id has 1 to {_LONGEST_EXTERNAL} visible characters."
        raise InvalidInput(message, errors=[FieldError("external_id", message, "external_id")])
    if not system or len(system) > _LONGEST_EXTERNAL // 2:
        message = "An external id needs the system it comes from."
        raise InvalidInput(message, errors=[FieldError("external_id", message, "scope")])
    return Key(KeyKind.EXTERNAL, f"{system}:{value}")


def keys_of(
    *,
    email: str | None = None,
    phone: str | None = None,
    external_id: str | None = None,
    external_scope: str = "",
    country: str | None = None,
    policy: EmailPolicy | None = None,
) -> KeyReading:
    """Read what a touch says about identity. What cannot be read is a fault, never an error.

    A role mailbox comes back as contact point. `country` reads national phone numbers.
    """
    keys: list[Key] = []
    contact_points: list[Key] = []
    faults: list[FieldError] = []
    try:
        if email and email.strip():
            key = Key(KeyKind.EMAIL, normalise_email(email, policy=policy))
            (contact_points if is_role_mailbox(key.value) else keys).append(key)
    except InvalidInput as fault:
        faults += fault.errors
    try:
        if phone and phone.strip():
            keys.append(Key(KeyKind.PHONE, normalise_phone(phone, country)))
    except InvalidInput as fault:
        faults += fault.errors
    try:
        if external_id and external_id.strip():
            keys.append(external_key(external_id, scope=external_scope))
    except InvalidInput as fault:
        faults += fault.errors
    return KeyReading(tuple(sorted(keys)), tuple(contact_points), tuple(faults))


ALL_NAME = dict.fromkeys(KeyKind, Use.MERGE)
"""Every known key names its person."""


def decide(
    keys: Iterable[Key],
    *,
    known: Mapping[Key, int],
    strong_of: Mapping[int, frozenset[Key]],
    shared_phones: frozenset[str] = frozenset(),
    use: Mapping[KeyKind, Use] = ALL_NAME,
) -> Identification:
    """Decide to whom a touch belongs, by the rules at the head of this module.

    `known` maps keys to the person who holds them, `strong_of` persons to all their e-mails and
    external ids; both may hold more than this touch needs. `shared_phones` are no keys. `use` has
    an entry for every kind.
    """
    usable = _usable(keys, shared_phones, use)
    if not usable:
        return Identification(None, Reason.NO_KEYS)
    person, reason, suggestion = _named(usable, known, strong_of, use)
    held = strong_of.get(person, frozenset()) if person is not None else frozenset()
    claim = _claimable(usable, known, held)
    conflicts = {Conflict(key, known[key]) for key in usable if known.get(key, person) != person}
    if person is not None:
        conflicts |= {
            Conflict(key, person) for key in usable if key not in known and key not in claim
        }
        suggestion = next((known[key] for key in usable if known.get(key, person) != person), None)
    return Identification(person, reason, claim, suggestion, tuple(sorted(conflicts)))


def _usable(
    keys: Iterable[Key], shared_phones: frozenset[str], use: Mapping[KeyKind, Use]
) -> list[Key]:
    """Return the keys that say something: e-mail first, then external ids, then the phone."""
    shared = {Key(KeyKind.PHONE, number) for number in shared_phones}
    return sorted({key for key in keys if use[key.kind] is not Use.IGNORE} - shared)


def _named(
    usable: list[Key],
    known: Mapping[Key, int],
    strong_of: Mapping[int, frozenset[Key]],
    use: Mapping[KeyKind, Use],
) -> tuple[int | None, Reason, int | None]:
    """Return the person the first known key names, why, and who is suggested where none is."""
    spoken_of = [key for key in usable if key in known]
    if not spoken_of:
        return None, Reason.NEW, None
    found = next((key for key in spoken_of if use[key.kind] is Use.MERGE), None)
    if found is None:
        return None, Reason.SUGGESTED, known[spoken_of[0]]
    other = _disagreement(found, usable, known, strong_of.get(known[found], frozenset()))
    if other is None:
        return known[found], Reason(found.kind), None
    return None, Reason(f"{found.kind}_BUT_OTHER_{other.kind}"), known[found]


def _disagreement(
    found: Key, keys: list[Key], known: Mapping[Key, int], held: frozenset[Key]
) -> Key | None:
    """Return the strong key of a touch that speaks against the person whom `found` names."""
    for key in keys:
        speaks = key.kind == KeyKind.EMAIL or (
            key.kind == KeyKind.EXTERNAL and found.kind == KeyKind.PHONE
        )
        if found.kind == KeyKind.EMAIL or not speaks or key in held:
            continue
        is_another_persons = known.get(key, known[found]) != known[found]
        if is_another_persons or any(other.group == key.group for other in held):
            return key
    return None


def _claimable(keys: list[Key], known: Mapping[Key, int], held: frozenset[Key]) -> tuple[Key, ...]:
    """Return the keys nobody holds, but of each strong group only what does not make it two."""
    taken = {key.group for key in held if key.kind != KeyKind.PHONE}
    claim = []
    for key in keys:
        if key in known or key.group in taken:
            continue
        claim.append(key)
        if key.kind != KeyKind.PHONE:
            taken.add(key.group)
    return tuple(claim)
