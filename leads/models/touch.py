"""What came in: touches with their raw payload, and the behaviours they carry."""

from __future__ import annotations

from django.db import models


class Channel(models.TextChoices):
    """How a touch reached us."""

    FORM = "FORM", "Web form"
    INBOUND_EMAIL = "INBOUND_EMAIL", "Inbound e-mail"
    OUTBOUND = "OUTBOUND", "Outbound prospecting"
    EVENT = "EVENT", "Event"
    TRIAL = "TRIAL", "Product trial"
    PORTAL = "PORTAL", "Portal"
    CHAT = "CHAT", "Chat"
    SOCIAL = "SOCIAL", "Social"
    PHONE = "PHONE", "Phone"
    REFERRAL = "REFERRAL", "Referral"
    PARTNER = "PARTNER", "Partner"
    IMPORT = "IMPORT", "Import"


class SourceCategory(models.TextChoices):
    """What made the buyer come; unknown is a bucket that reports show."""

    PAID = "PAID", "Paid"
    ORGANIC = "ORGANIC", "Organic"
    REFERRAL = "REFERRAL", "Referral"
    SELF_SERVE = "SELF_SERVE", "Self-serve"
    EVENT = "EVENT", "Event"
    CONTENT_SYNDICATION = "CONTENT_SYNDICATION", "Content syndication"
    PARTNER = "PARTNER", "Partner"
    OUTBOUND = "OUTBOUND", "Outbound"
    DIRECT = "DIRECT", "Direct"
    UNKNOWN = "UNKNOWN", "Unknown"


class TouchStatus(models.TextChoices):
    """Whether the touch has been decided. PARKED touches are the exception queue.

    HELD ones wait for their day, WITHDRAWN ones were taken back with the import they came by.
    """

    RECEIVED = "RECEIVED", "Received"
    ADVANCED = "ADVANCED", "Advanced"
    PARKED = "PARKED", "Parked"
    QUARANTINED = "QUARANTINED", "Quarantined"
    HELD = "HELD", "Held for release"
    WITHDRAWN = "WITHDRAWN", "Withdrawn"


class Touch(models.Model):
    """One contact through one channel, committed before anything else happens."""

    channel = models.CharField(max_length=14, choices=Channel)
    occurred_at = models.DateTimeField(help_text="When the buyer acted, by the source's word.")
    received_at = models.DateTimeField(help_text="When we committed it.")
    payload = models.JSONField(help_text="As it came in, after cleaning of the text encoding.")
    category = models.CharField(
        max_length=20, choices=SourceCategory, default=SourceCategory.UNKNOWN
    )
    medium = models.CharField(max_length=120, blank=True)
    campaign = models.CharField(max_length=160, blank=True)
    utm_source = models.CharField(max_length=120, blank=True)
    referrer_host = models.CharField(max_length=253, blank=True)
    partner_key = models.CharField(
        max_length=200, blank=True, editable=False, help_text="The partner named, as compared."
    )
    partner_domain = models.CharField(
        max_length=253, blank=True, editable=False, help_text="Its domain, where that was given."
    )
    attribution = models.CharField(
        max_length=60, blank=True, help_text="Key of the kit's rule that named the category."
    )
    idempotency_scope = models.CharField(max_length=80)
    idempotency_key = models.CharField(max_length=200)
    body_hash = models.CharField(max_length=64)
    historical = models.BooleanField(
        default=False, help_text="Imported history: starts no clocks, sends no notices."
    )

    status = models.CharField(max_length=12, choices=TouchStatus, default=TouchStatus.RECEIVED)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True)

    outcome = models.CharField(max_length=12, blank=True)
    person = models.ForeignKey(
        "leads.Person", null=True, blank=True, on_delete=models.PROTECT, related_name="touches"
    )
    lead = models.ForeignKey(
        "leads.Lead",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="touches",
        db_index=False,
    )
    came_as = models.ForeignKey(
        "leads.Person",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        help_text="The person whose key named it, where they are merged into another.",
    )
    receipt = models.JSONField(null=True, blank=True)
    advanced_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "touches"
        constraints = [
            models.UniqueConstraint(
                fields=["idempotency_scope", "idempotency_key"], name="touch_once_per_key"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=TouchStatus.values), name="touch_status_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(status="ADVANCED")
                | models.Q(lead__isnull=False, receipt__isnull=False),
                name="advanced_touch_has_lead_and_receipt",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                name="touch_waiting",
                condition=models.Q(status__in=["RECEIVED", "PARKED"]),
            ),
            models.Index(fields=["lead", "occurred_at"], name="touch_by_lead"),
            models.Index(
                fields=["lead", "occurred_at"],
                name="touch_naming_a_partner",
                condition=~models.Q(partner_key=""),
            ),
            models.Index(
                fields=["came_as"],
                name="touch_by_other_person",
                condition=models.Q(came_as__isnull=False),
            ),
            models.Index(
                fields=["status", "-received_at"],
                name="touch_set_aside",
                condition=models.Q(status__in=["PARKED", "QUARANTINED", "HELD"]),
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.channel}"


class Signal(models.Model):
    """One behaviour of the buyer."""

    lead = models.ForeignKey(
        "leads.Lead", on_delete=models.PROTECT, related_name="signals", db_index=False
    )
    touch = models.ForeignKey(
        Touch,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="signals",
        help_text="That carried it, or that made its buyer known; none: it came by itself.",
    )
    sent_as = models.OneToOneField(
        "leads.SentSignal",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="signal",
        help_text="As what it came by itself; it counts once.",
    )
    kind = models.CharField(max_length=60)
    occurred_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["lead", "kind", "occurred_at"], name="signal_by_lead_and_kind")
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.kind}"
