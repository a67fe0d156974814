"""The way in for signals that come by themselves: one, or up to a thousand."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.errors import InvalidInput
from leads import signal_intake, visiting
from lifecycle.intake import Answer
from lifecycle.signalling import receiving
from web import problems
from web.api import batches, documents, errors, parsers, permissions
from web.api.capture import IDEMPOTENCY_KEY, header_key, scope_of
from web.api.documents import STAGES, Document
from web.api.views import Door


class SignalPerson(Document):
    """By what the buyer is known."""

    email = serializers.CharField(required=False)
    phone = serializers.CharField(required=False)
    country = serializers.CharField(required=False, help_text="Reads a national number.")


class SentSignal(Document):
    """One behaviour. Something to know the buyer by is needed: a signal makes nobody."""

    kind = serializers.CharField(help_text="Key of a signal of the kit, such as page_view.")
    occurred_at = serializers.DateTimeField(required=False)
    person = SignalPerson(required=False)
    external_id = serializers.CharField(required=False)
    visitor = serializers.CharField(required=False, help_text=visiting.SHAPE)
    url = serializers.CharField(required=False, help_text="Kept without query and fragment.")
    source_id = serializers.CharField(
        required=False, help_text="Its id in the system that sends it: it counts once."
    )


class SignalBatch(Document):
    """Up to 1000 signals."""

    signals = SentSignal(many=True)


class SignalReceipt(Document):
    """What became of a signal. `waiting` ones are attached when their buyer becomes known."""

    signal = serializers.CharField()
    outcome = serializers.ChoiceField(["counted", "waiting", "queued"])
    lead = serializers.CharField(required=False, allow_null=True)
    stage = serializers.ChoiceField(STAGES, required=False)
    score = documents.Score(required=False, allow_null=True)
    kit_version = serializers.IntegerField(required=False)
    remarks = documents.Fault(
        many=True,
        required=False,
        help_text="What was kept and not understood; it counts for nobody.",
    )


class BatchSignalReceipt(SignalReceipt):
    """One answer of a batch: a receipt, or the faults that forbade it."""

    status = serializers.ChoiceField(documents.ANSWERED)
    signal = serializers.CharField(required=False)
    outcome = serializers.CharField(required=False)  # type: ignore[assignment]
    errors = documents.Fault(many=True, required=False)  # type: ignore[assignment]


class SignalReceipts(Document):
    """One answer per signal, in the same order."""

    receipts = BatchSignalReceipt(many=True)


class SignalView(Door):
    """One signal."""

    door = permissions.CAPTURE
    serializer_class = SentSignal

    @extend_schema(
        operation_id="signal",
        parameters=[IDEMPOTENCY_KEY],
        request=SentSignal,
        responses={
            201: SignalReceipt,
            200: SignalReceipt,
            202: SignalReceipt,
            (422, problems.MEDIA_TYPE): documents.Problem,
        },
    )
    def post(self, request: Request) -> Response:
        """Take in one signal. 201 new, 200 a replay, 202 stored and advanced later, 422 refused."""
        self.refuse_unknown(request, set())
        key = header_key(request)
        [answer] = receiving.capture([request.data], scope=scope_of(request), keys=[key])
        if answer.receipt is None:
            raise InvalidInput(errors.first(answer.errors), errors=list(answer.errors))
        return Response(answer.receipt, status=answer.status)


class SignalBatchView(Door):
    """Many signals; a bad one is refused alone."""

    door = permissions.CAPTURE
    serializer_class = SignalBatch
    body_limit = parsers.BATCH_LIMIT
    item_list = "signals"

    @extend_schema(
        operation_id="signal_batch",
        parameters=[IDEMPOTENCY_KEY],
        request=SignalBatch,
        responses={200: SignalReceipts, (422, problems.MEDIA_TYPE): documents.Problem},
    )
    def post(self, request: Request) -> Response:
        """Take in up to 1000 signals; one answer each, in the same order, with its own status."""
        self.refuse_unknown(request, set())
        signals = batches.items(request.data, "signals", most=signal_intake.MOST_SIGNALS)
        header = header_key(request)
        faults = [tuple(parsers.faults(one)) for one in signals]
        good = [place for place, found in enumerate(faults) if not found]
        answers = iter(
            receiving.capture(
                [signals[place] for place in good],
                scope=scope_of(request),
                keys=[f"{header[:190]}/{place}" if header else None for place in good],
            )
        )
        told = [Answer(422, errors=found) if found else next(answers) for found in faults]
        return Response({"receipts": [_receipt(one) for one in told]})


def _receipt(answer: Answer) -> dict[str, Any]:
    if answer.receipt is not None:
        return {"status": answer.status, **answer.receipt}
    return {"status": answer.status, "errors": problems.listed(answer.errors)}
