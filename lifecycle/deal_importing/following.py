"""What follows for companies when a batch of opportunities is in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from leads.ledger import Ledger
from leads.models import Account, AccountStatus, Opportunity
from lifecycle import customer_following, deal_standing, standings

Status = Opportunity.Status
OF_DEALS = (AccountStatus.PROSPECT, AccountStatus.OPEN_OPPORTUNITY)
"""What deals alone say of a company; anything else was said by people, or tables of accounts."""


class Following:
    """Companies of won deals are customers, those of open ones have an open opportunity."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._won: dict[int, list[Opportunity]] = defaultdict(list)
        self._opened: set[int] = set()
        self._lost: set[int] = set()

    def opened(self, deal: Opportunity) -> None:
        """A deal is open."""
        if deal.account_id is not None:
            self._opened.add(deal.account_id)

    def ended(self, deal: Opportunity) -> None:
        """A deal was won or lost."""
        if deal.account_id is not None and deal.status == Status.WON:
            self._won[deal.account_id].append(deal)
        elif deal.account_id is not None:
            self._lost.add(deal.account_id)

    def finish(self, accounts: Mapping[int, Account]) -> None:
        """Say so of these locked accounts; the batch itself is written. Flushes the ledger."""
        before = {pk: one.status for pk, one in accounts.items()}
        won = {
            pk: sorted(deals, key=lambda one: (one.closed_at, one.pk))
            for pk, deals in self._won.items()
            if before[pk] in (*OF_DEALS, AccountStatus.CUSTOMER)
        }
        customer_following.won_before(won, ledger=self._ledger)
        for pk in sorted(won):
            deal_standing.mark(accounts[pk], AccountStatus.CUSTOMER, ledger=self._ledger)
        open_now = self._open_now(self._opened | self._lost)
        for pk in sorted(open_now - won.keys()):
            for known in (AccountStatus.PROSPECT, AccountStatus.FORMER_CUSTOMER):
                deal_standing.mark(
                    accounts[pk], AccountStatus.OPEN_OPPORTUNITY, ledger=self._ledger,
                    only_from=known,
                )  # fmt: skip
        for pk in sorted(self._lost - open_now - won.keys()):
            if accounts[pk].status == AccountStatus.OPEN_OPPORTUNITY:
                to = customer_following.lost_to(accounts[pk])
                deal_standing.mark(accounts[pk], to, ledger=self._ledger)
        self._ledger.flush()
        standings.follow(
            [one for pk, one in accounts.items() if one.status != before[pk]], ledger=self._ledger
        )
        self._ledger.flush()

    def _open_now(self, accounts: set[int]) -> set[int]:
        if not accounts:
            return set()
        rows = Opportunity.objects.filter(account_id__in=accounts, status=Status.OPEN)
        return {pk or 0 for pk in rows.values_list("account_id", flat=True).distinct()}
