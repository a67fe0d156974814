"""The human behind a lead. All personal data lives here, in touch payloads and in their history."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.db import models

from core import history
from leads import search_index


class Person(models.Model):
    """One human. Erasing a person blanks this row, its keys, its payloads and their history."""

    first_name = models.CharField(max_length=120, blank=True)
    last_name = models.CharField(max_length=120, blank=True)
    title = models.CharField(max_length=160, blank=True)
    email = models.CharField(max_length=320, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    country = models.CharField(max_length=2, blank=True)
    language = models.CharField(max_length=8, blank=True, help_text="ISO code, such as de.")
    merged_into = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="merged",
        db_index=False,
        help_text="Who this person is found to be, at the end of all merges.",
    )
    seniority = models.CharField(max_length=12, blank=True, help_text="Read from the title.")
    function = models.CharField(max_length=20, blank=True, help_text="Read from the title.")
    name_key = models.CharField(
        max_length=160, blank=True, editable=False, help_text="Both names as they are compared."
    )
    provenance = models.JSONField(
        default=dict,
        blank=True,
        editable=False,
        help_text="Field to [source, confidence, instant].",
    )
    created_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True, blank=True)
    history = history.records(excluded=("provenance", "name_key"), unindexed=("merged_into",))

    class Meta:
        verbose_name_plural = "people"
        indexes = [
            models.Index(
                fields=["name_key"],
                name="people_by_name_key",
                condition=~models.Q(name_key=""),
            ),
            GinIndex(
                fields=["name_key"],
                opclasses=["gin_trgm_ops"],
                name="people_by_like_names",
                condition=~models.Q(name_key=""),
            ),
            models.Index(
                fields=["merged_into"],
                name="people_merged",
                condition=models.Q(merged_into__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.name}"

    @property
    def name(self) -> str:
        """First and last name, else e-mail, else phone: something to call them by."""
        full = f"{self.first_name} {self.last_name}".strip()
        return full or self.email or self.phone or "Unnamed"


class IdentityKey(models.Model):
    """A normalised value that belongs to exactly one person; part of that person's data."""

    class Kind(models.TextChoices):
        EMAIL = "EMAIL", "e-mail"
        PHONE = "PHONE", "phone"
        EXTERNAL = "EXTERNAL", "external id"
        CONTACT = "CONTACT", "name at a shared mailbox or number"

    kind = models.CharField(max_length=8, choices=Kind)
    value = models.CharField(max_length=400)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="keys")
    shared_at = models.DateTimeField(
        null=True, blank=True, help_text="Since when it names nobody, as several people use it."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "value"], name="identity_key_belongs_to_one"),
            models.CheckConstraint(
                condition=models.Q(kind__in=["EMAIL", "PHONE", "EXTERNAL", "CONTACT"])
                & ~models.Q(value=""),
                name="identity_key_sensible",
            ),
        ]
        indexes = [search_index.of_values("identity_keys_by_part")]

    def __str__(self) -> str:
        return f"#{self.pk} {self.kind}"


class ContactPoint(models.Model):
    """A value by which a person can be reached but not told apart: a desk's mailbox, a number that
    is another person's key or that several people use.
    """

    kind = models.CharField(max_length=8, choices=IdentityKey.Kind)
    value = models.CharField(max_length=400)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="contact_points")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "value", "person"], name="contact_point_once_per_person"
            )
        ]
        indexes = [search_index.of_values("contact_points_by_part")]

    def __str__(self) -> str:
        return f"#{self.pk} {self.kind}"
