"""The forms by which a rejection is disputed, and the dispute decided."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from core import database
from core.texts import _, lazy
from lifecycle import disputes
from lifecycle.models import RejectionDispute
from web.console import dispute_words, fields
from web.console.action_form import ActionForm, Banner
from web.console.fields import Choice

State = RejectionDispute.State
RULINGS = (
    Choice(
        State.OVERTURNED.value,
        lazy("Overturn it"),
        lazy("The lead is an MQL again, with new clocks."),
    ),
    Choice(State.UPHELD.value, lazy("Uphold it"), lazy("The rejection stands.")),
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
    title, submit = lazy("Dispute the rejection of {}"), lazy("Dispute")

    def build(self) -> None:
        super().build()
        self.fields["note"] = fields.note(
            label=_("Why the rejection is wrong"), help_text=_("RevOps and the owner read it.")
        )
        self.fields["note"].required = True

    def run(self) -> str:
        disputes.dispute(**self.written)
        return _("Disputed the rejection of {who}. RevOps decides.").format(who=self.who)


class DecideDispute(_OfRejection):
    title, submit = lazy("Decide about the rejection of {}"), lazy("Decide for good")

    def build(self) -> None:
        super().build()
        self.fields["outcome"] = fields.PickField(label=_("Decision"), picks=list(RULINGS))
        self.fields["note"] = fields.note(label=_("Why"), help_text=_("Both sides read it."))
        self.fields["note"].required = True

    def run(self) -> str:
        outcome = self.cleaned_data["outcome"]
        lead = disputes.rule(**self.written, outcome=outcome)
        if outcome == State.UPHELD:
            return _("Upheld: the rejection of {who} stands.").format(who=self.who)
        if lead.exclusion:
            return _("Overturned: {who} is an MQL again once no exclusion has it out.").format(
                who=self.who
            )
        return _("Overturned: {who} is an MQL again.").format(who=self.who)
