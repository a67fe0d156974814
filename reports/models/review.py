"""Governance reviews: what a month was, what was found in it, who decided what, who signed."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models

from core import append_only

_FROZEN = ("month", "starts_at", "ends_at", "opened_at", "snapshot", "snapshot_checksum")
_SET = ", ".join(f"NEW.{name}" for name in _FROZEN)
_WAS = ", ".join(f"OLD.{name}" for name in _FROZEN)

_STAYS = f"""
    IF OLD.state = 'CLOSED' THEN
        RAISE EXCEPTION 'the review of % is closed and signed: it never changes', OLD.month;
    END IF;
    IF ({_SET}) IS DISTINCT FROM ({_WAS}) THEN
        RAISE EXCEPTION 'what the review of % saw of its month is frozen', OLD.month;
    END IF;
    RETURN NEW;
"""

_SIGNED = """
    IF (SELECT count(DISTINCT s.by_id) FROM reports_reviewsignature s
         WHERE s.review_id = NEW.id AND s.checksum = NEW.checksum
           AND s.party IN ('SALES', 'MARKETING')
        HAVING count(DISTINCT s.party) = 2) >= 2 THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'the review of % does not bear both signatures: it stays open', NEW.month;
"""

_OF_THE_FINDING = (
    "review_id", "number", "rule", "section", "row_key", "text", "evidence", "owner_id", "due_on",
    "decision", "reason", "carried_from_id", "created_at", "created_by_id",
)  # fmt: skip

_NEW = ", ".join(f"NEW.{name}" for name in _OF_THE_FINDING)
_OLD = ", ".join(f"OLD.{name}" for name in _OF_THE_FINDING)

_STANDING = """
    SELECT state INTO standing FROM reports_review WHERE id = NEW.review_id FOR SHARE;
    IF standing <> 'CLOSED' THEN
        RETURN NEW;
    END IF;
"""
_STAYS_BUT_DONE = f"""
    IF TG_OP = 'UPDATE' AND OLD.done_at IS NULL
       AND ({_NEW}) IS NOT DISTINCT FROM ({_OLD}) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'finding % stands in a review that is closed: it never changes', NEW.number;
