"""Forms of the kit's parts: one factory for the administration and for the kit's own pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Field, JSONField, TextField

from governance import condition_field, kit_words, own_facts, part_choices, services
from governance.calendar_fields import ClosedDates, Week
from governance.condition_field import ConditionField
from governance.facts import Subject
from governance.kit import checksum
from governance.models import KitStatus, KitVersion, SignalDefinition
from governance.models.part import part_models
from governance.part_choices import Choices
from governance.part_fields import Dates, Items, JsonText, Lines, Ticks, Words

OF_JSON: dict[str, Any] = {
    "condition": ConditionField,
    "week": Week,
    "closed": ClosedDates,
    "opened": Dates,
    "items": Items,
    "choices": Lines,
    "reads": Lines,
    "not_answered": Lines,
    "given": JsonText,
    "expect": JsonText,
}
"""How an object or list is written. Lists that are not named are words, or ticks where known."""


HELP = {
    "items": "One question a row.",
    "week": "Opening hours of each day; 22:00 to 06:00 runs into the next one, 24:00 ends a day.",
    "closed": "One date a line with its name: 2026-12-25 Christmas Day.",
    "opened": "One date a line with its hours: 2026-12-24 09:00-12:00.",
}


RESERVED = "new"


def formfield(db_field: Any, **options: Any) -> Any:
    """The field of a part's column: conditions, lists and objects as people write them."""
    if not isinstance(db_field, JSONField):
        if isinstance(db_field, TextField):
            options.setdefault("widget", forms.Textarea(attrs={"rows": 4}))
        return db_field.formfield(**options)
    shown_as = OF_JSON.get(db_field.name)
    if shown_as is None:
        shown_as = Words if db_field.get_default() == [] else JsonText
    if shown_as is JsonText:
        return db_field.formfield(form_class=JsonText, show_hidden_initial=False)
    more: dict[str, Any] = {"with_hours": True} if db_field.name == "opened" else {}
    if db_field.name in HELP:
        more["help_text"] = HELP[db_field.name]
    if shown_as is ConditionField:
        about = getattr(db_field.model, "speaks_of", Subject.LEAD)
        more["help_text"] = f"Without a test it holds for every {about.value.lower()}."
    return Field.formfield(db_field, form_class=shown_as, show_hidden_initial=False, **more)


class AsOpened(forms.CharField):
    """The fingerprint of the part a form was opened with: a hidden word, never a change."""

    widget = forms.HiddenInput

    def has_changed(self, initial: Any, data: Any) -> bool:
        """It says what was read, not what shall be written."""
        return False


