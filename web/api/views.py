"""What the API's views share: strict bodies, strict filters, leads one may see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from rest_framework import serializers
from rest_framework.filters import BaseFilterBackend
from rest_framework.generics import GenericAPIView
from rest_framework.pagination import BasePagination
from rest_framework.request import Request

from core.errors import DomainError, FieldError, InvalidInput
from people.models import User
from web.api import permissions


class UnknownParameter(DomainError):
    """The query names a filter that does not exist; left out in silence it would mislead."""

    code = "unknown_parameter"
    status = 400


class StrictSerializer(serializers.Serializer[Any]):
    """A body whose unknown fields are refused by name."""

    def to_internal_value(self, data: Any) -> Any:
        """Unknown names are reported before wrong values."""
        if isinstance(data, dict):
            unknown = sorted(str(name) for name in data if name not in self.fields)
            if unknown:
                known = ", ".join(sorted(self.fields)) or "none"
                raise InvalidInput(
                    f"Unknown field: {', '.join(unknown)}. Known are: {known}.",
                    errors=[
                        FieldError(name, f"Unknown field; known are: {known}.", "unknown")
                        for name in unknown
                    ],
                )
        return super().to_internal_value(data)


class Door(GenericAPIView[Any]):
    """One kind of door; `HasScope` asks for it by name."""

    door = permissions.LEADS
    pagination_class: type[BasePagination] | None = None
    filter_backends: Sequence[type[BaseFilterBackend]] = ()

    @property
    def caller(self) -> User:
        """Who asks; `HasScope` has let nobody through without a name."""
        return cast(User, self.request.user)

    def body(self, request: Request) -> dict[str, Any]:
        """The request's body, read by the view's serializer. Raises ValidationError (422)."""
        reader = self.get_serializer(data=request.data)
        reader.is_valid(raise_exception=True)
        return dict(reader.validated_data)

    def refuse_unknown(self, request: Request, known: set[str]) -> None:
        """Every query parameter must be one of `known`, and be said once."""
        unknown = sorted(set(request.query_params) - known)
        twice = sorted(name for name, values in request.query_params.lists() if len(values) > 1)
        listed = ", ".join(sorted(known)) or "none"
        faults = [
            FieldError(name, f"Unknown parameter; known are: {listed}.", "unknown")
            for name in unknown
        ] + [FieldError(name, "Say this parameter once.", "duplicate") for name in twice]
        if faults:
            raise UnknownParameter(f"{faults[0].field}: {faults[0].message}", errors=faults)
