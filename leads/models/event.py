"""The one log. Every change of a lead appends one event; nothing ever edits it."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models.fields.json import KeyTextTransform

from core import append_only
from leads import stages


class EventKind(models.TextChoices):
    """What happened. STAGE events fold into stage and cycle, ownership events into the owner."""

    TOUCHED = "TOUCHED", "Touchpoint"
    SIGNALLED = "SIGNALLED", "Signal"
    STAGE = "STAGE", "Stage"
    ASSIGNED = "ASSIGNED", "Assigned"
    QUEUED = "QUEUED", "Queued"
    RELEASED = "RELEASED", "Released"
    ACTIVITY = "ACTIVITY", "Activity"
    WARNED = "WARNED", "Warning"
    BREACHED = "BREACHED", "Breach"
    CORRECTED = "CORRECTED", "Correction"
    ESCALATED = "ESCALATED", "Escalation"
    PAUSED = "PAUSED", "SLA paused"
    RESUMED = "RESUMED", "SLA resumed"
    MOVED = "MOVED", "Deadline moved"
    NEXT_STEP = "NEXT_STEP", "Next step"
    RECALCULATED = "RECALCULATED", "SLAs recalculated"
    ENRICHED = "ENRICHED", "Enriched"
    QUARANTINED = "QUARANTINED", "In quarantine"
    CLEANSED = "CLEANSED", "Out of quarantine"
    JOINED = "JOINED", "Joined by a merged lead"
    PARTED = "PARTED", "Parted from a merged lead"
    WITHDRAWN = "WITHDRAWN", "Touchpoint withdrawn"
    RETRACTED = "RETRACTED", "Contact taken back"
    EDITED = "EDITED", "Fields edited"
    DISPUTED = "DISPUTED", "Rejection disputed"
    RULED = "RULED", "Dispute decided"
    ERASED = "ERASED", "Person erased"
    CROSSED = "CROSSED", "Score crossed a threshold"
    WAKE_UP = "WAKE_UP", "Wake-up"


_STEPS = ", ".join(f"('{name}', '{old}', '{new}')" for name, old, new in stages.legal_steps())

LEGAL_STEP = f"""
    IF NOT (NEW.transition, NEW.from_stage, NEW.to_stage) IN ({_STEPS}) THEN
        RAISE EXCEPTION 'illegal step % from "%" to "%" of lead %',
            NEW.transition, NEW.from_stage, NEW.to_stage, NEW.lead_id;
    END IF;
    SELECT to_stage INTO before FROM leads_leadevent
     WHERE lead_id = NEW.lead_id AND kind = 'STAGE' AND sequence < NEW.sequence
     ORDER BY sequence DESC LIMIT 1;
    IF COALESCE(before, '') <> NEW.from_stage THEN
        RAISE EXCEPTION 'step % of lead % starts at "%" but the lead was at "%"',
            NEW.transition, NEW.lead_id, NEW.from_stage, COALESCE(before, '');
    END IF;
    RETURN NULL;
"""  # noqa: S608 - built from the table of transitions in this repository


class LeadEvent(models.Model):
    """Who or what changed a lead, from what to what, because of what, under which kit.

    Carries no personal data: free text lives in erasable rows (activities, payloads).
    """

    lead = models.ForeignKey(
        "leads.Lead", on_delete=models.PROTECT, related_name="events", db_index=False
    )
    sequence = models.PositiveIntegerField(help_text="1, 2, 3 … per lead, without gaps.")
    kind = models.CharField(max_length=12, choices=EventKind)
    transition = models.CharField(max_length=20, blank=True)
    from_stage = models.CharField(max_length=12, blank=True)
    to_stage = models.CharField(max_length=12, blank=True)
    cycle = models.PositiveSmallIntegerField(default=1)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The owner from here on, in events of ownership.",
    )
    queue = models.CharField(max_length=60, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    actor = models.CharField(max_length=40, help_text="user, pipeline, or the name of a job.")
    because = models.JSONField(default=dict)
    cause = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="effects",
        help_text="The event this one followed from, in the same act.",
    )
    kit = models.ForeignKey(
        "governance.KitVersion", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(help_text="When it became true.")
    recorded_at = models.DateTimeField(help_text="When it was written down.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["lead", "sequence"], name="events_have_one_order"),
            models.CheckConstraint(
                condition=models.Q(kind__in=EventKind.values), name="event_kind_known"
            ),
            models.CheckConstraint(
                condition=models.Q(kind="STAGE", transition__gt="", to_stage__gt="")
                | (~models.Q(kind="STAGE") & models.Q(transition="", from_stage="", to_stage="")),
                name="only_stage_events_carry_stages",
            ),
        ]
        indexes = [
            models.Index(fields=["kind", "at"], name="events_by_kind_and_time"),
            models.Index(
                fields=["to_stage", "at"],
                name="stage_events_by_time",
                condition=models.Q(kind="STAGE"),
            ),
            models.Index(
                fields=["-at", "-id"],
                name="rejections_newest_first",
                condition=models.Q(kind="STAGE", transition="reject"),
            ),
            models.Index(  # by when the time to dispute them is over, in UTC
                KeyTextTransform("disputable_until", "because"),
                name="rejections_contestable",
                condition=models.Q(
                    kind="STAGE", transition="reject", because__has_key="contestable"
                ),
            ),
            # Rows lie in the order in which they were recorded, so the smallest index will do.
            BrinIndex(fields=["recorded_at"], name="events_by_recording", autosummarize=True),
        ]
        triggers = [
            pgtrigger.Protect(
                name="events_are_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            ),
            append_only.never_truncated("events_are_never_truncated"),
            pgtrigger.Trigger(
                name="stage_steps_are_legal",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                timing=pgtrigger.Deferred,
                condition=pgtrigger.Q(new__kind="STAGE"),
                declare=[("before", "text")],
                func=LEGAL_STEP,
            ),
            pgtrigger.Trigger(
                name="stage_event_matches_lead",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                timing=pgtrigger.Deferred,
                condition=pgtrigger.Q(new__kind="STAGE"),
                declare=[("stage_now", "text"), ("stage_told", "text")],
                func="""
                    SELECT stage INTO stage_now FROM leads_lead WHERE id = NEW.lead_id;
                    SELECT to_stage INTO stage_told FROM leads_leadevent
                     WHERE lead_id = NEW.lead_id AND kind = 'STAGE'
                     ORDER BY sequence DESC LIMIT 1;
                    IF stage_now IS DISTINCT FROM stage_told THEN
                        RAISE EXCEPTION 'lead % stands at % but its last event says %',
                            NEW.lead_id, stage_now, stage_told;
                    END IF;
                    RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.kind} of lead #{self.lead_id}"


class Outbox(models.Model):
    """One event that one consumer has yet to see. Upper apps drain their own rows."""

    event = models.ForeignKey(
        LeadEvent, on_delete=models.PROTECT, related_name="deliveries", db_index=False
    )
    consumer = models.CharField(max_length=30)
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True)

    class Meta:
        verbose_name_plural = "outbox"
        constraints = [
            models.UniqueConstraint(fields=["event", "consumer"], name="delivered_once_each")
        ]
        indexes = [
            models.Index(
                fields=["consumer", "due_at"],
                name="outbox_due",
                condition=models.Q(done_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.consumer}"
