"""What a touch says about who sent it: addresses, numbers and ids in one spelling each. Pure.

E-mail and external id (per scope) are strong keys, a phone is a weak one. The mailbox of a desk is
no key. A name at such a mailbox, or at a value several people share, is a key of its own. Whose
touch it is, is judged in `recognition`.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

import email_validator
import phonenumbers

from core.errors import FieldError, InvalidInput


def _words(name: str) -> frozenset[str]:
    text = (Path(__file__).parent / "data" / name).read_text("utf-8")
    return frozenset(line for line in text.split("\n") if line and not line.startswith("#"))


_MADE_UP = _words("made_up_mailboxes.txt")
_ROLE_MAILBOXES = _words("role_mailboxes.txt") | _MADE_UP
_TRIALS = frozenset({"test", "tester", "testing", "tests", "user", "name", "sample", "example"})
_GMAIL = ("gmail.com", "googlemail.com")
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
_JOINTS = str.maketrans("-_", "..")
_LONGEST_EXTERNAL = 200
_LONGEST_PHONE = 15
"""Digits of a number with its country code (E.164); a date with its time has more."""
_DIGITS = "01234567890123456789"
_RUN = 8


class KeyKind(StrEnum):
    """Kinds of identity key, the strong ones first."""

    EMAIL = "EMAIL"
    EXTERNAL = "EXTERNAL"
    CONTACT = "CONTACT"
    PHONE = "PHONE"


class Use(StrEnum):
    """What a known key of some kind means: that person, perhaps that person, or nothing."""

    MERGE = "MERGE"
    SUGGEST = "SUGGEST"
    IGNORE = "IGNORE"


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """A normalised value that belongs to exactly one person.

    External ids read `scope:id`, names at a mailbox or number `value|name`.
    """

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


def normalise_email(raw: str, *, policy: EmailPolicy | None = None) -> str:
    """Return the one spelling of an address: lower case, ASCII domain, tags and dots by policy.

    Raises `InvalidInput` for what is no address. Domains reserved for trials (.test, .example)
    are taken, names without a dot and IP addresses are not.
    """
    policy = policy or EmailPolicy()
    try:
        local, domain = _parts_of_email(bare_email(raw))
    except email_validator.EmailNotValidError:
        message = "This is no e-mail address; write one like name@company.com."
        raise InvalidInput(message, errors=[FieldError("email", message, "email")]) from None
    if policy.strip_plus and not local.startswith('"'):
        local = local.partition("+")[0] or local
    if policy.gmail_dots and domain in _GMAIL:
        local, domain = local.replace(".", "") or local, _GMAIL[0]
    return f"{unicodedata.normalize('NFC', local)}@{domain}"


def bare_email(raw: str) -> str:
    """Return an address without what people copy along: mailto:, <…> with a name, a full stop."""
    text = unicodedata.normalize("NFKC", raw).translate(_INVISIBLE).strip().rstrip(".,;")
    if text.endswith(">") and "<" in text:
        text = text.rpartition("<")[2].removesuffix(">").strip()
    if text[:7].lower() == "mailto:":
        text = text[7:].partition("?")[0]
    return text.strip().rstrip(".,;")


@lru_cache(maxsize=4096)
def _parts_of_email(text: str) -> tuple[str, str]:
    """Local part and ASCII domain; kept a while, since one touch is read several times.

    Quotes around a local part that needs none are dropped.
    """
    read = email_validator.validate_email(
        text, check_deliverability=False, test_environment=True, allow_quoted_local=True
    )
    return read.local_part.lower(), (read.ascii_domain or read.domain).lower()


def is_role_mailbox(email: str) -> bool:
    """Say whether an address belongs to a desk (info@, vertrieb@, no-reply@), not to a person.

    A country, a number or a short department may follow: info.de@, sales-emea@, office2@. Who
    writes the domain's own name before it (weber@weber.de, asdf@asdf.com) or counts (123@acme.com)
    has said no more than the domain does.
    """
    local, _, domain = email.lower().partition("@")
    local = local.partition("+")[0]
    if local == domain.partition(".")[0] or is_made_up(email):
        return True
    first, *others = local.translate(_JOINTS).split(".")
    if len(first) >= 4 and _is_desk(first) and all(len(one) <= 4 for one in others):
        return True
    return _is_desk("".join((first, *others)))


def is_made_up(email: str) -> bool:
    """Say whether an address is nobody's (asdf@, noemail@, test12@, 123@), whatever its domain."""
    local = email.lower().partition("@")[0].partition("+")[0].translate(_JOINTS).replace(".", "")
    counts = len(local) > 2 and local in _DIGITS
    return counts or local in _MADE_UP or local.rstrip("0123456789") in _MADE_UP


