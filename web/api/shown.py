"""Leads and what belongs to them, as the API shows them. Ids are opaque texts, times are UTC."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from leads.models import Channel, EventKind, SourceCategory
from sla.models import ClockState
from web.api import documents
from web.api.bodies import Instant

Document = serializers.Serializer[Any]


class Who(Document):
    """A user of ours."""

    id = serializers.CharField(source="pk")
    name = serializers.CharField(source="__str__")


class Buyer(Document):
    """The person behind a lead."""

    id = serializers.CharField(source="pk")
    first_name = serializers.CharField()
    last_name = serializers.CharField()
    title = serializers.CharField()
    email = serializers.CharField()
    phone = serializers.CharField()
    country = serializers.CharField()


class Company(Document):
    """The account of a lead."""

    id = serializers.CharField(source="pk")
    name = serializers.CharField()
    domain = serializers.CharField(allow_null=True)
    industry = serializers.CharField()
    employees = serializers.IntegerField(allow_null=True)
    country = serializers.CharField()
    region = serializers.CharField()
    postal_code = serializers.CharField()
    status = serializers.CharField()


class LeadRow(Document):
    """A lead in a list."""

    id = serializers.CharField(source="pk")
    stage = serializers.ChoiceField(documents.STAGES)
    cycle = serializers.IntegerField()
    version = serializers.IntegerField(help_text="Number of its last event.")
    person = Buyer()
    account = Company(allow_null=True)
    owner = Who(allow_null=True)
    queue = serializers.CharField(help_text="Key of the pool it waits in, if it waits.")
    channel = serializers.ChoiceField(Channel.choices)
    category = serializers.ChoiceField(SourceCategory.choices)
    campaign = serializers.CharField()
    potential_value = serializers.DecimalField(
        max_digits=18,
        decimal_places=2,
        allow_null=True,
        help_text="What it may be worth, in the base currency of this installation.",
    )
    band = serializers.CharField()
    reason = serializers.CharField(help_text="Key of the last reason given.")
    next_due_at = Instant(allow_null=True)
    wake_at = Instant(allow_null=True, help_text="When a nurtured lead is looked at again.")
    wake_on = serializers.CharField(help_text="What wakes it sooner, if anything does.")
    hand_raised_at = Instant(allow_null=True)
    entered_stage_at = Instant()
    last_touch_at = Instant()
    created_at = Instant()
    merged_into = serializers.CharField(
        source="merged_into_id",
        allow_null=True,
        help_text="The lead that carries on, while this one is MERGED.",
    )


class Deal(Document):
    """The opportunity of a lead."""

    id = serializers.CharField(source="pk")
    name = serializers.CharField()
    status = serializers.CharField()
    owner = Who()
    amount = serializers.DecimalField(max_digits=18, decimal_places=2, allow_null=True)
    currency = serializers.CharField()
    expected_close = serializers.DateField(allow_null=True)


class ClockRow(Document):
    """One obligation on a lead."""

    id = serializers.CharField(source="pk")
    policy = serializers.CharField()
    obligation = serializers.CharField()
    state = serializers.ChoiceField(ClockState.choices)
    started_at = Instant()
    warn_at = Instant()
    due_at = Instant()
    breached_at = Instant(allow_null=True)
    stopped_at = Instant(allow_null=True)
    evidence = serializers.CharField()
    calendar = serializers.CharField()
    cycle = serializers.IntegerField()
    holder = Who(allow_null=True)
    kit_version = serializers.IntegerField(source="kit.number")


class PathStep(Document):
    """One touchpoint of a lead, and what made the buyer come then."""

    touch = serializers.CharField()
    at = Instant()
    channel = serializers.ChoiceField(Channel.choices)
    category = serializers.ChoiceField(SourceCategory.choices)
    rule = serializers.CharField(help_text="Key of the attribution rule that named the category.")
    source = serializers.CharField()  # type: ignore[assignment]
    medium = serializers.CharField()
    campaign = serializers.CharField()
    referrer = serializers.CharField(help_text="Host of the page before.")


class RuleOfQuality(Document):
    """One thing a good record has, by the kit in force."""

    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]


class RecordQuality(Document):
    """How good the record is: which data quality rules it meets and misses."""

    percent = serializers.SerializerMethodField(help_text="Empty where the kit asks for nothing.")
    met = RuleOfQuality(many=True)
    missed = RuleOfQuality(many=True)

    def get_percent(self, quality: Any) -> int | None:
        """Of the rules that are met."""
        return None if quality.share is None else int(quality.share * 100)


class LeadFull(LeadRow):
    """One lead with its deal, its path, its score at this instant and its open clocks."""

    quarantined_at = Instant(allow_null=True, help_text="Since when its record is too thin.")
    exclusion = serializers.CharField(
        help_text="Key of the exclusion that has it out; empty where none has."
    )
    quality = serializers.SerializerMethodField()
    fields = serializers.SerializerMethodField(  # type: ignore[assignment]
        "get_own", help_text="The kit's own fields by key; null for one that is not known."
    )

    checklist = serializers.SerializerMethodField(
        help_text="What was learnt in this cycle, by checklist and item."
    )
    sourced_by = Who(allow_null=True)
    opportunity = Deal(allow_null=True)
    path = serializers.SerializerMethodField()
    score = serializers.SerializerMethodField()
    clocks = serializers.SerializerMethodField()

    def get_score(self, lead: Any) -> documents.ExplainedScore:
        """The sum of its explained parts now."""
        return self.context["score"]  # type: ignore[no-any-return]

    def get_checklist(self, lead: Any) -> dict[str, str]:
        """The answers kept between calls."""
        return self.context["checklist"]  # type: ignore[no-any-return]

    @extend_schema_field(PathStep(many=True))
    def get_path(self, lead: Any) -> list[dict[str, Any]]:
        """The first touchpoint and the latest ones, oldest first."""
        return [dict(row) for row in PathStep(self.context["path"], many=True).data]

    def get_own(self, lead: Any) -> dict[str, str | int | float | bool | None]:
        """Of the kit in force, as rules take them."""
        return dict(self.context["own"])

    def get_quality(self, lead: Any) -> RecordQuality:
        """By the kit in force and what is known now."""
        return RecordQuality(self.context["quality"]).data  # type: ignore[return-value]

    def get_clocks(self, lead: Any) -> list[dict[str, Any]]:
        """The open ones, soonest first."""
        return [dict(row) for row in ClockRow(self.context["clocks"], many=True).data]


class EventRow(Document):
    """One entry of a lead's log."""

    sequence = serializers.IntegerField()
    kind = serializers.ChoiceField(EventKind.choices)
    transition = serializers.CharField()
    from_stage = serializers.CharField()
    to_stage = serializers.CharField()
    cycle = serializers.IntegerField()
    owner = Who(allow_null=True)
    queue = serializers.CharField()
    by = Who(allow_null=True)
    actor = serializers.CharField()
    because = serializers.DictField()
    kit_version = serializers.IntegerField(source="kit.number", allow_null=True, default=None)
    at = Instant()
    recorded_at = Instant()


