"""Who is told of events outside this product, what was sent to them, and what became of it."""

from __future__ import annotations

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models

from core import append_only, history


class Endpoint(models.Model):
    """A server that is told of events, or a channel of a team chat.

    Its address is as good as a key, so it is stored encrypted and never shown; `host` is.
    """

    class Kind(models.TextChoices):
        """How it wants to be told."""

        EVENTS = "EVENTS", "Signed webhooks of events"
        SLACK = "SLACK", "Slack channel"
        TEAMS = "TEAMS", "Microsoft Teams channel"

    label = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=6, choices=Kind, default=Kind.EVENTS)
    active = models.BooleanField(default=True)
    url = models.TextField(help_text="Sealed.")
    host = models.CharField(max_length=253, editable=False)
    secret = models.TextField(blank=True, help_text="Sealed. Signs webhooks.")
    former_secret = models.TextField(blank=True, help_text="Sealed. Signs them, too.")
    kinds = ArrayField(models.CharField(max_length=12), help_text="Events it is told of.")
    with_names = models.BooleanField(
        default=False,
        help_text="Webhooks carry names and e-mail addresses of buyers and owners, too.",
    )
    team = models.ForeignKey(
        "people.Team",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Only about leads held by this team; empty: by all.",
    )
    pool = models.CharField(
        max_length=60,
        blank=True,
        help_text="Key of a pool: only about its leads; empty: about all.",
    )
    failures = models.PositiveIntegerField(default=0, editable=False)
    resting_until = models.DateTimeField(null=True, blank=True, editable=False)
    history = history.records(
        excluded=("url", "secret", "former_secret", "failures", "resting_until")
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["EVENTS", "SLACK", "TEAMS"]),
                name="endpoint_kind_known",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind="EVENTS") | ~models.Q(secret=""),
                name="events_are_signed",
            ),
        ]

    def __str__(self) -> str:
        return self.label


class Sending(models.Model):
    """One event that one endpoint is told of. Holds nothing of anybody: what is said is made anew
    for each attempt, from what is known then.

    `event` and `lead` are ids without a reference: an undone import takes its events away.
    """

    class State(models.TextChoices):
        """What became of it so far."""

        RETRYING = "RETRYING", "To be sent"
        SENT = "SENT", "Sent"
        DEAD = "DEAD", "Given up"

    endpoint = models.ForeignKey(Endpoint, on_delete=models.PROTECT, related_name="sendings")
    key = models.CharField(
        max_length=60, unique=True, help_text="The webhook-id, the same in every attempt."
    )
    kind = models.CharField(max_length=12, blank=True, help_text="Kind of event; empty: a test.")
    event = models.BigIntegerField(null=True, blank=True)
    lead = models.BigIntegerField(null=True, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.RETRYING)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    round = models.PositiveSmallIntegerField(default=1, help_text="2 and up: sent anew by hand.")
    sent_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="RETRYING", due_at__isnull=False, sent_at__isnull=True)
                | models.Q(state="SENT", due_at__isnull=True, sent_at__isnull=False)
                | models.Q(state="DEAD", due_at__isnull=True, sent_at__isnull=True),
                name="sending_has_one_state",
            ),
        ]
        indexes = [
            models.Index(
                fields=["endpoint", "due_at"],
                name="sendings_due",
                condition=models.Q(state="RETRYING"),
            ),
            models.Index(
                fields=["-id"], name="sendings_given_up", condition=models.Q(state="DEAD")
            ),
        ]

    def __str__(self) -> str:
        return self.key


class Attempt(models.Model):
    """One try to send, and its end. Kept as it was; never what the other side said."""

    sending = models.ForeignKey(
        Sending, on_delete=models.PROTECT, related_name="tries", db_index=False
    )
    round = models.PositiveSmallIntegerField()
    number = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    arrived = models.BooleanField(help_text="It was taken; in each round once.")
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    milliseconds = models.PositiveIntegerField()
    why = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["sending", "round", "number"], name="attempts_are_numbered"
            ),
            models.UniqueConstraint(
                fields=["sending", "round"],
                name="arrives_once_a_round",
                condition=models.Q(arrived=True),
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="attempts_are_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            ),
            append_only.never_truncated("attempts_are_never_truncated"),
        ]

    def __str__(self) -> str:
        return f"{self.round}.{self.number}"