"""


class ReviewState(models.TextChoices):
    """Where a review stands."""

    OPEN = "OPEN", "Open"
    SIGNING = "SIGNING", "Awaits signatures"
    CLOSED = "CLOSED", "Closed"


class Review(models.Model):
    """The governance review of one month. What it saw of the month never changes; once it is
    closed and signed nothing of it does.

    `content` is the whole of it as it was signed: what it saw, and every finding with its decision.
    """

    month = models.DateField(unique=True, help_text="The first day of the month it is about.")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    state = models.CharField(max_length=7, choices=ReviewState, default=ReviewState.OPEN)
    opened_at = models.DateTimeField()
    snapshot = models.JSONField(help_text="The figures of the month, as they stood at opening.")
    snapshot_checksum = models.CharField(max_length=64)
    content = models.JSONField(null=True, blank=True, help_text="The text that was signed.")
    checksum = models.CharField(max_length=64, blank=True, help_text="Of the text.")
    pack_checksum = models.CharField(max_length=64, blank=True, help_text="Of the pack as HTML.")
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-month"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["OPEN", "SIGNING", "CLOSED"]),
                name="review_state_known",
            ),
            models.CheckConstraint(
                condition=models.Q(month__day=1, ends_at__gt=models.F("starts_at")),
                name="review_is_of_a_month",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    state="CLOSED", closed_at__isnull=False, content__isnull=False
                ) & ~models.Q(checksum="") & ~models.Q(pack_checksum="")
                | (~models.Q(state="CLOSED") & models.Q(closed_at__isnull=True)),
                name="closed_review_has_its_text",
            ),
        ]  # fmt: skip
        triggers = [
            pgtrigger.Protect(name="reviews_are_never_deleted", operation=pgtrigger.Delete),
            append_only.never_truncated("reviews_are_never_truncated"),
            pgtrigger.Trigger(
                name="review_stays",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func=_STAYS,
            ),
            pgtrigger.Trigger(
                name="only_signed_reviews_close",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.Update,
                condition=pgtrigger.Q(new__state="CLOSED"),
                timing=pgtrigger.Deferred,
                func=_SIGNED,
            ),
        ]

    def __str__(self) -> str:
        return f"Governance review {self.number}"

    @property
    def number(self) -> str:
        """`2026-10`: the month it is about; no month is left out."""
        return f"{self.month:%Y-%m}"


class ReviewFinding(models.Model):
    """Something to decide: what was found, where it shows, who looks after it, by when.

    `number` counts within its review. What is not done by the next review is carried over into it
    as a finding of its own.
    """

    class Rule(models.TextChoices):
        """What proposed it."""

        SLA = "SLA", "SLA attainment below its target"
        REJECTIONS = "REJECTIONS", "Rejections of a source beyond chance"
        DRIFT = "DRIFT", "Drift that nobody acknowledged"
        FAIRNESS = "FAIRNESS", "A pool shares unevenly"
        BENCHMARK = "BENCHMARK", "KPI outside its benchmark"
        UNOWNED = "UNOWNED", "KPI without an owner"
        HAND = "HAND", "Added by hand"

    class Decision(models.TextChoices):
        """What was decided."""

        CHANGE_KIT = "CHANGE_KIT", "Change the kit"
        COACH = "COACH", "Coach"
        REPAIR = "REPAIR", "Repair data or a system"
        LOOK = "LOOK", "Look into it"
        ACCEPT = "ACCEPT", "Accept as it is"
        NONE = "NONE", "No finding"

    SETTLED = (Decision.ACCEPT, Decision.NONE)
    """Decisions after which nothing is left to do."""

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="findings")
    number = models.PositiveSmallIntegerField()
    rule = models.CharField(max_length=10, choices=Rule)
    section = models.CharField(max_length=40, blank=True, help_text="The table that shows it.")
    row_key = models.CharField(max_length=200, blank=True, help_text="The line of that table.")
    text = models.TextField()
    evidence = models.TextField(blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    due_on = models.DateField(null=True, blank=True)
    decision = models.CharField(max_length=10, choices=Decision, blank=True)
    reason = models.TextField(blank=True)
    carried_from = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="carried_to"
    )
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    done_note = models.TextField(blank=True)

    class Meta:
        verbose_name = "finding of a review"
        verbose_name_plural = "findings of reviews"
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["review", "number"], name="findings_are_numbered"),
            models.CheckConstraint(
                condition=models.Q(done_at__isnull=True, done_by__isnull=True, done_note="")
                | models.Q(done_at__isnull=False, done_by__isnull=False),
                name="finding_done_by_somebody",
            ),
        ]
        indexes = [
            models.Index(
                fields=["owner", "due_on"],
                name="findings_to_do",
                condition=models.Q(done_at__isnull=True),
            )
        ]
        triggers = [
            pgtrigger.Protect(name="findings_are_never_deleted", operation=pgtrigger.Delete),
            append_only.never_truncated("findings_are_never_truncated"),
            pgtrigger.Trigger(
                name="finding_of_closed_review_stays",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                declare=[("standing", "TEXT")],
                func=_STANDING + _STAYS_BUT_DONE,
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} finding {self.number} of review #{self.review_id}"


class ReviewSignature(models.Model):
    """Somebody's consent to exactly this text of a review; a change afterwards makes it void."""

    class Party(models.TextChoices):
        SALES = "SALES", "Sales"
        MARKETING = "MARKETING", "Marketing"

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="signatures")
    party = models.CharField(max_length=10, choices=Party)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="review_signatures"
    )
    deputy_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    checksum = models.CharField(max_length=64)
    signed_at = models.DateTimeField()

    class Meta:
        verbose_name = "signature of a review"
        verbose_name_plural = "signatures of reviews"
        constraints = [
            models.UniqueConstraint(
                fields=["review", "party", "by", "checksum"],
                name="one_review_signature_per_party_and_text",
            )
        ]
        triggers = [
            pgtrigger.Protect(
                name="review_signatures_are_append_only",
                operation=pgtrigger.Update | pgtrigger.Delete,
            ),
            append_only.never_truncated("review_signatures_are_never_truncated"),
        ]

    def __str__(self) -> str:
        return f"{self.by} for {self.get_party_display()} on review #{self.review_id}"


class ReviewStep(models.Model):
    """The log of a review: who did what when, and what was there before; nothing edits it."""

    class Kind(models.TextChoices):
        OPENED = "OPENED", "Opened"
        PROPOSED = "PROPOSED", "Finding proposed"
        CARRIED = "CARRIED", "Finding carried over"
        ADDED = "ADDED", "Finding added"
        CHANGED = "CHANGED", "Finding changed"
        DONE = "DONE", "Finding done"
        SUBMITTED = "SUBMITTED", "Signatures asked for"
        BACK = "BACK", "Taken back for work"
        SIGNED = "SIGNED", "Signed"
        VOIDED = "VOIDED", "Signatures made void by a change"
        CLOSED = "CLOSED", "Closed"
        OVERDUE = "OVERDUE", "Owner told that it is overdue"

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="log")
    finding = models.ForeignKey(
        ReviewFinding, null=True, blank=True, on_delete=models.PROTECT, related_name="log"
    )
    kind = models.CharField(max_length=9, choices=Kind)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField()
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)

    class Meta:
        verbose_name = "step of a review"
        verbose_name_plural = "steps of reviews"
        constraints = [
            models.UniqueConstraint(
                fields=["review", "kind"],
                condition=models.Q(kind__in=["OPENED", "CLOSED"]),
                name="review_steps_that_come_once",
            ),
            models.UniqueConstraint(
                fields=["finding", "kind"],
                condition=models.Q(kind__in=["DONE", "OVERDUE"]),
                name="finding_steps_that_come_once",
            ),
        ]
        indexes = [models.Index(fields=["review", "at"], name="steps_of_review")]
        triggers = [
            pgtrigger.Protect(
                name="review_steps_are_append_only",
                operation=pgtrigger.Update | pgtrigger.Delete,
            ),
            append_only.never_truncated("review_steps_are_never_truncated"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.kind} of review #{self.review_id}"
