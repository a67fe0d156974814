"""The forms that let leads on: out of quarantine, past an exclusion, into the next cycle."""

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


class LetIn(ActionForm):
    title, submit = "Let {} pass", "Let pass"
    undoable = True

    reason = forms.CharField(
        max_length=400,
        label="Why",
        help_text="The exclusion does not take it out again in this cycle; others still may.",
    )

    def run(self) -> str:
        lead = actions.reopen(**self.begin, reason=self.cleaned_data["reason"])
        if lead.exclusion:
            return f"{self.who} is out again at once: another exclusion holds."
        where = f" and is with {lead.owner}" if lead.owner_id else ""
        return f"{self.who} is in again{where}."


class Reopen(ActionForm):
    title, submit = "Reopen {}", "Start the next cycle"
    quick = True

    def run(self) -> str:
        actions.reopen(**self.begin)
        return f"Reopened {self.who} as an inquiry."
