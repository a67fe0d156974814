"""The forms about partners: register, withdraw, decide."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.conf import settings

from core.errors import DomainError
from core.texts import _, lazy
from leads import selectors
from leads.models import (
    Account,
    AccountStatus,
    PartnerConflict,
    PartnerExtension,
    PartnerRegistration,
)
from lifecycle import partner_books, partner_extending, partner_rights, partnering
from people.models import User
from web.console import account_list, words

T = TypeVar("T")
DAY = dt.timedelta(days=1)
LAST = dt.date.max - 2 * DAY
WHAT = {
    "KEPT_FIRST": "It stays with {first}.",
    "GIVEN_TO_SECOND": "It goes to {second}, from now on.",
    "DISMISSED": "{second} has no claim to it.",
}


class _Acting(forms.Form):
    """A form that makes one call; faults are put beside their fields."""

    def call(self, act: Callable[[], T]) -> T | None:
        """What the act returns; None with its faults in the form."""
        try:
            return act()
        except DomainError as refusal:
            for fault in refusal.errors:
                self.add_error(fault.field if fault.field in self.fields else None, fault.message)
            if not refusal.errors:
                self.add_error(None, refusal.message)
            return None


class RegisterForm(_Acting):
    """On a company one of the partners is chosen, on a partner a company is named."""

    partner = forms.ModelChoiceField(
        queryset=Account.objects.none(), empty_label=lazy("Choose one")
    )
    company = forms.CharField(
        max_length=253, help_text=lazy("Domain or number of the company's account.")
    )
    days = forms.IntegerField(
        label=lazy("For how many days"), min_value=1, max_value=partnering.MOST_DAYS
    )
    note = forms.CharField(
        required=False,
        max_length=partnering.LONGEST_NOTE,
        label=lazy("What the partner has there"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=lazy("Such as a project or a date of first contact. No names of people."),
    )

    def __init__(self, *data: Any, account: Account, reader: User) -> None:
        super().__init__(
            data[0] if data else None, initial={"days": settings.PARTNER_REGISTRATION_DAYS}
        )
        self.account, self.reader = account, reader
        self.is_partner = account.status == AccountStatus.PARTNER
        if self.is_partner:
            del self.fields["partner"]
            return
        del self.fields["company"]
        field = self.fields["partner"]
        field.queryset = partner_rights.partners_of(reader)  # type: ignore[attr-defined]
        field.label_from_instance = account_list.name  # type: ignore[attr-defined]

    def clean_company(self) -> Account:
        """The account meant by a domain or a number."""
        text = self.cleaned_data["company"].strip().lower()
        rows = Account.objects.filter(domain=text)
        if text.isascii() and text.isdigit() and len(text) <= 18:
            seen = selectors.accounts_visible_to(self.reader)
            rows = seen.filter(pk=int(text))
        found = rows.first()
        if found is None:
            raise forms.ValidationError(_("No account has this domain or number."))
        return found

    def run(self) -> partnering.Claimed | None:
        """Make the call."""
        said = self.cleaned_data
        company = said["company"] if self.is_partner else self.account
        partner = self.account if self.is_partner else said["partner"]
        return self.call(
            lambda: partnering.register(
                account_id=company.pk, partner_id=partner.pk, by=self.reader,
                note=said["note"], days=said["days"],
            )
        )  # fmt: skip


class WithdrawForm(_Acting):
    """Why it ends."""

    reason = forms.CharField(
        max_length=partner_books.LONGEST_REASON,
        label=lazy("Why"),
        help_text=lazy("Stays in its history."),
    )

    def run(self, row: PartnerRegistration, by: User) -> PartnerRegistration | None:
        """Make the call."""
        reason = self.cleaned_data["reason"]
        return self.call(lambda: partnering.withdraw(registration_id=row.pk, by=by, reason=reason))


class ExtendForm(_Acting):
    """Until which day, and why."""

    until = forms.DateField(
        label=lazy("Until the end of"),
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    reason = forms.CharField(
        max_length=partner_books.LONGEST_REASON,
        label=lazy("Why"),
        help_text=lazy("Stays in its history."),
    )

    def __init__(
        self, *data: Any, row: PartnerRegistration, reader: User, now: dt.datetime
    ) -> None:
        zone = reader.zone
        latest = partner_extending.latest_end(reader, now).astimezone(zone).date() - DAY
        further = row.until_at + dt.timedelta(days=settings.PARTNER_REGISTRATION_DAYS)
        start = min(further.astimezone(zone).date(), latest)
        super().__init__(data[0] if data else None, initial={"until": start.isoformat()})
        self.row, self.reader = row, reader
        field = self.fields["until"]
        field.widget.attrs |= {
            "min": (_last_day(row, reader) + DAY).isoformat(),
            "max": latest.isoformat(),
        }
        field.help_text = _("At the latest {latest}, in {zone_city} time.").format(
            latest=f"{latest:%d %b %Y}", zone_city=words.zone_city(str(zone))
        )

    def run(self) -> PartnerExtension | None:
        """Make the call."""
        said = self.cleaned_data
        over = dt.datetime.combine(
            min(said["until"], LAST) + DAY, dt.time(), tzinfo=self.reader.zone
        )
        return self.call(
            lambda: partner_extending.extend(
                registration_id=self.row.pk, until=over, by=self.reader, reason=said["reason"]
            )
        )


def _last_day(row: PartnerRegistration, reader: User) -> dt.date:
    return (row.until_at - dt.timedelta(microseconds=1)).astimezone(reader.zone).date()


class DecideForm(_Acting):
    """Whose the company is, and why."""

    verdict = forms.ChoiceField(label=lazy("Whose it is"), widget=forms.RadioSelect)
    days = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=partnering.MOST_DAYS,
        label=lazy("For how many days, if it is given to the second"),
    )
    reason = forms.CharField(
        max_length=partner_books.LONGEST_REASON,
        label=lazy("Why"),
        help_text=lazy("Both partners' managers are told of the decision."),
    )

    def __init__(self, *data: Any, conflict: PartnerConflict) -> None:
        super().__init__(
            data[0] if data else None, initial={"days": settings.PARTNER_REGISTRATION_DAYS}
        )
        self.conflict = conflict
        first = conflict.registration.partner.called
        second = conflict.claimant.called if conflict.claimant else conflict.claimant_name
        field: Any = self.fields["verdict"]
        field.choices = [
            (key, WHAT[key].format(first=first, second=second))
            for key in partnering.VERDICTS
            if conflict.claimant is not None or key != "GIVEN_TO_SECOND"
        ]

    def run(self, by: User) -> PartnerConflict | None:
        """Make the call."""
        said = self.cleaned_data
        return self.call(
            lambda: partnering.decide(
                conflict_id=self.conflict.pk, by=by, verdict=said["verdict"],
                reason=said["reason"], days=said["days"],
            )
        )  # fmt: skip