class PartForm(forms.ModelForm[Any]):
    """One part of a draft. Published kits are not on offer."""

    as_opened = AsOpened(required=False, label="")

    def __init__(self, *args: Any, version: KitVersion | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.instance.pk:
            self.initial["as_opened"] = checksum(self.instance.entry())
        if version is not None:
            self.instance.kit = version
        if "kit" in self.fields:
            drafts = KitVersion.objects.filter(status=KitStatus.DRAFT).order_by("-number")
            self.fields["kit"].queryset = drafts  # type: ignore[attr-defined]
            self.fields["kit"].initial = drafts.first()
        self._offer(self.instance.kit if self.instance.kit_id else self._first_draft())

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
        self._require_unchanged(cleaned)
        if "key" in cleaned and self._is_taken(cleaned["key"], kit_id):
            self.add_error("key", f"“{cleaned['key']}” is taken; keys are unique in their kind.")
        return cleaned

    def _require_unchanged(self, cleaned: dict[str, Any]) -> None:
        """Refuse to write over what somebody saved meanwhile; saving again does it knowingly."""
        seen = cleaned.get("as_opened")
        stored = type(self.instance)._default_manager.filter(pk=self.instance.pk).first()
        if not seen or stored is None or seen == checksum(stored.entry()):
            return
        sent: Any = self.data.copy()  # type: ignore[attr-defined]
        sent[self.add_prefix("as_opened")] = checksum(stored.entry())
        self.data = sent
        registry = own_facts.registry_of(stored.kit_id)
        theirs = "; ".join(
            f"{self.fields[name].label}: {kit_words.value(name, theirs_now, registry)[:300]}"
            for name in cleaned
            if hasattr(stored, name) and (theirs_now := getattr(stored, name)) != cleaned[name]
        )
        raise ValidationError(
            "Somebody saved this part since you opened it, so yours is not saved yet. "
            f"Stored now, and different from yours: {theirs or 'nothing'}. "
            "Take over what should stay, then save again."
        )

    def clean_key(self) -> str:
        """A key that no address of the kit's pages has."""
        key: str = self.cleaned_data["key"]
        if key == RESERVED:
            raise ValidationError(f"“{key}” is where parts are added; choose another key.")
        return key

    def _is_taken(self, key: str, kit_id: int | None) -> bool:
        others = type(self.instance)._default_manager.filter(kit=kit_id, key=key)
        taken: bool = others.exclude(pk=self.instance.pk).exists()
        return taken

    def _first_draft(self) -> KitVersion | None:
        return self.fields["kit"].initial if "kit" in self.fields else None

    def _offer(self, version: KitVersion | None) -> None:
        """Offer what is known: the kit's signals, its other parts, stages, channels."""
        kind = self.instance.kind
        for name, field in list(self.fields.items()):
            if isinstance(field, ConditionField):
                catalogue, number = catalogue_of(version, about=self.instance.speaks_of)
                field.use(catalogue, kit=number)
            elif (choices := self._known(kind, name, version)) is not None:
                self.fields[name] = _with_choices(
                    field, choices, getattr(self.instance, name, None)
                )

    def _known(self, kind: str, name: str, version: KitVersion | None) -> Choices | None:
        other = part_choices.REFERENCES.get(f"{kind}.{name}")
        if other is None:
            return part_choices.known(kind, name)
        return None if version is None else keys_of(version, other)


def catalogue_of(version: KitVersion | None, *, about: Subject = Subject.LEAD) -> tuple[Any, str]:
    """What conditions of this version may say about the subject, and its number as text."""
    if version is None:
        return condition_field.catalogue_of(about=about), ""
    keys = SignalDefinition.objects.filter(kit=version).order_by("position", "key")
    signals = tuple(keys.values_list("key", flat=True))
    registry = own_facts.registry_of(version.pk)
    catalogue = condition_field.catalogue_of(signals, about=about, registry=registry)
    return catalogue, str(version.number)


def catalogue_of_number(number: str, *, about: Subject = Subject.LEAD) -> tuple[Any, str]:
    """The same for a version by its number; one that is unknown offers no signals."""
    known = number.isascii() and number.isdigit() and len(number) < 10
    version = KitVersion.objects.filter(number=int(number)).first() if known else None
    return catalogue_of(version, about=about)


def keys_of(version: KitVersion, kind: str) -> Choices:
    """The parts of one kind as choices: key and label."""
    model = next(one for one in part_models() if one.kind == kind)
    rows = model._default_manager.filter(kit=version).order_by("position", "key")
    return [(row.key, getattr(row, "label", row.key)) for row in rows]


def _with_choices(field: forms.Field, choices: Choices, present: Any) -> forms.Field:
    """The field with its known values on offer; present ones that nobody knows stay."""
    common: dict[str, Any] = {
        "label": field.label,
        "required": field.required,
        "help_text": field.help_text,
    }
    known = {value for value, _ in choices}
    if isinstance(field, Words):
        gone = [(one, f"{one} (unknown)") for one in present or () if one not in known]
        return Ticks(choices=[*choices, *gone], **common)
    blank = [] if field.required and present else [("", "–")]
    gone = [(present, f"{present} (unknown)")] if present and present not in known else []
    field.widget = forms.Select(choices=[*blank, *choices, *gone])
    return field
