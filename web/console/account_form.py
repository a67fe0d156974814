"""The form behind what people say of an account: status, owner, parent, aliases, and why."""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.html import format_html

from core.errors import DomainError
from core.texts import _, lazy
from leads.models import Account, AccountAlias, AccountStatus
from lifecycle import accounts
from people import holders
from people.models import User

PARTS = {"domains": AccountAlias.Kind.DOMAIN, "names": AccountAlias.Kind.NAME}
NAMED = {"aliases": "domains"}


class AccountForm(forms.Form):
    """Everything at once; what is left as it is does not change."""

    status = forms.ChoiceField(
        choices=AccountStatus.choices,
        help_text=lazy(
            "Competitors and do-not-contact: leads that wait are let go. Customers and "
            "open opportunities: they go to who keeps the account."
        ),
    )
    owner = forms.ModelChoiceField(
        queryset=User.objects.none(), required=False, empty_label=lazy("Nobody")
    )
    parent = forms.CharField(
        required=False,
        max_length=253,
        help_text=lazy("Domain or number of the company it belongs to. Empty: none."),
    )
    region = forms.CharField(
        required=False,
        max_length=80,
        help_text=lazy("State, province or county; territories go by it."),
    )
    postal_code = forms.CharField(
        required=False, max_length=16, help_text=lazy("Territories go by how it begins.")
    )
    domains = forms.CharField(
        required=False,
        max_length=4000,
        label=lazy("Other domains"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=lazy("One a line."),
    )
    names = forms.CharField(
        required=False,
        max_length=4000,
        label=lazy("Other names"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=lazy("One a line."),
    )
    reason = forms.CharField(max_length=100, help_text=lazy("Stays in the account's history."))

    def __init__(self, *data: Any, account: Account, reader: User, parent: str = "") -> None:
        held = list(account.aliases.order_by("shown").values_list("kind", "shown"))
        initial = {
            "status": account.status,
            "owner": account.owner_id,
            "parent": parent or _shown(account.parent),
            "region": account.region,
            "postal_code": account.postal_code,
        } | {
            name: "\n".join(shown for each, shown in held if each == kind)
            for name, kind in PARTS.items()
        }
        super().__init__(data[0] if data else None, initial=initial)
        self.account, self.reader = account, reader
        owners = holders.everybody() | User.objects.filter(pk__in=[account.owner_id or 0])
        field = self.fields["owner"]
        field.queryset = holders.by_name(owners)  # type: ignore[attr-defined]

    def clean_parent(self) -> int | None:
        """The account meant by a domain or a number."""
        text = self.cleaned_data["parent"].strip().lower()
        if not text:
            return None
        if text == _shown(self.account.parent):
            return self.account.parent_id
        rows = Account.objects.filter(domain=text)
        if text.isascii() and text.isdigit() and len(text) <= 18:
            rows = Account.objects.filter(pk=int(text))
        found = rows.first()
        if found is None:
            raise forms.ValidationError(_("No account has this domain or number."))
        return found.pk

    def run(self) -> bool:
        """Make the call; whether it was done. Faults are put beside their fields."""
        given = self.cleaned_data
        aliases = [
            (kind.value, line.strip())
            for name, kind in PARTS.items()
            for line in given[name].splitlines()
            if line.strip()
        ]
        owner = given["owner"]
        kept = owner is not None and owner.pk == self.account.owner_id
        try:
            accounts.edit(
                account_id=self.account.pk,
                by=self.reader,
                reason=given["reason"],
                owner=accounts.KEEP if kept else (owner.pk if owner else None),
                status=given["status"],
                parent=given["parent"],
                aliases=aliases,
                **{name: given[name] for name in ("region", "postal_code") if name in self.data},
            )
        except DomainError as refusal:
            self._refuse(refusal)
            return False
        return True

    def _refuse(self, refusal: DomainError) -> None:
        for fault in refusal.errors:
            name = NAMED.get(fault.field, fault.field)
            self.add_error(name if name in self.fields else None, fault.message)
        if not refusal.errors:
            self.add_error(None, refusal.message)
        if other := refusal.state.get("account"):
            url = f"{reverse('console:account-take-over', args=[self.account.pk])}?other={other}"
            text = format_html('<a href="{}">Make it a part of this account…</a>', url)
            self.add_error("domains", text)


def _shown(account: Account | None) -> str:
    if account is None:
        return ""
    return account.domain or str(account.pk)
