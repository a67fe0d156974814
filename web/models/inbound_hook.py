"""Addresses at which other systems tell us of buyers: chat, meeting and event tools, partners."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from core import history
from leads.models import Channel
from web.models.hosted_form import validate_key


class InboundHook(models.Model):
    """One address, who may post to it, and what a body means there."""

    class Scheme(models.TextChoices):
        STANDARD = "STANDARD", "Standard Webhooks"
        HMAC_SHA256 = "HMAC_SHA256", "HMAC-SHA256 of the body in a header"
        TOKEN = "TOKEN", "The secret itself in a header"

    class Brings(models.TextChoices):
        TOUCHES = "TOUCHES", "Touchpoints"
        MAIL_EVENTS = "MAIL_EVENTS", "What became of mails: opened, clicked, bounced …"

    key = models.CharField(max_length=40, unique=True, validators=[validate_key])
    label = models.CharField(max_length=80)
    active = models.BooleanField(default=True)
    brings = models.CharField(
        max_length=12, choices=Brings, default=Brings.TOUCHES, help_text="What a body tells of."
    )
    channel = models.CharField(max_length=14, choices=Channel, help_text="Of touchpoints.")
    signal = models.CharField(
        max_length=60, blank=True, help_text="Key of a signal of the kit that each delivery is."
    )
    scheme = models.CharField(max_length=12, choices=Scheme, default=Scheme.STANDARD)
    header = models.CharField(
        max_length=80, default="X-Signature", help_text="That carries the proof; not for Standard."
    )
    id_path = models.CharField(
        max_length=200, blank=True,
        help_text="Where the body holds the delivery's own id, such as event.id: the same id is "
        "the same touchpoint. Standard Webhooks bring it in webhook-id.",
    )  # fmt: skip
    secret = models.TextField(editable=False, blank=True, help_text="Encrypted.")
    former_secret = models.TextField(
        editable=False, blank=True, help_text="Encrypted; still good until it is dropped."
    )
    paths = models.JSONField(
        default=dict, blank=True,
        help_text="Field of a touch to dotted path in the body: {“person.email”: “contact.email”}."
        " Empty: the body is a touch as the API takes it.",
    )  # fmt: skip
    constants = models.JSONField(
        default=dict, blank=True, help_text="Field of a touch to a value that is always the same."
    )
    per_minute = models.PositiveIntegerField(
        default=600, validators=[MinValueValidator(1), MaxValueValidator(60_000)]
    )
    created_at = models.DateTimeField(auto_now_add=True)
    history = history.records(excluded=("secret", "former_secret"))

    class Meta:
        verbose_name = "inbound webhook"

    def __str__(self) -> str:
        return self.label
