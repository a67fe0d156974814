"""What was done with the buyer: the evidence that stops clocks."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from core import history


class Activities(models.QuerySet["Activity"]):
    """Activities, also those that were taken back."""

    def standing(self) -> Activities:
        """Those that nobody took back: the others prove nothing."""
        return self.filter(withdrawn_at=None)

    def contacts(self) -> Activities:
        """Those by which somebody reached out to the buyer, as `Activity.is_contact` says it."""
        reached = models.Q(direction="OUTBOUND", outcome__in=["COMPLETED", "NO_ANSWER"])
        met = models.Q(kind__in=["MEETING", "DISCOVERY_CALL"], outcome="COMPLETED")
        return self.standing().filter((reached & ~models.Q(kind="NOTE")) | met, automatic=False)


class Activity(models.Model):
    """A call, e-mail, meeting, social message or note. The note is erasable free text."""

    class Kind(models.TextChoices):
        CALL = "CALL", "Call"
        EMAIL = "EMAIL", "E-mail"
        MEETING = "MEETING", "Meeting"
        DISCOVERY_CALL = "DISCOVERY_CALL", "Discovery call"
        SOCIAL = "SOCIAL", "Social"
        NOTE = "NOTE", "Note"

    class Direction(models.TextChoices):
        OUTBOUND = "OUTBOUND", "Outbound"
        INBOUND = "INBOUND", "Inbound"

    class Outcome(models.TextChoices):
        COMPLETED = "COMPLETED", "Completed"
        NO_ANSWER = "NO_ANSWER", "No answer"
        BOUNCED = "BOUNCED", "Bounced"
        SCHEDULED = "SCHEDULED", "Scheduled"
        NO_SHOW = "NO_SHOW", "No show"

    lead = models.ForeignKey(
        "leads.Lead", on_delete=models.PROTECT, related_name="activities", db_index=False
    )
    kind = models.CharField(max_length=14, choices=Kind)
    direction = models.CharField(max_length=8, choices=Direction, default=Direction.OUTBOUND)
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.COMPLETED)
    at = models.DateTimeField(help_text="When it happened.")
    recorded_at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="activities"
    )
    note = models.TextField(blank=True)
    source = models.CharField(max_length=40, blank=True, help_text="System that reports it.")
    external_id = models.CharField(max_length=200, blank=True)
    verified = models.BooleanField(
        default=False, help_text="Reported by mail, telephony or calendar, not by the rep."
    )
    automatic = models.BooleanField(
        default=False, help_text="Sent by a machine, such as an acknowledgement: no contact."
    )
    withdrawn_at = models.DateTimeField(
        null=True, blank=True, help_text="When whoever logged it took it back: it counts no more."
    )
    history = history.records()
    objects = models.Manager.from_queryset(Activities)()

    class Meta:
        verbose_name_plural = "activities"
        constraints = [
            models.UniqueConstraint(
                fields=["source", "external_id"],
                condition=~models.Q(external_id=""),
                name="activity_external_id_once",
            )
        ]
        indexes = [models.Index(fields=["lead", "at"], name="activity_by_lead")]

    def __str__(self) -> str:
        return f"#{self.pk} {self.kind}"

    @property
    def awaits_answer(self) -> bool:
        """Whether the buyer wrote to us or tried to call, so that somebody should answer."""
        written = self.kind in {self.Kind.EMAIL, self.Kind.SOCIAL}
        missed = self.kind == self.Kind.CALL and self.outcome == self.Outcome.NO_ANSWER
        return (
            not self.automatic
            and self.direction == self.Direction.INBOUND
            and (missed or (written and self.outcome == self.Outcome.COMPLETED))
        )

    @property
    def is_contact(self) -> bool:
        """Whether it proves that we reached out to the buyer; automatic answers do not."""
        return not self.automatic and (
            (
                self.direction == self.Direction.OUTBOUND
                and self.kind != self.Kind.NOTE
                and self.outcome in {self.Outcome.COMPLETED, self.Outcome.NO_ANSWER}
            )
            or (
                self.kind in {self.Kind.MEETING, self.Kind.DISCOVERY_CALL}
                and self.outcome == self.Outcome.COMPLETED
            )
        )
