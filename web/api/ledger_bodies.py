"""Costs and quotas as the API reads and shows them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.errors import DomainError, FieldError, InvalidInput
from leads.models import Channel, SourceCategory
from reports import cost_acts, quota_acts, quotas
from reports.models.statement import Kind, Via
from reports.stated_files import days, quota_rows
from reports.stated_files.plan import Verdict
from web.api import documents, shown
from web.api.bodies import Instant, Text, Truth
from web.api.views import StrictSerializer

STATUSES = [(code, str(code)) for code in (200, 201, 422)]


class _Stated(StrictSerializer):
    """What both say: which days, how much; and which entry is meant, where it is known."""

    entry = serializers.CharField(
        required=False, allow_null=True, max_length=18, help_text="Number of the entry it is of."
    )
    month = Text(20, help_text="Such as 2026-10 or Q4 2026; instead of first and last day.")
    first_day = serializers.DateField(required=False, allow_null=True)
    last_day = serializers.DateField(
        required=False, allow_null=True, help_text="This day counts, too."
    )
    amount = serializers.DecimalField(max_digits=16, decimal_places=2, min_value=0)
    external_id = Text(200, help_text="What the other system calls it; restates the same one.")
    note = Text(2_000)

    def validate_entry(self, value: str | None) -> int | None:
        """The number as it is shown."""
        if value is None:
            return None
        if not (value.isascii() and value.isdigit()):
            raise serializers.ValidationError("Give the number of an entry, or leave it out.")
        return int(value)

    def span(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The days of one statement. Raises InvalidInput."""
        month, first = attrs.pop("month", ""), attrs.pop("first_day", None)
        last = attrs.pop("last_day", None)
        if bool(month) == (first is not None):
            told = "Say the days once: month, or first_day and last_day."
            raise InvalidInput(told, errors=[FieldError("first_day", told, "days")])
        if not month:
            return {"first_day": first, "last_day": last or first}
        try:
            first, last = days.span(month)
        except days.NoDays as why:
            raise InvalidInput(str(why), errors=[FieldError("month", str(why))]) from None
        return {"first_day": first, "last_day": last}


class CostSaid(_Stated):
    """What a source cost."""

    source = serializers.ChoiceField(SourceCategory.choices)  # type: ignore[assignment]
    channel = serializers.ChoiceField(Channel.choices, required=False, allow_blank=True)
    currency = serializers.RegexField(
        r"^[A-Z]{3}\Z", required=False, allow_blank=True, help_text="The base currency unless said."
    )
    campaign = Text(200)
    label = Text(200, help_text="Vendor, or purpose.")  # type: ignore[assignment]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """To what the book takes. Raises InvalidInput."""
        entry, days_said = attrs.pop("entry", None), self.span(attrs)
        said = cost_acts.Said(**{"currency": ""} | attrs, **days_said)
        return {"said": cost_acts.checked(said), "entry": entry}


class QuotaSaid(_Stated):
    """What a rep, a team or the company is to win."""

    of = Text(
        254, required=True, allow_blank=False,
        help_text="User name, e-mail or full name of a rep, a team, or Company.",
    )  # fmt: skip
    deals = serializers.IntegerField(
        required=False, allow_null=True, min_value=0, max_value=quota_acts.MOST_COUNTED
    )
    sqls = serializers.IntegerField(
        required=False, allow_null=True, min_value=0, max_value=quota_acts.MOST_COUNTED
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """To what the book takes. Raises InvalidInput."""
        entry, days_said, of = attrs.pop("entry", None), self.span(attrs), attrs.pop("of")
        try:
            party = quotas.party_named(of)
        except DomainError as refusal:
            raise InvalidInput(
                refusal.message, errors=[FieldError("of", refusal.message)]
            ) from None
        span = days_said["first_day"], days_said["last_day"]
        said = quota_rows.said_of(party, span, **attrs)
        return {"said": quota_acts.checked(said), "entry": entry}


class Manner(StrictSerializer):
    """Why entries are restated, and whether it is only tried."""

    reason = Text(300, help_text="Stands with every entry that is restated.")
    dry_run = Truth(required=False, help_text="Decide everything, write nothing.")


class Known(StrictSerializer):
    """As of when one asks."""

    known = Instant()


class CostBatch(Manner):
    """Up to 1000 costs."""

    costs = CostSaid(many=True)


class QuotaBatch(Manner):
    """Up to 1000 quotas."""

    quotas = QuotaSaid(many=True)


class StatedReceipt(shown.Document):
    """What became of one: 201 new, 200 known already or restated, 422 refused with its errors."""

    status = serializers.ChoiceField(STATUSES)
    outcome = serializers.ChoiceField([one.value for one in Verdict])
    entry = serializers.CharField(required=False, help_text="Left out when it was only tried.")
    changed = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="Fields that say something else."
    )
    errors = documents.Fault(many=True, required=False)  # type: ignore[assignment]


class StatedReceipts(shown.Document):
    """One answer per item, in the same order."""

    receipts = StatedReceipt(many=True)


class _Entry(shown.Document):
    """The row of an entry that counts."""

    entry = serializers.CharField(source="number")
    version = serializers.IntegerField(help_text="How often something was said of it.")
    kind = serializers.ChoiceField(Kind.choices, help_text="What the last row did.")
    first_day = serializers.DateField()
    last_day = serializers.DateField()
    amount = serializers.DecimalField(max_digits=18, decimal_places=2)
    external_id = serializers.CharField()
    note = serializers.CharField()
    reason = serializers.CharField(help_text="Why it was changed last.")
    via = serializers.ChoiceField(Via.choices)
    by = serializers.SerializerMethodField()
    recorded_at = serializers.DateTimeField()
    late = serializers.BooleanField(help_text="Said more than five days after its last day.")

    def get_by(self, entry: Any) -> str | None:
        """User name of who said so last."""
        return entry.by.username if entry.by else None


class CostEntryRow(_Entry):
    """A cost."""

    source = serializers.ChoiceField(SourceCategory.choices)  # type: ignore[assignment]
    channel = serializers.CharField()
    campaign = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    currency = serializers.CharField()
    amount_base = serializers.DecimalField(
        max_digits=18, decimal_places=2, allow_null=True,
        help_text="Worth in the base currency; null where no rate is known.",
    )  # fmt: skip
    rate = serializers.DecimalField(max_digits=18, decimal_places=8, allow_null=True)
    rate_date = serializers.DateField(allow_null=True)


class QuotaEntryRow(_Entry):
    """A quota."""

    of = serializers.SerializerMethodField(help_text="Whose it is, in words.")
    rep = serializers.SerializerMethodField(help_text="User name of the rep.")
    team = serializers.SerializerMethodField()
    deals = serializers.IntegerField(allow_null=True)
    sqls = serializers.IntegerField(allow_null=True)

    def get_of(self, entry: Any) -> str:
        """The rep, the team, or Company."""
        return quotas.party_name(entry)

    def get_rep(self, entry: Any) -> str | None:
        """User name."""
        return entry.rep.username if entry.rep else None

    def get_team(self, entry: Any) -> str | None:
        """Name of the team."""
        return entry.team.name if entry.team else None
