"""Writing to a buyer, and what that needs: the form of a mail, one's mail server, templates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import Q
from django.urls import reverse

from core import database
from core.errors import DomainError
from core.texts import _, lazy
from leads.contact import Purpose, Way
from lifecycle import contacting, corresponding, mail_templates, mailboxes
from lifecycle.models import Mailbox, MailTemplate
from people.models import Role, User
from web.console import fields
from web.console.action_form import ActionForm, Banner, Door

KEEPERS = (Role.MANAGER, Role.REVOPS, Role.MARKETING)
"""Who looks after the company's templates."""


def templates_of(user: User) -> list[MailTemplate]:
    """The company's templates and somebody's own, by name. One query."""
    usable = MailTemplate.objects.filter(Q(owner=user) | Q(owner=None), removed_at=None)
    return list(usable.order_by("name", "pk"))


class Write(ActionForm):
    """One mail to the buyer."""

    title, submit = lazy("Write to {}"), lazy("Send")
    doors_label, doors_within = lazy("Begin with a template:"), True

    subject = forms.CharField(max_length=200)

    def build(self) -> None:
        self.fields["body"] = forms.CharField(
            label=_("Text"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 10})
        )
        if not Mailbox.objects.filter(user=self.reader).exists():
            self.banners.append(
                Banner(
                    "warn", mailboxes.NO_MAILBOX, reverse("console:mail-server"), _("Mail server")
                )
            )
        verdict = contacting.may(self.lead, Way.EMAIL, Purpose.ANSWER)
        if not self.lead.person.email:
            self.banners.append(Banner("late", _("No e-mail address of this buyer is known.")))
        elif not verdict.allowed:
            self.banners.append(
                Banner("late", _("This buyer {told}.").format(told=contacting.told(verdict)))
            )
        else:
            self.banners.append(
                Banner("info", _("To {email}.").format(email=self.lead.person.email))
            )

    def prefill(self, asked: Mapping[str, str]) -> None:
        """Begin with a template, its placeholders filled in; what is missing is said before."""
        url = reverse("console:lead-action", args=[self.lead.pk, "email"])
        usable = {str(one.pk): one for one in templates_of(self.reader)}
        self.doors = [
            Door(one.name, "" if one.owner_id else _("of the company"), f"{url}?template={one.pk}")
            for one in usable.values()
        ]
        chosen = usable.get(asked.get("template", ""))
        if chosen is None:
            return
        known = corresponding.values(self.lead, self.reader)
        filled = {name: mail_templates.fill(getattr(chosen, name), known)
                  for name in ("subject", "body")}  # fmt: skip
        for name, found in filled.items():
            self.fields[name].initial = found.text
        lacks = dict.fromkeys(
            mail_templates.PLACEHOLDERS.get(one, one)
            for found in filled.values()
            for one in (*found.missing, *found.unknown)
        )
        if lacks:
            text = _("Not known of them: {lacks}. Write it in, or take it out.").format(
                lacks=", ".join(lacks)
            )
            self.banners.append(Banner("warn", text))

    def run(self) -> str:
        given = self.cleaned_data
        mail = corresponding.write(**self.begin, subject=given["subject"], body=given["body"])
        self.undo_at = reverse("console:mail-undo", args=[mail.pk])
        return _("Your mail to {who} goes out in ten seconds.").format(who=self.who)


class MailServer(forms.Form):
    """One's own mail server."""

    host = forms.CharField(
        label=lazy("Server"), max_length=255, help_text=lazy("Such as smtp.example.com.")
    )
    port = forms.IntegerField(min_value=1, max_value=65535, initial=587)
    security = forms.ChoiceField(
        label=lazy("Encryption"),
        choices=Mailbox.Security.choices,
        initial=Mailbox.Security.STARTTLS,
    )
    username = forms.CharField(label=lazy("User"), max_length=320, required=False)
    password = forms.CharField(
        max_length=500,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=lazy("Stored encrypted, never shown. Empty keeps the one there is."),
    )

    def keep(self, by: User) -> bool:
        """Keep it; False with each fault beside its field."""
        if not self.is_valid():
            return False
        try:
            mailboxes.save(by=by, **self.cleaned_data)
        except DomainError as refusal:
            for fault in refusal.errors:
                self.add_error(fault.field if fault.field in self.fields else None, fault.message)
            return False
        return True


class Template(forms.Form):
    """A template, one's own or the company's."""

    name = forms.CharField(max_length=80)
    subject = forms.CharField(max_length=200)

    def __init__(self, data: Any = None, *, reader: User, initial: Mapping[str, Any]) -> None:
        super().__init__(data, initial=dict(initial))
        self.reader = reader
        named = ", ".join(f"{{{{{name}}}}}" for name in mail_templates.PLACEHOLDERS)
        self.fields["body"] = forms.CharField(
            label=_("Text"),
            max_length=20_000,
            help_text=_("Filled in: {named}.").format(named=named),
            widget=forms.Textarea(attrs={"rows": 8}),
        )
        if keeps(reader):
            self.fields["of_company"] = fields.TickField(label=_("For everybody in the company"))

    def clean(self) -> dict[str, Any]:
        """Names that mean nothing are told before anybody sends them."""
        given = super().clean() or {}
        for name in ("subject", "body"):
            unknown = mail_templates.fill(given.get(name, ""), {}).unknown
            if unknown:
                self.add_error(name, _("There is no {{{{{unknown}}}}}.").format(unknown=unknown[0]))
        return given

    def keep(self, template: MailTemplate | None) -> None:
        """Keep it, as a new one or in place of `template`."""
        given = self.cleaned_data
        row = template or MailTemplate()
        row.name, row.subject, row.body = given["name"], given["subject"], given["body"]
        row.owner = None if given.get("of_company") else self.reader
        row.save()


@dataclass(frozen=True, slots=True)
class TemplateRow:
    """One template of the list."""

    id: int
    name: str
    subject: str
    of_company: bool
    editable: bool


def rows(reader: User) -> tuple[TemplateRow, ...]:
    """The templates somebody may use, and which of them they may change."""
    return tuple(
        TemplateRow(one.pk, one.name, one.subject, one.owner_id is None, may_change(one, reader))
        for one in templates_of(reader)
    )


def keeps(reader: User) -> bool:
    """Whether they look after the company's templates."""
    return reader.is_superuser or reader.plays(*KEEPERS)


def may_change(template: MailTemplate, reader: User) -> bool:
    """Their own, and of who keeps them, the company's."""
    return template.owner_id == reader.pk or (template.owner_id is None and keeps(reader))


def remove(template: MailTemplate) -> None:
    """Offer it no more; it stays as a record."""
    template.removed_at = database.now()
    template.save(update_fields=["removed_at"])
