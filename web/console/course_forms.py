"""The forms by which a lead waits for its buyer, and by which a next step is promised."""

from __future__ import annotations

import datetime as dt

from django import forms
from django.utils import timezone

from core import database
from core.texts import _, lazy
from lifecycle import next_steps, pausing
from sla import selectors as clocks
from web.console import course_words, fields, words
from web.console.action_form import ActionForm, Banner


def when(*, label: str, help_text: str, required: bool = True) -> forms.DateTimeField:
    """An instant in the reader's own time."""
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=label, help_text=help_text, widget=widget, required=required)


def say(at: dt.datetime) -> str:
    """An instant as the reader says it."""
    zone = timezone.get_current_timezone()
    return words.moment(at, now=database.now(), zone=zone)


class Wait(ActionForm):
    title, submit, other = lazy("Waiting for {}"), lazy("Wait for the customer"), "activity"

    def build(self) -> None:
        now, zone = database.now(), timezone.get_current_timezone()
        held = clocks.open_by_lead([self.lead.pk])[self.lead.pk]
        wait = pausing.may_wait(held, now, zone=self.reader.zone)
        most = _(" {days} days at most.").format(days=wait.days) if wait.days else ""
        self.fields["until"] = when(
            label=_("Until"),
            help_text=_("Your time. Earlier if they write or call.{most}").format(most=most),
        )
        week = (now + dt.timedelta(days=7)).astimezone(zone).replace(hour=17, minute=0)
        self.fields["until"].initial = min(week, max(wait.longest, now).astimezone(zone))
        self.fields["note"] = fields.note(label=_("What you wait for"))
        if wait.refused:
            self.banners.append(Banner("late", wait.refused))
        for one in wait.clocks:
            label = clocks.policy_of(one).label
            text = _("“{label}”, due {say}, stands still and runs on by itself.").format(
                label=label, say=say(one.due_at)
            )
            self.banners.append(Banner("info", text))

    def run(self) -> str:
        given = self.cleaned_data
        pausing.await_buyer(**self.begin, until=given["until"], note=given["note"])
        return _("Waiting for {who} until {say}.").format(who=self.who, say=say(given["until"]))


class GoOn(ActionForm):
    title, submit, quick = lazy("Wait for {} no longer"), lazy("Run on now"), True

    def run(self) -> str:
        pausing.go_on(**self.begin)
        return _("The clocks of {who} run on.").format(who=self.who)


class NextStep(ActionForm):
    title, submit = lazy("Next step with {}"), lazy("Promise it")

    kind = forms.ChoiceField(
        label=lazy("What"), required=False, choices=[("", lazy("Anything")), *course_words.PROMISED]
    )

    def build(self) -> None:
        lead = self.lead
        self.fields["at"] = when(
            label=_("When"), help_text=_("Your time. A contact of this kind, logged, does it.")
        )
        if lead.next_step_at is not None:
            self.fields["kind"].initial = lead.next_step_kind
            self.fields["at"].initial = lead.next_step_at.astimezone(
                timezone.get_current_timezone()
            )
            told = _("{next_step}. What you set takes its place.").format(
                next_step=course_words.next_step(lead, say)
            )
            self.banners.append(Banner("info", told))

    def run(self) -> str:
        given = self.cleaned_data
        next_steps.promise(**self.begin, at=given["at"], kind=given["kind"])
        return _("Next step with {who}: {say}.").format(who=self.who, say=say(given["at"]))
