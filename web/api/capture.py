"""The way in for systems: one touch, or up to a thousand."""

from __future__ import annotations

import re
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.errors import DomainError, FieldError, InvalidInput
from lifecycle import intake
from lifecycle.intake import Answer
from web import problems
from web.api import batches, documents, errors, parsers, permissions
from web.api.views import Door

MOST_TOUCHES = 1000
KEY_SHAPE = re.compile(r"[\x21-\x7e]{1,200}")
KEY_WORDS = "1 to 200 visible ASCII characters without spaces"

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description=f"Makes a retry safe: {KEY_WORDS}. The same key with the same body gives the "
    "same receipt; with another body it is refused.",
)


class BadIdempotencyKey(DomainError):
    """The header cannot be used as a key."""

    code = "idempotency_key"
    status = 400


class CaptureView(Door):
    """One touch."""

    door = permissions.CAPTURE
    serializer_class = documents.Touch

    @extend_schema(
        operation_id="capture",
        parameters=[IDEMPOTENCY_KEY],
        request=documents.Touch,
        responses={
            201: documents.Receipt,
            200: documents.Receipt,
            202: documents.Receipt,
            (422, problems.MEDIA_TYPE): documents.Problem,
        },
    )
    def post(self, request: Request) -> Response:
        """Take in one touch. 201 new, 200 a replay, 202 stored and advanced later, 422 refused."""
        self.refuse_unknown(request, set())
        key = header_key(request)
        [answer] = intake.capture([request.data], scope=scope_of(request), keys=[key])
        if answer.receipt is None:
            raise InvalidInput(errors.first(answer.errors), errors=list(answer.errors))
        return Response(answer.receipt, status=answer.status)


class CaptureBatchView(Door):
    """Many touches; a bad one is refused alone."""

    door = permissions.CAPTURE
    serializer_class = documents.Batch
    body_limit = parsers.BATCH_LIMIT
    item_list = "touches"

    @extend_schema(
        operation_id="capture_batch",
        parameters=[IDEMPOTENCY_KEY],
        request=documents.Batch,
        responses={200: documents.BatchReceipts, (422, problems.MEDIA_TYPE): documents.Problem},
    )
    def post(self, request: Request) -> Response:
        """Take in up to 1000 touches; one answer each, in the same order, with its own status."""
        self.refuse_unknown(request, set())
        touches = batches.items(request.data, "touches", most=MOST_TOUCHES)
        header = header_key(request)
        read = [_item(touch, place, header) for place, touch in enumerate(touches)]
        good = [(body, key) for body, key, found in read if not found]
        answers = iter(
            intake.capture(
                [body for body, _ in good],
                scope=scope_of(request),
                keys=[key for _, key in good],
            )
        )
        receipts = [
            _receipt(Answer(422, errors=found) if found else next(answers)) for *_, found in read
        ]
        return Response({"receipts": receipts})


def scope_of(request: Request) -> str:
    """Whose idempotency keys these are: the service user's, so that a new key may retry."""
    return f"user:{request.user.pk}"


def header_key(request: Request) -> str | None:
    """The Idempotency-Key of the request, if one was sent. Raises BadIdempotencyKey (400)."""
    key = request.headers.get("Idempotency-Key")
    if key is not None and not KEY_SHAPE.fullmatch(key):
        raise BadIdempotencyKey(f"An Idempotency-Key has {KEY_WORDS}.")
    return key


def _item(
    touch: Any, place: int, header: str | None
) -> tuple[Any, str | None, tuple[FieldError, ...]]:
    """One touch of a batch apart from its key, and what forbids reading it at all."""
    found = tuple(parsers.faults(touch))
    key = f"{header[:190]}/{place}" if header else None
    if isinstance(touch, dict) and "idempotency_key" in touch:
        key = touch["idempotency_key"]
        touch = {name: value for name, value in touch.items() if name != "idempotency_key"}
        if not isinstance(key, str) or not KEY_SHAPE.fullmatch(key):
            found += (FieldError("idempotency_key", f"A key has {KEY_WORDS}.", "idempotency_key"),)
    return touch, key, found


def _receipt(answer: Answer) -> dict[str, Any]:
    if answer.receipt is not None:
        return {"status": answer.status, **answer.receipt}
    return {"status": answer.status, "errors": problems.listed(answer.errors)}
