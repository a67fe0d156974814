"""The form of what is done with many leads: a step with its reason, a field, the next step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.http import QueryDict

from core.texts import lazy
from governance.kit import Kit
from leads import own_fields
from lifecycle import bulk_acting, bulk_setting
from lifecycle.models import BulkAct
from web.console import course_words, field_words, own_words

VERBS = [(key, label) for key, label in BulkAct.Verb.choices if key != BulkAct.Verb.UNDO]
NEEDED = ("field", "value", "picked", "at")
"""What those choices need to which it belongs; `bulk_setting` asks for it."""


OF = "="
"""Between a field and one of its choices, as the form sends them."""


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that belong to some of what may be done; `of` names it, empty: to all."""

    of: str
    fields: tuple[BoundField, ...]


class FieldSelect(forms.Select):
    """The fields; those with a list of choices are marked, so that the page shows that list."""

    listed: frozenset[str] = frozenset()

    def create_option(self, name: str, value: Any, *others: Any, **more: Any) -> dict[str, Any]:
        """The same, with a mark that style and script go by."""
        option: dict[str, Any] = super().create_option(name, value, *others, **more)
        if value in self.listed:
            option["attrs"]["data-picked"] = ""
        return option


class BulkForm(forms.Form):
    """What is done with them, and why. What another choice asks for is not looked at."""

    use_required_attribute = False
    verb = forms.ChoiceField(label=lazy("Do"), choices=VERBS)
    cause = forms.ChoiceField(
        label=lazy("Reason"),
        required=False,
        help_text=lazy("The same for all. Accepting needs none."),
    )
    note = forms.CharField(
        label=lazy("Note"), required=False, max_length=bulk_acting.LONGEST_NOTE,
        help_text=lazy("Stands with each lead; some reasons need one."),
    )  # fmt: skip
    field = forms.ChoiceField(label=lazy("Field"), required=False, widget=FieldSelect)
    value = forms.CharField(
        label=lazy("Set to"), required=False, max_length=own_fields.LONGEST,
        help_text=lazy("What does not fit the field is told before any lead is touched."),
    )  # fmt: skip
    picked = forms.ChoiceField(label=lazy("Set to"), required=False)
    at = forms.DateTimeField(
        label=lazy("When"), required=False, help_text=lazy("Your time."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )  # fmt: skip
    kind = forms.ChoiceField(
        label=lazy("What"), required=False, choices=[("", lazy("Anything")), *course_words.PROMISED]
    )
    GROUPS = (
        ("", ("verb",)), ("STEP", ("cause", "note")), ("SET", ("field", "value", "picked")),
        ("NEXT_STEP", ("kind", "at")),
    )  # fmt: skip

    def __init__(self, data: QueryDict | None = None, *, kit: Kit) -> None:
        super().__init__(data)
        used = set(bulk_acting.STEPS.values())
        self.fields["cause"].choices = [  # type: ignore[attr-defined]
            ("", "–"),
            *((one.key, one.label) for one in kit.reasons.values() if used & set(one.used_for)),
        ]
        own = {one.name: one for one in own_fields.of_kit(kit)}
        self.labels = {name: one.label for name, one in own.items()}
        self.fields["field"].choices = [  # type: ignore[attr-defined]
            ("", "–"),
            *((name, _label(name, own)) for name in bulk_setting.fields(kit)),
        ]
        picks = {one.name: own_words.picks(one) for one in own.values() if own_words.picks(one)}
        self.fields["field"].widget.listed = frozenset(picks)
        self.fields["picked"].choices = [  # type: ignore[attr-defined]
            ("", "–"),
            *(
                (own[name].label, [(f"{name}{OF}{key}", label) for key, label in found])
                for name, found in picks.items()
            ),
        ]

    def clean(self) -> dict[str, Any]:
        """What is picked from the list of a field is what it is set to."""
        given = self.cleaned_data
        name, _of, picked = str(given.get("picked") or "").partition(OF)
        if given.get("verb") != BulkAct.Verb.SET or not picked:
            return given
        if name == given.get("field"):
            given["value"] = picked
        elif not given.get("value"):
            label = self.labels.get(str(given.get("field")), "–")
            text = lazy("This is a choice of another field; pick one of “%(own)s”.")
            self.add_error("picked", text % {"own": label})
        return given

    @property
    def picks(self) -> bool:
        """Whether the field that is set has a list of choices."""
        return self["field"].value() in self.fields["field"].widget.listed

    @property
    def given(self) -> dict[str, Any]:
        """What each lead gets, where that is no step."""
        return {name: self.cleaned_data.get(name) for name in ("field", "value", "at", "kind")}

    @property
    def groups(self) -> Iterator[Group]:
        """The fields as the page shows them: what one choice needs is no option to it."""
        for name in NEEDED:
            self.fields[name].required = True
        for of, names in self.GROUPS:
            yield Group(of, tuple(self[name] for name in names))


def _label(name: str, own: dict[str, own_fields.OwnField]) -> str:
    """`Work (one of Student; Unemployed)`, `Industry`."""
    if name not in own:
        return field_words.called(name).capitalize()
    told = own_words.declared(own[name]).partition(". Rules call it")[0]
    return f"{own[name].label} ({told[:1].lower()}{told[1:]})"
