"""The forms of quotas: set, correct, withdraw."""

from __future__ import annotations

from collections.abc import Mapping

from django import forms
from django.conf import settings

from core import database
from core.texts import _, lazy
from people.models import Team, User
from reports import ledger_rights, quota_acts, quotas
from reports.models import QuotaEntry
from web.console import ledger_forms, ledger_words
from web.console.ledger_forms import LedgerForm
from web.console.ledger_words import QUOTA_LABELS

COMPANY = "0-0"


class _Said(LedgerForm):
    """What is said of a quota."""

    def build(self, given: Mapping[str, str]) -> None:
        head = self.head
        first, last = ledger_forms.this_month(database.now().date())
        self.fields["party"] = forms.ChoiceField(
            label=QUOTA_LABELS["party"],
            choices=_parties(self.reader),
            initial=party_key(head) if head else given.get("party", ""),
        )
        ledger_forms.add_span(
            self,
            first=head.first_day if head else ledger_forms.day_of(given, "first_day", first),
            last=head.last_day if head else ledger_forms.day_of(given, "last_day", last),
        )
        label = _("To be won ({base})").format(base=settings.BASE_CURRENCY)
        ledger_forms.add_amount(self, head.amount if head else None, label=label)
        for name in ("deals", "sqls"):
            self.fields[name] = forms.IntegerField(
                label=QUOTA_LABELS[name], required=False, min_value=0,
                max_value=quota_acts.MOST_COUNTED, initial=getattr(head, name, None),
            )  # fmt: skip
        ledger_forms.add_note(self, getattr(head, "note", ""))

    def said(self) -> quota_acts.Said:
        """What the form says."""
        given = self.cleaned_data
        rank, _dash, pk = given["party"].partition("-")
        rep = User.objects.select_related("team").get(pk=pk) if rank == "2" else None
        return quota_acts.Said(
            first_day=given["first_day"], last_day=given["last_day"], rep=rep,
            team=Team.objects.get(pk=pk) if rank == "1" else None, amount=given["amount"],
            deals=given["deals"], sqls=given["sqls"], note=given["note"],
            external_id=self.head.external_id if self.head else "",
        )  # fmt: skip


class Enter(_Said):
    title, submit = lazy("Set a quota"), lazy("Set")

    def act(self) -> QuotaEntry:
        return quota_acts.enter(self.said(), by=self.reader)

    def told(self, entry: QuotaEntry) -> str:
        return _("Set: {party}, {span}, {amount}.").format(
            party=quotas.party_name(entry),
            span=ledger_words.span(entry.first_day, entry.last_day),
            amount=ledger_words.money(entry.amount),
        )


class Correct(_Said):
    title, submit = lazy("Correct quota #{}"), lazy("Correct")

    def build(self, given: Mapping[str, str]) -> None:
        super().build(given)
        ledger_forms.add_reason(self)

    def act(self) -> QuotaEntry:
        return quota_acts.correct(
            self.head.number, self.said(), reason=self.cleaned_data["reason"], by=self.reader,
            seen=self.cleaned_data["seen"],
        )  # fmt: skip

    def told(self, entry: QuotaEntry) -> str:
        return _("Quota #{number} is corrected; what it said before stays in its history.").format(
            number=entry.number
        )


class Withdraw(ledger_forms.Withdraw):
    title = lazy("Withdraw quota #{}")

    def act(self) -> QuotaEntry:
        return quota_acts.withdraw(
            self.head.number, reason=self.cleaned_data["reason"], by=self.reader,
            seen=self.cleaned_data["seen"],
        )  # fmt: skip

    def told(self, entry: QuotaEntry) -> str:
        return _("Quota #{number} no longer counts.").format(number=entry.number)


FORMS: dict[str, type[LedgerForm]] = {"correct": Correct, "withdraw": Withdraw}


def party_key(entry: QuotaEntry) -> str:
    """Whose a quota is, as the form says it."""
    if entry.rep_id:
        return f"2-{entry.rep_id}"
    return f"1-{entry.team_id}" if entry.team_id else COMPANY


def _parties(reader: User) -> list[tuple[str, object]]:
    """Whose quotas the reader sets, grouped."""
    reps, teams = ledger_rights.parties(reader)
    choices: list[tuple[str, object]] = [("", _("Pick whose quota it is"))]
    if ledger_rights.sets_all_quotas(reader):
        choices.append((COMPANY, _("Company")))
    named = [(f"1-{team.pk}", team.name) for team in teams.order_by("name")]
    people = [(f"2-{one.pk}", str(one)) for one in reps.order_by("first_name", "last_name")]
    return [*choices, (_("Teams"), named), (_("Reps"), people)]
