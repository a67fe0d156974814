"""One form of bytes for each value, and none that two values share."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads import sealing

NUMBERS = st.integers(-(10**30), 10**30) | st.floats(allow_nan=False, allow_infinity=False)
PLAIN = st.none() | st.booleans() | NUMBERS | st.text(max_size=8)
JSON = st.recursive(
    PLAIN,
    lambda some: (
        st.lists(some, max_size=4) | st.dictionaries(st.text(max_size=5), some, max_size=4)
    ),
    max_leaves=12,
)


def exact(value: Any) -> Any:
    """A value that is equal exactly where the JSON values are: true is not 1, an order is none."""
    if isinstance(value, dict):
        return ("map", frozenset((key, exact(item)) for key, item in value.items()))
    if isinstance(value, list):
        return ("list", tuple(map(exact, value)))
    if isinstance(value, bool) or value is None:
        return ("word", str(value))
    return ("number", Decimal(repr(value))) if isinstance(value, (int, float)) else ("text", value)


def shuffled(value: Any) -> Any:
    """The same document with its keys the other way round."""
    if isinstance(value, dict):
        return {key: shuffled(value[key]) for key in reversed(value)}
    return [shuffled(item) for item in value] if isinstance(value, list) else value


@given(JSON)
def test_the_form_does_not_depend_on_how_the_text_was_written(value: Any) -> None:
    form = sealing.canonical(value)
    for text in (json.dumps(value), json.dumps(shuffled(value), ensure_ascii=False, indent=1)):
        assert sealing.canonical(sealing.document(text)) == form


@given(JSON, JSON)
def test_values_share_a_form_only_if_they_are_equal(one: Any, other: Any) -> None:
    assert (sealing.canonical(one) == sealing.canonical(other)) == (exact(one) == exact(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1", "1.0"), ("1", "10e-1"), ("0", "-0.0"), ("100", "1e2"), ("0.10", "0.1"),
        ("1200.50", "12005e-1"), ('{"a": 1, "b": 2}', '{"b": 2.0, "a": 1}'), ('"\\u00e9"', '"é"'),
    ],
)  # fmt: skip
def test_renderings_of_one_value_are_one(one: str, other: str) -> None:
    forms = {sealing.canonical(sealing.document(text)) for text in (one, other)}
    assert len(forms) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("0.1234567890123456789", "0.1234567890123456788"), ("1", '"1"'), ("1", "true"),
        ("null", '""'), ("[]", "{}"), ('["a", "b"]', '["ab"]'), ("[[1], 2]", "[[1, 2]]"),
        ('{"a": "b"}', '["a", "b"]'), ('"é"', '"e\\u0301"'), ("[1]", "[1, null]"),
    ],
)  # fmt: skip
def test_values_that_differ_differ(one: str, other: str) -> None:
    forms = {sealing.canonical(sealing.document(text)) for text in (one, other)}
    assert len(forms) == 2


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal("NaN"), {1: 2}, object()])
def test_what_is_no_json_has_no_form(value: object) -> None:
    with pytest.raises(ValueError, match=r"number|Keys|form"):
        sealing.canonical(value)


def test_what_cannot_be_read_still_has_a_form_of_its_own() -> None:
    deep = "[" * 100_000 + "]" * 100_000
    assert sealing.canonical(sealing.document(deep)) != sealing.canonical(sealing.document("["))


@pytest.mark.parametrize(
    ("epoch", "found"),
    [
        ("0.000001", 1), ("1772532000.000000", 1_772_532_000_000_000),
        ("1772532000.5", 1_772_532_000_500_000),
        ("-0.000001", -1), ("-1.500000", -1_500_000), ("12", 12_000_000),
        ("Infinity", "Infinity"), (None, None),
    ],
)  # fmt: skip
def test_instants_are_whole_microseconds(epoch: str | None, found: object) -> None:
    assert sealing.micros(epoch) == found


@given(JSON, st.binary(min_size=16, max_size=16), st.binary(min_size=16, max_size=16))
def test_without_its_salt_a_commitment_tells_nothing_apart(
    said: Any, salt: bytes, other: bytes
) -> None:
    same = sealing.commitment(salt, 7, said) == sealing.commitment(other, 7, said)
    assert same == (salt == other or said == {})


def test_the_form_is_that_of_its_version() -> None:
    """Seals of years ago are checked by it: change it only beside a new version."""
    row = [7, "ASSIGNED", None, True, Decimal("1.50"), {"b": [1, "é"], "a": {}}, b"\x00"]
    assert sealing.VERSION == 1
    assert sealing.canonical(row) == (
        b"l56:n1:7s8:ASSIGNEDztn5:15e-1m23:s1:am0:s1:bl9:n1:1s2:\xc3\xa9b1:\x00"
    )
