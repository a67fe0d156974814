"""Figures that are mailed on set days: what, when and to whom; and each mail."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models


class ReportMailing(models.Model):
    """KPIs that are mailed to people, again and again; each is told what they may see."""

    class Rhythm(models.TextChoices):
        DAILY = "DAILY", "Every day, of the day before"
        WEEKLY = "WEEKLY", "Every week, of the week before"
        MONTHLY = "MONTHLY", "Every month, of the month before"

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="report_mailings"
    )
    name = models.CharField(max_length=80)
    rhythm = models.CharField(max_length=7, choices=Rhythm, default=Rhythm.WEEKLY)
    day = models.PositiveSmallIntegerField(
        default=0,
        validators=[MaxValueValidator(28)],
        help_text="Of the week, Monday is 0; or of the month, from 1 to 28.",
    )
    hour = models.PositiveSmallIntegerField(
        default=7,
        validators=[MaxValueValidator(23)],
        help_text="In the zone in which the company counts its days.",
    )
    parts = models.JSONField(help_text="Of each KPI its `key`, a slice `by`, and `only`.")
    with_files = models.BooleanField(
        default=False, help_text="With a CSV file of each that is broken down."
    )
    next_at = models.DateTimeField(null=True, blank=True, help_text="Empty while it is paused.")
    created_at = models.DateTimeField()
    deleted_at = models.DateTimeField(
        null=True, blank=True, help_text="It can be had back for a day."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "name"],
                condition=models.Q(deleted_at=None),
                name="report_mailing_name_is_free",
            ),
            models.CheckConstraint(
                condition=models.Q(rhythm__in=["DAILY", "WEEKLY", "MONTHLY"]),
                name="report_mailing_rhythm_known",
            ),
            models.CheckConstraint(
                condition=models.Q(hour__lte=23) & models.Q(day__lte=28),
                name="report_mailing_time_known",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_at"],
                condition=models.Q(next_at__isnull=False, deleted_at=None),
                name="report_mailings_due",
            )
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.name}"


class MailingReader(models.Model):
    """Somebody to whom a mailing goes, until they want it no more."""

    mailing = models.ForeignKey(ReportMailing, on_delete=models.PROTECT, related_name="readers")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="mailings_read"
    )
    stopped_at = models.DateTimeField(
        null=True, blank=True, help_text="They asked for no more of it."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mailing", "user"], name="mailing_reader_once")
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class ReportMail(models.Model):
    """One mail of a mailing to one reader: of which days, and what became of it."""

    mailing = models.ForeignKey(ReportMailing, on_delete=models.PROTECT, related_name="mails")
    to = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="report_mails"
    )
    first = models.DateField()
    last = models.DateField()
    by_hand = models.BooleanField(default=False, help_text="Somebody asked for it at once.")
    created_at = models.DateTimeField()
    due_at = models.DateTimeField(
        null=True, blank=True, help_text="When it is tried next; empty once it is over."
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["mailing", "to", "first", "last"],
                condition=models.Q(by_hand=False),
                name="report_mail_once",
            )
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=models.Q(due_at__isnull=False),
                name="report_mails_due",
            ),
            models.Index(fields=["mailing", "-id"], name="report_mails_of_mailing"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"
