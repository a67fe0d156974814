"""JSON typed into a form: what cannot be stored is a fault beside the field, shown as typed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.fields import InvalidJSONInput

UNREADABLE = "This is no JSON that can be stored: whole characters and plain numbers only."


class StorableJSONField(forms.JSONField):
    """Refuses NUL, halves of characters and numbers without end by a word."""

    def to_python(self, value: Any) -> Any:
        """The document. Raises ValidationError."""
        try:
            found = super().to_python(value)
            storable = _is_storable(found)
        except (ValueError, RecursionError):
            raise ValidationError(UNREADABLE, code="invalid") from None
        if not storable:
            raise ValidationError(UNREADABLE, code="invalid")
        return found

    def bound_data(self, data: Any, initial: Any) -> Any:
        """As it was typed, whether or not it can be read."""
        return initial if self.disabled or data is None else InvalidJSONInput(data)


def _is_storable(value: Any) -> bool:
    match value:
        case str():
            return "\0" not in value and not any("\ud800" <= one <= "\udfff" for one in value)
        case dict():
            return all(_is_storable(name) and _is_storable(one) for name, one in value.items())
        case list():
            return all(map(_is_storable, value))
        case float():
            return value - value == 0  # neither endless nor no number
    return True
