"""Mails that people here write to buyers: from where they are sent, their templates, each mail."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Mailbox(models.Model):
    """The mail server that takes somebody's mails; its password is stored sealed, never shown."""

    class Security(models.TextChoices):
        TLS = "TLS", "TLS from the first word (port 465)"
        STARTTLS = "STARTTLS", "STARTTLS (port 587)"
        NONE = "NONE", "None"

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="mailbox"
    )
    host = models.CharField(max_length=255)
    port = models.PositiveIntegerField()
    security = models.CharField(max_length=8, choices=Security, default=Security.STARTTLS)
    username = models.CharField(max_length=320, blank=True)
    password = models.TextField(blank=True, help_text="Sealed.")
    tested_at = models.DateTimeField(null=True, blank=True, help_text="When it last took a mail.")
    error = models.CharField(max_length=300, blank=True, help_text="Why it took none last.")

    class Meta:
        verbose_name_plural = "mailboxes"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(security__in=["TLS", "STARTTLS", "NONE"]),
                name="mailbox_security_known",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.host}"


class MailTemplate(models.Model):
    """A mail to begin with: somebody's own, or without an owner the company's."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="mail_templates",
    )
    name = models.CharField(max_length=80)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    removed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"#{self.pk} {self.name}"


class OutgoingMail(models.Model):
    """One mail to one buyer, held for a moment so that it can be undone, then sent and retried."""

    class State(models.TextChoices):
        WAITING = "WAITING", "To be sent"
        SENT = "SENT", "Sent"
        FAILED = "FAILED", "Not sent"
        CANCELLED = "CANCELLED", "Taken back"

    lead = models.ForeignKey("leads.Lead", on_delete=models.PROTECT, related_name="outgoing_mails")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="outgoing_mails"
    )
    to = models.CharField(max_length=320)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    message_id = models.CharField(max_length=190, unique=True)
    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    due_at = models.DateTimeField(help_text="When it is tried next, or its attempt counts as lost.")
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    activity = models.ForeignKey(
        "leads.Activity", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["WAITING", "SENT", "FAILED", "CANCELLED"]),
                name="outgoing_mail_state_known",
            )
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                name="outgoing_mails_by_due",
                condition=models.Q(state="WAITING"),
            )
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.state}"
