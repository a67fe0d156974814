"""Form fields that the console draws in its own way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms

from core.texts import lazy


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice with a line that says what it does, and a warning where one is due."""

    key: str
    label: str
    line: str = ""
    warning: str = ""
    noted: bool = False
    """Whether it needs a note."""


class AffirmField(forms.BooleanField):
    """A statement the reader confirms by sending the form; its evidence is the help text."""

    affirms = True

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=forms.HiddenInput(), initial="on", **options)


class TickField(forms.BooleanField):
    """One thing to tick, with a line that says what it does."""

    ticks = True

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, **options)


class EitherField(forms.CharField):
    """One of several of which one is needed; `either` names the others beside its label."""

    def __init__(self, *, either: object, **options: Any) -> None:
        self.either = either
        super().__init__(required=False, **options)


class PickField(forms.ChoiceField):
    """Choices as cards, the first nine picked by number key."""

    def __init__(self, *, picks: Sequence[Choice], **options: Any) -> None:
        self.choices_with_lines = tuple(picks)
        super().__init__(choices=[(pick.key, pick.label) for pick in picks], **options)


class GroupedField(forms.CharField):
    """A text of a group; the first carries the heading, and which of the group are missing."""

    def __init__(
        self, *, heading: str = "", missing: str = "", group: str = "", **options: Any
    ) -> None:
        self.heading, self.missing, self.group = heading, missing, group
        super().__init__(**options)


def note(
    *,
    label: str = lazy("Note"),
    help_text: str = "",
    required: bool = False,
    of_reason: bool = False,
) -> forms.CharField:
    """A few lines of free text; `of_reason`, the reason picked says whether it is required."""
    asked = {"data-note": ""} if of_reason else {}
    return forms.CharField(
        label=label,
        required=required,
        max_length=5_000,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": 2, **asked}),
    )
