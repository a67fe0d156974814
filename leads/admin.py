"""The buyer's side, to be read: what came in, who it is, what was done, what was logged."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from core import admin as core_admin
from core import database
from governance.admin import PartAdmin
from leads import exchange, overwriting, signal_admin
from leads.models import (
    Account,
    Activity,
    ContactPoint,
    Customer,
    CustomerStep,
    DealStage,
    ExchangeRate,
    IdentityKey,
    LeadEvent,
    Opportunity,
    OpportunityLine,
    OpportunityStep,
    Outbox,
    PartnerConflict,
    PartnerExtension,
    PartnerRegistration,
    Person,
    Product,
    ScorePart,
    Signal,
    Touch,
)

__all__ = ["signal_admin"]


@admin.register(Account)
class AccountAdmin(core_admin.AuditedAdmin):
    """Companies. What identifies one stays; status and owner change on its page, where waiting
    leads follow.
    """

    form = core_admin.ReasonForm
    fields = ("domain", "name", "industry", "employees", "annual_revenue", "currency", "country",
              "status", "owner", "created_at", "reason")  # fmt: skip
    readonly_fields = ("domain", "name", "country", "status", "owner", "created_at")
    list_display = ("id", "name", "domain", "industry", "employees", "country", "status", "owner")
    list_filter = ("status",)
    list_select_related = ("owner",)
    search_fields = ("name", "=domain")
    ordering = ("-id",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Accounts come with touches."""
        return False

    def note(self, obj: Account, changed: list[str]) -> list[str]:
        """What a person typed is a person's word from then on."""
        source = overwriting.of_user(at=database.now())
        obj.provenance = overwriting.noted(obj.provenance, changed, source)
        return ["provenance"]


class ReadHistoryAdmin(core_admin.AuditedAdmin):
    """Rows the product writes: to be read, with their field history."""

    editors = frozenset()

    def may_edit(self, request: HttpRequest) -> bool:
        """Nobody, superusers included."""
        return False


@admin.register(Person)
class PersonAdmin(ReadHistoryAdmin):
    """The human behind leads; the only place of personal data besides touches."""

    list_display = ("id", "name", "title", "email", "phone", "country")
    search_fields = ("=email", "=phone", "last_name")
    raw_id_fields = ("merged_into",)
    ordering = ("-id",)


@admin.register(Opportunity)
class OpportunityAdmin(ReadHistoryAdmin):
    """Deals."""

    list_display = ("id", "name", "owner", "status", "sales_stage", "amount", "currency",
                    "amount_base", "expected_close")  # fmt: skip
    list_filter = ("status",)
    list_select_related = ("owner",)
    search_fields = ("name", "=external_id")
    raw_id_fields = ("account", "partner")
    ordering = ("-id",)


@admin.register(OpportunityStep)
class OpportunityStepAdmin(core_admin.ReadOnlyAdmin):
    """The way of each opportunity."""

    list_display = ("id", "opportunity_id", "sequence", "kind", "from_stage", "to_stage", "owner",
                    "amount_base", "at")  # fmt: skip
    list_filter = ("kind",)
    list_select_related = ("owner",)
    search_fields = ("=opportunity__id",)
    ordering = ("-id",)


@admin.register(Product)
class ProductAdmin(core_admin.AuditedAdmin):
    """What is sold. What is not offered any more is set inactive."""

    form = core_admin.ReasonForm
    list_display = ("key", "name", "active", "list_price", "currency")
    list_filter = ("active",)
    search_fields = ("key", "name", "also_called")
    ordering = ("name",)


@admin.register(OpportunityLine)
class OpportunityLineAdmin(ReadHistoryAdmin):
    """Products of opportunities; they change on the opportunity's page."""

    list_display = ("id", "opportunity_id", "product", "quantity", "amount")
    list_filter = ("product",)
    list_select_related = ("product",)
    search_fields = ("=opportunity__id",)
    raw_id_fields = ("opportunity",)
    ordering = ("-id",)


@admin.register(DealStage)
class DealStageAdmin(PartAdmin):
    """Sales stages of opportunities."""

    list_display = ("key", "label", "win_percent", "expected_days", "position", "kit")


@admin.register(Customer)
class CustomerAdmin(ReadHistoryAdmin):
    """Customers; they change on the account's page, where their log follows."""

    list_display = ("id", "account", "status", "since", "cs_owner", "renewal_date", "value_base",
                    "churned_at", "churn_reason")  # fmt: skip
    list_filter = ("status",)
    list_select_related = ("account", "cs_owner")
    search_fields = ("account__name", "=account__domain")
    raw_id_fields = ("account",)
    ordering = ("-id",)


@admin.register(CustomerStep)
class CustomerStepAdmin(core_admin.ReadOnlyAdmin):
    """The way of each customer."""

    list_display = ("id", "customer_id", "sequence", "kind", "status", "by", "at")
    list_filter = ("kind",)
    list_select_related = ("by",)
    search_fields = ("=customer__id",)
    ordering = ("-id",)


