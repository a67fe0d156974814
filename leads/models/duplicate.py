"""Who may be whom: suggestions for people to decide, and merges that can be taken back."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class DuplicateSuggestion(models.Model):
    """Two people who may be one. `first` is the older row; a pair is suggested once.

    `reasons` name keys and rules, never values: [{"rule": "PHONE"}, {"rule": "NAME", "score": 97}].
    """

    class Status(models.TextChoices):
        OPEN = "OPEN", "To review"
        MERGED = "MERGED", "Merged"
        DISMISSED = "DISMISSED", "Two people"

    class Source(models.TextChoices):
        TOUCH = "TOUCH", "touchpoint"
        SEARCH = "SEARCH", "search among older leads"
        PERSON = "PERSON", "somebody here"

    first = models.ForeignKey("leads.Person", on_delete=models.PROTECT, related_name="+")
    second = models.ForeignKey("leads.Person", on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    source = models.CharField(max_length=8, choices=Source)
    score = models.PositiveSmallIntegerField(help_text="How alike, 0 to 100.")
    reasons = models.JSONField(default=list)
    touch = models.ForeignKey(
        "leads.Touch", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    suggested_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="pair_suggested_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="pair_in_order"),
            models.CheckConstraint(
                condition=Q(status="OPEN", decided_at__isnull=True)
                | (~Q(status="OPEN") & Q(decided_at__isnull=False)),
                name="suggestion_decided_with_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["-score", "id"], name="suggestions_to_review", condition=Q(status="OPEN")
            ),
            models.Index(fields=["second"], name="suggestions_by_second"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.first_id} and {self.second_id}"


class PersonMerge(models.Model):
    """One person was found to be another; everything that is needed to take it back.

    `before` holds the rows as they were (ids and states; personal values only under `fields`, which
    erasing a person blanks). `moved` lists the ids of rows that went over.
    """

    winner = models.ForeignKey("leads.Person", on_delete=models.PROTECT, related_name="won_merges")
    loser = models.ForeignKey("leads.Person", on_delete=models.PROTECT, related_name="lost_merges")
    suggestion = models.ForeignKey(
        DuplicateSuggestion, null=True, blank=True, on_delete=models.PROTECT, related_name="merges"
    )
    kept = models.JSONField(default=dict, help_text="Field to WINNER or LOSER: whose value stayed.")
    fields = models.JSONField(default=dict, help_text="What the winner's changed fields said.")
    before = models.JSONField(default=dict, help_text="Leads, clocks and owners before the merge.")
    moved = models.JSONField(default=dict, help_text="Ids of rows that went to the winner.")
    reason = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField()
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["loser"], condition=Q(undone_at__isnull=True), name="merged_into_one_person"
            ),
            models.CheckConstraint(condition=~Q(winner=F("loser")), name="merged_into_another"),
        ]
        indexes = [models.Index(fields=["winner"], name="merges_by_winner")]

    def __str__(self) -> str:
        return f"#{self.pk} {self.loser_id} into {self.winner_id}"


class DuplicateSearch(models.Model):
    """How far the search among older people has come: the place in their history, one row."""

    read_until = models.DateTimeField(help_text="History before this instant was looked at.")
    read_id = models.BigIntegerField(default=0, help_text="And of this instant, up to this row.")
    searched = models.BigIntegerField(default=0, help_text="People looked at so far.")
    found = models.BigIntegerField(default=0, help_text="Pairs suggested so far.")
    run_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "duplicate searches"

    def __str__(self) -> str:
        return f"#{self.pk} until {self.read_until:%Y-%m-%d %H:%M}"
