"""The form of letting a lead pass out of quarantine."""

from __future__ import annotations

from django import forms

from lifecycle import actions
from web.console.action_form import ActionForm


class Release(ActionForm):
    title, submit = "Let {} pass", "Let pass"

    reason = forms.CharField(
        max_length=400,
        label="Why",
        help_text="Its data stays as thin as it is, and no floor holds it again in this cycle.",
    )

    def run(self) -> str:
        lead = actions.release(**self.begin, reason=self.cleaned_data["reason"])
        where = f" and is with {lead.owner} now" if lead.owner_id else ""
        return f"{self.who} is out of quarantine{where}."
