"""Fields of the company's own: what touchpoints, or people here, have said under their names. Pure.

The kit declares them; nothing of them is stored but what was said. So a field that is declared
today has its value in every lead whose touchpoints carried it, and a draft can be tried on them.

The last touchpoint that answers counts (by when it happened, then by id), those of leads merged
into this one too, those taken back never. What a person typed here goes before all of them; a
field that a person emptied is answered by later touchpoints only. An answer that is none of what
the field takes leaves the value missing. `own_field_sql` says the same to the database.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from core.errors import FieldError
from governance.condition_operators import fold
from governance.facts import FactType
from governance.kit import Kit

KIND = "own_field"
PREFIX = "field."
TYPES = (FactType.TEXT, FactType.NUMBER, FactType.BOOLEAN, FactType.CHOICE)
LONGEST = 200
"""Characters of a text that count; more stays with the touchpoint."""

SPACE = " \t\r\n\u00a0\u202f"
SIGNS = SPACE + "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~–—‘’“”„…·¿¡"
"""What does not count in a name under which a field comes in."""

IN_NUMBERS = SPACE + "'’"
"""What people put between the digits of long numbers."""

PLAIN = r"[+-]?[0-9]{1,15}(\.[0-9]{1,15})?"
GROUPED = r"[+-]?[0-9]{1,3}(,[0-9]{3}){1,4}(\.[0-9]{1,15})?"
DOTTED = r"[+-]?[0-9]{1,3}(\.[0-9]{3}){1,4},[0-9]{1,15}"
COMMA = r"[+-]?[0-9]{1,15},[0-9]{1,15}"
"""1234.5 · 1,234.5 · 1.234,5 · 12,5, tried in this order; a per cent sign may follow."""

YES = ("yes", "y", "true", "1", "on", "ja", "oui", "si", "sí")
NO = ("no", "n", "false", "0", "off", "nein", "non")

_UNSIGNED = str.maketrans("", "", SIGNS)
_UNSPACED = str.maketrans("", "", IN_NUMBERS)
_NONE_OF = {
    FactType.NUMBER: "no number",
    FactType.BOOLEAN: "neither yes nor no",
    FactType.CHOICE: "not on its list",
}
_KEY = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class OwnField:
    """One field as the kit declares it. `reads` and `not_answered` are as `named` and `fold` give
    them; `choices` as they were written.
    """

    key: str
    label: str
    type: FactType
    choices: tuple[str, ...] = ()
    unit: str = ""
    help: str = ""
    reads: tuple[str, ...] = ()
    not_answered: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What rules call it."""
        return f"{PREFIX}{self.key}"