class Signer(Document):
    """Who signed this text, for which party."""

    party = serializers.CharField()
    by = Who()
    signed_at = Instant()


class KitDocument(Document):
    """A kit version: the canonical document is what is executed."""

    version = serializers.IntegerField(source="number")
    title = serializers.CharField()
    status = serializers.CharField()
    checksum = serializers.CharField()
    published_at = Instant(allow_null=True)
    signatures = serializers.SerializerMethodField()
    document = serializers.DictField()

    def get_signatures(self, version: Any) -> list[dict[str, Any]]:
        """Those given to exactly this text."""
        rows = version.signatures.filter(checksum=version.checksum).select_related("by")
        return [dict(row) for row in Signer(rows.order_by("signed_at"), many=True).data]


class Slice(Document):
    """One way to break a report down."""

    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]


class ReportColumn(Slice):
    """One figure of a report."""

    unit = serializers.CharField(help_text="count, seconds, share (0 to 1), text or kit version.")


class ReportDeclaration(Document):
    """What a report means and who answers for it."""

    key = serializers.CharField()
    name = serializers.CharField()
    meaning = serializers.CharField()
    formula = serializers.CharField()
    owner_role = serializers.CharField()
    unit = serializers.CharField()
    slices = Slice(many=True)
    columns = ReportColumn(many=True)


class Benchmark(Document):
    """Between what a KPI usually lies, in its unit; one end may be open."""

    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    source = serializers.CharField()  # type: ignore[assignment]
    dated = serializers.DateField()


class Metric(Document):
    """What is said of a KPI beside its report."""

    version = serializers.IntegerField(help_text="Of the formula.")
    better = serializers.CharField(help_text="higher, lower or neither.")
    headline = serializers.CharField(help_text="The column that is meant by its name.")
    owner = serializers.CharField(allow_null=True, help_text="Who answers for it by name.")
    nobody = serializers.BooleanField(help_text="Whether whoever was named for it has left.")
    benchmark = Benchmark(allow_null=True, help_text="Of what the report is kept to.")


class ReportBase(Document):
    """A report with its period, the kits it ran under and its lines."""

    report = serializers.CharField()
    name = serializers.CharField()
    meaning = serializers.CharField()
    formula = serializers.CharField()
    owner_role = serializers.CharField()
    unit = serializers.CharField()
    by = serializers.CharField()
    to = Instant()
    kit_version = serializers.IntegerField(allow_null=True)
    kits = serializers.ListField(child=serializers.IntegerField())
    generated_at = Instant()
    columns = ReportColumn(many=True)
    rows = serializers.ListField(child=serializers.DictField())
    totals = serializers.DictField()
    metric = Metric(allow_null=True, required=False, help_text="Of reports that are KPIs.")


Report = type("Report", (ReportBase,), {"from": Instant(), "__doc__": ReportBase.__doc__})
"""`from` is a word of the language, so the field cannot be written into the class."""


class EditedLead(LeadFull):
    """The lead after a change, and what whoever changed it should know."""

    remarks = documents.Fault(many=True)
