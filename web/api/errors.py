"""Every refusal of the API as one kind of document (RFC 9457)."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from core.errors import DomainError, FieldError
from web import problems
from web.api import parsers

logger = logging.getLogger(__name__)

NO_SUCH_THING = "There is no such thing, or you may not see it."


def problem(exception: Exception, context: dict[str, Any]) -> Response | None:
    """Translate a refusal; anything unknown stays an error of ours (500, recorded)."""
    match exception:
        case DomainError():
            answer = _refused(exception)
        case Http404() | exceptions.NotFound():
            answer = _answer(404, code="not_found", detail=NO_SUCH_THING)
        case PermissionDenied():
            answer = _answer(403, code="not_allowed", detail=str(exception) or "Not allowed.")
        case exceptions.ValidationError():
            faults = list(field_errors(exception.detail))
            answer = _answer(422, code="invalid", detail=first(faults), errors=faults)
        case exceptions.APIException():
            answer = _api_exception(exception)
        case OperationalError() | InterfaceError():
            logger.warning("Database outage in the API: %s", exception)
            answer = _outage()
        case _:
            return None
    set_rollback()
    return answer


def first(faults: Sequence[FieldError]) -> str:
    """The first fault in words, and how many more there are."""
    if not faults:
        return "The body cannot be used as it is."
    where = f"{faults[0].field}: " if faults[0].field else ""
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    return f"{where}{faults[0].message}{more}"


def _answer(status: int, headers: dict[str, str] | None = None, **words: Any) -> Response:
    body = problems.document(status, **words)
    return Response(body, status=status, headers=headers, content_type=problems.MEDIA_TYPE)


def _refused(exception: DomainError) -> Response:
    return _answer(
        exception.status,
        {"Retry-After": str(problems.RETRY_SECONDS)} if exception.status == 503 else None,
        code=exception.code,
        detail=exception.message,
        errors=exception.errors,
        state=exception.state,
    )


def _api_exception(exception: exceptions.APIException) -> Response:
    headers: dict[str, str] = {}
    if getattr(exception, "auth_header", None):
        headers["WWW-Authenticate"] = exception.auth_header  # type: ignore[attr-defined]
    if getattr(exception, "wait", None):
        headers["Retry-After"] = str(int(exception.wait) + 1)  # type: ignore[attr-defined]
    codes = exception.get_codes()
    return _answer(
        exception.status_code,
        headers,
        code=codes if isinstance(codes, str) else str(exception.default_code),
        detail=str(exception.detail),
        errors=exception.faults if isinstance(exception, parsers.BadJSON) else [],
    )


def _outage() -> Response:
    return _answer(
        503,
        {"Retry-After": str(problems.RETRY_SECONDS)},
        code="database_unavailable",
        detail="The database is not available or too busy right now; try again.",
    )


def field_errors(detail: Any, *, path: str = "") -> Iterator[FieldError]:
    """Flatten the framework's nested refusals into dotted paths."""
    match detail:
        case dict():
            for name, inner in detail.items():
                own = "" if name == "non_field_errors" else str(name)
                yield from field_errors(inner, path=".".join(filter(None, (path, own))))
        case list():
            for place, inner in enumerate(detail):
                nested = isinstance(inner, dict | list)
                yield from field_errors(inner, path=f"{path}.{place}" if nested else path)
        case _:
            yield FieldError(path, str(detail), getattr(detail, "code", "invalid"))
