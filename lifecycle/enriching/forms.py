"""The forms in which a provider is set up and tried."""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import urlsplit

from django import forms
from django.conf import settings

from core import admin as core_admin
from leads.models import EnrichmentProvider
from lifecycle.enriching import builtin, remote
from lifecycle.enriching.provider import FIELDS, Question
from lifecycle.outbound import fetching
from lifecycle.outbound.failing import Failed


class ProviderForm(core_admin.ReasonForm):
    """A provider. Its key goes in and never comes out."""

    new_key = forms.CharField(
        required=False, strip=True, max_length=2_000, label="Secret key",
        widget=forms.PasswordInput(render_value=False, attrs={"autocomplete": "off"}),
        help_text="Sent in the header above. Stored encrypted and never shown; empty leaves it.",
    )  # fmt: skip
    forget_key = forms.BooleanField(required=False, help_text="Delete the stored key.")

    class Meta:
        model = EnrichmentProvider
        fields: ClassVar[Any] = (
            "key", "label", "kind", "active", "position", "url", "header", "mapping",
            "confidence", "timeout_seconds", "retries", "refresh_days",
        )  # fmt: skip
        help_texts: ClassVar[Any] = {
            "key": f"Of a built-in one: {', '.join(builtin.ALL)}.",
            "url": "May hold {domain}, {email}, {company} and {country} after its host.",
            "mapping": "Field to the path of its value: "
            '{"company.employees": "org.size", "company.country": "org.offices.0.country"}.',
        }

    def clean_new_key(self) -> str:
        """A key that a header can carry."""
        key: str = self.cleaned_data["new_key"]
        if any(not " " <= one <= "~" for one in key):
            raise forms.ValidationError("A header carries printable ASCII characters only.")
        return key

    def clean_header(self) -> str:
        """A header's name."""
        name: str = self.cleaned_data["header"]
        if not name or not all(one.isascii() and (one.isalnum() or one == "-") for one in name):
            raise forms.ValidationError("Write a header's name: letters, digits and hyphens.")
        if name.casefold() in ("host", "content-length", "transfer-encoding", "connection"):
            raise forms.ValidationError("This header is not for a key.")
        return name

    def clean_mapping(self) -> dict[str, str]:
        """Fields there are, to paths."""
        mapping: Any = self.cleaned_data["mapping"] or {}
        if not isinstance(mapping, dict):
            raise forms.ValidationError('Write an object: {"company.employees": "org.size"}.')
        for name, path in mapping.items():
            if name not in FIELDS:
                raise forms.ValidationError(f"“{name}” is none of {', '.join(FIELDS)}.")
            if not isinstance(path, str) or not path or len(path) > 200:
                raise forms.ValidationError(f"Write the path of {name} as a text: “org.size”.")
        return mapping

    def clean(self) -> dict[str, Any]:
        """What each kind needs."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("kind") == EnrichmentProvider.Kind.BUILT_IN:
            if cleaned.get("key") not in builtin.ALL:
                self.add_error("key", f"Built in are {', '.join(builtin.ALL)}.")
            return cleaned
        if "url" in cleaned and (fault := _fault_of(cleaned["url"])):
            self.add_error("url", fault)
        if self._sends_key_elsewhere(cleaned):
            self.add_error("new_key", "The stored key was for another host: enter it again.")
        if not cleaned.get("mapping") and "mapping" not in self.errors:
            self.add_error("mapping", "Say which value of the answer fills which field.")
        return cleaned

    def _sends_key_elsewhere(self, cleaned: dict[str, Any]) -> bool:
        """Whether the key would go to a host that it was not entered for."""
        if not self.instance.secret or cleaned.get("new_key") or cleaned.get("forget_key"):
            return False
        before, after = self.initial.get("url", ""), cleaned.get("url", "")
        return _host(str(before)) != _host(after)


class TryForm(forms.Form):
    """What to ask a provider about, to see what it would fill."""

    domain = forms.CharField(required=False, max_length=253, initial="example.com")
    email = forms.CharField(required=False, max_length=320, label="E-mail")
    company = forms.CharField(required=False, max_length=200)
    country = forms.CharField(required=False, max_length=2)
    title = forms.CharField(required=False, max_length=160, label="Job title")
    phone = forms.CharField(required=False, max_length=40)

    def question(self) -> Question:
        """The same as a question."""
        return Question(**self.cleaned_data)


def _host(url: str) -> str:
    """Scheme, host and port; the whole of what cannot be read."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    return f"{parts.scheme}://{parts.netloc}".casefold()


def _fault_of(url: str) -> str:
    """What is wrong with a URL template; empty when nothing is."""
    try:
        remote.places_of(url)
        example = Question("example.com", "a@example.com", "Example", "DE")
        fetching.require_safe(
            remote.filled(url, example), private_too=settings.ALLOW_PRIVATE_PROVIDERS
        )
    except (ValueError, IndexError, KeyError) as error:
        return f"This cannot be used: {error}."
    except Failed as error:
        return str(error)
    return ""
