"""JSON of forms: stored as it stands, or refused by a word and shown again as typed."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from core.json_field import StorableJSONField


@pytest.mark.parametrize(
    "typed",
    [
        '"\\ud800"',
        '{"\\udc00": 1}',
        '["a\\u0000"]',
        "9" * 5000,
        "[" * 100_000,
        "NaN",
        "[1e999]",
        "{",
    ],
    ids=lambda typed: typed[:10],
)
def test_what_cannot_be_stored_is_refused_and_shown_as_typed(typed: str) -> None:
    field = StorableJSONField()
    with pytest.raises(ValidationError):
        field.clean(typed)
    assert field.prepare_value(field.bound_data(typed, {})) == typed
    assert field.has_changed({}, typed)


def test_what_can_be_stored_is() -> None:
    assert StorableJSONField().clean('{"a": ["😀", 1, 1.5, null]}') == {"a": ["😀", 1, 1.5, None]}
