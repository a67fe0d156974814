"""What the forms behind actions on a lead have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms

from core.errors import DomainError
from core.texts import lazy
from governance.kit import Kit
from leads.models import Lead
from people.models import User


@dataclass(frozen=True, slots=True)
class Banner:
    """What the reader should know before they fill in the form."""

    tone: str
    text: str
    url: str = ""
    """Where something is done about it, which `label` names."""
    label: str = ""

    @property
    def icon(self) -> str:
        """The drawing that says the same as the tone."""
        return "info" if self.tone == "info" else "alert"


@dataclass(frozen=True, slots=True)
class Door:
    """Another act that may be meant, and what it is for."""

    label: str
    line: str
    url: str


class ActionForm(forms.Form):
    """One action. `run` makes its call and says what was done."""

    title: ClassVar[str]
    submit: ClassVar[str]
    undoable: bool = False
    undo_at: str = ""
    """Where it is undone, if not by the lead's own undo."""
    danger: ClassVar[bool] = False
    quick: ClassVar[bool] = False
    draft: ClassVar[str] = ""
    """What keeping it for later is called, where that can be done."""
    other: ClassVar[str] = ""
    doors_label: ClassVar[str] = lazy("No rejection, but:")
    doors_within: ClassVar[bool] = False
    """Whether the doors lead to this form again."""

    def __init__(self, *data: Any, lead: Lead, kit: Kit, reader: User) -> None:
        super().__init__(*data)
        self.lead = lead
        self.kit = kit
        self.reader = reader
        self.banners: list[Banner] = []
        self.doors: list[Door] = []
        self.build()

    def build(self) -> None:
        """Add what depends on the lead or the kit."""

    def prefill(self, asked: Mapping[str, str]) -> None:
        """Begin with what the address asks for."""

    def run(self) -> str:
        """Make the call; returns the sentence of the toast. Raises DomainError."""
        raise NotImplementedError

    @property
    def who(self) -> str:
        """The buyer's name."""
        return self.lead.person.name

    @property
    def begin(self) -> dict[str, Any]:
        """What every call begins with."""
        return {"lead_id": self.lead.pk, "by": self.reader}

    def refuse(self, refusal: DomainError, *, told: str = "") -> None:
        """Put each fault beside its field; what has no field here goes on top, as `told`."""
        for fault in refusal.errors:
            named = fault.field if fault.field in self.fields else None
            self.add_error(named, fault.message)
        if not refusal.errors:
            self.add_error(None, told or refusal.message)
