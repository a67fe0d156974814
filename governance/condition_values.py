"""Values in conditions: whether a fact can be tested against them. Knows nothing of trees."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from governance import facts
from governance.condition_operators import Shape
from governance.facts import Fact, FactType

TEXT_LENGTH = 200
LIST_LENGTH = 500
INTEGER_MAX = 2**63 - 1
INTEGER_MIN = -(2**63)

# A value as trees hold it; decimals have at most six places.
Value = str | bool | int | Decimal


class Unusable(ValueError):
    """The value cannot be tested; `path` leads from the value to its faulty element."""

    def __init__(self, message: str, path: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.path = path


def read(fact: Fact, shape: Shape, value: object) -> tuple[object, list[Unusable]]:
    """The value as the tree holds it, and every fault found in it."""
    if shape is Shape.NONE:
        faults = [] if value is None else [Unusable("this operator takes no value; leave it out")]
        return None, faults
    if shape is Shape.ONE:
        return _one(fact, value)
    return _pair(fact, value) if shape is Shape.PAIR else _list(fact, value)


def describe(value: object) -> str:
    """What was found instead, in words and short, whatever it is."""
    if isinstance(value, str):
        shown = value if len(value) <= 40 else f"{value[:40]}…"
        return f"the text “{printable(shown)}”"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return f"{value}" if value.bit_length() <= 64 else "a number beyond 64 bits"
    if isinstance(value, float | Decimal):
        return str(value)[:40]
    names = {dict: "an object", list: "a list", tuple: "a list", type(None): "nothing"}
    return names.get(type(value), "something else")


def printable(text: str) -> str:
    """The text without characters that cannot be shown, stored or sent."""
    return "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text
    )


def _one(fact: Fact, value: object) -> tuple[object, list[Unusable]]:
    try:
        return _READERS[fact.type](fact, value), []
    except Unusable as fault:
        return None, [fault]


def _list(fact: Fact, value: object) -> tuple[object, list[Unusable]]:
    if not isinstance(value, list | tuple) or not value:
        return None, [Unusable(f"needs a list of at least one value, not {describe(value)}")]
    if len(value) > LIST_LENGTH:
        too_long = f"has {len(value):,} values; at most {LIST_LENGTH} are allowed"
        return None, [Unusable(f"{too_long}: split the list or use another fact")]
    return _items(fact, value)


def _items(fact: Fact, value: list[object] | tuple[object, ...]) -> tuple[object, list[Unusable]]:
    kept: dict[object, None] = {}
    faults: list[Unusable] = []
    for place, item in enumerate(value):
        read_item, found = _one(fact, item)
        faults += [Unusable(fault.message, f"[{place}]") for fault in found]
        kept[read_item] = None  # a value named twice means the same as once
    return tuple(kept), faults


def _pair(fact: Fact, value: object) -> tuple[object, list[Unusable]]:
    if not isinstance(value, list | tuple) or len(value) != 2:
        return None, [Unusable(f"needs a list of two values, low and high, not {describe(value)}")]
    (low, low_faults), (high, high_faults) = _one(fact, value[0]), _one(fact, value[1])
    faults = [Unusable(fault.message, "[0]") for fault in low_faults]
    faults += [Unusable(fault.message, "[1]") for fault in high_faults]
    if not faults and low > high:  # type: ignore[operator]  # both are numbers here
        faults.append(Unusable(f"the low value {low} is above the high value {high}: swap them"))
    return (low, high), faults


def _text(fact: Fact, value: object) -> str:
    if not isinstance(value, str):
        raise Unusable(f"must be text, not {describe(value)}")
    if not value:
        raise Unusable("must not be empty; to test for a missing value use “is_missing”")
    if len(value) > TEXT_LENGTH:
        raise Unusable(f"has {len(value):,} characters; at most {TEXT_LENGTH} are allowed")
    if any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in value):
        raise Unusable("holds a character that text cannot have (NUL or half a character)")
    return value


def _choice(fact: Fact, value: object) -> str:
    text = _text(fact, value)
    if fact.listed is not None:
        return text
    keys = [key for key, _ in fact.choices]
    if text in keys:
        return text
    by_label = [key for key, label in fact.choices if label.casefold() == text.casefold()]
    hint = f"; did you mean “{by_label[0]}”?" if by_label else facts.did_you_mean(text, keys)
    offered = ", ".join(keys[:10]) + (", …" if len(keys) > 10 else "")
    raise Unusable(f"{describe(value)} is not one of its choices ({offered}){hint}")


def _integer(fact: Fact, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise Unusable(f"must be a whole number such as 50, without quotes, not {describe(value)}")
    if not INTEGER_MIN <= value <= INTEGER_MAX:
        raise Unusable("is too large: whole numbers have at most 64 bits")
    return value


def _number(fact: Fact, value: object) -> int | Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise Unusable(f"must be a number such as 2.5, without quotes, not {describe(value)}")
    number = facts.clean_number(value)
    if number is None or not INTEGER_MIN <= number <= INTEGER_MAX:
        raise Unusable(f"must be a number within 64 bits, not {describe(value)}")
    given = Decimal(repr(value)) if isinstance(value, float) else value
    if number != given:
        raise Unusable(f"{describe(value)} has more than {facts.DECIMAL_PLACES} decimal places")
    if isinstance(number, Decimal) and Decimal(repr(float(number))) != number:
        raise Unusable(f"{describe(value)} has too many digits: 15 are exact")
    return number


def _boolean(fact: Fact, value: object) -> bool:
    if not isinstance(value, bool):
        raise Unusable(f"must be true or false, without quotes, not {describe(value)}")
    return value


_READERS: dict[FactType, Callable[[Fact, object], Value]] = {
    FactType.TEXT: _text,
    FactType.CHOICE: _choice,
    FactType.INTEGER: _integer,
    FactType.NUMBER: _number,
    FactType.BOOLEAN: _boolean,
}
