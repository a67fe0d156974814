"""How a company stands to us by its deals: open opportunity, customer, prospect again."""

from __future__ import annotations

from leads import overwriting
from leads.ledger import Ledger
from leads.models import Account, AccountStatus
from leads.overwriting import Source

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


def restore(account: Account | None, before: str | None, *, ledger: Ledger) -> None:
    """How a locked account stood before a deal's end that is taken back."""
    if account is not None and before and account.status != before:
        account.status = before
        ledger.change(account, "status")
