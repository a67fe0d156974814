from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads import overwriting
from leads.overwriting import Source

AT = dt.datetime(2026, 3, 3, tzinfo=dt.UTC)
FORM = overwriting.of_touch("FORM", at=AT)
LIST = overwriting.of_touch("IMPORT", at=AT)
HAND = overwriting.of_user(at=AT)
PROVIDER = Source("provider:x", 70, AT)


@pytest.mark.parametrize(
    ("held", "said", "rule", "taken"),
    [
        (None, LIST, "NEVER", False), (None, LIST, "LESS_SURE", False),
        (None, LIST, "ALWAYS", True),
        (None, PROVIDER, "LESS_SURE", True), (LIST, PROVIDER, "LESS_SURE", True),
        (FORM, PROVIDER, "LESS_SURE", False), (FORM, FORM, "LESS_SURE", False),
        (FORM, PROVIDER, "NEVER", False), (FORM, LIST, "ALWAYS", True),
        (HAND, FORM, "ALWAYS", False), (HAND, PROVIDER, "LESS_SURE", False),
        (HAND, HAND, "NEVER", True), (FORM, HAND, "NEVER", True),
    ],
)  # fmt: skip
def test_a_value_gives_way_as_the_rule_says(
    held: Source | None, said: Source, rule: str, taken: bool
) -> None:
    entry = held.as_data() if held else None
    assert overwriting.takes(has_value=True, held=entry, said=said, rule=rule) is taken


@pytest.mark.parametrize(
    ("held", "said", "taken"),
    [(None, PROVIDER, True), (FORM, LIST, True), (HAND, FORM, True), (HAND, PROVIDER, False),
     (HAND, Source("rule:title", 60, AT), False), (HAND, HAND, True)],
)  # fmt: skip
def test_an_emptied_field_is_filled_by_the_buyer_and_by_people(
    held: Source | None, said: Source, taken: bool
) -> None:
    entry = held.as_data() if held else None
    assert overwriting.takes(has_value=False, held=entry, said=said, rule="NEVER") is taken


@given(
    entry=st.none() | st.text() | st.lists(st.integers() | st.text(), max_size=4) | st.integers(),
    rule=st.sampled_from(overwriting.RULES),
    sure=st.integers(0, 100),
)
def test_odd_provenance_never_stops_a_touch(entry: Any, rule: str, sure: int) -> None:
    said = Source("provider:x", sure, AT)
    assert overwriting.takes(has_value=True, held=entry, said=said, rule=rule) in (True, False)


@given(sure=st.integers(0, 100), rule=st.sampled_from(overwriting.RULES))
def test_no_machine_is_sure_enough_to_overwrite_a_person(sure: int, rule: str) -> None:
    said = Source("provider:x", sure, AT)
    assert not overwriting.takes(has_value=True, held=HAND.as_data(), said=said, rule=rule)
