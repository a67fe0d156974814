"""Customers follow what is said of accounts: won deals, statuses said by people or imports.

One rule for every path, so that a record and a status never part: an account that is a customer
has an active record, a former customer a churned one; of a prospect the record is withdrawn.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from leads.ledger import Ledger
from leads.models import Account, AccountStatus, Customer, Opportunity
from lifecycle import customer_steps
from lifecycle.customer_steps import Kind, Status

MARKS = (AccountStatus.PARTNER, AccountStatus.COMPETITOR, AccountStatus.DO_NOT_CONTACT)
"""What is said of a company besides; a customer stays one."""


def follow(accounts: Iterable[Account], *, ledger: Ledger) -> None:
    """Let the records of locked accounts follow their statuses. One query for them all."""
    changed = {one.pk: one for one in accounts}
    if not changed:
        return
    rows = Customer.objects.filter(account_id__in=changed).order_by("pk")
    known = {one.account_id: one for one in rows.select_for_update(no_key=True)}
    for pk, account in sorted(changed.items()):
        _follow(account, known.get(pk), ledger)


def won(account: Account | None, deal: Opportunity, *, ledger: Ledger) -> None:
    """A locked account is a customer by this deal: for the first time, again, or more of one."""
    if account is None:
        return
    found = _of(account)
    if found is None:
        found = _new(account.pk, ledger)
        _begin(found, ledger, opportunity=deal.pk, value=deal.amount_base)
    elif found.status != Status.ACTIVE:
        _begin(found, ledger, opportunity=deal.pk, value=deal.amount_base)
    else:
        earlier = customer_steps.before(found)
        found.value_base = _sum(found.value_base, deal.amount_base)
        customer_steps.note(found, Kind.ADDED, ledger=ledger, earlier=earlier, opportunity=deal.pk)


def won_before(won: Mapping[int, Sequence[Opportunity]], *, ledger: Ledger) -> None:
    """Locked accounts, by id, were won by these deals, the earliest first. One query for them all.

    Who is no customer yet has been one since the first of them; to one that is, they add.
    """
    if not won:
        return
    rows = Customer.objects.filter(account_id__in=won).order_by("pk")
    known = {one.account_id: one for one in rows.select_for_update(no_key=True)}
    for account, deals in sorted(won.items()):
        found = known.get(account)
        for deal in deals:
            if found is None or found.status != Status.ACTIVE:
                found = found or _new(account, ledger)
                _begin(found, ledger, opportunity=deal.pk, value=deal.amount_base,
                       at=deal.closed_at)  # fmt: skip
            else:
                earlier = customer_steps.before(found)
                found.value_base = _sum(found.value_base, deal.amount_base)
                customer_steps.note(found, Kind.ADDED, ledger=ledger, earlier=earlier,
                                    at=deal.closed_at, opportunity=deal.pk)  # fmt: skip


def unwon(account: Account | None, deal: Opportunity, *, ledger: Ledger) -> None:
    """The win of a deal is taken back; what came after it on the record stays."""
    found = _of(account) if account is not None else None
    if found is None:
        return
    steps = found.steps.filter(because__opportunity=deal.pk).order_by("sequence")
    step = steps.last()
    if step is None or step.kind not in (Kind.BECAME, Kind.ADDED):
        return
    if step.sequence == found.version:
        customer_steps.take_back(found, step, ledger=ledger)
        return
    earlier = customer_steps.before(found)
    if found.value_base is not None and deal.amount_base is not None:
        found.value_base = max(found.value_base - deal.amount_base, Decimal(0))
    if step.kind == Kind.BECAME and found.status == Status.ACTIVE:
        found.status = Status.WITHDRAWN
    customer_steps.note(
        found, Kind.TAKEN_BACK, ledger=ledger, earlier=earlier, undone=step.sequence
    )


def lost_to(account: Account | None) -> AccountStatus:
    """What an account without open deals is again: a former customer, or a prospect."""
    found = _of(account) if account is not None else None
    churned = found is not None and found.status == Status.CHURNED
    return AccountStatus.FORMER_CUSTOMER if churned else AccountStatus.PROSPECT


def _follow(account: Account, found: Customer | None, ledger: Ledger) -> None:
    active = found is not None and found.status == Status.ACTIVE
    match account.status:
        case AccountStatus.CUSTOMER if not active:
            _begin(found or _new(account.pk, ledger), ledger)
        case AccountStatus.FORMER_CUSTOMER:
            if found is None or found.status == Status.WITHDRAWN:
                found = found or _new(account.pk, ledger)
                _begin(found, ledger)
            if found.status == Status.ACTIVE:
                earlier = customer_steps.before(found)
                found.status, found.churned_at = Status.CHURNED, ledger.now
                customer_steps.note(found, Kind.CHURNED, ledger=ledger, earlier=earlier)
        case AccountStatus.PROSPECT if found is not None and found.status != Status.WITHDRAWN:
            _withdraw(found, ledger)
        case AccountStatus.OPEN_OPPORTUNITY if found is not None and active:
            _withdraw(found, ledger)


def _withdraw(found: Customer, ledger: Ledger) -> None:
    earlier = customer_steps.before(found)
    found.status, found.churned_at, found.churn_reason = Status.WITHDRAWN, None, ""
    customer_steps.note(found, Kind.WITHDRAWN, ledger=ledger, earlier=earlier)


def _of(account: Account) -> Customer | None:
    return Customer.objects.filter(account=account).select_for_update(no_key=True).first()


def _new(account_id: int, ledger: Ledger) -> Customer:
    """A record that stands for nothing yet, so that its first step can be taken back."""
    made = Customer(account_id=account_id, status=Status.WITHDRAWN, since=ledger.now)
    ledger.add(made)
    return made


def _begin(
    found: Customer,
    ledger: Ledger,
    *,
    opportunity: int | None = None,
    value: Decimal | None = None,
    at: dt.datetime | None = None,
) -> None:
    earlier = customer_steps.before(found)
    found.renewal_date = None  # what was agreed before does not renew this
    found.status, found.since = Status.ACTIVE, at or ledger.now
    found.churned_at, found.churn_reason, found.churn_note = None, "", ""
    found.value_base = value
    customer_steps.note(found, Kind.BECAME, ledger=ledger, earlier=earlier, at=at,
                        opportunity=opportunity)  # fmt: skip


def _sum(known: Decimal | None, more: Decimal | None) -> Decimal | None:
    return known if more is None else (known or Decimal(0)) + more
