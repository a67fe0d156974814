"""What a buyer allowed, by channel; and whom nobody may write to or call, whoever they are."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q


class Permission(models.Model):
    """One word of a person on one way to reach them. The latest of a way counts; none is deleted.

    `words` are the words agreed to, as they stood there; part of the person's erasable data.
    """

    class Way(models.TextChoices):
        EMAIL = "EMAIL", "E-mail"
        PHONE = "PHONE", "Phone"
        SOCIAL = "SOCIAL", "Social"
        POST = "POST", "Post"

    class State(models.TextChoices):
        GRANTED = "GRANTED", "Allowed"
        REFUSED = "REFUSED", "Refused"
        WITHDRAWN = "WITHDRAWN", "Withdrawn"

    class Basis(models.TextChoices):
        CONSENT = "CONSENT", "Consent"
        CONTRACT = "CONTRACT", "Contract"
        LEGITIMATE_INTEREST = "LEGITIMATE_INTEREST", "Legitimate interest"
        LEGAL_OBLIGATION = "LEGAL_OBLIGATION", "Legal obligation"

    person = models.ForeignKey("leads.Person", on_delete=models.PROTECT, related_name="permissions")
    way = models.CharField(max_length=8, choices=Way)
    state = models.CharField(max_length=10, choices=State)
    basis = models.CharField(max_length=20, choices=Basis, default=Basis.CONSENT)
    source = models.CharField(max_length=80, help_text="Form, import, call: where it was said.")
    words = models.TextField(blank=True)
    touch = models.ForeignKey(
        "leads.Touch", null=True, blank=True, on_delete=models.PROTECT, related_name="permissions"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(help_text="When it was said.")
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["person", "way", "-at"], name="permissions_of_person")]

    def __str__(self) -> str:
        return f"#{self.pk} {self.way} {self.state}"


class Suppression(models.Model):
    """An address, number or domain that is not to be written to or called, known to us or not.

    Only a keyed hash of the value is kept, so that the entry outlives the erasure of its person.
    """

    class Kind(models.TextChoices):
        EMAIL = "EMAIL", "E-mail address"
        PHONE = "PHONE", "Phone number"
        DOMAIN = "DOMAIN", "Domain"

    class Reach(models.TextChoices):
        MAIL = "MAIL", "Do not mail"
        CALL = "CALL", "Do not call"
        ALL = "ALL", "Do not contact"

    kind = models.CharField(max_length=6, choices=Kind)
    value_hash = models.CharField(max_length=64, editable=False)
    hint = models.CharField(max_length=60, blank=True, help_text="Enough to recognise the entry.")
    reach = models.CharField(max_length=4, choices=Reach)
    reason = models.CharField(max_length=200, blank=True)
    source = models.CharField(max_length=80, blank=True, help_text="The list or system it is from.")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "value_hash", "reach"],
                condition=Q(lifted_at__isnull=True),
                name="suppressed_once",
            )
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.kind} {self.reach}"
