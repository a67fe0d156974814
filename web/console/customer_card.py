"""A company as a customer: the card on its account's page, and the list by renewal."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce
from django.urls import reverse

from core import steps
from core.errors import FieldError, InvalidInput
from core.texts import _, lazy
from governance import selectors as kits
from governance.kit import Kit
from leads.models import Account, Customer, CustomerStep
from lifecycle import customers
from people.models import User
from web.console import deal_list

PAGE, STEPS, SOON = 50, 12, 90
WHOSE = (("me", lazy("Mine")), ("none", lazy("Nobody’s")))
DUE = (("overdue", lazy("Overdue")), ("30", lazy("Within 30 days")), ("90", lazy("Within 90 days")))
STATUSES = (("ACTIVE", lazy("Customer")), ("CHURNED", lazy("Churned")))
AFTER = re.compile(r"(\d{4}-\d\d-\d\d)\.(\d{1,18})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Told:
    """One step of its way."""

    text: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Row:
    """One customer in words."""

    id: int
    account_id: int
    name: str
    status: str
    tone: str
    since: str
    cs_owner: str
    renewal: str
    renewal_line: str
    renewal_tone: str
    value: str
    churned: str


@dataclass(frozen=True, slots=True)
class CustomerCard:
    """The card on an account's page."""

    head: Row
    active: bool
    steps: tuple[Told, ...]
    may_act: bool
    may_undo: bool


@dataclass(frozen=True, slots=True)
class CustomerList:
    """One page of customers, the next renewal first."""

    rows: tuple[Row, ...]
    filters: tuple[deal_list.Filter, ...]
    filtered: bool
    problems: tuple[str, ...]
    next_url: str


@steps.in_steps
def of_account(
    account: Account, reader: User, *, now: dt.datetime
) -> steps.Story[CustomerCard | None]:
    """The card of an account that is a customer, or was; None where the reader sees none."""
    rows = customers.visible_to(reader).select_related("account", "cs_owner")
    one, active = rows.filter(account=account).order_by("pk")[:1], kits.in_force_or_none()
    yield one, active
    if not one:
        return None
    found, kit = one[0], active.found
    told = found.steps.select_related("by").order_by("-sequence")[:STEPS]
    yield [told]
    may = customers.may_act(found, reader)
    undo = may and kit and customers.may_undo(found, reader, window=kit.general.undo, now=now)
    return CustomerCard(
        head=row(found, kit=kit, now=now),
        active=found.status == Customer.Status.ACTIVE,
        steps=tuple(Told(_step(one), one.at) for one in told),
        may_act=may,
        may_undo=bool(undo),
    )


def listed(
    reader: User, given: dict[str, str], *, kit: Kit | None, now: dt.datetime
) -> CustomerList:
    """Up to `PAGE` customers by their next renewal; those without a date stand last.

    Raises InvalidInput for a page that no link leads to.
    """
    wanted = {name: given.get(name, "") for name in ("cs_owner", "due", "status")}
    asked = {name: value for name, value in wanted.items() if value}
    known = {"cs_owner": WHOSE, "due": DUE, "status": STATUSES}
    problems = tuple(
        _("{name}: pick one from the list.").format(name=name)
        for name, value in asked.items()
        if value not in dict(known[name])
    )
    last = Value(dt.date.max)
    rows = customers.visible_to(reader).annotate(due=Coalesce(F("renewal_date"), last))
    rows = rows.none() if problems else rows.filter(_chosen(asked, reader, now.date()))
    if after := given.get("after", ""):
        day, pk = _after(after)
        rows = rows.filter(Q(due__gt=day) | Q(due=day, pk__gt=pk))
    found = list(rows.select_related("account", "cs_owner").order_by("due", "pk")[: PAGE + 1])
    end = found[PAGE - 1] if len(found) > PAGE else None
    key = f"{end.renewal_date or dt.date.max}.{end.pk}" if end is not None else ""
    return CustomerList(
        rows=tuple(row(one, kit=kit, now=now) for one in found[:PAGE]),
        filters=(
            deal_list.filter_of("cs_owner", _("CS owner"), _("Anybody"), WHOSE, asked),
            deal_list.filter_of("due", _("Renewal"), _("Whenever"), DUE, asked),
            deal_list.filter_of("status", _("Status"), _("All"), STATUSES, asked),
        ),
        filtered=bool(asked),
        problems=problems,
        next_url=f"{reverse('console:customers')}?{urlencode({**asked, 'after': key})}"
        if key
        else "",
    )


def row(customer: Customer, *, kit: Kit | None, now: dt.datetime) -> Row:
    """One customer in words; its account and CS owner should be loaded."""
    active, due = customer.status == Customer.Status.ACTIVE, customer.renewal_date
    left = (due - now.date()).days if due is not None and active else None
    reason = kit.reasons.get(customer.churn_reason) if kit is not None else None
    label = reason.label if reason is not None else customer.churn_reason
    ended = customer.churned_at
    return Row(
        id=customer.pk,
        account_id=customer.account_id,
        name=customer.account.called,
        status=customer.get_status_display(),
        tone="ok" if active else "late",
        since=_day(customer.since),
        cs_owner=str(customer.cs_owner) if customer.cs_owner is not None else "",
        renewal=_day(due) if due is not None else "",
        renewal_line=_left(left),
        renewal_tone=_tone(left),
        value=deal_list.money(customer.value_base, settings.BASE_CURRENCY),
        churned=", ".join(one for one in (_day(ended), label) if one) if ended is not None else "",
    )


def _chosen(asked: dict[str, str], reader: User, today: dt.date) -> Q:
    chosen = Q(status=asked["status"]) if "status" in asked else Q()
    if "cs_owner" in asked:
        chosen &= Q(cs_owner=reader) if asked["cs_owner"] == "me" else Q(cs_owner__isnull=True)
    if due := asked.get("due"):
        until = today if due == "overdue" else today + dt.timedelta(days=int(due) + 1)
        chosen &= Q(status="ACTIVE", renewal_date__lt=until)
    return chosen


def _after(text: str) -> tuple[dt.date, int]:
    found = AFTER.fullmatch(text)
    try:
        if found is not None:
            return dt.date.fromisoformat(found[1]), int(found[2])
    except ValueError:
        pass
    told = _("Use the links below the list; this address is not one of them.")
    raise InvalidInput(told, errors=[FieldError("after", told)])


def _day(day: dt.date) -> str:
    return f"{day.day} {day:%b %Y}"


def _left(days: int | None) -> str:
    if days is None:
        return ""
    if days < 0:
        return _("{value} days overdue").format(value=-days)
    return _("due today") if days == 0 else _("in {days} days").format(days=days)


def _tone(days: int | None) -> str:
    if days is None or days > SOON:
        return ""
    return "late" if days < 0 else "warn"


def _step(one: CustomerStep) -> str:
    who = str(one.by) if one.by is not None else ""
    return " · ".join(part for part in (one.get_kind_display(), who) if part)
