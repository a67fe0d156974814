"""How people come in: invitations, the mails about access, and what they are shown at first."""

from __future__ import annotations

import datetime as dt
import secrets

from django.db import models
from django.db.models.functions import Lower

ROLES = (
    "SDR", "AE", "MANAGER", "MARKETING", "REVOPS", "FINANCE", "CUSTOMER_SUCCESS",
    "PARTNER_MANAGER", "AUDITOR", "ADMIN",
)  # fmt: skip
"""What somebody may be invited as; machines have keys."""


def fresh_nonce() -> str:
    """What a link bears besides the row's number: another one ends the links before."""
    return secrets.token_urlsafe(12)


class AccessMail(models.Model):
    """A mail about somebody's access: an invitation, a new password, a change of the log-in.

    It goes to an address, as there may be no account yet. Its text holds a link that lets in, so
    it is kept only until the mail is sent or given up.
    """

    to = models.EmailField()
    subject = models.CharField(max_length=200)
    text = models.TextField(blank=True)
    made_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, help_text="When it is tried next; empty once over.")
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(due_at__isnull=False) | models.Q(text=""),
                name="access_mail_that_is_over_keeps_no_link",
            )
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                name="access_mails_by_due",
                condition=models.Q(due_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.subject}"


class Invitation(models.Model):
    """Somebody asked to come in, by mail. One open invitation for each address."""

    email = models.EmailField()
    first_name = models.CharField(max_length=150, blank=True)
    last_name = models.CharField(max_length=150, blank=True)
    role = models.CharField(max_length=20)
    team = models.ForeignKey(
        "people.Team", null=True, on_delete=models.PROTECT, related_name="invitations"
    )
    time_zone = models.CharField(max_length=64, blank=True)
    nonce = models.CharField(max_length=24, default=fresh_nonce)
    invited_by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="invited")
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    mail = models.ForeignKey(AccessMail, null=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(
        "people.User", null=True, on_delete=models.PROTECT, related_name="+"
    )
    accepted_at = models.DateTimeField(null=True)
    user = models.OneToOneField(
        "people.User", null=True, on_delete=models.PROTECT, related_name="invitation"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                condition=models.Q(accepted_at__isnull=True, withdrawn_at__isnull=True),
                name="one_open_invitation_per_address",
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=ROLES), name="invitation_role_known"
            ),
            models.CheckConstraint(
                condition=models.Q(accepted_at__isnull=True, user__isnull=True)
                | models.Q(accepted_at__isnull=False, user__isnull=False),
                name="invitation_accepted_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.email}"

    @property
    def name(self) -> str:
        """First and last name, as far as they were given."""
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def is_open(self) -> bool:
        """Neither accepted nor withdrawn; it may have run out."""
        return self.accepted_at is None and self.withdrawn_at is None

    def is_valid(self, *, now: dt.datetime) -> bool:
        """Whether its link lets in."""
        return self.is_open and now < self.expires_at


class SetUpDismissal(models.Model):
    """Who does not want to be shown the first hour's checklist on their home any more."""

    user = models.OneToOneField(
        "people.User", primary_key=True, on_delete=models.PROTECT, related_name="set_up_dismissal"
    )
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"#{self.user_id} {self.at:%Y-%m-%d}"


class Tour(models.Model):
    """Somebody who is offered a tour of the pages; a demo company offers one to all of its people.

    `step` counts from 1; 0: it was not begun. What the steps are is the console's to say.
    """

    user = models.OneToOneField(
        "people.User", primary_key=True, on_delete=models.PROTECT, related_name="tour"
    )
    step = models.PositiveSmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"#{self.user_id} at step {self.step}"
