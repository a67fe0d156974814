"""What stood against a contact is told beside it."""

from __future__ import annotations

import pytest

from leads.contact import Because, Way
from web.console import permission_words

FORBIDDING = (
    Because.SUPPRESSED, Because.DO_NOT_CONTACT, Because.REFUSED, Because.WITHDRAWN,
)  # fmt: skip


@pytest.mark.parametrize("way", Way)
@pytest.mark.parametrize("because", FORBIDDING)
def test_every_way_and_reason_has_its_words(way: Way, because: Because) -> None:
    told = permission_words.against({"way": way.value, "because": because.value})
    assert told.startswith(f"{permission_words.NAMES[way]} was “Do not use”: ")
    assert permission_words.MUST_NOT[way]


def test_nothing_is_said_where_nothing_stood_against_it() -> None:
    assert permission_words.against(None) == ""
