"""Deputies: who signs for whom, from when to when, and naming one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any

from django import forms
from django.utils import timezone

from core.errors import DomainError
from core.texts import _
from governance import deputies, signing
from governance.models import Deputy
from people.models import Role, User
from web.console import kit_links, words

STAYS = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Row:
    """One deputy; `end_url` is empty where the reader may not end it."""

    name: str
    line: str
    word: str
    tone: str
    end_url: str


@dataclass(frozen=True, slots=True)
class DeputiesPage:
    """The page; `names` says whether this reader may name deputies."""

    rows: tuple[Row, ...]
    names: bool
    sentence: str


class DeputyForm(forms.Form):
    """Naming a deputy: one call."""

    def __init__(self, *data: Any, reader: User, now: datetime) -> None:
        super().__init__(*data)
        self.reader, self.now = reader, now
        people = User.objects.filter(is_active=True).exclude(role=Role.SERVICE)
        people = people.order_by("first_name", "last_name", "pk")
        if reader.is_superuser:
            self.fields["signer"] = _person(_("Signer"), people, reader)
        self.fields["deputy"] = _person(_("Deputy"), people.exclude(pk=reader.pk), None)
        zone = words.zone_city(reader.time_zone)
        local = now.astimezone(timezone.get_current_timezone()).replace(second=0, microsecond=0)
        self.fields["starts_at"] = _instant(_("From ({zone} time)").format(zone=zone), local)
        self.fields["ends_at"] = _instant(_("Until ({zone} time)").format(zone=zone), local + STAYS)

    def run(self) -> str:
        """Name the deputy; returns the sentence of the toast. Raises DomainError."""
        given = self.cleaned_data
        row = deputies.name(**({"signer": self.reader} | given), by=self.reader, now=self.now)
        return _("{deputy} may sign for {signer} in that time.").format(
            deputy=row.deputy, signer=row.signer
        )

    def refuse(self, refusal: DomainError) -> None:
        """Put each fault beside its field; what has no field here goes on top."""
        for fault in refusal.errors:
            self.add_error(fault.field if fault.field in self.fields else None, fault.message)
        if not refusal.errors:
            self.add_error(None, refusal.message)


def build(reader: User, *, now: datetime, zone: tzinfo) -> DeputiesPage:
    """Everybody's deputies of now and later; the reader ends their own. One query."""
    names = signing.works_on_kits(reader)
    rows = tuple(_row(one, reader, now=now, zone=zone) for one in deputies.current(at=now))
    said = (
        _(
            "A deputy signs kits for you from one instant to another. What they sign "
            "counts as yours."
        )
        if names
        else _("Who signs kits for whom, now and later.")
    )
    return DeputiesPage(rows, names, said)


def _row(one: Deputy, reader: User, *, now: datetime, zone: tzinfo) -> Row:
    stands = one.starts_at <= now
    since = words.moment(one.starts_at, now=now, zone=zone)
    until = words.moment(one.ends_at, now=now, zone=zone)
    mine = one.signer_id == reader.pk or reader.is_superuser
    return Row(
        str(one.deputy),
        _("For {signer}, from {since} until {until}").format(
            signer=one.signer, since=since, until=until
        ),
        _("Now") if stands else _("Later"),
        "ok" if stands else "info",
        kit_links.url("kit-deputy-end", one.pk) if mine else "",
    )


def _person(label: str, people: Any, initial: User | None) -> forms.ModelChoiceField[User]:
    return forms.ModelChoiceField(
        label=label, queryset=people, initial=initial, empty_label=_("Choose a person")
    )


def _instant(label: str, initial: datetime) -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=label, initial=initial, widget=widget)
