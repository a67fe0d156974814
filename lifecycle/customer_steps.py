"""The log of a customer, and taking its last step back."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from leads.ledger import Ledger
from leads.models import Customer, CustomerStep

Kind, Status = CustomerStep.Kind, Customer.Status
KEPT = ("status", "since", "cs_owner_id", "renewal_date", "value_base", "churned_at",
        "churn_reason")  # fmt: skip
"""Columns that a step remembers as they stood before it."""


def before(customer: Customer) -> dict[str, str | int | None]:
    """The columns as they stand, in a form that a step can keep."""
    found: dict[str, str | int | None] = {}
    for name in KEPT:
        value = getattr(customer, name)
        if isinstance(value, dt.date):
            value = value.isoformat()
        found[name] = str(value) if isinstance(value, Decimal) else value
    return found


def note(
    customer: Customer,
    kind: CustomerStep.Kind,
    *,
    ledger: Ledger,
    earlier: dict[str, Any],
    at: dt.datetime | None = None,
    **because: Any,
) -> None:
    """Append one step of a locked or new customer; `earlier` is what `before` said."""
    customer.version += 1
    ledger.add(
        CustomerStep(
            customer=customer,
            sequence=customer.version,
            kind=kind,
            status=customer.status,
            by_id=ledger.by_id,
            because=because | {"before": earlier},
            at=at or ledger.now,
            recorded_at=ledger.now,
        )
    )
    columns = (name.removesuffix("_id") for name in KEPT)
    ledger.change(customer, "version", "churn_note", *columns)


def take_back(customer: Customer, step: CustomerStep, *, ledger: Ledger) -> None:
    """A locked customer stands as it stood before its last step."""
    now, told = before(customer), step.because["before"]
    for name in ("since", "churned_at"):
        setattr(customer, name, dt.datetime.fromisoformat(told[name]) if told[name] else None)
    day, value = told["renewal_date"], told["value_base"]
    customer.renewal_date = dt.date.fromisoformat(day) if day else None
    customer.value_base = Decimal(value) if value is not None else None
    customer.cs_owner_id = told["cs_owner_id"]
    customer.status, customer.churn_reason = told["status"], told["churn_reason"]
    customer.churn_note = "" if customer.status != Status.CHURNED else customer.churn_note
    note(customer, Kind.TAKEN_BACK, ledger=ledger, earlier=now, undone=step.sequence)
