"""What a buyer allowed: on the lead's page in a few lines, on its own page whole."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo

from django import forms
from django.db.models import Q
from django.urls import reverse

from core import steps
from core.errors import DomainError
from core.texts import _, lazy
from leads import contact
from leads.contact import Because, Purpose, Verdict, Way
from leads.models import Lead, Permission
from lifecycle import contacting
from lifecycle.privacy import subject
from people.models import User
from web.console import words
from web.console.permission_words import NAMES

SHOWN = (Way.EMAIL, Way.PHONE)
"""Ways that the lead's page always tells of; others only when something was said."""
NO = {
    Because.SUPPRESSED: lazy("on the list “{source}”"),
    Because.DO_NOT_CONTACT: lazy("the company is not to be contacted"),
    Because.REFUSED: lazy("they said no"),
    Because.WITHDRAWN: lazy("they took it back"),
}


@dataclass(frozen=True, slots=True)
class WayLine:
    """One way in a word and a line; the icon and the tone say the same."""

    way: Way
    word: str
    line: str
    icon: str
    tone: str

    @property
    def label(self) -> str:
        """What the way is called."""
        return NAMES[self.way]

    @property
    def is_closed(self) -> bool:
        """Whether this way must not be used, not even to answer."""
        return self.tone == "late"


@dataclass(frozen=True, slots=True)
class Row:
    """One word of the buyer, as it was written down."""

    way: str
    state: str
    line: str
    words: str


@dataclass(frozen=True, slots=True)
class PermissionPage:
    """The page of one lead's permissions."""

    name: str
    lead_url: str
    lines: tuple[WayLine, ...]
    rows: tuple[Row, ...]
    erased: bool


class PermissionForm(forms.Form):
    """Writing down what the buyer said: one call."""

    way = forms.ChoiceField(label=lazy("Way"), choices=Permission.Way.choices)
    state = forms.ChoiceField(
        label=lazy("They"),
        choices=[
            ("GRANTED", lazy("allowed it")),
            ("REFUSED", lazy("refused it")),
            ("WITHDRAWN", lazy("took it back")),
        ],
    )
    basis = forms.ChoiceField(label=lazy("Lawful basis"), choices=Permission.Basis.choices)
    source = forms.CharField(
        label=lazy("Where they said so"),
        max_length=80,
        help_text=lazy("A call on 3 May, a mail, a letter."),
    )
    words = forms.CharField(
        label=lazy("Their words"), required=False, max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip

    def run(self, lead: Lead, *, by: User, now: datetime) -> str:
        """Keep it; returns the sentence of the toast. Raises DomainError."""
        said = contacting.say(lead_id=lead.pk, by=by, now=now, **self.cleaned_data)
        return _("{get_way_display}: {get_state_display}, from now on.").format(
            get_way_display=said.get_way_display(),
            get_state_display=said.get_state_display().lower(),
        )

    def refuse(self, refusal: DomainError) -> None:
        """Put each fault beside its field; what has no field here goes on top."""
        for fault in refusal.errors:
            self.add_error(fault.field if fault.field in self.fields else None, fault.message)
        if not refusal.errors:
            self.add_error(None, refusal.message)


@steps.in_steps
def lines(lead: Lead, *, now: datetime, zone: tzinfo) -> steps.Story[tuple[WayLine, ...]]:
    """How this buyer may be reached, one line a way. Two messages."""
    asked = contacting.standing(lead)
    yield [asked]
    standing = asked.found
    found = []
    for way in Way:
        verdict = contact.decide(way, Purpose.ANSWER, standing)
        if way in SHOWN or verdict.because not in (Because.UNSAID, Because.ASKED):
            news = contact.decide(way, Purpose.NEWS, standing)
            found.append(_line(way, verdict, news, now=now, zone=zone))
    return tuple(found)


def privacy_url(lead: Lead, reader: User) -> str:
    """Where the data of this buyer is given out or erased; empty for who may not, or when it is."""
    if not subject.is_keeper(reader) or lead.person.erased_at is not None:
        return ""
    return reverse("console:person-privacy", args=[lead.person_id])


def build(lead: Lead, *, now: datetime, zone: tzinfo) -> PermissionPage:
    """The page; three messages."""
    of_group = Q(person_id=lead.person_id) | Q(person__merged_into_id=lead.person_id)
    rows = Permission.objects.filter(of_group).select_related("by").order_by("-at", "-pk")[:100]
    return PermissionPage(
        lead.person.name,
        reverse("console:lead", args=[lead.pk]),
        lines(lead, now=now, zone=zone).read(),
        tuple(_row(one, now=now, zone=zone) for one in rows),
        lead.person.erased_at is not None,
    )


def _line(way: Way, verdict: Verdict, news: Verdict, *, now: datetime, zone: tzinfo) -> WayLine:
    if not verdict.allowed:
        why = NO[verdict.because].format(source=verdict.source)
        why += f" ({verdict.reason})" if verdict.reason else ""
        when = (
            _(", since {since}").format(since=words.moment(verdict.since, now=now, zone=zone))
            if verdict.since
            else ""
        )
        return WayLine(way, _("Do not use"), f"{why}{when}", "alert", "late")
    if news.allowed:
        since = f", {words.moment(news.since, now=now, zone=zone)}" if news.since else ""
        line = _("news and campaigns too ({source}{since})").format(
            source=news.source or _("said so"), since=since
        )
        return WayLine(way, _("Allowed"), line, "check-circle", "ok")
    if verdict.because is Because.ASKED:
        return WayLine(way, _("To answer only"), _("they asked to hear from us"), "info", "info")
    return WayLine(way, _("One to one only"), _("nothing was said of news"), "info", "info")


def _row(said: Permission, *, now: datetime, zone: tzinfo) -> Row:
    hand = _(", written down by {by}").format(by=said.by) if said.by else ""
    when = words.moment(said.at, now=now, zone=zone)
    return Row(
        said.get_way_display(),
        said.get_state_display(),
        f"{said.get_basis_display()} · {said.source}, {when}{hand}",
        said.words,
    )
