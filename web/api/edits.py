"""The body that changes fields of a lead, its person and company."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from leads import amounts
from lifecycle import editing, typed_fields
from web.api.views import StrictSerializer


@extend_schema_field(OpenApiTypes.STR)
class Value(serializers.Field[Any, Any, Any, Any]):
    """Text, a number, or null to clear the field."""

    default_error_messages = {"invalid": "Give text, a number, or null."}  # noqa: RUF012

    def __init__(self) -> None:
        super().__init__(required=False, allow_null=True)

    def to_internal_value(self, data: Any) -> str:
        """As text, however long: each field has its own limit, and says it."""
        if isinstance(data, bool) or not isinstance(data, str | int | float):
            self.fail("invalid")
        return amounts.spelt(data)

    def to_representation(self, value: Any) -> Any:
        """Never shown."""
        return value


class OwnValue(Value):
    """The same; also true or false."""

    default_error_messages = {"invalid": "Give text, a number, true, false, or null."}  # noqa: RUF012

    def to_internal_value(self, data: Any) -> str:
        """As text."""
        said = ("yes" if data else "no") if isinstance(data, bool) else data
        return super().to_internal_value(said)


SECTIONS = {"fields": typed_fields.SECTION}
"""What the service calls a section of the body, where it has another word."""


def _section(name: str, names: tuple[str, ...]) -> type[StrictSerializer]:
    attributes: dict[str, Any] = {one: Value() for one in names}
    attributes |= {"__doc__": f"Fields of the {name}.", "__module__": __name__}
    return type(f"Edit{name.title()}", (StrictSerializer,), attributes)


EditPerson = _section("person", editing.PERSON)
EditCompany = _section("company", editing.COMPANY)
EditLead = _section("lead", editing.LEAD)


class Edit(StrictSerializer):
    """What is to be changed; what is left out stays."""

    person = EditPerson(required=False)
    company = EditCompany(required=False)
    lead = EditLead(required=False)
    fields = serializers.DictField(  # type: ignore[assignment]
        child=OwnValue(),
        required=False,
        help_text="Own fields of the kit in force, by key.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """By name, as the service takes them."""
        values = {
            f"{SECTIONS.get(section, section)}.{name}": value
            for section, fields in attrs.items()
            for name, value in fields.items()
        }
        return {"values": values}