def is_nobodys(email: str) -> bool:
    """Say whether a made-up address is not even a trial's: who give it have nothing in common."""
    local, _, domain = email.lower().partition("@")
    word = local.partition("+")[0].rstrip("0123456789")
    return is_made_up(email) and (word not in _TRIALS or local == domain.partition(".")[0])


def _is_desk(word: str) -> bool:
    return word in _ROLE_MAILBOXES or word.rstrip("0123456789") in _ROLE_MAILBOXES


def normalise_phone(raw: str, country: str | None = None) -> str:
    """Return a number as E.164 without its extension; `country` (ISO alpha-2) reads national ones.

    Raises `InvalidInput` for what is no number, or needs a country. Numbers of ranges younger
    than the numbering data are taken when they are long enough and do not look made up.
    """
    return phonenumbers.format_number(
        _read_phone(raw, country), phonenumbers.PhoneNumberFormat.E164
    )


def phone_key(raw: str, country: str | None = None) -> Key:
    """Return the key of a number. With an extension it is another than the switchboard's.

    Raises `InvalidInput` as `normalise_phone` does.
    """
    number = _read_phone(raw, country)
    extension = "".join(filter(str.isdecimal, number.extension or ""))
    value = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return Key(KeyKind.PHONE, f"{value}x{extension}" if extension else value)


def _read_phone(raw: str, country: str | None) -> phonenumbers.PhoneNumber:
    text = unicodedata.normalize("NFKC", raw).translate(_INVISIBLE).strip()
    region = country.strip().upper() if country else None
    spellings = [text]
    if text.startswith("00"):  # the prefix of most countries, whatever country is named
        spellings.append("+" + text[2:])
    for spelling in spellings:
        number = _parsed(spelling, region)
        if number is not None and _is_plausible(number):
            return number
    message = "This is no phone number; write it with its country code, like +49 30 123456."
    raise InvalidInput(message, errors=[FieldError("phone", message, "phone")])


def _parsed(text: str, region: str | None) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None


def _is_plausible(number: phonenumbers.PhoneNumber) -> bool:
    national = phonenumbers.national_significant_number(number)
    if _is_made_up(national) or len(f"{number.country_code}{national}") > _LONGEST_PHONE:
        return False
    if phonenumbers.is_valid_number(number):
        return True
    reason = phonenumbers.is_possible_number_with_reason(number)
    is_typed_in_order = national in _DIGITS or national in _DIGITS[::-1]
    return (
        reason == phonenumbers.ValidationResult.IS_POSSIBLE
        and len(national) >= 9
        and len(set(national)) >= 4
        and not is_typed_in_order
    )


def _is_made_up(national: str) -> bool:
    """Whether a number is one digit over and over, or most of it is."""
    runs = (national[at : at + _RUN] for at in range(len(national) - _RUN + 1))
    return len(set(national)) == 1 or any(len(set(run)) == 1 for run in runs)


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
            keys.append(phone_key(phone, country))
    except InvalidInput as fault:
        faults += fault.errors
    try:
        if external_id and external_id.strip():
            keys.append(external_key(external_id, scope=external_scope))
    except InvalidInput as fault:
        faults += fault.errors
    return KeyReading(tuple(sorted(keys)), tuple(contact_points), tuple(faults))
