"""The forms behind every action on a lead. Each reads its fields and makes one call."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils import timezone

from core import database
from core.texts import _, lazy
from leads.models import Activity, Opportunity
from leads.stages import Stage
from lifecycle import actions, affirming, attempts, deals, reaching, taking_back, twice
from people.models import User
from web.console import (
    affirm_words,
    claim_words,
    course_forms,
    deal_fields,
    dispute_words,
    field_words,
    fields,
    permission_page,
    permission_words,
    step_fields,
    wake_forms,
)
from web.console.action_form import ActionForm, Banner
from web.console.course_forms import GoOn, NextStep, Wait
from web.console.dispute_forms import DecideDispute, Dispute
from web.console.edit_form import Edit
from web.console.fields import Choice
from web.console.handing_forms import Misroute, Reassign, ReturnHandoff
from web.console.letters_form import SalesQualify
from web.console.mail_forms import Write
from web.console.release_form import LetIn, Release, Reopen
from web.console.wake_forms import WakeUpForm

__all__ = ["FORMS", "ActionForm"]


class Accept(ActionForm):
    title, submit, undoable = lazy("Accept {}"), lazy("Confirm both and accept"), True
    quick, other = True, "reject"

    def build(self) -> None:
        shown = affirming.of_lead(self.lead, self.kit, database.now())
        for criterion in affirming.asked(self.kit):
            known = criterion.key in shown
            if known or not criterion.shown_by:
                why = affirm_words.because(criterion, shown, self.lead, self.kit)
                self.fields[criterion.key] = fields.AffirmField(
                    label=criterion.label,
                    help_text=why if known else criterion.prose,
                    required=False,
                )
            else:
                self.fields[criterion.key] = fields.TickField(
                    label=criterion.label, help_text=f"{affirm_words.NOTHING} {criterion.prose}"
                )
        self.fields["evidence"] = fields.note(label=_("How you know"))

    def run(self) -> str:
        given = self.cleaned_data
        actions.accept(
            **self.begin,
            icp_confirmed=given.get("icp_confirmed", False),
            reachable=given.get("reachable", False),
            evidence=given["evidence"],
        )
        return _("Accepted {who} as SAL.").format(who=self.who)


class _WithReason(ActionForm):
    used_for: ClassVar[str]
    rests: ClassVar[bool] = False
    danger = True
    undoable = True

    def build(self) -> None:
        picks = [
            self._pick(reason)
            for reason in self.kit.reasons.values()
            if self.used_for in reason.used_for and not self._is_elsewhere(reason)
        ]
        self.fields["reason"] = fields.PickField(label=_("Reason"), picks=picks)
        self.fields["note"] = fields.note(
            help_text=_("Marketing reads it. Ctrl Enter sends."), of_reason=True
        )
        if self.rests:
            otherwise = _("For who goes to Nurture. Empty: as the reason says.")
            wake_forms.add(self, self.kit, otherwise=otherwise)

    def _is_elsewhere(self, reason: Any) -> bool:
        """Whether another act is meant by it."""
        return self.used_for == "reject" and bool(reason.instead)

    def _pick(self, reason: Any) -> Choice:
        goes = "" if self.used_for != "reject" else {
            "NURTURE": _("Goes to Nurture."), "DISQUALIFIED": _("Goes to Disqualified.")
        }.get(reason.outcome, "")  # fmt: skip
        asks = "{words} {words2}".format(
            words=_(" Needs a note.") if reason.note_required else "", words2=attempts.words(reason)
        ).rstrip()
        asks = f"{asks} {wake_forms.line(reason) if self.rests else ''}".rstrip()
        line = f"{self._failed(reason)}{goes}{asks}".strip()
        noted = bool(reason.note_required)
        return Choice(reason.key, reason.label, line, self._warning(reason), noted)

    def _failed(self, reason: Any) -> str:
        """Which criterion of the kit a reason says has failed."""
        return ""

    def _warning(self, reason: Any) -> str:
        return ""

    @property
    def reasoned(self) -> dict[str, Any]:
        """The call's arguments."""
        given = self.cleaned_data
        wake = {"wake": wake_forms.asked(given)} if self.rests else {}
        return {**self.begin, "reason": given["reason"], "note": given["note"], **wake}


