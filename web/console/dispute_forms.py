"""The forms by which a rejection is disputed, and the dispute decided."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from core import database
from lifecycle import disputes
from lifecycle.models import RejectionDispute
from web.console import dispute_words, fields
from web.console.action_form import ActionForm, Banner
from web.console.fields import Choice

State = RejectionDispute.State
RULINGS = (
    Choice(State.OVERTURNED.value, "Overturn it", "The lead is an MQL again, with new clocks."),
    Choice(State.UPHELD.value, "Uphold it", "The rejection stands."),
)


class _OfRejection(ActionForm):
    def build(self) -> None:
        now, zone = database.now(), timezone.get_current_timezone()
        told = dispute_words.of_lead(self.lead, self.reader, now=now, zone=zone).read()
        if told is None:
            return
        for line in (*told.lines, *(check.text for check in told.held)):
            self.banners.append(Banner("info", line))

    @property
    def written(self) -> dict[str, Any]:
        """The call's arguments."""
        return {**self.begin, "note": self.cleaned_data["note"]}


class Dispute(_OfRejection):
    title, submit = "Dispute the rejection of {}", "Dispute"

    def build(self) -> None:
        super().build()
        self.fields["note"] = fields.note(
            label="Why the rejection is wrong", help_text="RevOps and the owner read it."
        )
        self.fields["note"].required = True

    def run(self) -> str:
        disputes.dispute(**self.written)
        return f"Disputed the rejection of {self.who}. RevOps decides."


class DecideDispute(_OfRejection):
    title, submit = "Decide about the rejection of {}", "Decide for good"

    def build(self) -> None:
        super().build()
        self.fields["outcome"] = fields.PickField(label="Decision", picks=list(RULINGS))
        self.fields["note"] = fields.note(label="Why", help_text="Both sides read it.")
        self.fields["note"].required = True

    def run(self) -> str:
        outcome = self.cleaned_data["outcome"]
        lead = disputes.rule(**self.written, outcome=outcome)
        if outcome == State.UPHELD:
            return f"Upheld: the rejection of {self.who} stands."
        if lead.exclusion:
            return f"Overturned: {self.who} is an MQL again once no exclusion has it out."
        return f"Overturned: {self.who} is an MQL again."
