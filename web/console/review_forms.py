"""Forms of a review: a finding added or decided, and reported as done. Each makes one call."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms

from core.errors import DomainError
from core.texts import _
from people.models import User
from reports.models import Review, ReviewFinding
from reports.reviews import findings
from reports.reviews.findings import Given

LONGEST = findings.LONGEST


class _Form(forms.Form):
    """What both have in common: a refusal is shown beside its field."""

    def refuse(self, refusal: DomainError) -> None:
        """Put each fault beside its field; what has no field here goes on top."""
        for fault in refusal.errors:
            self.add_error(fault.field if fault.field in self.fields else None, fault.message)
        if not refusal.errors:
            self.add_error(None, refusal.message)


class FindingForm(_Form):
    """Adding a finding, or giving it to somebody and deciding on it."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        *data: Any,
        review: Review,
        finding: ReviewFinding | None,
        reader: User,
        now: datetime,
        place: tuple[str, str] = ("", ""),
    ) -> None:
        super().__init__(data[0] if data else None, initial=_initial(finding))
        self.review, self.finding, self.reader, self.now = review, finding, reader, now
        self.place = place
        self.fields["text"] = _note(_("What was found"), needed=True)
        self.fields["owner"] = forms.ModelChoiceField(
            label=_("Owner"), queryset=findings.people(), required=False,
            empty_label=_("Nobody yet"),
            help_text=_("Who sees to it; they are told."),
        )  # fmt: skip
        self.fields["due_on"] = forms.DateField(
            label=_("Due"), required=False, widget=forms.DateInput(attrs={"type": "date"}),
            help_text=_("What is accepted as it is, or is no finding, needs no day."),
        )  # fmt: skip
        choices = [("", _("Not decided yet")), *ReviewFinding.Decision.choices]
        self.fields["decision"] = forms.ChoiceField(
            label=_("Decision"), choices=choices, required=False
        )
        self.fields["reason"] = _note(_("Why it was decided so"))

    def run(self) -> str:
        """Add or change it; returns the sentence of the toast. Raises DomainError."""
        said = self.cleaned_data
        given = Given(said["text"], said["owner"], said["due_on"], said["decision"], said["reason"])
        number = self.review.number
        if self.finding is None:
            section, row_key = self.place
            made = findings.add(
                number, given, by=self.reader, now=self.now, section=section, row_key=row_key
            )
            return _("Finding {number} was added.").format(number=made.number)
        findings.change(
            number, self.finding.number, given, by=self.reader, now=self.now, seen=said["seen"]
        )
        return _("Finding {number} was saved.").format(number=self.finding.number)


class DoneForm(_Form):
    """Reporting that what was decided is done."""

    def __init__(
        self, *data: Any, review: Review, finding: ReviewFinding, reader: User, now: datetime
    ) -> None:
        super().__init__(*data)
        self.review, self.finding, self.reader, self.now = review, finding, reader, now
        self.fields["note"] = _note(_("What was done"), needed=True)

    def run(self) -> str:
        """Report it; returns the sentence of the toast. Raises DomainError."""
        place, note = self.finding.number, self.cleaned_data["note"]
        findings.done(self.review.number, place, by=self.reader, note=note, now=self.now)
        return _("Finding {number} is done.").format(number=place)


def _initial(finding: ReviewFinding | None) -> dict[str, Any]:
    if finding is None:
        return {}
    return {
        "text": finding.text,
        "owner": finding.owner_id,
        "due_on": finding.due_on,
        "decision": finding.decision,
        "reason": finding.reason,
        "seen": findings.state_of(finding),
    }


def _note(label: str, *, needed: bool = False) -> forms.CharField:
    return forms.CharField(
        label=label, required=needed, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 3})
    )
