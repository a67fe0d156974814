"""Kit versions and their parts. A part can be edited while its version is a draft."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import JSONField, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from core import admin as core_admin
from core import database
from governance import editing, forms, kit_actions, kit_display, kit_words, models, own_facts
from governance.calendar_form import CalendarForm
from governance.filters import OfKit
from governance.models import (
    KitEvent,
    KitOutbox,
    KitPart,
    KitStatus,
    KitVersion,
    Signature,
)

READERS = frozenset({"REVOPS", "MANAGER", "MARKETING"})


class PartAdmin(core_admin.AuditedAdmin):
    """Any kind of part; what is special about a kind is its list."""

    form = forms.PartForm
    viewers = READERS
    list_display: Any = ("key", "label", "position", "kit")
    list_filter = (OfKit,)
    list_select_related = ("kit",)
    search_fields: ClassVar[Any] = ("key", "label")
    ordering = ("-kit__number", "position", "key")

    def has_change_permission(self, request: HttpRequest, obj: KitPart | None = None) -> bool:
        """Parts change in drafts only: not in review, and never once published."""
        is_draft = obj is None or obj.kit.status == KitStatus.DRAFT
        return is_draft and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: KitPart | None = None) -> bool:
        """A draft may lose a part, one at a time."""
        return obj is not None and self.has_change_permission(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: KitPart | None = None) -> Any:
        """A part stays in its version; who only reads it reads its condition in words too."""
        if obj is None:
            return []
        names = [field.name for field in self.model._meta.concrete_fields]
        only_read = "condition" in names and not self.has_change_permission(request, obj)
        return ["kit", "in_words"] if only_read else ["kit"]

    def formfield_for_dbfield(self, db_field: Any, request: Any, **options: Any) -> Any:
        """Conditions, lists and objects get fields that people can read."""
        if isinstance(db_field, JSONField):
            return forms.formfield(db_field)
        return super().formfield_for_dbfield(db_field, request, **options)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001
        """Through the same door as the kit's own pages."""
        hand: Any = {"by": request.user, "now": database.now()}
        if change:
            editing.save_part(obj, changed=form.changed_data, **hand)
        else:
            editing.add_part(obj, at_end="position" not in form.changed_data, **hand)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """The same."""
        by: Any = request.user
        editing.remove_part(obj, by=by, now=database.now())

    @admin.display(description="In words")
    def in_words(self, part: Any) -> str:
        """The condition as one sentence."""
        return kit_words.english(part.condition, own_facts.registry_for(part))


@admin.register(models.StageDefinition)
class StageDefinitionAdmin(PartAdmin):
    """Stages."""

    list_display = ("stage", "label", "owner_role", "kit")


@admin.register(models.Criterion)
class CriterionAdmin(PartAdmin):
    """Acceptance criteria."""

    list_display = ("key", "stage", "label", "proof", "in_words", "kit")


@admin.register(models.ClockPolicy)
class ClockPolicyAdmin(PartAdmin):
    """Clocks."""

    list_display = ("key", "label", "minutes", "calendar", "warn_percent", "kit")


@admin.register(models.ScoreRule)
class ScoreRuleAdmin(PartAdmin):
    """Points."""

    list_display = ("key", "label", "category", "points", "half_life_days", "cap", "kit")


@admin.register(models.ScoreBand)
class ScoreBandAdmin(PartAdmin):
    """Bands."""

    list_display = ("key", "label", "at_least", "kit")


@admin.register(models.Reason)
class ReasonAdmin(PartAdmin):
    """Reasons."""

    list_display = ("key", "label", "used_for", "outcome", "criterion", "kit")


@admin.register(models.GeneralPolicy)
class GeneralPolicyAdmin(PartAdmin):
    """Settings of the whole company."""

    list_display = ("key", "undo_minutes", "recycle_below", "kit")
    search_fields: ClassVar[Any] = ("key",)


@admin.register(models.AttributionRule)
class AttributionRuleAdmin(PartAdmin):
    """Where buyers come from."""

    list_display = ("key", "label", "category", "in_words", "kit")


@admin.register(models.FieldRule)
class FieldRuleAdmin(PartAdmin):
    """What may overwrite what."""

    list_display = ("key", "field", "overwrite", "kit")
    search_fields: ClassVar[Any] = ("key", "field")


@admin.register(models.OwnField)
class OwnFieldAdmin(PartAdmin):
    """What touchpoints carry, for rules to speak of."""

    list_display = ("key", "label", "type", "reads", "kit")


