"""The forms that let leads on: out of quarantine, past an exclusion, into the next cycle."""

from __future__ import annotations

from django import forms

from core.texts import _, lazy
from lifecycle import actions
from web.console.action_form import ActionForm


class Release(ActionForm):
    title, submit = lazy("Let {} pass"), lazy("Let pass")

    reason = forms.CharField(
        max_length=400,
        label=lazy("Why"),
        help_text=lazy(
            "Its data stays as thin as it is, and no floor holds it again in this cycle."
        ),
    )

    def run(self) -> str:
        lead = actions.release(**self.begin, reason=self.cleaned_data["reason"])
        where = _(" and is with {owner} now").format(owner=lead.owner) if lead.owner_id else ""
        return _("{who} is out of quarantine{where}.").format(who=self.who, where=where)


class LetIn(ActionForm):
    title, submit = lazy("Let {} pass"), lazy("Let pass")
    undoable = True

    reason = forms.CharField(
        max_length=400,
        label=lazy("Why"),
        help_text=lazy("The exclusion does not take it out again in this cycle; others still may."),
    )

    def run(self) -> str:
        lead = actions.reopen(**self.begin, reason=self.cleaned_data["reason"])
        if lead.exclusion:
            return _("{who} is out again at once: another exclusion holds.").format(who=self.who)
        where = _(" and is with {owner}").format(owner=lead.owner) if lead.owner_id else ""
        return _("{who} is in again{where}.").format(who=self.who, where=where)


class Reopen(ActionForm):
    title, submit = lazy("Reopen {}"), lazy("Start the next cycle")
    quick = True

    def run(self) -> str:
        actions.reopen(**self.begin)
        return _("Reopened {who} as an inquiry.").format(who=self.who)
