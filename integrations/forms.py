"""The form in which an endpoint is set up. Its address and secret go in and never come out."""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import urlsplit

from django import forms
from django.conf import settings

from core import admin as core_admin
from integrations.listening import IN_CHATS, KINDS
from integrations.models import Endpoint
from leads.models import EventKind
from lifecycle.outbound import fetching
from lifecycle.outbound.failing import Failed
from routing.models import Pool

LOOK_UP_SECONDS = 2.0


class EndpointForm(core_admin.ReasonForm):
    """Where events are told, which ones, and how it is proven that they are ours."""

    new_url = forms.CharField(
        required=False,
        max_length=2_000,
        label="Address",
        widget=forms.TextInput(attrs={"autocomplete": "off", "size": 80}),
        help_text="https:// on port 443. Stored encrypted and never shown; empty leaves it.",
    )
    kinds = forms.MultipleChoiceField(
        label="Events",
        choices=[(one.value, one.label) for one in EventKind if one in KINDS],
        widget=forms.CheckboxSelectMultiple,
        help_text="Chats are told of new leads, warnings, breaches and escalations only.",
    )
    new_secret = forms.BooleanField(
        required=False,
        label="Make a new secret",
        help_text="Shown once, after saving. The one before goes on signing, too, until dropped.",
    )
    drop_former = forms.BooleanField(
        required=False, label="Drop the former secret", help_text="It signs no more."
    )

    class Meta:
        model = Endpoint
        fields: ClassVar[Any] = ("label", "kind", "active", "kinds", "with_names", "team", "pool")

    def clean_new_url(self) -> str:
        """An address on the internet, by what it says and by what it resolves to."""
        url: str = self.cleaned_data["new_url"].strip()
        if not url and not self.instance.pk:
            raise forms.ValidationError("Enter the address to which it is posted.")
        if url:
            try:
                fetching.require_public(
                    url, seconds=LOOK_UP_SECONDS, private_too=settings.ALLOW_PRIVATE_PROVIDERS
                )
            except Failed as fault:
                raise forms.ValidationError(str(fault)) from None
        return url

    def clean_pool(self) -> str:
        """A pool there is."""
        key: str = self.cleaned_data["pool"].strip()
        if key and not Pool.objects.filter(key=key).exists():
            raise forms.ValidationError(f"There is no pool “{key}”: write its key, or nothing.")
        return key

    def clean(self) -> dict[str, Any]:
        """What each kind of endpoint can be told."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        events = cleaned.get("kind") == Endpoint.Kind.EVENTS
        told = set(cleaned.get("kinds", ()))
        if not events and told - IN_CHATS:
            self.add_error("kinds", "A chat is told of New lead, Warning, Breach, Escalation only.")
        if not events and (cleaned.get("with_names") or cleaned.get("new_secret")):
            self.add_error("kind", "Names and secrets are for signed webhooks only.")
        if events and (cleaned.get("team") or cleaned.get("pool")):
            self.add_error("kind", "Team and pool are for chats; webhooks tell of all leads.")
        if self.instance.pk and cleaned.get("kind") != self.initial.get("kind"):
            self.add_error("kind", "An endpoint stays what it is: add another one.")
        return cleaned


def host_of(url: str) -> str:
    """What may be shown of an address."""
    return (urlsplit(url).hostname or "")[:253]
