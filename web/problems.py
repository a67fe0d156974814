"""Refusals as RFC 9457 problem documents, the same from every door."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, JsonResponse

from core.errors import FieldError

MEDIA_TYPE = "application/problem+json"

RETRY_SECONDS = 5
"""What we ask callers to wait when the database is away or busy."""


def document(
    status: int,
    *,
    code: str,
    detail: str,
    errors: Iterable[FieldError] = (),
    state: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """One problem document. `state` appears only where it says something."""
    body: dict[str, Any] = {
        "type": f"urn:leadgov:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        "errors": [
            {"field": error.field, "message": error.message, "code": error.code} for error in errors
        ],
    }
    if state:
        body["state"] = state
    return body


def listed(errors: Iterable[FieldError]) -> list[dict[str, str]]:
    """Faults as every answer lists them."""
    return [
        {"field": error.field, "message": error.message, "code": error.code} for error in errors
    ]


def response(
    status: int,
    *,
    code: str,
    detail: str,
    errors: Iterable[FieldError] = (),
    headers: dict[str, str] | None = None,
) -> JsonResponse:
    """A problem as an answer, for places outside the API's own views."""
    return JsonResponse(
        document(status, code=code, detail=detail, errors=errors),
        status=status,
        content_type=MEDIA_TYPE,
        headers=headers,
    )


def wanted(request: HttpRequest) -> bool:
    """Whether this address speaks JSON, so that refusals must too."""
    return request.path_info.startswith(("/api/", "/hooks/", "/healthz", "/readyz"))
