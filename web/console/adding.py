"""Adding a lead by hand: its form, whom it may be already, and the touchpoint it becomes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import pycountry
from django import forms
from django.urls import reverse

from core.errors import InvalidInput
from core.texts import _, lazy
from governance.kit import Kit
from leads import cleansing, identity
from leads.models import Channel
from lifecycle import already_here, self_sourcing
from lifecycle.already_here import COMPANY, EMAIL, NAME, PHONE, Found, Said
from people.models import User
from web.console import fields

CHANNELS = (
    Channel.OUTBOUND, Channel.REFERRAL, Channel.EVENT, Channel.SOCIAL, Channel.PHONE,
    Channel.PARTNER,
)  # fmt: skip
"""How a rep comes by a buyer; those by which a buyer asks for a person go to the rules instead."""
PLACES = {
    "person": "email", "person.email": "email", "person.phone": "phone",
    "person.first_name": "first_name", "person.last_name": "last_name", "person.title": "title",
    "person.country": "country", "company.name": "company", "company.domain": "domain",
    "company.country": "country", "source.campaign": "campaign", "note": "note",
    "channel": "channel",
}  # fmt: skip
SAME = {
    EMAIL: lazy("the same e-mail address"), PHONE: lazy("the same number"),
    NAME: lazy("the same name at this company"), COMPANY: lazy("at the same company"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Alike:
    """One who may be the buyer: what the reader may know of them."""

    who: str
    url: str
    because: str
    standing: str
    tone: str


class AddLead(forms.Form):
    """What is known of a buyer."""

    first_name = forms.CharField(max_length=120, required=False)
    last_name = forms.CharField(max_length=120, required=False)
    email = fields.EitherField(label=lazy("E-mail"), max_length=320, either=lazy("or a phone"))
    phone = fields.EitherField(
        max_length=40, either=lazy("or an e-mail"), help_text=lazy("With its country code.")
    )
    title = forms.CharField(label=lazy("Job title"), max_length=160, required=False)
    company = forms.CharField(max_length=200, required=False)
    domain = forms.CharField(label=lazy("Website"), max_length=253, required=False)
    country = forms.ChoiceField(required=False)
    channel = forms.ChoiceField(label=lazy("Source"))
    campaign = forms.CharField(max_length=160, required=False)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *data: Any, kit: Kit, reader: User) -> None:
        super().__init__(*data)
        self.reader = reader
        named = sorted((getattr(one, "common_name", one.name), one.alpha_2)
                       for one in pycountry.countries)  # fmt: skip
        self.fields["country"].choices = [  # type: ignore[attr-defined]
            ("", _("Unknown")),
            *((code, name) for name, code in named),
        ]
        self.fields["channel"].choices = [  # type: ignore[attr-defined]
            (one.value, one.label) for one in CHANNELS if not kit.asks_for_person(one.value)
        ]
        self.fields["note"] = fields.note(help_text=_("What you know, and why they should buy."))
        self.found: tuple[Found, ...] = ()

    def clean(self) -> dict[str, Any]:
        """What nobody could call or look up is told here: nothing that was typed is lost unseen."""
        given = super().clean() or {}
        if not any(self.data.get(name, "").strip() for name in ("email", "phone")):
            self.add_error("email", _("Give an e-mail address or a phone number."))
        country = given.get("country") or None
        for name, check in (
            ("email", identity.normalise_email),
            ("phone", partial(identity.normalise_phone, country=country)),
        ):
            try:
                if given.get(name):
                    check(given[name])
            except InvalidInput as refusal:
                self.add_error(name, refusal.message)
        if given.get("domain"):
            read = cleansing.company_domain(domain=given["domain"])
            if read.because == cleansing.Because.UNREADABLE:
                self.add_error("domain", _("This is no website; write it like acme.com."))
        return given

    @property
    def alike(self) -> tuple[Alike, ...]:
        """Who is here already."""
        return of(self.found, reader=self.reader)

    @property
    def told(self) -> str:
        """Names those who were shown, so that sending it again goes on."""
        return told(self.found)

    def is_new(self) -> bool:
        """Whether the buyer is nobody we know, or the reader was shown whom they may be."""
        self.found = look(self.data, reader=self.reader)
        same = tuple(one for one in self.found if one.is_same)
        return not same or self.data.get("seen") == told(self.found)

    def run(self) -> self_sourcing.Added | None:
        """Take it in; None with each fault beside its field. Raises NotAllowed."""
        try:
            return self_sourcing.add(self._body(), by=self.reader)
        except InvalidInput as refusal:
            for fault in refusal.errors:
                self.add_error(PLACES.get(fault.field), fault.message)
            return None

    def _body(self) -> dict[str, Any]:
        given = self.cleaned_data
        person = ("first_name", "last_name", "email", "phone", "title", "country")
        company = {"name": given["company"], "domain": given["domain"], "country": given["country"]}
        body: dict[str, Any] = {
            "channel": given["channel"],
            "person": {name: given[name] for name in person if given[name]},
            "company": {name: value for name, value in company.items() if value},
            "source": {"campaign": given["campaign"]} if given["campaign"] else {},
            "note": given["note"],
        }
        return {name: value for name, value in body.items() if value}


def look(data: Any, *, reader: User) -> tuple[Found, ...]:
    """Whom the buyer may be, by what was typed so far."""
    said = {name: str(data.get(name, ""))[:320] for name in Said.__dataclass_fields__}
    return already_here.find(Said(**said), reader=reader)


def told(found: tuple[Found, ...]) -> str:
    """The leads that were found, as one value."""
    return ".".join(str(one.lead.pk) for one in found if one.is_same)


def of(found: tuple[Found, ...], *, reader: User) -> tuple[Alike, ...]:
    """The same in words."""
    return tuple(_alike(one, reader) for one in found)


def _alike(found: Found, reader: User) -> Alike:
    lead, owner = found.lead, found.lead.owner
    team = _(", team {team}").format(team=owner.team) if owner is not None and owner.team else ""
    held = (
        _("worked by {owner}{team}").format(owner=owner, team=team)
        if owner is not None
        else _("nobody works it")
    )
    held = "yours" if owner is not None and owner.pk == reader.pk else held
    tone = "warn" if found.is_same else "info"
    if not found.seen:
        return Alike(_("Somebody"), "", SAME[found.by], held, tone)
    company = (lead.account.name or lead.account.domain) if lead.account else ""
    who = ", ".join(filter(None, (lead.person.name, company)))
    url = reverse("console:lead", args=[lead.pk])
    return Alike(who, url, SAME[found.by], f"{lead.get_stage_display()}, {held}", tone)
