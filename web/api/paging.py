"""Pages by key: the next page starts after the last row seen, whatever was added meanwhile."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model, Q
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from core.errors import DomainError, FieldError
from web import text

USUAL = 50
MOST = 200


class BadPage(DomainError):
    """`cursor` or `limit` cannot be used."""

    code = "bad_page"
    status = 400


class KeysetPages(BasePagination):
    """Newest first, without counting or skipping: page 10,000 costs what page 1 costs.

    The view names its key in `keyset`: not-null columns, all descending, the last one unique.
    """

    names = ("cursor", "limit")

    def paginate_queryset(
        self, queryset: Any, request: Request, view: APIView | None = None
    ) -> list[Any]:
        """One page of rows. Raises BadPage (400) for a cursor or limit not from us."""
        self.request = request
        self.keyset: Sequence[str] = getattr(view, "keyset", ("id",))
        limit = _limit(request.query_params.get("limit"))
        cursor = request.query_params.get("cursor")
        rows = queryset.order_by(*(f"-{name}" for name in self.keyset))
        if cursor is not None:
            rows = rows.filter(self._after(queryset.model, cursor))
        page = list(rows[: limit + 1])
        self.next_cursor = self._cursor(page[limit - 1]) if len(page) > limit else None
        return page[:limit]

    def get_paginated_response(self, data: Any) -> Response:
        """The rows, and the address of the next page while there is one."""
        here = self.request.build_absolute_uri()
        following = (
            replace_query_param(here, "cursor", self.next_cursor) if self.next_cursor else None
        )
        return Response({"next": following, "results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The page in the API's description."""
        return {
            "type": "object",
            "required": ["next", "results"],
            "properties": {
                "next": {"type": "string", "format": "uri", "nullable": True},
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        """The two parameters in the API's description."""
        return [
            {
                "name": "cursor",
                "in": "query",
                "description": "From `next` of the page before; opaque.",
                "schema": {"type": "string"},
            },
            {
                "name": "limit",
                "in": "query",
                "description": f"Rows a page; {USUAL} unless said.",
                "schema": {"type": "integer", "minimum": 1, "maximum": MOST},
            },
        ]

    def _cursor(self, row: Model) -> str:
        values = [row.serializable_value(name) for name in self.keyset]
        plain = [value if isinstance(value, int) else value.isoformat() for value in values]
        raw = json.dumps(plain, separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(raw).decode().rstrip("=")

    def _after(self, model: type[Model], cursor: str) -> Q:
        """Rows after the cursor. The outer bound on the first column lets its index serve."""
        values = self._values(model, cursor)
        first, *others = zip(self.keyset, values, strict=True)
        if not others:
            return Q(**{f"{first[0]}__lt": first[1]})
        (name, value), (tie, last) = first, others[0]
        return Q(**{f"{name}__lte": value}) & (
            Q(**{f"{name}__lt": value}) | Q(**{name: value, f"{tie}__lt": last})
        )

    def _values(self, model: type[Model], cursor: str) -> list[Any]:
        try:
            raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
            plain = json.loads(raw)
            if not isinstance(plain, list) or len(plain) != len(self.keyset):
                raise ValueError
            return [
                _known(model, name, value) for name, value in zip(self.keyset, plain, strict=True)
            ]
        except (
            ValueError,
            TypeError,
            OverflowError,
            RecursionError,
            ValidationError,
            binascii.Error,
        ):
            raise _refusal("cursor", "Use the address in `next` as it is.") from None


def _known(model: type[Model], name: str, value: Any) -> Any:
    """A value of the cursor as the column's type and within its range."""
    if not isinstance(value, int | str) or isinstance(value, bool) or text.fault(str(value)):
        raise ValueError
    column = model._meta.get_field(name)
    cleaned = column.clean(value, None)  # type: ignore[union-attr]
    if isinstance(cleaned, int) and not -(2**31) < cleaned < 2**63:
        raise ValueError
    return cleaned


def _limit(told: str | None) -> int:
    if told is None:
        return USUAL
    if not (told.isascii() and told.isdigit() and len(told) <= 4 and 1 <= int(told) <= MOST):
        raise _refusal("limit", f"Give a number from 1 to {MOST}.")
    return int(told)


def _refusal(name: str, message: str) -> BadPage:
    return BadPage(f"{name}: {message}", errors=[FieldError(name, message)])
