"""What is kept about a person, to be given out or erased."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django import forms
from django.urls import reverse

from core.errors import DomainError
from core.texts import _, lazy
from leads.models import Lead, Person
from lifecycle.privacy import erasing, subject
from lifecycle.privacy.erasing import Erased
from people.models import User
from web.console import words
from web.console.fields import TickField


@dataclass(frozen=True, slots=True)
class PrivacyPage:
    """One person: who it is, how much is kept, and what erasing would end."""

    id: int
    name: str
    erased: bool
    counts: tuple[tuple[str, int], ...]
    open_leads: int
    back_url: str


def erased(done: Erased) -> str:
    """The sentence of the toast."""
    leads, touches = words.plural(done.leads, "lead"), words.plural(done.touches, "touchpoint")
    return _("Erased: {leads} and {touches} of one person.").format(leads=leads, touches=touches)


class EraseForm(forms.Form):
    """Erasing for good: the number is typed once more, so that nobody does it by a slip."""

    number = forms.CharField(label=lazy("Number of the person"), max_length=20)
    reason = forms.CharField(
        label=lazy("Why"),
        max_length=200,
        help_text=lazy("For the record, without names: request 117."),
    )
    never_contact = TickField(
        label=lazy("Never contact them again"),
        help_text=lazy("Their addresses and numbers go on the suppression list, as fingerprints."),
    )

    def __init__(self, *data: object, person: int) -> None:
        super().__init__(*data)  # type: ignore[arg-type]
        self.person = person
        self.fields["number"].help_text = _("Type {person} to confirm.").format(person=person)

    def clean_number(self) -> str:
        """The same number."""
        typed: str = self.cleaned_data["number"].strip().removeprefix("#")
        if typed != str(self.person):
            raise forms.ValidationError(
                _("Type {person}, the number of this person.").format(person=self.person)
            )
        return typed

    def run(self, *, by: User, now: datetime) -> Erased:
        """Erase. Raises DomainError."""
        return erasing.erase(
            person_id=self.person,
            by=by,
            reason=self.cleaned_data["reason"],
            never_contact=self.cleaned_data["never_contact"],
            now=now,
        )

    def refuse(self, refusal: DomainError) -> None:
        """What is wrong, on top or beside its field."""
        for fault in refusal.errors:
            self.add_error(fault.field if fault.field in self.fields else None, fault.message)
        if not refusal.errors:
            self.add_error(None, refusal.message)


def build(person_id: int) -> PrivacyPage:
    """The page. Raises NotFound."""
    who = subject.of(person_id)
    person = Person.objects.get(pk=who.person)
    leads = list(Lead.objects.filter(pk__in=who.leads).order_by("-pk"))
    counts = (
        (_("records, with those merged into it"), len(who.people)),
        ("leads", len(who.leads)),
        ("touchpoints", len(who.touches)),
        ("companies", len(who.accounts)),
        (_("imported files"), len(who.imports)),
    )
    back = reverse("console:lead", args=[leads[0].pk]) if leads else reverse("console:leads")
    return PrivacyPage(
        who.person,
        person.name,
        person.erased_at is not None,
        counts,
        sum(1 for lead in leads if lead.is_open),
        back,
    )
