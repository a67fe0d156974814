"""Many opportunities at once, as another system knows them; with and without leads."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from core.errors import InvalidInput
from leads.models import Opportunity
from lifecycle import deal_lines
from lifecycle.deal_importing import batch
from lifecycle.deal_importing.said import Done, Outcome, Said, refused
from web import problems
from web.api import batches, documents, errors, parsers, permissions, shown
from web.api.bodies import Text, Truth
from web.api.documents import REFUSALS
from web.api.products import Line
from web.api.views import Door, StrictSerializer

STATUS = {Outcome.CREATED: 201, Outcome.REJECTED: 422}
"""What became of a row, as a status of HTTP; 200 where it was here already."""


class OpportunitySaid(StrictSerializer):
    """An opportunity as another system knows it; what is left out or empty is not said."""

    external_id = Text(200, required=True, allow_blank=False)
    url = serializers.URLField(max_length=500, required=False, allow_blank=True)
    name = Text(200, help_text="The account's name unless said.")
    account = Text(200, help_text="A company, by its name or another name of it.")
    domain = Text(253, help_text="Its domain, which says more than the name.")
    owner = Text(254, help_text="E-mail, user name or full name.")
    status = serializers.ChoiceField(
        Opportunity.Status.choices, required=False, help_text="Open unless said."
    )
    stage = Text(120, help_text="Key or label of a sales stage; the kit's first unless said.")
    amount = serializers.DecimalField(
        max_digits=18, decimal_places=2, min_value=0, required=False, allow_null=True
    )
    currency = serializers.RegexField(r"^[A-Z]{3}\Z", required=False, allow_blank=True)
    opened = serializers.DateField(required=False, allow_null=True, help_text="A day in UTC.")
    closed = serializers.DateField(
        required=False, allow_null=True, help_text="The day it was won or lost; needed for those."
    )
    expected_close = serializers.DateField(required=False, allow_null=True)
    reason = Text(120, help_text="Key or label of a reason of the kit for this end.")
    competitor = Text(120)
    products = Line(many=True, required=False, max_length=deal_lines.MOST)  # type: ignore[call-arg]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """To what the lifecycle takes."""
        lines = tuple(one["said"] for one in attrs.pop("products", ()))
        return {"said": Said(**attrs, products=lines)}


class Manner(StrictSerializer):
    """Whose ids these are, and what is done about owners and companies that are unknown here."""

    system = Text(80, required=True, allow_blank=False)
    owner_else = Text(254, help_text="Whose those are that nobody here owns.")
    make_accounts = Truth(required=False, help_text="Make companies that are unknown.")


class OpportunityBatch(Manner):
    """Up to 1000 opportunities of one system."""

    opportunities = OpportunitySaid(many=True)


class OpportunityReceipt(shown.Document):
    """What became of one opportunity: 201 new, 200 known, 422 not taken, with its errors."""

    status = serializers.ChoiceField([(code, str(code)) for code in (200, 201, 422)])
    outcome = serializers.ChoiceField([one.value for one in Outcome])
    opportunity = serializers.CharField(required=False)
    changed = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="Fields that are other now."
    )
    remarks = documents.Fault(
        many=True, required=False, help_text="What was left as it is here, or read leniently."
    )
    errors = documents.Fault(many=True, required=False)  # type: ignore[assignment]


class OpportunityReceipts(shown.Document):
    """One answer per opportunity, in the same order."""

    receipts = OpportunityReceipt(many=True)


class OpportunityBatchView(Door):
    """Many opportunities; a bad one is refused alone."""

    door = permissions.IMPORTS
    serializer_class = OpportunityBatch
    body_limit = parsers.BATCH_LIMIT
    item_list = "opportunities"

    @extend_schema(
        operation_id="opportunity_batch",
        request=OpportunityBatch,
        responses={200: OpportunityReceipts, **REFUSALS},
    )
    def post(self, request: Request) -> Response:
        """Make or change up to 1000 opportunities by their ids in another system.

        One answer each, in the same order. The same again changes nothing, so a batch may be sent
        again; what people here changed stays. Send the earliest ends first: a customer begins
        with its first win.
        """
        self.refuse_unknown(request, set())
        document: Any = request.data
        rows = batches.items(
            document, self.item_list, most=batch.MOST, beside=tuple(Manner().fields)
        )
        how = Manner(data={name: document[name] for name in document if name != self.item_list})
        how.is_valid(raise_exception=True)
        read = [_read(one) for one in rows]
        good = [one for one in read if isinstance(one, Said)]
        done = iter(batch.take(good, by=self.caller, **how.validated_data))
        became = [next(done) if isinstance(one, Said) else one for one in read]
        return Response({"receipts": [_receipt(one) for one in became]})


def _read(row: Any) -> Said | Done:
    """What one row says, or that it is refused and why."""
    if faults := list(parsers.faults(row)):
        return refused(*faults)
    reader = OpportunitySaid(data=row)
    try:
        reader.is_valid(raise_exception=True)
    except InvalidInput as unknown:
        return refused(*unknown.errors)
    except ValidationError as wrong:
        return refused(*errors.field_errors(wrong.detail))
    said: Said = reader.validated_data["said"]
    return said


def _receipt(done: Done) -> dict[str, Any]:
    told = {"status": STATUS.get(done.outcome, 200), "outcome": done.outcome.value}
    listed = problems.listed(done.remarks)
    if done.opportunity is None:
        return {**told, "errors": listed}
    return {
        **told,
        "opportunity": str(done.opportunity),
        "changed": done.fields,
        "remarks": listed,
    }