@dataclass(frozen=True, slots=True, order=True)
class Saying:
    """What one touchpoint said, by the names as `named` gives them."""

    at: datetime
    touch: int
    said: Mapping[str, tuple[str, ...]] = field(compare=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What was said last, who said it, and what the field takes it for (None for nothing)."""

    text: str
    value: object
    by_hand: bool
    at: datetime
    touch: int | None = None


def of_entry(entry: Mapping[str, Any]) -> OwnField:
    """A part of the kit as a field. Raises ValueError, KeyError for one that declares none."""
    key, label = str(entry["key"]), str(entry["label"])
    if not _KEY.fullmatch(key):
        raise ValueError("the key has lower-case letters, digits and “_” only, a letter first")
    kind = FactType(entry.get("type", FactType.TEXT))
    choices = tuple(map(str, entry.get("choices", ())))
    if kind not in TYPES or (kind is FactType.CHOICE) != bool(choices):
        raise ValueError("choices belong to fields that are one of a list, and they need some")
    names = (f"{PREFIX}{key}", key, label, *map(str, entry.get("reads", ())))
    return OwnField(
        key=key,
        label=label,
        type=kind,
        choices=choices,
        unit=str(entry.get("unit", "")),
        help=str(entry.get("prose", "")),
        reads=tuple(dict.fromkeys(filter(None, map(named, names)))),
        not_answered=tuple(fold(str(one).strip(SPACE)) for one in entry.get("not_answered", ())),
    )


@functools.lru_cache(maxsize=64)
def of_kit(kit: Kit) -> tuple[OwnField, ...]:
    """The fields of a kit, in order of position."""
    return tuple(of_entry(entry) for entry in kit.part_documents(KIND))


def is_one(fact: str) -> bool:
    """Whether a fact is an own field."""
    return fact.startswith(PREFIX)


def is_name(text: str) -> bool:
    """Whether a text is what rules, mappings and payloads may call some own field: field.city."""
    return is_one(text) and bool(_KEY.fullmatch(text.removeprefix(PREFIX)))


def by_name(kit: Kit) -> dict[str, str]:
    """Under which names, as `named` gives them, fields come in: the field's name by each."""
    return {name: one.name for one in reversed(of_kit(kit)) for name in one.reads}


def unread(fields: object, kit: Kit) -> list[FieldError]:
    """A remark for each answer of a payload that is none of what its field takes."""
    if not isinstance(fields, Mapping):
        return []
    found = []
    for asked in (one for one in of_kit(kit) if one.type is not FactType.TEXT):
        for name in sorted(fields):
            text = _answered(asked, said_by({name: fields[name]}))
            if text and value_of(asked, text) is None:
                why = f"“{asked.label}” counts as missing: this is {_NONE_OF[asked.type]}."
                found.append(FieldError(f"fields.{name}", why, "unreadable"))
    return found


@functools.lru_cache(maxsize=4096)
def named(name: str) -> str:
    """A name without regard to case, spaces and punctuation."""
    return fold(name).translate(_UNSIGNED)


def said_by(fields: object = None) -> dict[str, tuple[str, ...]]:
    """The fields of a touchpoint's payload by the names they go by; of several that go by one
    name all, in the order of their own names.
    """
    found: dict[str, tuple[str, ...]] = {}
    if not isinstance(fields, Mapping):
        return found
    for name in sorted(fields):
        value = fields[name]
        if isinstance(value, bool):
            value = "true" if value else "false"
        if isinstance(value, str) and (text := value.strip(SPACE)):
            found[named(name)] = (*found.get(named(name), ()), text)
    return found


def answer(asked: OwnField, sayings: Iterable[Saying], typed: Mapping[str, Any]) -> Answer | None:
    """What a lead's value of a field rests on; None where nobody has answered.

    `typed` is what people typed here: by key, the text and the instant.
    """
    since = None
    if (held := typed.get(asked.key)) is not None:
        text, since = str(held[0]).strip(SPACE), datetime.fromisoformat(held[1])
        if text:
            return Answer(text, value_of(asked, text), by_hand=True, at=since)
    for one in sorted(sayings, reverse=True):
        if since is not None and one.at <= since:
            return None
        if text := _answered(asked, one.said):
            return Answer(text, value_of(asked, text), by_hand=False, at=one.at, touch=one.touch)
    return None


def value_of(asked: OwnField, text: str) -> object:
    """What a field takes a text for: text, number, yes or no, choice; None for none of these."""
    if asked.type is FactType.TEXT:
        return text[:LONGEST]
    if asked.type is FactType.NUMBER:
        return number(text)
    folded = fold(text)
    if asked.type is FactType.BOOLEAN:
        return True if folded in YES else (False if folded in NO else None)
    return next((one for one in asked.choices if fold(one) == folded), None)


def wanted(asked: OwnField) -> str:
    """What a field takes, for whoever wrote something else."""
    if asked.type is FactType.NUMBER:
        return "Write a number, such as 12.5."
    if asked.type is FactType.BOOLEAN:
        return "Write yes or no."
    return f"Name one of {'; '.join(asked.choices)}."


def number(text: str) -> Decimal | None:
    """The number a text is, or None: 1234.5, 1,234.5, 1.234,5 and 12,5 are understood."""
    plain = text.translate(_UNSPACED).removesuffix("%")
    if re.fullmatch(PLAIN, plain):
        return Decimal(plain)
    if re.fullmatch(GROUPED, plain):
        return Decimal(plain.replace(",", ""))
    if re.fullmatch(DOTTED, plain) or re.fullmatch(COMMA, plain):
        return Decimal(plain.replace(".", "").replace(",", "."))
    return None


def _answered(asked: OwnField, said: Mapping[str, tuple[str, ...]]) -> str:
    for name in asked.reads:
        for text in said.get(name, ()):
            if fold(text) not in asked.not_answered:
                return text
    return ""
