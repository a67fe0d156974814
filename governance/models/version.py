"""Kit versions and the signatures they bear."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models

from core import history


class KitStatus(models.TextChoices):
    """Where a version stands. Only one is ACTIVE at a time."""

    DRAFT = "DRAFT", "Draft"
    IN_REVIEW = "IN_REVIEW", "In review"
    SCHEDULED = "SCHEDULED", "Scheduled"
    ACTIVE = "ACTIVE", "Active"
    RETIRED = "RETIRED", "Retired"
    WITHDRAWN = "WITHDRAWN", "Withdrawn"


FROZEN_COLUMNS = ("number", "document", "checksum", "base_id", "published_at", "published_by_id")


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
                func="""
                    IF NOT (NEW.status = OLD.status
                            OR (OLD.status = 'ACTIVE' AND NEW.status = 'RETIRED'))
                       OR (NEW.number, NEW.document, NEW.checksum, NEW.base_id,
                           NEW.published_at, NEW.published_by_id)
                          IS DISTINCT FROM
                          (OLD.number, OLD.document, OLD.checksum, OLD.base_id,
                           OLD.published_at, OLD.published_by_id) THEN
                        RAISE EXCEPTION 'kit version % was published: it never changes', OLD.number;
                    END IF;
                    RETURN NEW;
                """,
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
            )
        ]

    def __str__(self) -> str:
        return f"{self.by} for {self.get_party_display()} on kit #{self.kit_id}"