class Reject(_WithReason):
    title, submit, used_for = lazy("Reject {}"), lazy("Reject"), "reject"
    rests = True

    def build(self) -> None:
        self._met = {one.key for one in self.kit.criteria(Stage.MQL.value)}
        super().build()
        criteria = [(one.key, f"{one.stage}: {one.label}") for one in self.kit.all_criteria]
        self.fields["criterion"] = forms.ChoiceField(
            label=_("Failed criterion"),
            required=False,
            choices=[("", _("As the reason says")), *criteria],
        )
        self.order_fields(["reason", "criterion", "note", "wake_at", "wake_on"])
        meant = [one for one in self.kit.reasons.values() if self._is_elsewhere(one)]
        self.doors = [dispute_words.door(one, self.lead) for one in meant]

    def _failed(self, reason: Any) -> str:
        labels = {one.key: one.label for one in self.kit.all_criteria}
        return (
            _("Failed: {labels}. ").format(labels=labels[reason.criterion])
            if reason.criterion in labels
            else ""
        )

    def _warning(self, reason: Any) -> str:
        if reason.criterion not in self._met:
            return ""
        label = self.kit.criterion(reason.criterion).label
        return _("“{label}” was met when it qualified, so Marketing may dispute this.").format(
            label=label
        )

    def run(self) -> str:
        actions.reject(**self.reasoned, criterion=self.cleaned_data["criterion"])
        return _("Rejected {who}.").format(who=self.who)


class ReturnToNurture(_WithReason):
    title, submit, used_for = (
        lazy("Return {} to nurture"),
        lazy("Return to nurture"),
        "return_to_nurture",
    )
    rests = True

    def run(self) -> str:
        actions.return_to_nurture(**self.reasoned)
        return _("Returned {who} to nurture.").format(who=self.who)


class Recycle(_WithReason):
    title, submit, used_for = lazy("Recycle {}"), lazy("Recycle"), "recycle"
    rests = True

    def run(self) -> str:
        actions.recycle(**self.reasoned)
        return _("Recycled {who} to nurture.").format(who=self.who)


class Disqualify(_WithReason):
    title, submit, used_for = lazy("Disqualify {}"), lazy("Disqualify"), "disqualify"

    def run(self) -> str:
        actions.disqualify(**self.reasoned)
        return _("Disqualified {who}.").format(who=self.who)


class Convert(ActionForm):
    title, submit, undoable = lazy("Create opportunity for {}"), lazy("Create opportunity"), True

    name = forms.CharField(max_length=200, required=False)
    amount = forms.DecimalField(required=False, min_value=0, max_digits=18, decimal_places=2)
    currency = forms.CharField(required=False, max_length=3, min_length=3)
    expected_close = forms.DateField(
        required=False, widget=forms.DateInput(attrs={"type": "date"}), label=lazy("Expected close")
    )

    def build(self) -> None:
        company = self.lead.account.name if self.lead.account else self.who
        self.fields["name"].initial = f"{company or self.who}"
        self.fields["amount"].initial = self.lead.potential_value
        joinable = Opportunity.objects.filter(status=Opportunity.Status.OPEN)
        account = self.lead.account
        names = list(joinable.filter(account=account).values_list("pk", "name")) if account else []
        if names:
            self.fields["opportunity"] = forms.TypedChoiceField(
                choices=names,
                coerce=int,
                label=_("Join the account's open opportunity"),
                help_text=_("A second buyer of a company joins the deal that is open."),
            )
            self.order_fields(["opportunity"])
            for extra in ("name", "amount", "currency", "expected_close"):
                del self.fields[extra]

    def run(self) -> str:
        given = self.cleaned_data
        deals.convert(
            **self.begin,
            name=given.get("name") or "",
            amount=given.get("amount"),
            currency=given.get("currency") or "",
            expected_close=given.get("expected_close"),
            opportunity_id=given.get("opportunity"),
        )
        return _("{who} is on an opportunity now.").format(who=self.who)


class Win(ActionForm):
    title, submit, undoable = lazy("Won: {}"), lazy("Mark as won"), True
    quick = True

    def build(self) -> None:
        deal_fields.winning(self, self.lead.opportunity, self.kit)

    def run(self) -> str:
        actions.win(**self.begin, **deal_fields.said(self.cleaned_data))
        return _("Won with {who}.").format(who=self.who)


class Lose(ActionForm):
    title, submit, undoable, danger = lazy("Lost: {}"), lazy("Mark as lost"), True, True

    def build(self) -> None:
        deal_fields.losing(self, self.kit)

    def run(self) -> str:
        actions.lose(**self.begin, **deal_fields.said(self.cleaned_data))
        return _("Lost with {who}.").format(who=self.who)


