"""The form of what is done with many leads: a step with its reason, a field, the next step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.http import QueryDict

from governance.kit import Kit
from leads import own_fields
from lifecycle import bulk_acting, bulk_setting
from lifecycle.models import BulkAct
from web.console import course_words, field_words, own_words

VERBS = [(key, label) for key, label in BulkAct.Verb.choices if key != BulkAct.Verb.UNDO]
NEEDED = ("field", "value", "at")
"""What those choices need to which it belongs; `bulk_setting` asks for it."""


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that belong to some of what may be done; `of` names it, empty: to all."""

    of: str
    fields: tuple[BoundField, ...]


class BulkForm(forms.Form):
    """What is done with them, and why. What another choice asks for is not looked at."""

    use_required_attribute = False
    verb = forms.ChoiceField(label="Do", choices=VERBS)
    cause = forms.ChoiceField(
        label="Reason", required=False, help_text="The same for all. Accepting needs none."
    )
    note = forms.CharField(
        label="Note", required=False, max_length=bulk_acting.LONGEST_NOTE,
        help_text="Stands with each lead; some reasons need one.",
    )  # fmt: skip
    field = forms.ChoiceField(label="Field", required=False)
    value = forms.CharField(
        label="Set to", required=False, max_length=own_fields.LONGEST,
        help_text="What does not fit the field is told before any lead is touched.",
    )  # fmt: skip
    at = forms.DateTimeField(
        label="When", required=False, help_text="Your time.",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )  # fmt: skip
    kind = forms.ChoiceField(
        label="What", required=False, choices=[("", "Anything"), *course_words.PROMISED]
    )
    GROUPS = (
        ("", ("verb",)), ("STEP", ("cause", "note")), ("SET", ("field", "value")),
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
        self.fields["field"].choices = [  # type: ignore[attr-defined]
            ("", "–"),
            *((name, _label(name, own)) for name in bulk_setting.fields(kit)),
        ]

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
