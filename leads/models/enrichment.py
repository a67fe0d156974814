"""Who tells us more about buyers, and what has still to be asked."""

from __future__ import annotations

from django.core import validators
from django.db import models
from django.db.models import Q

from core import history


class EnrichmentProvider(models.Model):
    """A source of facts about people and companies, asked after intake, never during it.

    `mapping` says which value of the answer fills which field: {"company.employees": "org.size"}.
    """

    class Kind(models.TextChoices):
        BUILT_IN = "BUILT_IN", "Built in, offline"
        HTTP = "HTTP", "HTTP"

    key = models.SlugField(max_length=40, unique=True)
    label = models.CharField(max_length=80)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.HTTP)
    active = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField(default=0)
    url = models.CharField(
        max_length=500, blank=True, help_text="May hold {domain}, {email}, {company}, {country}."
    )
    secret = models.TextField(blank=True, editable=False, help_text="The key, encrypted.")
    header = models.CharField(
        max_length=80, default="Authorization", help_text="The header that carries the key."
    )
    mapping = models.JSONField(default=dict, blank=True)
    confidence = models.PositiveSmallIntegerField(
        default=70,
        validators=[validators.MaxValueValidator(100)],
        help_text="How sure its values are, 0 to 100.",
    )
    timeout_seconds = models.PositiveSmallIntegerField(
        default=5, validators=[validators.MinValueValidator(1), validators.MaxValueValidator(60)]
    )
    retries = models.PositiveSmallIntegerField(
        default=3, validators=[validators.MaxValueValidator(10)]
    )
    refresh_days = models.PositiveSmallIntegerField(
        default=90, help_text="A company is not asked for again within so many days."
    )
    history = history.records(excluded=("secret",))

    def __str__(self) -> str:
        return self.label


class EnrichmentTask(models.Model):
    """One question to one provider about one lead's person and company. Done, or tried again."""

    class Outcome(models.TextChoices):
        FILLED = "FILLED", "Told something new"
        NOTHING = "NOTHING", "Told nothing new"
        FAILED = "FAILED", "Failed"

    lead = models.ForeignKey("leads.Lead", on_delete=models.PROTECT, related_name="enrichments")
    provider = models.ForeignKey(EnrichmentProvider, on_delete=models.PROTECT, related_name="tasks")
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=8, choices=Outcome, blank=True)
    filled = models.JSONField(default=list, help_text="Names of the fields that got a value.")
    last_error = models.TextField(blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["lead", "provider"],
                condition=Q(done_at__isnull=True),
                name="one_open_question_per_lead_and_provider",
            )
        ]
        indexes = [
            models.Index(
                fields=["due_at"], name="enrichment_due", condition=Q(done_at__isnull=True)
            ),
            models.Index(
                fields=["done_at"], name="enrichment_failed", condition=Q(outcome="FAILED")
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} lead #{self.lead_id}"
