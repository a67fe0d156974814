"""The form of how somebody is mailed of notices, or everybody who chose nothing."""

from __future__ import annotations

from typing import Any

from django import forms

from core.errors import DomainError
from core.texts import _, lazy
from lifecycle import choosing, preferences
from lifecycle.models import Mode, Topic
from lifecycle.preferences import Preference
from people.models import User
from web.console.fields import TickField

HOURS = [(str(hour), f"{hour:02}:00") for hour in range(24)]
LINES = {
    Topic.ESCALATED: lazy(
        "Escalations always stand in your notices, whatever you choose for mails."
    ),
}


class NoticeForm(forms.Form):
    """One choice for each topic, the hours of the digest, and mails outside working hours."""

    use_required_attribute = False

    def __init__(self, data: Any = None, *, user: User | None, by: User) -> None:
        super().__init__(data)
        self.user, self.by = user, by
        now = preferences.of_company() if user is None else preferences.of([user.pk])[user.pk]
        self._build(now)

    def _build(self, now: Preference) -> None:
        for topic in Topic:
            self.fields[topic.value] = forms.ChoiceField(
                label=topic.label,
                choices=Mode.choices,
                widget=forms.RadioSelect,
                initial=now.mode(topic).value,
                help_text=LINES.get(topic, ""),
            )
        self.fields["digest_hours"] = forms.MultipleChoiceField(
            label=_("Hours of the digest"),
            choices=HOURS,
            widget=forms.CheckboxSelectMultiple,
            initial=[str(hour) for hour in now.digest_hours],
            error_messages={"required": _("Choose at least one hour.")},
        )
        self.fields["off_hours"] = TickField(
            label=_("Outside working hours, too"),
            initial=now.off_hours,
            help_text=_(
                "Mails and calls in chats come at any time. Otherwise they wait until "
                "work begins, and come together then."
            ),
        )

    @property
    def topics(self) -> list[forms.BoundField]:
        """The choices by topic."""
        return [self[topic.value] for topic in Topic]

    def run(self) -> str:
        """Keep it; returns the sentence of the toast. Raises DomainError."""
        given = self.cleaned_data
        choosing.keep(
            self.user,
            modes={topic.value: given[topic.value] for topic in Topic},
            digest_hours=[int(hour) for hour in given["digest_hours"]],
            off_hours=given["off_hours"],
            by=self.by,
        )
        return (
            _("Mails come as you chose from now on.") if self.user else _("Kept for the company.")
        )

    def refuse(self, refusal: DomainError) -> None:
        """Put each fault beside its field."""
        for fault in refusal.errors:
            self.add_error(fault.field if fault.field in self.fields else None, fault.message)
        if not refusal.errors:
            self.add_error(None, refusal.message)
