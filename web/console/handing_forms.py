"""The forms by which a lead goes to somebody else."""

from __future__ import annotations

from django import forms

from core import database
from core.errors import DomainError
from core.texts import _, lazy
from leads.models import Lead
from lifecycle import actions, permissions
from people import holders
from people.models import User
from routing.models import Override
from web.console import fields, takers
from web.console.action_form import ActionForm
from web.console.fields import Choice


class Reassign(ActionForm):
    title, submit, undoable = lazy("Reassign {}"), lazy("Reassign"), True

    def build(self) -> None:
        others = holders.everybody().exclude(pk=self.lead.owner_id or 0)
        reps = holders.by_name(others.select_related("team"))
        choices = takers.choices(reps, now=database.now())
        self.fields["to"] = forms.TypedChoiceField(
            label=_("New owner"),
            required=False,
            coerce=int,
            empty_value=None,
            choices=[("", _("Let the routing rules choose")), *choices],
        )
        self.fields["to"].either = _("or the rules choose")  # type: ignore[attr-defined]
        self.fields["reason"] = forms.CharField(
            max_length=400, label=_("Why"), help_text=_("The new owner reads it.")
        )
        self.fields["why"] = forms.ChoiceField(
            label=_("Counts as"), required=False, choices=Override.Why.choices, initial="OTHER"
        )
        self.fields["seen"] = forms.CharField(
            required=False, initial=permissions.place_of(self.lead), widget=forms.HiddenInput
        )

    def refuse(self, refusal: DomainError, *, told: str = "") -> None:
        """Once told that the lead has moved, they may send it again."""
        super().refuse(refusal, told="" if refusal.code == "moved_on" else told)
        if refusal.code == "moved_on":
            now = Lead.objects.get(pk=self.lead.pk)
            self.data = {**dict(self.data.items()), "seen": permissions.place_of(now)}

    def run(self) -> str:
        given = self.cleaned_data
        return self._now(
            actions.reassign(
                **self.begin,
                to=given["to"],
                reason=given["reason"],
                why=given["why"] or "OTHER",
                seen=given["seen"],
            )
        )

    def _now(self, lead: Lead) -> str:
        holder = User.objects.filter(pk=lead.owner_id or 0).first()
        if holder is None:
            return _("{who} waits in a queue.").format(who=self.who)
        return _("{who} is with {holder} now.{remark}").format(
            who=self.who, holder=holder, remark=takers.remark(holder, now=database.now())
        )


class ReturnHandoff(ActionForm):
    title, submit, undoable = lazy("Return {} to the SDR"), lazy("Return"), True

    def build(self) -> None:
        self.fields["reason"] = forms.CharField(
            max_length=400,
            label=_("Why"),
            help_text=_("The SDR reads it; they stay who sourced it."),
        )

    def run(self) -> str:
        lead = actions.return_handoff(**self.begin, reason=self.cleaned_data["reason"])
        holder = User.objects.filter(pk=lead.owner_id or 0).first()
        return _("{who} is with {holder} again.").format(who=self.who, holder=holder)


class Misroute(Reassign):
    title, submit = "{} is not yours", lazy("Give back")

    def build(self) -> None:
        super().build()
        picks = [Choice(key, label) for key, label in Override.Why.choices]
        self.fields["why"] = fields.PickField(label=_("Why"), picks=picks)
        self.fields["to"].label = _("Whose it is")
        self.fields["note"] = fields.note(help_text=_("Whoever gets it reads it."))
        del self.fields["reason"], self.fields["seen"]
        self.order_fields(["why", "to", "note"])

    def run(self) -> str:
        given = {name: self.cleaned_data[name] for name in ("why", "to", "note")}
        return _("Counted as misrouted. {now}").format(
            now=self._now(actions.misroute(**self.begin, **given))
        )
