"""Making one account a part of another: what it does, and the confirmation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.urls import reverse

from core import phrases
from core.errors import DomainError
from core.texts import _, lazy
from leads.models import Account
from lifecycle import taking_over
from people.models import User
from web.console import account_list, words


@dataclass(frozen=True, slots=True)
class TakeOverPage:
    """Both accounts, what would happen, or why it cannot and what can be done instead."""

    name: str
    url: str
    other: str
    other_url: str
    why_not: str
    below_url: str
    sentences: tuple[str, ...]


class TakeOverForm(forms.Form):
    """One call."""

    reason = forms.CharField(
        label=lazy("Why"), max_length=100, help_text=lazy("Stays in the account's history.")
    )

    def __init__(self, *data: Any, account: Account, other: Account, reader: User) -> None:
        super().__init__(*data)
        self.account, self.other, self.reader = account, other, reader
        self.undo_url = ""

    def run(self) -> str:
        """Make the call; the sentence of the toast, or nothing with the fault in the form."""
        try:
            merge = taking_over.absorb(
                account_id=self.account.pk, other_id=self.other.pk, by=self.reader,
                reason=self.cleaned_data["reason"],
            )  # fmt: skip
        except DomainError as refusal:
            self.add_error(None, refusal.message)
            return ""
        self.undo_url = reverse("console:account-part", args=[self.account.pk, merge.pk])
        leads = words.plural(len(merge.before["leads"]), "lead")
        other, name = account_list.name(self.other), account_list.name(self.account)
        return _("{other} is a part of {name} now, with {leads}.").format(
            other=other, name=name, leads=leads
        )


def build(account: Account, other: Account) -> TakeOverPage:
    """The page."""
    edit = reverse("console:account-edit", args=[other.pk])
    return TakeOverPage(
        name=account_list.name(account),
        url=reverse("console:account", args=[account.pk]),
        other=account_list.name(other),
        other_url=reverse("console:account", args=[other.pk]),
        why_not=taking_over.why_not(other),
        below_url=f"{edit}?{urlencode({'parent': account.domain or account.pk})}",
        sentences=_sentences(account, other),
    )


def _sentences(account: Account, other: Account) -> tuple[str, ...]:
    name = account_list.name(account)
    count = other.leads.count()
    kept = [one for one in (other.domain, f"“{other.name}”" if other.name else "") if one]
    return (
        _("{plural} over to {name}; open ones are judged as its own.").format(
            plural=words.plural(count, "lead goes", "leads go"), name=name
        ),
        _("Who names {kept} is found to be of {name} from then on.").format(
            kept=phrases.listed(kept), name=name
        ),
        _("What is known of {name} fills in what is not known of {name2}.").format(
            name=account_list.name(other), name2=name
        ),
        _("On the page of {name} you can part them again.").format(name=name),
    )
