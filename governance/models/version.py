"""Kit versions and the signatures they bear."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models

from core import append_only, history


class KitStatus(models.TextChoices):
    """Where a version stands. Only one is ACTIVE at a time."""

    DRAFT = "DRAFT", "Draft"
    IN_REVIEW = "IN_REVIEW", "In review"
    SCHEDULED = "SCHEDULED", "Scheduled"
    ACTIVE = "ACTIVE", "Active"
    RETIRED = "RETIRED", "Retired"
    WITHDRAWN = "WITHDRAWN", "Withdrawn"


FROZEN_COLUMNS = (
    "number", "title", "notes", "document", "checksum", "base_id", "created_at", "created_by_id",
    "submitted_at", "submitted_by_id", "submitted_checksum", "review_note", "effective_from",
    "published_at", "published_by_id", "emergency_reason", "expires_at", "restores_id",
)  # fmt: skip


_FROZEN = f"""
    IF NOT (NEW.status = OLD.status OR (OLD.status = 'ACTIVE' AND NEW.status = 'RETIRED'))
       OR ({", ".join(f"NEW.{name}" for name in FROZEN_COLUMNS)})
          IS DISTINCT FROM
          ({", ".join(f"OLD.{name}" for name in FROZEN_COLUMNS)})
       OR (NEW.retired_at IS DISTINCT FROM OLD.retired_at AND OLD.retired_at IS NOT NULL)
       OR (NEW.countersigned_at IS DISTINCT FROM OLD.countersigned_at
           AND (OLD.countersigned_at IS NOT NULL OR OLD.status <> 'ACTIVE')) THEN
        RAISE EXCEPTION 'kit version % was published: it never changes', OLD.number;
    END IF;
    RETURN NEW;
"""

# Who must sign follows from the changes, which `signing` judges; that nothing unsigned comes into
# force is kept here for every path. A version that restores a published text needs no new consent
# when an emergency change expires, so its text must be one that was in force.
_SIGNED = """
    IF EXISTS (SELECT 1 FROM governance_signature s
                WHERE s.kit_id = NEW.id AND s.checksum = NEW.checksum)
       OR EXISTS (SELECT 1 FROM governance_kitversion r
                   WHERE r.id = NEW.restores_id AND r.checksum = NEW.checksum
                     AND r.published_at IS NOT NULL) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'kit version % bears no signature on its text: it cannot come into force',
        NEW.number;
"""


class KitVersion(models.Model):
    """One set of parts. Once it has been active, neither it nor its parts ever change."""

    number = models.PositiveIntegerField(unique=True)
    title = models.CharField(max_length=120, blank=True)
    notes = models.TextField(blank=True, help_text="What changed and why, for the signers.")
    status = models.CharField(max_length=10, choices=KitStatus, default=KitStatus.DRAFT)
    base = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="drafts"
    )
    document = models.JSONField(
        null=True, blank=True, editable=False, help_text="The canonical text that is executed."
    )
    checksum = models.CharField(max_length=64, blank=True, editable=False)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="kits_drafted"
    )
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="kits_published",
    )
    retired_at = models.DateTimeField(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True, editable=False)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="kits_submitted",
    )
    submitted_checksum = models.CharField(
        max_length=64, blank=True, editable=False, help_text="The text that is in review."
    )
    review_note = models.TextField(
        blank=True, help_text="Why the warnings of the check are accepted."
    )
    effective_from = models.DateTimeField(
        null=True, blank=True, help_text="When a scheduled version comes into force."
    )
    scheduled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="kits_scheduled",
    )
    publish_when_signed = models.BooleanField(
        default=False, help_text="Comes into force with the last signature it needs."
    )
    setback = models.TextField(
        blank=True, editable=False, help_text="Why a scheduled version did not come into force."
    )
    restores = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="restored_by",
        help_text="The earlier version whose text this one brings back.",
    )
    emergency_reason = models.TextField(blank=True, help_text="Why one signature had to do.")
    expires_at = models.DateTimeField(
        null=True, blank=True, help_text="An emergency change reverts then, unless countersigned."
    )
    countersigned_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text="When an emergency change got its last signature.",
    )
    shadow_since = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Decides beside the active one since then."
    )
    history = history.records(excluded=("document",))

    class Meta:
        verbose_name = "kit version"
        constraints = [
            models.UniqueConstraint(
                fields=["status"], condition=models.Q(status="ACTIVE"), name="one_active_kit"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=KitStatus.values), name="kit_status_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(status__in=["ACTIVE", "RETIRED"])
                | (models.Q(document__isnull=False) & ~models.Q(checksum="")),
                name="published_kit_has_document",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="published_kit_stays",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Q(old__status__in=["ACTIVE", "RETIRED"]),
            ),
            pgtrigger.Trigger(
                name="published_kit_is_frozen",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__status__in=["ACTIVE", "RETIRED"]),
                func=_FROZEN,
            ),
            pgtrigger.Trigger(
                name="only_signed_text_comes_into_force",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.Update,
                condition=pgtrigger.Q(new__status="ACTIVE"),
                timing=pgtrigger.Deferred,
                func=_SIGNED,
            ),
        ]

    def __str__(self) -> str:
        return f"Kit v{self.number} ({self.get_status_display().lower()})"


class Signature(models.Model):
    """Somebody's consent to exactly this text; an edit afterwards makes it void."""

    class Party(models.TextChoices):
        SALES = "SALES", "Sales"
        MARKETING = "MARKETING", "Marketing"
        APPROVER = "APPROVER", "Approver"

    kit = models.ForeignKey(KitVersion, on_delete=models.PROTECT, related_name="signatures")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="kit_signatures"
    )
    party = models.CharField(max_length=10, choices=Party)
    deputy_of = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The signer this person stood in for.",
    )
    checksum = models.CharField(max_length=64)
    base_checksum = models.CharField(max_length=64, blank=True)
    signed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kit", "party", "by", "checksum"], name="one_signature_per_party_and_text"
            )
        ]
        triggers = [
            pgtrigger.Protect(
                name="signatures_are_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            ),
            append_only.never_truncated("signatures_are_never_truncated"),
        ]

    def __str__(self) -> str:
        return f"{self.by} for {self.get_party_display()} on kit #{self.kit_id}"


class Deputy(models.Model):
    """Somebody who may sign for a signer, from one instant to another. People data, not kit."""

    signer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="deputies"
    )
    deputy = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="deputises_for"
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    named_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    named_at = models.DateTimeField()
    history = history.records()

    class Meta:
        verbose_name_plural = "deputies"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")),
                name="deputy_ends_after_start",
            ),
            models.CheckConstraint(
                condition=~models.Q(signer=models.F("deputy")), name="deputy_is_another_person"
            ),
        ]
        indexes = [models.Index(fields=["deputy", "ends_at"], name="deputies_by_person")]

    def __str__(self) -> str:
        return f"{self.deputy} for {self.signer}"
