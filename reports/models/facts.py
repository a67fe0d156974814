"""What became of leads, as rows that figures are counted from. Derived from the log, never edited.

Each row can be made anew from `LeadEvent` alone (`manage.py facts --rebuild`), and `verify` holds
them against it. What a lead is sliced by stands in each row, so that counting joins nothing.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from leads.models import Channel, SourceCategory


class Sliced(models.Model):
    """What every row is sliced by. `rep` and `team` are those of the time, not of today."""

    historical = models.BooleanField(help_text="Told by an import of the past.")
    category = models.CharField(max_length=20, choices=SourceCategory)
    medium = models.CharField(max_length=120, blank=True, help_text="Of the first touchpoint.")
    channel = models.CharField(max_length=14, choices=Channel)
    campaign = models.CharField(max_length=160, blank=True)
    segment = models.CharField(max_length=20, blank=True, help_text="Size of the company.")
    rep = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    team = models.ForeignKey(
        "people.Team", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    kit = models.ForeignKey(
        "governance.KitVersion",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )

    class Meta:
        abstract = True


class LeadFact(Sliced):
    """One lead from the day it came in: when it took each step for the first time, if it did.

    A step that was taken back was not taken. `rep` is who held it last while it was worked.
    """

    lead = models.OneToOneField(
        "leads.Lead", primary_key=True, on_delete=models.PROTECT, related_name="+"
    )
    version = models.PositiveIntegerField(help_text="Sequence of the last event that is in it.")
    recorded_at = models.DateTimeField(help_text="When that event was written down.")
    came_at = models.DateTimeField()
    stage = models.CharField(max_length=12, help_text="Where it stood after that event.")
    nurtured = models.BooleanField(
        default=False, help_text="It was in Nurture before it became an SQL, or never became one."
    )
    contacted_at = models.DateTimeField(null=True, help_text="First contact that stands.")
    mql_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    self_sourced_at = models.DateTimeField(null=True)
    sql_at = models.DateTimeField(null=True)
    opportunity_at = models.DateTimeField(null=True)
    won_at = models.DateTimeField(null=True)
    lost_at = models.DateTimeField(null=True)
    rejected_at = models.DateTimeField(null=True)
    disqualified_at = models.DateTimeField(null=True, help_text="Now, or by people at any time.")

    class Meta:
        indexes = [
            models.Index(fields=["came_at"], name="lead_facts_by_day"),
            models.Index(
                fields=["won_at"],
                name="lead_facts_by_win",
                condition=models.Q(won_at__isnull=False),
            ),
            models.Index(fields=["recorded_at"], name="lead_facts_by_recording"),
        ]

    def __str__(self) -> str:
        return f"lead #{self.lead_id}"


class PassFact(Sliced):
    """One pass of a lead through the hands of Sales, from MQL or self-sourced until it left them.

    It ends when the lead is qualified again. Before disputes the first `decision` counts, after
    them the first that was not overturned (`final`). `rep` is who decided, else who holds it.
    """

    class Way(models.TextChoices):
        QUALIFIED = "QUALIFIED", "Qualified as MQL"
        SELF_SOURCED = "SELF_SOURCED", "Self-sourced"

    class Decision(models.TextChoices):
        ACCEPTED = "ACCEPTED", "Accepted"
        REJECTED = "REJECTED", "Rejected"

    lead = models.ForeignKey(
        "leads.Lead", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    sequence = models.PositiveIntegerField(help_text="Of the event that began it.")
    way = models.CharField(max_length=12, choices=Way)
    came_at = models.DateTimeField()
    mql_at = models.DateTimeField(null=True)
    decision = models.CharField(max_length=8, choices=Decision, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    final = models.CharField(max_length=8, choices=Decision, blank=True)
    reason = models.CharField(max_length=60, blank=True, help_text="Key, of the first decision.")
    criterion = models.CharField(max_length=60, blank=True)
    sal_at = models.DateTimeField(null=True)
    sql_at = models.DateTimeField(null=True)
    opportunity_at = models.DateTimeField(null=True)
    won_at = models.DateTimeField(null=True)
    lost_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True, help_text="Out of the hands of Sales, to no end.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["lead", "sequence"], name="one_fact_of_each_pass")
        ]
        indexes = [
            models.Index(fields=["mql_at"], name="pass_facts_by_mql"),
            models.Index(fields=["sal_at"], name="pass_facts_by_sal"),
            models.Index(fields=["sql_at"], name="pass_facts_by_sql"),
            models.Index(fields=["opportunity_at"], name="pass_facts_by_opportunity"),
        ]

    def __str__(self) -> str:
        return f"lead #{self.lead_id} from {self.sequence}"


class VisitFact(Sliced):
    """One stay of a lead at a stage, from when it entered it until it left, if it did."""

    lead = models.ForeignKey(
        "leads.Lead", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    sequence = models.PositiveIntegerField(help_text="Of the event by which it entered.")
    stage = models.CharField(max_length=12)
    entered_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)
    transition = models.CharField(max_length=20, blank=True, help_text="By which it left.")
    to_stage = models.CharField(max_length=12, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["lead", "sequence"], name="one_fact_of_each_visit")
        ]
        indexes = [
            models.Index(fields=["entered_at"], name="visit_facts_by_entry"),
            models.Index(fields=["left_at"], name="visit_facts_by_exit"),
        ]

    def __str__(self) -> str:
        return f"lead #{self.lead_id} at {self.stage}"


class FactsBuild(models.Model):
    """One making of all facts from the log, lead by lead; the newest that is finished counts."""

    rules = models.PositiveIntegerField(help_text="Version of the rules they are made by.")
    zone = models.CharField(max_length=64, help_text="In which their days are counted.")
    upto = models.BigIntegerField(default=0, help_text="Leads up to this id are made.")
    last = models.BigIntegerField(help_text="The last lead that there was at its beginning.")
    begun_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"#{self.pk} up to {self.upto} of {self.last}"


class StaleDay(models.Model):
    """A day of which facts have changed since it was summed up; counted one by one until then."""

    cube = models.CharField(max_length=20)
    day = models.DateField()
    since = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cube", "day"], name="stale_days_are_told_once")
        ]

    def __str__(self) -> str:
        return f"{self.cube} of {self.day}"


class DaySum(models.Model):
    """What facts of one kind add up to on one day, for one value of one slice (or for all)."""

    cube = models.CharField(max_length=20)
    day = models.DateField()
    slice = models.CharField(max_length=12, help_text="Empty: all.")
    value = models.CharField(max_length=160, blank=True)
    sums = ArrayField(models.FloatField(), help_text="One for each measure, in their order.")

    class Meta:
        indexes = [models.Index(fields=["cube", "slice", "day"], name="day_sums_by_day")]

    def __str__(self) -> str:
        return f"{self.cube} of {self.day} {self.slice} {self.value}"
