"""How people are told by mail: what they chose, the mails, and every attempt to send one."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from core import append_only, history


class Topic(models.TextChoices):
    """What a notice is about, as people choose how they are mailed of it."""

    NEW_LEAD = "NEW_LEAD", "New leads"
    DUE_SOON = "DUE_SOON", "Warnings: due soon"
    OVERDUE = "OVERDUE", "Overdue"
    ESCALATED = "ESCALATED", "Escalations"
    KIT = "KIT", "The kit: to sign, in force, emergencies"
    TERRITORY = "TERRITORY", "Territories"
    PARTNER = "PARTNER", "Partners"
    DISPUTE = "DISPUTE", "Rejections that are disputed, or may be"
    WAKE_UP = "WAKE_UP", "Leads that faded into nurture, or whose day has come"
    REVIEW = "REVIEW", "Governance reviews and their findings"


class Mode(models.TextChoices):
    """When somebody is mailed of a topic. In the console all of it stands at once."""

    AT_ONCE = "AT_ONCE", "At once"
    DIGEST = "DIGEST", "In the digest"
    OFF = "OFF", "No mail"


class NoticePreference(models.Model):
    """What somebody chose of how they are mailed; without a person: what holds for who chose none.

    `modes` holds Mode by Topic; a topic that is not in it is as it is for the company.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="notice_preference",
    )
    modes = models.JSONField(default=dict, blank=True)
    digest_hours = ArrayField(
        models.PositiveSmallIntegerField(),
        help_text="Full hours of the person's own day at which digests are sent.",
    )
    off_hours = models.BooleanField(
        default=False, help_text="Mails, and calls in chats, outside their working hours, too."
    )
    history = history.records()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(digest_hours__contained_by=list(range(24)))
                & ~models.Q(digest_hours=[]),
                name="digest_hours_of_a_day",
            ),
            models.UniqueConstraint(
                models.F("user"), nulls_distinct=False, name="one_preference_of_the_company"
            ),
        ]

    def __str__(self) -> str:
        return f"Mails to {self.user_id or 'all who chose nothing'}"


class Mail(models.Model):
    """One mail to one person, about one notice or many. Holds nothing of what it says: that is
    made anew for each attempt, so that what was done meanwhile is left out.
    """

    class State(models.TextChoices):
        """What became of it so far."""

        WAITING = "WAITING", "To be sent"
        SENT = "SENT", "Sent"
        DEAD = "DEAD", "Given up"
        MOOT = "MOOT", "Not needed any more"

    to = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="mails")
    digest = models.BooleanField(default=False)
    notices = models.PositiveIntegerField(default=1, help_text="How many it was made for.")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True, help_text="While it is tried: the lease.")
    attempts = models.PositiveSmallIntegerField(default=0)
    round = models.PositiveSmallIntegerField(default=1, help_text="2 and up: sent again by hand.")
    sent_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="WAITING", due_at__isnull=False, sent_at__isnull=True)
                | models.Q(state="SENT", due_at__isnull=True, sent_at__isnull=False)
                | models.Q(state__in=["DEAD", "MOOT"], due_at__isnull=True, sent_at__isnull=True),
                name="mail_has_one_state",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="mails_due", condition=models.Q(state="WAITING")),
            models.Index(fields=["to", "-created_at"], name="mails_of_person"),
            models.Index(fields=["-id"], name="mails_given_up", condition=models.Q(state="DEAD")),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} to {self.to_id}"


class MailAttempt(models.Model):
    """One try to send a mail, and its end. Kept as it was."""

    mail = models.ForeignKey(Mail, on_delete=models.PROTECT, related_name="tries", db_index=False)
    round = models.PositiveSmallIntegerField()
    number = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    arrived = models.BooleanField(help_text="The server took it; in each round once.")
    milliseconds = models.PositiveIntegerField()
    why = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["mail", "round", "number"], name="mail_attempts_are_numbered"
            ),
            models.UniqueConstraint(
                fields=["mail", "round"],
                name="mail_arrives_once_a_round",
                condition=models.Q(arrived=True),
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="mail_attempts_are_append_only",
                operation=pgtrigger.Update | pgtrigger.Delete,
            ),
            append_only.never_truncated("mail_attempts_are_never_truncated"),
        ]

    def __str__(self) -> str:
        return f"{self.round}.{self.number}"


class SentAgain(models.Model):
    """Somebody had something sent again: a mail, or a sending to a chat or another system.

    Without a person it was `manage.py sweep --retry`. `what` is an id without a reference, since
    it is of an app above.
    """

    class Way(models.TextChoices):
        """What was sent again."""

        MAIL = "MAIL", "Mail"
        SENDING = "SENDING", "Chat or webhook"

    way = models.CharField(max_length=8, choices=Way)
    what = models.BigIntegerField()
    round = models.PositiveSmallIntegerField(help_text="The round that this began.")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["way", "what", "round"], name="sent_again_once_a_round")
        ]
        triggers = [
            pgtrigger.Protect(
                name="sent_again_is_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            ),
            append_only.never_truncated("sent_again_is_never_truncated"),
        ]

    def __str__(self) -> str:
        return f"{self.way} {self.what}.{self.round}"
