"""Forms of the kit's parts: conditions as JSON with faults by place, lists as words."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from core.errors import InvalidInput
from governance import conditions, facts, services
from governance.models import KitStatus, KitVersion
from governance.moments import Moment

MOMENTS = [(moment.value, moment.value.replace("_", " ").lower()) for moment in Moment]


class JsonText(forms.JSONField):
    """JSON as people read it: indented, letters as they are."""

    widget = forms.Textarea(attrs={"rows": 10, "cols": 90, "spellcheck": "false"})

    def prepare_value(self, value: Any) -> Any:
        """The stored value as text; what somebody typed stays as it was typed."""
        if isinstance(value, forms.fields.InvalidJSONInput):
            return value
        return json.dumps(value, ensure_ascii=False, indent=2)


class ConditionText(forms.CharField):
    """A condition as JSON text; each fault names the node it is in."""

    widget = forms.Textarea(attrs={"rows": 12, "cols": 90, "spellcheck": "false"})

    def prepare_value(self, value: Any) -> Any:
        """The stored condition as indented text; empty for “always”."""
        if value is None or isinstance(value, str):
            return value or ""
        return json.dumps(value, ensure_ascii=False, indent=2)

    def clean(self, value: Any) -> Any:
        """The condition as it is stored; None for an empty text."""
        text = super().clean(value)
        if not text:
            return None
        try:
            return conditions.dump(conditions.parse_json(text, facts.registry))
        except InvalidInput as refusal:
            faults = [f"{fault.field}: {fault.message}" for fault in refusal.errors]
            raise ValidationError(faults) from refusal

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compared as text, as both sides show it."""
        return bool(self.prepare_value(initial) != (data or ""))


class Words(forms.CharField):
    """A list of words, written with commas."""

    def prepare_value(self, value: Any) -> Any:
        """The list as text."""
        return ", ".join(map(str, value)) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        """The words, each once, in their order."""
        words = (word.strip() for word in super().clean(value).split(","))
        return list(dict.fromkeys(word for word in words if word))

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compared as text, as both sides show it."""
        return bool(self.prepare_value(initial) != (data or ""))


class Moments(forms.MultipleChoiceField):
    """Moments of a lead's life, to tick."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=MOMENTS, **options)


class PartForm(forms.ModelForm[Any]):
    """One part of a draft. Published kits are not on offer."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if "kit" in self.fields:
            drafts = KitVersion.objects.filter(status=KitStatus.DRAFT).order_by("-number")
            self.fields["kit"].queryset = drafts  # type: ignore[attr-defined]
            self.fields["kit"].initial = drafts.first()

    def clean(self) -> dict[str, Any]:
        """Hold the version until the part is saved: nobody publishes it in between."""
        cleaned: dict[str, Any] = super().clean() or {}
        kit_id: Any = self.instance.kit_id or getattr(cleaned.get("kit"), "pk", None)
        version = KitVersion.objects.select_for_update().filter(pk=kit_id).first()
        if version is not None and version.status != KitStatus.DRAFT:
            way = "Take it back to draft first" if version.status in services.OPEN else (
                "It never changes: clone it to a draft"
            )  # fmt: skip
            raise ValidationError(f"{version} is no draft. {way}, and change that.")
        return cleaned
