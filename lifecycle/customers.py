"""What people do with a customer: who looks after it, its renewal, its churn, and back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from core import database, errors
from core.errors import FieldError
from governance import selectors as kits
from leads import exchange, selectors
from leads.ledger import Ledger
from leads.models import Account, AccountStatus, Customer, CustomerStep
from lifecycle import accounts, customer_steps, deal_standing, reasons, standings
from lifecycle.customer_steps import Kind, Status
from lifecycle.last_steps import NothingToUndo
from people import holders
from people.models import User

FIELDS = ("cs_owner", "renewal_date", "value_base")
"""What is said of a customer by its name; None empties it."""
LONGEST = 500


def visible_to(user: User) -> QuerySet[Customer]:
    """The customers this person may see: of accounts they see, and those they look after."""
    rows = Customer.objects.exclude(status=Status.WITHDRAWN)
    if not user.is_active:
        return rows.none()
    if selectors.counts_all(user):
        return rows
    seen = selectors.accounts_visible_to(user).values("pk")
    return rows.filter(Q(cs_owner=user) | Q(account__in=seen))


def may_act(customer: Customer, by: User) -> bool:
    """Whether this person works the customer: who looks after it or owns the account, customer
    success of their team, managers, RevOps and integrations. The account should be loaded.
    """
    theirs = by.pk in (customer.cs_owner_id, customer.account.owner_id)
    theirs = theirs or selectors.looks_after(customer, by)
    return by.is_active and (theirs or accounts.may_edit(by))


@transaction.atomic
def revise(
    *, customer_id: int, by: User, values: Mapping[str, Any], now: dt.datetime | None = None
) -> Customer:
    """Say who looks after a customer (a user's id), when it renews, what it brings.

    Raises NotFound, NotAllowed, TooLate for one that has churned, and InvalidInput.
    """
    customer, ledger = _open(customer_id, by, now)
    clean = _clean(values)
    earlier = customer_steps.before(customer)
    changed = [name for name, value in clean.items() if getattr(customer, name) != value]
    for name in changed:
        setattr(customer, name, clean[name])
    if changed:
        customer_steps.note(customer, Kind.CHANGED, ledger=ledger, earlier=earlier)
    ledger.flush()
    return customer


@transaction.atomic
def renew(
    *,
    customer_id: int,
    by: User,
    renewal_date: dt.date,
    value_base: Decimal | None = None,
    now: dt.datetime | None = None,
) -> Customer:
    """The customer stays until the next renewal; `value_base` is what it brings from now on.

    Raises as `revise`, and InvalidInput for a date that is not after the one before.
    """
    customer, ledger = _open(customer_id, by, now)
    if customer.renewal_date is not None and renewal_date <= customer.renewal_date:
        text = f"It is due on {customer.renewal_date} already; give a later day."
        raise errors.InvalidInput(text, errors=[FieldError("renewal_date", text)])
    said: dict[str, Any] = {"renewal_date": renewal_date}
    clean = _clean(said | ({"value_base": value_base} if value_base is not None else {}))
    earlier = customer_steps.before(customer)
    for name, value in clean.items():
        setattr(customer, name, value)
    customer_steps.note(customer, Kind.RENEWED, ledger=ledger, earlier=earlier)
    ledger.flush()
    return customer


@transaction.atomic
def churn(
    *,
    customer_id: int,
    by: User,
    reason: str,
    note: str = "",
    at: dt.datetime | None = None,
    now: dt.datetime | None = None,
) -> Customer:
    """The customer has left, now or `at` an earlier instant; the account is a former customer.

    Raises as `revise`, and InvalidInput for a reason that the kit has not, or an instant that lies
    ahead or before it became one.
    """
    customer, ledger = _open(customer_id, by, now)
    reasons.require(ledger.kit, reason, "churn", note=note)
    when = at or ledger.now
    if not customer.since <= when <= ledger.now:
        text = "It became a customer later than that, or that lies ahead."
        raise errors.InvalidInput(text, errors=[FieldError("at", text)])
    if len(note.strip()) > LONGEST:
        text = f"Use at most {LONGEST} characters."
        raise errors.InvalidInput(text, errors=[FieldError("note", text)])
    earlier = customer_steps.before(customer)
    customer.status, customer.churned_at = Status.CHURNED, when
    customer.churn_reason, customer.churn_note = reason, note.strip()
    customer_steps.note(customer, Kind.CHURNED, ledger=ledger, earlier=earlier, at=when)
    deal_standing.mark(
        customer.account,
        AccountStatus.FORMER_CUSTOMER,
        ledger=ledger,
        only_from=AccountStatus.CUSTOMER,
    )
    ledger.flush()
    deal_standing.follow(ledger)
    return customer


@transaction.atomic
def undo(*, customer_id: int, by: User, now: dt.datetime | None = None) -> Customer:
    """Take back this person's last step of a customer, within the kit's window.

    Raises NotFound, NotAllowed, and NothingToUndo.
    """
    customer, ledger = _open(customer_id, by, now, churned=True)
    step = may_undo(customer, by, window=ledger.kit.general.undo, now=ledger.now)
    if step is None:
        raise NothingToUndo(
            "There is nothing of yours to undo here: the last step is older than "
            f"{ledger.kit.general.undo.total_seconds() / 60:.0f} minutes, or somebody else's."
        )
    churned = customer.status == Status.CHURNED
    customer_steps.take_back(customer, step, ledger=ledger)
    if churned and customer.status == Status.ACTIVE:
        deal_standing.mark(
            customer.account,
            AccountStatus.CUSTOMER,
            ledger=ledger,
            only_from=AccountStatus.FORMER_CUSTOMER,
        )
    ledger.flush()
    standings.follow([customer.account], ledger=ledger)
    ledger.flush()
    return customer


def may_undo(
    customer: Customer, by: User, *, window: dt.timedelta, now: dt.datetime
) -> CustomerStep | None:
    """The step this person could take back now, if any. A win is taken back on its deal."""
    step = customer.steps.order_by("sequence").last()
    if step is None or step.by_id != by.pk or now - step.recorded_at > window:
        return None
    return step if step.kind in (Kind.CHANGED, Kind.RENEWED, Kind.CHURNED) else None


def _open(
    customer_id: int, by: User, now: dt.datetime | None, *, churned: bool = False
) -> tuple[Customer, Ledger]:
    """The customer and its account, locked, for who works it; a churned one only if allowed."""
    kit = kits.active_kit()
    wanted = Customer.objects.filter(pk=customer_id).values("account_id")
    account = Account.objects.filter(pk__in=wanted).select_for_update(no_key=True).first()
    rows = Customer.objects.filter(pk=customer_id).exclude(status=Status.WITHDRAWN)
    customer = rows.select_for_update(no_key=True).first()
    if account is None or customer is None:
        raise errors.NotFound(f"There is no customer {customer_id}.")
    customer.account = account
    if not may_act(customer, by):
        raise errors.NotAllowed("Only customer success, the owner, managers and RevOps work it.")
    if customer.status == Status.CHURNED and not churned:
        text = f"It churned on {customer.churned_at:%Y-%m-%d}."
        raise errors.TooLate(text, state={"status": customer.status})
    return customer, Ledger(kit=kit, now=now or database.now(), actor="user", by_id=by.pk)


def _clean(values: Mapping[str, Any]) -> dict[str, Any]:
    clean = {name: values[name] for name in ("renewal_date", "value_base") if name in values}
    faults = []
    if "cs_owner" in values:
        clean["cs_owner_id"] = values["cs_owner"]
        user = User.objects.filter(pk=values["cs_owner"] or 0).first()
        if values["cs_owner"] is not None and (refused := holders.refusal(user)):
            faults.append(FieldError("cs_owner", refused))
    value = clean.get("value_base")
    if value is not None and not 0 <= value < exchange.MOST:
        faults.append(FieldError("value_base", "A value is not negative and below 10^16."))
    if faults:
        raise errors.InvalidInput("The customer cannot be like that.", errors=faults)
    return clean
