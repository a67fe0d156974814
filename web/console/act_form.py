"""What every form of an opportunity or a customer does: make its call, say what was done or not."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms

from core.errors import DomainError
from governance.kit import Kit
from people.models import User


class ActForm(forms.Form):
    """One act on something. `run` makes its call and says what was done."""

    title: ClassVar[str]
    submit: ClassVar[str]
    danger: ClassVar[bool] = False

    def __init__(self, *data: Any, kit: Kit, reader: User) -> None:
        super().__init__(*data)
        self.kit, self.reader = kit, reader
        self.build()

    def build(self) -> None:
        """Add what depends on what is acted on, or on the kit."""

    def act(self) -> str:
        """Make the call; returns the sentence of the toast. Raises DomainError."""
        raise NotImplementedError

    def run(self) -> tuple[str, int]:
        """What was done in words, or nothing and why not as a status, with faults in the form."""
        if not self.is_valid():
            return "", 422
        try:
            return self.act(), 303
        except DomainError as refusal:
            for fault in refusal.errors:
                self.add_error(fault.field if fault.field in self.fields else None, fault.message)
            if not refusal.errors:
                self.add_error(None, refusal.message)
            return "", refusal.status
