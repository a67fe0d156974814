"""The demo company's customers: who looks after them, what renews soon, and one that leaves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from governance.kit import Kit
from leads import cleansing
from leads.ledger import Ledger
from leads.models import Account, AccountStatus, Customer
from lifecycle import customer_following, customers
from lifecycle.demo.agenda import Deed
from people.models import User

RENEWALS = (18, 75, 140, 210, 260, 330)
"""Days from now on which the customers renew, in turn; the first is due soon."""
WORTH = (48_000, 22_500, 96_000, 18_000, 31_200, 12_400)
LEFT_AGO = timedelta(days=33)
LEFT, DOMAIN = "Hollis Instruments", "hollis-instruments.example"


def make(people: Mapping[str, User], kit: Kit, *, since: datetime, now: datetime) -> None:
    """Give the accounts that are customers their records."""
    at, rita = since + timedelta(hours=4), people["rita"]
    ledger = Ledger(kit=kit, now=at, actor="user", by_id=rita.pk)
    left = Account(
        name=LEFT, domain=DOMAIN, name_key=cleansing.company_name_key(LEFT), country="GB",
        status=AccountStatus.CUSTOMER, owner=people["harry"], created_at=since,
    )  # fmt: skip
    ledger.add(left)
    ledger.flush()
    rows = list(Account.objects.filter(status=AccountStatus.CUSTOMER).order_by("pk"))
    customer_following.follow(rows, ledger=ledger)
    ledger.flush()
    for place, customer in enumerate(Customer.objects.select_related("account").order_by("pk")):
        values = {
            "cs_owner": customer.account.owner_id,
            "renewal_date": now.date() + timedelta(days=RENEWALS[place % len(RENEWALS)]),
            "value_base": Decimal(WORTH[place % len(WORTH)]),
        }
        customers.revise(customer_id=customer.pk, by=rita, values=values, now=at)


def planned(*, now: datetime) -> Iterator[tuple[datetime, Deed]]:
    """When one of them leaves."""
    yield now - LEFT_AGO, _leave


def _leave(at: datetime) -> None:
    customer = Customer.objects.get(account__domain=DOMAIN)
    harry = User.objects.get(username="harry")
    customers.churn(customer_id=customer.pk, by=harry, reason="went_elsewhere", now=at)