@admin.register(ExchangeRate)
class ExchangeRateAdmin(core_admin.AuditedAdmin):
    """What other currencies are worth; opportunities that lacked a rate get their value."""

    form = core_admin.ReasonForm
    list_display = ("currency", "day", "rate", "source")
    list_filter = ("currency",)
    ordering = ("-day", "currency")

    def save_model(self, request: HttpRequest, obj: ExchangeRate, form: Any, change: bool) -> None:  # noqa: FBT001
        """What was valued by a rate keeps it; what had none is valued now."""
        super().save_model(request, obj, form, change)
        done = exchange.fill(obj.currency, by_id=request.user.pk, now=database.now())
        if done:
            self.message_user(request, f"{done} opportunities in {obj.currency} have a value now.")


@admin.register(Activity)
class ActivityAdmin(ReadHistoryAdmin):
    """What was done with buyers."""

    list_display = ("id", "lead_id", "kind", "direction", "outcome", "by", "at", "verified")
    list_filter = ("kind", "outcome", "verified")
    list_select_related = ("by",)
    search_fields = ("=lead__id",)
    ordering = ("-id",)


@admin.register(Touch)
class TouchAdmin(core_admin.ReadOnlyAdmin):
    """What came in, as it came in. PARKED ones wait for somebody."""

    list_display = ("id", "channel", "status", "outcome", "lead_id", "received_at", "attempts",
                    "next_attempt_at")  # fmt: skip
    list_filter = ("status", "channel", "outcome")
    search_fields = ("=lead__id", "=idempotency_key")
    ordering = ("-id",)


@admin.register(LeadEvent)
class LeadEventAdmin(core_admin.ReadOnlyAdmin):
    """The one log."""

    list_display = ("id", "lead_id", "sequence", "kind", "transition", "from_stage", "to_stage",
                    "by", "actor", "at")  # fmt: skip
    list_filter = ("kind", "transition")
    list_select_related = ("by",)
    search_fields = ("=lead__id",)
    ordering = ("-id",)


@admin.register(Outbox)
class OutboxAdmin(core_admin.ReadOnlyAdmin):
    """Events that somebody has yet to see."""

    list_display = ("id", "event_id", "consumer", "due_at", "attempts", "done_at", "last_error")
    list_filter = ("consumer", ("done_at", admin.EmptyFieldListFilter))
    ordering = ("-id",)


@admin.register(IdentityKey)
class IdentityKeyAdmin(core_admin.ReadOnlyAdmin):
    """What people are recognised by."""

    list_display = ("id", "kind", "value", "person_id", "shared_at")
    list_filter = ("kind", ("shared_at", admin.EmptyFieldListFilter))
    search_fields = ("=value",)
    ordering = ("-id",)


@admin.register(ContactPoint)
class ContactPointAdmin(core_admin.ReadOnlyAdmin):
    """What people are reached by, but not told apart."""

    list_display = ("id", "kind", "value", "person_id")
    list_filter = ("kind",)
    search_fields = ("=value", "=person__id")
    ordering = ("-id",)


@admin.register(Signal)
class SignalAdmin(core_admin.ReadOnlyAdmin):
    """Behaviours."""

    list_display = ("id", "lead_id", "kind", "occurred_at", "touch_id")
    search_fields = ("=lead__id", "=kind")
    ordering = ("-id",)


@admin.register(ScorePart)
class ScorePartAdmin(core_admin.ReadOnlyAdmin):
    """What scores are made of."""

    list_display = (
        "id",
        "lead_id",
        "rule",
        "category",
        "value",
        "at",
        "half_life_days",
        "cap",
    )
    list_filter = ("category",)
    search_fields = ("=lead__id", "=rule")
    ordering = ("-id",)


@admin.register(PartnerRegistration)
class PartnerRegistrationAdmin(ReadHistoryAdmin):
    """Which partner has registered which company; changed on the company's page."""

    list_display = ("id", "account", "partner", "state", "from_at", "until_at", "ended_at")
    list_filter = ("state",)
    list_select_related = ("account", "partner")
    search_fields = ("=account__domain", "=partner__domain")
    ordering = ("-id",)


@admin.register(PartnerExtension)
class PartnerExtensionAdmin(core_admin.ReadOnlyAdmin):
    """Later ends that registrations got; made and taken back in the console."""

    list_display = ("id", "registration", "until_before", "until_after", "extended_by", "undone_at")
    list_select_related = ("registration", "extended_by")
    ordering = ("-id",)


@admin.register(PartnerConflict)
class PartnerConflictAdmin(ReadHistoryAdmin):
    """Second claims to registered companies; decided in the console."""

    list_display = ("id", "registration", "claimant", "claimant_name", "state", "opened_at")
    list_filter = ("state",)
    list_select_related = ("registration", "claimant")
    ordering = ("-id",)
