"""What people say of a metric beside its declaration: benchmarks, and who answers for it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from reports.models import statement


class BenchmarkLine(models.Model):
    """Between what a metric usually lies, of all or of one value of a slice; the latest counts.

    Withdrawn, there is none: not that of the declaration, either.
    """

    metric = models.CharField(max_length=40)
    slice = models.CharField(max_length=12, blank=True, help_text="Empty: of all.")
    value = models.CharField(max_length=160, blank=True)
    low = models.FloatField(null=True, blank=True, help_text="In the metric's unit, or open.")
    high = models.FloatField(null=True, blank=True)
    source = models.CharField(max_length=300, blank=True, help_text="Who says so.")
    dated = models.DateField(null=True, blank=True, help_text="When they said so.")
    withdrawn = models.BooleanField(default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(withdrawn=True, low=None, high=None)
                | Q(withdrawn=False, dated__isnull=False)
                & ~Q(source="")
                & (Q(low__isnull=False) | Q(high__isnull=False)),
                name="benchmark_says_something",
            ),
            models.CheckConstraint(
                condition=Q(low=None) | Q(high=None) | Q(low__lte=F("high")),
                name="benchmark_lies_between",
            ),
        ]
        indexes = [models.Index(fields=["metric", "slice", "value"], name="benchmarks_by_metric")]
        triggers = statement.guards("benchmarks")

    def __str__(self) -> str:
        return f"{self.metric} {self.value}".strip()


class MetricOwner(models.Model):
    """Who answers for a metric by name; the latest counts. Nobody: the role of its declaration."""

    metric = models.CharField(max_length=40)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["metric"], name="metric_owners_by_metric")]
        triggers = statement.guards("metric_owners")

    def __str__(self) -> str:
        return self.metric
