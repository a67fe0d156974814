"""How a company stands to us by its deals: open opportunity, customer, prospect again."""

from __future__ import annotations

from collections.abc import Iterable

from leads import overwriting
from leads.ledger import Ledger
from leads.models import Account, AccountStatus, Lead
from leads.overwriting import Source
from lifecycle import standings

KEEP_OVER_A_DEAL = (AccountStatus.CUSTOMER, AccountStatus.PARTNER)
"""What an open opportunity changes nothing about."""


def mark(
    account: Account | None,
    status: AccountStatus,
    *,
    ledger: Ledger,
    only_from: AccountStatus | None = None,
) -> None:
    """Say how a locked account stands to us because of a deal; `only_from` if it stands so now."""
    if account is None or (only_from is not None and account.status != only_from):
        return
    if status == AccountStatus.OPEN_OPPORTUNITY and account.status in KEEP_OVER_A_DEAL:
        return
    if account.status != status:
        account.status = status
        source = Source("rule:deal", 100, ledger.now)
        account.provenance = overwriting.noted(account.provenance, ["status"], source)
        ledger.change(account, "status", "provenance")
        ledger.once(_Restated).accounts[account.pk] = account


def restore(account: Account | None, before: str | None, *, ledger: Ledger) -> None:
    """How a locked account stood before a deal's end that is taken back."""
    if account is not None and before and account.status != before:
        account.status = before
        ledger.change(account, "status")
        ledger.once(_Restated).accounts[account.pk] = account


def follow(ledger: Ledger, acted_on: Iterable[Lead] = ()) -> None:
    """What follows for other leads of the companies that `mark` and `restore` changed.

    Call it when the ledger is flushed; it is flushed again. Leads `acted_on` are read anew where
    something followed for them. No query where no status changed, nor where the company is wanted
    and the kit has no exclusion over accounts.
    """
    accounts = list(ledger.once(_Restated).accounts.values())
    ledger.once(_Restated).accounts.clear()
    if not accounts:
        return
    cases = standings.follow(accounts, ledger=ledger, to_keepers=False)
    if not cases:
        return
    ledger.flush()
    looked_at = {one.lead.pk for one in cases}
    for lead in acted_on:
        if lead.pk in looked_at:
            lead.refresh_from_db()


class _Restated:
    """The companies that stand otherwise to us since the ledger was opened."""

    def __init__(self, _: Ledger) -> None:
        self.accounts: dict[int, Account] = {}
