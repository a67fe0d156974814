"""What a kit did to leads that were there, and what a draft of one would do."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class SimulatedLead(models.Model):
    """One lead of a simulation whose fate differs, or that could not be replayed."""

    simulation = models.ForeignKey(
        "governance.Simulation", on_delete=models.PROTECT, related_name="leads"
    )
    lead = models.ForeignKey("leads.Lead", on_delete=models.PROTECT, related_name="+")
    differs = models.JSONField(default=list, help_text="In what: mql, owner, pool, due, band …")
    unknown = models.CharField(max_length=200, blank=True, help_text="Why it was not replayed.")
    before = models.JSONField(default=dict, help_text="Under the version in force, explained.")
    after = models.JSONField(default=dict, help_text="Under the draft, explained.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["simulation", "lead"], name="simulated_once_each")
        ]

    def __str__(self) -> str:
        return f"#{self.pk} lead #{self.lead_id}"


class KitApplication(models.Model):
    """One act by which somebody brings the kit in force to leads that were there before it.

    `selection` holds what was chosen as [verb, id] pairs in the order of the work; the first
    `done` of them are dealt with. The reason is free text and stands here only; the events of
    the leads name this row.
    """

    class Act(models.TextChoices):
        RECALCULATE = "RECALCULATE", "SLAs recalculated"
        REQUALIFY = "REQUALIFY", "Leads re-qualified"
        RESCORE = "RESCORE", "Leads rescored"

    class State(models.TextChoices):
        WAITING = "WAITING", "Waiting"
        RUNNING = "RUNNING", "Running"
        DONE = "DONE", "Done"
        FAILED = "FAILED", "Failed"

    act = models.CharField(max_length=12, choices=Act)
    kit = models.ForeignKey("governance.KitVersion", on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="kit_applications"
    )
    reason = models.TextField()
    selection = models.JSONField(default=list)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0, help_text="Dealt with so far, changed or not.")
    changed = models.PositiveIntegerField(default=0)
    passed_over = models.JSONField(
        default=dict, help_text="How many were left as they are, by why: they moved on meanwhile."
    )
    failures = models.JSONField(default=list, help_text="What could not be done, and why.")
    requested_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    beat_at = models.DateTimeField(
        null=True, blank=True, help_text="Last sign of life; a run without one is taken up again."
    )
    falls = models.PositiveSmallIntegerField(
        default=0, help_text="How often in a row it lost its worker without getting on."
    )
    error = models.TextField(blank=True)

    class Meta:
        verbose_name = "application of the kit"
        verbose_name_plural = "applications of the kit"
        indexes = [
            models.Index(fields=["-requested_at"], name="kit_applications_latest"),
            models.Index(
                fields=["beat_at"],
                name="kit_applications_open",
                condition=models.Q(state__in=["WAITING", "RUNNING"]),
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.act} by {self.by_id}"


class ShadowDecision(models.Model):
    """What a version in review would have made of one live touch, beside what was really done.

    Nothing acts on it. `differs` names the respects; empty when both came to the same.
    """

    kit = models.ForeignKey(
        "governance.KitVersion", on_delete=models.PROTECT, related_name="shadow_decisions"
    )
    checksum = models.CharField(max_length=64, help_text="The text that was in shadow.")
    event = models.ForeignKey("leads.LeadEvent", on_delete=models.PROTECT, related_name="+")
    lead = models.ForeignKey("leads.Lead", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(help_text="When the touch was really decided.")
    decided_at = models.DateTimeField(help_text="When the shadow decided.")
    differs = models.JSONField(default=list)
    unknown = models.CharField(max_length=40, blank=True, help_text="Why it could not decide.")
    real = models.JSONField(default=dict)
    shadow = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kit", "checksum", "event"], name="one_shadow_per_touch_and_text"
            )
        ]
        indexes = [models.Index(fields=["kit", "-at"], name="shadow_by_kit_and_time")]

    def __str__(self) -> str:
        return f"#{self.pk} of kit #{self.kit_id}"