class SelfSource(ActionForm):
    title, submit, undoable = lazy("Self-source {}"), lazy("Take it as SAL"), True
    quick = True

    def run(self) -> str:
        actions.self_source(**self.begin)
        return _("{who} is yours as SAL, sales-generated.").format(who=self.who)


class Claim(ActionForm):
    title, submit = lazy("Claim {}"), lazy("Claim")
    quick = True

    def run(self) -> str:
        actions.claim(**self.begin)
        return claim_words.taken(self.who, self.reader)


class LogActivity(ActionForm):
    title, submit, undoable = lazy("Log contact with {}"), lazy("Log contact"), True

    kind = forms.ChoiceField(choices=Activity.Kind, initial=Activity.Kind.CALL)
    outcome = forms.ChoiceField(choices=Activity.Outcome, initial=Activity.Outcome.COMPLETED)
    direction = forms.ChoiceField(choices=Activity.Direction, initial=Activity.Direction.OUTBOUND)
    at = forms.DateTimeField(
        required=False,
        label=lazy("When"),
        help_text=lazy("Your time; empty means now."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )

    def build(self) -> None:
        self.fields["note"] = fields.note(label=_("What was said"))
        step_fields.add(self)
        zone = timezone.get_current_timezone()
        for line in permission_page.lines(self.lead, now=database.now(), zone=zone).read():
            if line.is_closed:
                text = f"{permission_words.MUST_NOT[line.way]}: {line.line}."
                self.banners.append(Banner("late", text))
        if self.banners:
            text = _("If it was done all the same, log it: it is kept, with a remark.")
            self.banners.append(Banner("info", text))

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if step_fields.missing(given):
            self.add_error(step_fields.AT, _("Say when, or choose a day above."))
        return given

    def run(self) -> str:
        given = self.cleaned_data
        names = ("kind", "outcome", "direction", "at", "note")
        step = step_fields.asked(given)
        done = twice.log_contact(
            **self.begin, **{name: given[name] for name in names}, next_step=step
        )
        said = reaching.said_of(done)
        fault = reaching.told(said)
        remarks = (permission_words.against(said.get("against")), fault.message if fault else "")
        told = (
            _("Next step: {say}.").format(say=course_forms.say(step.at)) if step is not None else ""
        )
        return " ".join(
            [_("Logged contact with {who}.").format(who=self.who), *filter(None, (told, *remarks))]
        )


class StepDone(LogActivity):
    title, submit = lazy("Next step with {} done"), lazy("Log it as done")

    def build(self) -> None:
        super().build()
        self.fields["kind"].initial = self.lead.next_step_kind or Activity.Kind.CALL


class Undo(ActionForm):
    title, submit = lazy("Undo the last step with {}"), lazy("Undo")
    quick = True

    def run(self) -> str:
        back = taking_back.take_back(**self.begin)
        if back.contact:
            also = _(", nor does the next step promised with it") if back.promise else ""
            return _("Undone: what was logged of {who} counts no more{also}.").format(
                who=self.who, also=also
            )
        if back.moved:
            holder = User.objects.filter(pk=back.lead.owner_id or 0).first()
            return claim_words.again(self.who, holder)
        if back.step == "self_source":
            return claim_words.not_taken(self.who, back.lead)
        if not back.fields:
            return _("Undone: {who} stands where they stood before.").format(who=self.who)
        return _("Undone: {again}.").format(again=field_words.again(back.lead, back.fields))


FORMS: dict[str, type[ActionForm]] = {
    "accept": Accept,
    "reject": Reject,
    "dispute": Dispute,
    "decide-dispute": DecideDispute,
    "activity": LogActivity,
    "email": Write,
    "sales-qualify": SalesQualify,
    "convert": Convert,
    "win": Win,
    "lose": Lose,
    "self-source": SelfSource,
    "return-to-nurture": ReturnToNurture,
    "recycle": Recycle,
    "disqualify": Disqualify,
    "reopen": Reopen,
    "reassign": Reassign,
    "return-handoff": ReturnHandoff,
    "misroute": Misroute,
    "claim": Claim,
    "edit": Edit,
    "release": Release,
    "let-in": LetIn,
    "undo": Undo,
    "wake-up": WakeUpForm,
    "wait": Wait,
    "go-on": GoOn,
    "next-step": NextStep,
    "step-done": StepDone,
}
