"""What the running system keeps about itself: notices to people and signs of life."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class KitNews(models.TextChoices):
    """What people are told about versions of the kit."""

    REVIEW = "REVIEW", "Kit to sign"
    SIGNED = "SIGNED", "Kit signed"
    ALL_SIGNED = "ALL_SIGNED", "Kit signed by all"
    SCHEDULED = "SCHEDULED", "Kit scheduled"
    UNSCHEDULED = "UNSCHEDULED", "Kit schedule cancelled"
    PUBLISHED = "PUBLISHED", "Kit in force"
    ROLLED_BACK = "ROLLED_BACK", "Kit rolled back"
    EMERGENCY = "EMERGENCY", "Emergency kit in force"
    HALF_TIME = "HALF_TIME", "Emergency kit half over"
    COUNTERSIGNED = "COUNTERSIGNED", "Emergency kit countersigned"
    REVERTED = "REVERTED", "Emergency kit reverted"
    SET_BACK = "SET_BACK", "Kit not in force"
    REOPENED = "REOPENED", "Kit back to draft"
    WITHDRAWN = "WITHDRAWN", "Kit withdrawn"


class TerritoryNews(models.TextChoices):
    """What people are told about territories."""

    REALIGNED = "REALIGNED", "Territories realigned"


class PartnerNews(models.TextChoices):
    """What people are told about partners."""

    CLAIMED = "CLAIMED", "Two partners, one company"
    SETTLED = "SETTLED", "Decided between partners"
    EXPIRING = "EXPIRING", "Registration runs out soon"


class ReviewNews(models.TextChoices):
    """What people are told about governance reviews."""

    OPENED = "REVIEW_OPENED", "Governance review opened"
    GIVEN = "FINDING_GIVEN", "Finding given to you"
    LATE = "FINDING_LATE", "Finding overdue"
    TO_SIGN = "REVIEW_TO_SIGN", "Governance review to sign"
    CLOSED = "REVIEW_CLOSED", "Governance review closed"


_REVIEW_NEWS = [
    "REVIEW_OPENED", "FINDING_GIVEN", "FINDING_LATE", "REVIEW_TO_SIGN", "REVIEW_CLOSED",
]  # fmt: skip


class Notice(models.Model):
    """One message to one person, shown in the console and sent by mail.

    It is about a lead and one of its events, about a version of the kit and one of its steps,
    about a realignment of territories, about two partners who claim one company, about a
    registration that runs out soon, or about a governance review, which `matter` and `words` name.
    """

    class Kind(models.TextChoices):
        """What people are told about leads; `KitNews` are the kinds about the kit,
        `TerritoryNews` those about territories, `PartnerNews` those about partners.
        """

        ASSIGNED = "ASSIGNED", "New lead"
        WARNED = "WARNED", "Due soon"
        BREACHED = "BREACHED", "Overdue"
        ESCALATED = "ESCALATED", "Escalated"
        CONTESTABLE = "CONTESTABLE", "Rejection contestable"
        DISPUTED = "DISPUTED", "Rejection disputed"
        RULED = "RULED", "Dispute decided"
        WOKEN = "WOKEN", "Wake-up due"
        FADED = "FADED", "Faded into nurture"

    to = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="notices"
    )
    kind = models.CharField(
        max_length=14,
        choices=[
            *Kind.choices,
            *KitNews.choices,
            *TerritoryNews.choices,
            *PartnerNews.choices,
            *ReviewNews.choices,
        ],
    )
    lead = models.ForeignKey(
        "leads.Lead", null=True, blank=True, on_delete=models.PROTECT, related_name="notices"
    )
    event = models.ForeignKey(
        "leads.LeadEvent", null=True, blank=True, on_delete=models.PROTECT, related_name="notices"
    )
    kit = models.ForeignKey(
        "governance.KitVersion",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="notices",
    )
    step = models.ForeignKey(
        "governance.KitEvent",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="notices",
    )
    realignment = models.ForeignKey(
        "lifecycle.Realignment",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="notices",
    )
    conflict = models.ForeignKey(
        "leads.PartnerConflict",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="notices",
    )
    registration = models.ForeignKey(
        "leads.PartnerRegistration",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="notices",
    )
    matter = models.CharField(
        max_length=120,
        blank=True,
        help_text="What of the kit, a realignment or a registration is told once to each person.",
    )
    words = models.JSONField(default=dict, help_text="What the sentence is made of, no names.")
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    mail_due_at = models.DateTimeField(
        null=True, blank=True, help_text="When a mail is to tell of it; empty: none is to."
    )
    mail_together = models.BooleanField(
        default=False, help_text="It waited for the digest, or for the person's working hours."
    )
    mail = models.ForeignKey(
        "lifecycle.Mail",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="told",
        help_text="The mail that tells of it.",
    )
    mailed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["to", "event", "kind"], name="one_notice_per_event"),
            models.UniqueConstraint(
                fields=["to", "kit", "kind", "matter"],
                condition=models.Q(kit__isnull=False),
                name="one_notice_per_matter_of_kit",
            ),
            models.UniqueConstraint(
                fields=["to", "realignment", "matter"],
                condition=models.Q(realignment__isnull=False),
                name="one_notice_per_realignment",
            ),
            models.UniqueConstraint(
                fields=["to", "conflict", "kind"],
                condition=models.Q(conflict__isnull=False),
                name="one_notice_per_conflict",
            ),
            models.UniqueConstraint(
                fields=["to", "registration", "matter"],
                condition=models.Q(registration__isnull=False),
                name="one_notice_per_end_of_registration",
            ),
            models.UniqueConstraint(
                fields=["to", "kind", "matter"],
                condition=models.Q(kind__in=_REVIEW_NEWS),
                name="one_notice_per_matter_of_review",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    lead__isnull=False,
                    event__isnull=False,
                    kit__isnull=True,
                    step__isnull=True,
                    realignment__isnull=True,
                    conflict__isnull=True,
                    registration__isnull=True,
                    kind__in=[
                        "ASSIGNED",
                        "WARNED",
                        "BREACHED",
                        "ESCALATED",
                        "CONTESTABLE",
                        "DISPUTED",
                        "RULED",
                        "WOKEN",
                        "FADED",
                    ],
                )
                | models.Q(
                    lead__isnull=True,
                    event__isnull=True,
                    kit__isnull=False,
                    step__isnull=False,
                    realignment__isnull=True,
                    conflict__isnull=True,
                    registration__isnull=True,
                    matter__gt="",
                )
                | models.Q(
                    lead__isnull=True,
                    event__isnull=True,
                    kit__isnull=True,
                    step__isnull=True,
                    realignment__isnull=False,
                    conflict__isnull=True,
                    registration__isnull=True,
                    matter__gt="",
                    kind="REALIGNED",
                )
                | models.Q(
                    lead__isnull=True,
                    event__isnull=True,
                    kit__isnull=True,
                    step__isnull=True,
                    realignment__isnull=True,
                    conflict__isnull=False,
                    registration__isnull=True,
                    kind__in=["CLAIMED", "SETTLED"],
                )
                | models.Q(
                    lead__isnull=True,
                    event__isnull=True,
                    kit__isnull=True,
                    step__isnull=True,
                    realignment__isnull=True,
                    conflict__isnull=True,
                    registration__isnull=False,
                    matter__gt="",
                    kind="EXPIRING",
                )
                | models.Q(
                    lead__isnull=True,
                    event__isnull=True,
                    kit__isnull=True,
                    step__isnull=True,
                    realignment__isnull=True,
                    conflict__isnull=True,
                    registration__isnull=True,
                    matter__gt="",
                    kind__in=_REVIEW_NEWS,
                ),
                name="notice_of_one_matter",
            ),
        ]
        indexes = [
            models.Index(fields=["to", "-created_at"], name="notices_of_person"),
            models.Index(
                fields=["mail_due_at"],
                name="notices_to_mail",
                condition=models.Q(
                    mail_due_at__isnull=False, mail__isnull=True, mailed_at__isnull=True
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.kind}"


class Heartbeat(models.Model):
    """The last sign of life of one moving part."""

    class Part(models.TextChoices):
        SUPERVISOR = "SUPERVISOR", "Supervisor"
        QUEUE = "QUEUE", "Queue"

    part = models.CharField(max_length=12, choices=Part, primary_key=True)
    beat_at = models.DateTimeField()
    details = models.JSONField(default=dict)

    def __str__(self) -> str:
        return self.part


class QueuedTask(models.Model):
    """A task of the queue that was begun and is not over, or that was set aside for people.

    The start is written before the task is even read, so that one which ends its process is
    counted. A task that is over leaves nothing here.
    """

    number = models.BigIntegerField(unique=True, help_text="Its row in the queue.")
    function = models.CharField(max_length=200, blank=True)
    arguments = models.JSONField(default=list)
    starts = models.PositiveSmallIntegerField(default=0)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    set_aside_at = models.DateTimeField(null=True, blank=True)
    why = models.TextField(blank=True)
    payload = models.TextField(blank=True, help_text="Of a task that was set aside: as it was.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(set_aside_at__isnull=True)
                | (models.Q(why__gt="") & models.Q(payload__gt="")),
                name="set_aside_says_why",
            )
        ]

    def __str__(self) -> str:
        return f"#{self.number} {self.function}"
