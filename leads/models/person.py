"""The human behind a lead. All personal data lives here, in touch payloads and in their history."""

from __future__ import annotations

from django.db import models

from core import history


class Person(models.Model):
    """One human. Erasing a person blanks this row, its keys, its payloads and their history."""

    first_name = models.CharField(max_length=120, blank=True)
    last_name = models.CharField(max_length=120, blank=True)
    title = models.CharField(max_length=160, blank=True)
    email = models.CharField(max_length=320, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    country = models.CharField(max_length=2, blank=True)
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged"
    )
    created_at = models.DateTimeField()
    history = history.records()

    class Meta:
        verbose_name_plural = "people"

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

    kind = models.CharField(max_length=8, choices=Kind)
    value = models.CharField(max_length=400)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="keys")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "value"], name="identity_key_belongs_to_one"),
            models.CheckConstraint(
                condition=models.Q(kind__in=["EMAIL", "PHONE", "EXTERNAL"]) & ~models.Q(value=""),
                name="identity_key_sensible",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.kind}"
