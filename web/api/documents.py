"""The documents of the API, for its description. Bodies that are read have their own readers."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from leads.models import Channel, SourceCategory
from leads.stages import Stage
from web import problems

Document = serializers.Serializer[Any]

STAGES = [stage.value for stage in Stage]
ANSWERED = [(code, str(code)) for code in (200, 201, 202, 422)]
"""What becomes of one item of a batch, as statuses of HTTP."""


class Fault(Document):
    """One fault of one input."""

    field = serializers.CharField(help_text="Where it is, as a dotted path.")
    message = serializers.CharField()
    code = serializers.CharField()


class Problem(Document):
    """A refusal (RFC 9457)."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField()
    errors = Fault(many=True)  # type: ignore[assignment]
    state = serializers.DictField(required=False, help_text="The present state, with 409.")


REFUSALS = {(status, problems.MEDIA_TYPE): Problem for status in (400, 401, 403, 404, 409, 422)}
"""How acts on a lead are refused."""


class TouchPerson(Document):
    first_name = serializers.CharField(required=False)
    last_name = serializers.CharField(required=False)
    email = serializers.CharField(required=False)
    phone = serializers.CharField(required=False)
    title = serializers.CharField(required=False)
    country = serializers.CharField(required=False)


class TouchCompany(Document):
    name = serializers.CharField(required=False)
    domain = serializers.CharField(required=False)
    industry = serializers.CharField(required=False)
    employees = serializers.IntegerField(required=False)
    annual_revenue = serializers.DecimalField(required=False, max_digits=18, decimal_places=2)
    currency = serializers.CharField(required=False)
    country = serializers.CharField(required=False)
    region = serializers.CharField(required=False, help_text="State, province or county.")
    postal_code = serializers.CharField(required=False)


class TouchLead(Document):
    potential_value = serializers.DecimalField(
        required=False, max_digits=18, decimal_places=2,
        help_text="What the lead may be worth, in the base currency of this installation.",
    )  # fmt: skip
    currency = serializers.CharField(
        required=False, help_text="Of that value; an amount in another than the base is not used."
    )


class TouchSource(Document):
    category = serializers.ChoiceField(
        SourceCategory.choices,
        required=False,
        help_text="Leave it out and the kit's attribution rules decide.",
    )
    source = serializers.CharField(  # type: ignore[assignment]
        required=False, help_text="utm_source, such as google."
    )
    medium = serializers.CharField(required=False, help_text="utm_medium, such as cpc.")
    campaign = serializers.CharField(required=False)
    content = serializers.CharField(required=False)
    term = serializers.CharField(required=False)
    referrer = serializers.CharField(required=False, help_text="Page the visitor came from.")
    landing = serializers.CharField(required=False, help_text="Page on which they were seen.")
    click_id = serializers.CharField(
        required=False, help_text="The network's mark with its name: gclid=EAIa…"
    )
    partner = serializers.CharField(required=False)


class TouchSignal(Document):
    kind = serializers.CharField(help_text="Key of a signal of the kit, such as demo_request.")
    occurred_at = serializers.DateTimeField(required=False)


class Touch(Document):
    """One contact through one channel."""

    channel = serializers.ChoiceField(Channel.choices)
    occurred_at = serializers.DateTimeField(required=False)
    person = TouchPerson(required=False)
    company = TouchCompany(required=False)
    lead = TouchLead(required=False)
    external_id = serializers.CharField(required=False)
    visitor = serializers.CharField(
        required=False, help_text="The browser it was sent from; what was done there is theirs."
    )
    consent = serializers.JSONField(
        required=False,
        help_text="true, false, the words agreed to, or an object: {email, phone, social, post: "
        "true or false, basis, words}.",
    )
    source = TouchSource(required=False)  # type: ignore[assignment]
    signals = TouchSignal(many=True, required=False)
    fields = serializers.DictField(required=False)  # type: ignore[assignment]
    note = serializers.CharField(required=False)


class BatchTouch(Touch):
    """One contact of a batch, with its own key."""

    idempotency_key = serializers.CharField(required=False, max_length=200)


class Batch(Document):
    """Up to 1000 touches."""

    touches = BatchTouch(many=True)


class Score(Document):
    """The score at this instant."""

    total = serializers.FloatField()
    fit = serializers.FloatField()
    engagement = serializers.FloatField()
    intent = serializers.FloatField()


class ScoreShare(Document):
    """What one rule adds to the score."""

    rule = serializers.CharField()
    category = serializers.CharField()
    value = serializers.FloatField()


class ExplainedScore(Score):
    """The score with each rule's share of it."""

    parts = ScoreShare(many=True)


class ScoreEvidence(Document):
    """A behaviour that counts for a rule, and what is left of its points."""

    signal = serializers.CharField()
    kind = serializers.CharField()
    at = serializers.DateTimeField()
    touch = serializers.CharField(allow_null=True)
    value = serializers.FloatField()


class ScoreRuleTold(ScoreShare):
    """What one rule adds, of which `capped` was taken away; since when it is so, and why.

    The evidence and `capped` add up to `value`; rules over facts have no evidence.
    """

    name = serializers.CharField()
    since = serializers.DateTimeField()
    points = serializers.FloatField()
    half_life_days = serializers.FloatField(allow_null=True)
    cap = serializers.FloatField(allow_null=True)
    within_days = serializers.IntegerField(allow_null=True)
    capped = serializers.FloatField()
    evidence = ScoreEvidence(many=True)


class ScoreTold(Score):
    """The score at an instant, by the kit that judged it; the parts add up to the total."""

    at = serializers.DateTimeField()
    band = serializers.CharField()
    kit_version = serializers.IntegerField(allow_null=True)
    parts = ScoreRuleTold(many=True)


class ReceiptClock(Document):
    policy = serializers.CharField()
    due_at = serializers.DateTimeField()


class ReceiptOwner(Document):
    """Who has the lead now."""

    id = serializers.CharField()
    name = serializers.CharField()


class Receipt(Document):
    """What became of a touch. Until it is advanced only `touch` and `outcome` are known."""

    touch = serializers.CharField()
    outcome = serializers.ChoiceField(["created", "attached", "review", "quarantined", "queued"])
    lead = serializers.CharField(required=False)
    stage = serializers.ChoiceField(STAGES, required=False)
    score = Score(required=False)
    owner = ReceiptOwner(required=False, allow_null=True)
    queue = serializers.CharField(required=False, allow_null=True)
    clocks = ReceiptClock(many=True, required=False)
    kit_version = serializers.IntegerField(required=False)
    remarks = Fault(
        many=True,
        required=False,
        help_text="What was kept with the touch and not understood, such as a signal that the kit "
        "does not know; it counts for nothing.",
    )


class BatchReceipt(Receipt):
    """One answer of a batch: a receipt, or the faults that forbade it."""

    status = serializers.ChoiceField(ANSWERED)
    touch = serializers.CharField(required=False)
    outcome = serializers.CharField(required=False)  # type: ignore[assignment]
    errors = Fault(many=True, required=False)  # type: ignore[assignment]


class BatchReceipts(Document):
    """One answer per touch, in the same order."""

    receipts = BatchReceipt(many=True)
