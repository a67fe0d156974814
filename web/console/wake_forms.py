"""When a nurtured lead is looked at again: with the step to Nurture, and afterwards."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone

from core.texts import _, lazy
from governance.kit import Kit
from governance.terms import Reason
from leads import contact, kit_checks
from lifecycle import waking
from lifecycle.waking import WakeUp
from web.console import course_words, words
from web.console.action_form import ActionForm

MORNING = dt.time(9)


def add(form: forms.Form, kit: Kit, *, otherwise: str) -> None:
    """The two fields, both optional; `otherwise` says what leaving them empty means."""
    form.fields["wake_at"] = forms.DateField(
        label=_("Look at it again on"),
        required=False,
        help_text=otherwise,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    wakers = [
        (one, _("Once {waker}").format(waker=course_words.waker(one)))
        for one in kit_checks.wakers(kit)
        if one != f"signal:{contact.UNSUBSCRIBED}"  # nobody is written to sooner for that
    ]
    form.fields["wake_on"] = forms.ChoiceField(
        label=_("Or sooner"), required=False, choices=[("", "–"), *wakers]
    )


def asked(given: dict[str, Any]) -> WakeUp:
    """What was filled in; a day begins at nine, the reader's time."""
    day = given.get("wake_at")
    zone = timezone.get_current_timezone()
    at = dt.datetime.combine(day, MORNING, tzinfo=zone) if day else None
    return WakeUp(at, given.get("wake_on") or "")


def line(reason: Reason) -> str:
    """What a reason says of it; empty where it says nothing."""
    sooner = (
        _("once {waker}").format(waker=course_words.waker(reason.wake_on)) if reason.wake_on else ""
    )
    when = (
        _("after {plural}").format(plural=words.plural(reason.wake_days, "day"))
        if reason.wake_days
        else ""
    )
    told = " or ".join(filter(None, (when, sooner)))
    return _("Looked at again {told}.").format(told=told) if told else ""


class WakeUpForm(ActionForm):
    """What wakes a lead that rests already."""

    title, submit = lazy("When to look at {} again"), lazy("Set it")

    def build(self) -> None:
        add(self, self.kit, otherwise=_("Both empty: nothing wakes it."))
        if self.lead.wake_at is not None:
            local = self.lead.wake_at.astimezone(timezone.get_current_timezone())
            self.fields["wake_at"].initial = local.date()
        self.fields["wake_on"].initial = self.lead.wake_on

    def run(self) -> str:
        wake = asked(self.cleaned_data)
        waking.change(**self.begin, wake_at=wake.at, wake_on=wake.on)
        return _("Set when to look at {who} again.").format(who=self.who)