@admin.register(models.Exclusion)
class ExclusionAdmin(PartAdmin):
    """Who is no buyer at all."""

    list_display = ("key", "label", "reason", "in_words", "kit")


@admin.register(models.QualityFloor)
class QualityFloorAdmin(PartAdmin):
    """Below which quality leads wait."""

    list_display = ("key", "label", "at_least_percent", "pool", "in_words", "kit")


@admin.register(models.EscalationLevel)
class EscalationLevelAdmin(PartAdmin):
    """Who hears of what is overdue, and what becomes of it."""

    list_display = ("key", "label", "after_minutes", "tell", "act", "then", "kit")


@admin.register(models.ClockExemption)
class ClockExemptionAdmin(PartAdmin):
    """Where nothing is owed."""

    list_display = ("key", "stages", "channels", "obligation", "because", "kit")
    search_fields: ClassVar[Any] = ("key", "because")


@admin.register(models.IdentityRule)
class IdentityRuleAdmin(PartAdmin):
    """Whose touch it is."""

    list_display = ("key", "value", "use", "kit")
    search_fields: ClassVar[Any] = ("key", "value")


@admin.register(models.Calendar)
class CalendarAdmin(PartAdmin):
    """When time counts."""

    form = CalendarForm
    list_display = ("key", "label", "zone", "holiday_country", "holiday_subdivision", "kit")

    def get_readonly_fields(self, request: HttpRequest, obj: KitPart | None = None) -> Any:
        """With the page that shows what it comes to."""
        return [*super().get_readonly_fields(request, obj), *(["next_days"] if obj else [])]

    @admin.display(description="As it is stored")
    def next_days(self, part: Any) -> str:
        """Where its next days, and when so much work would end, are shown."""
        address = reverse("console:kit-calendar", args=[part.kit.number, part.key])
        return format_html('<a href="{}">Its next thirty days</a>', address)


admin.site.register(
    [
        models.ChannelPolicy,
        models.Checklist,
        models.Fixture,
        models.QualityRule,
        models.SignalDefinition,
    ],
    PartAdmin,
)


@admin.register(KitVersion)
class KitVersionAdmin(core_admin.AuditedAdmin):
    """Versions: their words, what changed, who signed, what stands against them."""

    viewers = READERS
    list_display = (
        "number",
        "title",
        "status",
        "base",
        kit_display.signers,
        "published_at",
        "published_by",
    )
    list_filter = ("status",)
    list_select_related = ("base", "published_by")
    ordering = ("-number",)
    fields: ClassVar[Any] = (
        "number", "title", "notes", "status", "base", kit_display.text, kit_display.parts,
        kit_display.differences, kit_display.signed, kit_display.faults, "created_at",
        "created_by", "submitted_at", "submitted_by", "review_note", "effective_from", "setback",
        "emergency_reason", "expires_at", "restores", "published_at", "published_by",
        "retired_at",
    )  # fmt: skip
    readonly_fields = tuple(name for name in fields if name not in ("title", "notes"))
    actions = (
        kit_actions.submit,
        *(kit_actions.sign_as(party) for party in Signature.Party),
        kit_actions.publish,
        kit_actions.reopen,
        kit_actions.clone,
        kit_actions.withdraw,
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[KitVersion]:
        """With signers, for the list."""
        return super().get_queryset(request).prefetch_related("signatures__by")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A draft begins as the clone of a version."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: KitVersion | None = None) -> bool:
        """Title and notes of a draft; what is in review or was published stays."""
        is_draft = obj is None or obj.status == KitStatus.DRAFT
        return is_draft and super().has_change_permission(request, obj)


@admin.register(Signature)
class SignatureAdmin(core_admin.ReadOnlyAdmin):
    """Signatures, as they were given."""

    viewers = READERS
    list_display = ("kit", "party", "by", "signed_at", "checksum")
    list_select_related = ("kit", "by")
    ordering = ("-signed_at",)


@admin.register(KitEvent)
class KitEventAdmin(core_admin.ReadOnlyAdmin):
    """The log of the kit: each step of a version."""

    viewers = READERS
    list_display = ("id", "kit", "kind", "by", "at")
    list_filter = ("kind",)
    list_select_related = ("kit", "by")
    search_fields = ("=kit__number",)
    ordering = ("-id",)


@admin.register(KitOutbox)
class KitOutboxAdmin(core_admin.ReadOnlyAdmin):
    """Steps of the kit that somebody has yet to see."""

    list_display = ("id", "event_id", "consumer", "due_at", "attempts", "done_at", "last_error")
    list_filter = ("consumer", ("done_at", admin.EmptyFieldListFilter))
    ordering = ("-id",)
