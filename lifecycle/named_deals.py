"""Deals that an import of history names by their ids elsewhere: found, joined, brought up to date.

One id is one deal, of whichever rows and imports. What people here made or changed stays theirs.
Two queries for all of a batch, none where no deal is named.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from django.conf import settings
from django.db.models import Count, Exists, OuterRef

from core.errors import FieldError
from leads import amounts, exchange, references, services
from leads.ledger import Ledger
from leads.models import Lead, LeadEvent, Opportunity
from leads.past import Past
from leads.references import Kind, Reference
from leads.stages import Stage
from lifecycle import deal_steps, ownership
from lifecycle.case import Case

OPEN = Opportunity.Status.OPEN.value
STEPS = {Stage.WON.value: "win", Stage.LOST.value: "lose"}
MOST = Decimal(10) ** 16
"""Amounts from there on do not fit."""
KEPT = "Somebody here made or changed this deal; it stays as it is."
NAMELESS = "Ids of deals count for a table whose system is named; it is only kept."


@dataclass(slots=True)
class Entry:
    """One deal by its id: of which account, how it stands; `deal` is missing until it is made."""

    account: int | None
    status: str
    deal: Opportunity | None = None
    by_hand: bool = False
    leads: int = 0


@dataclass(slots=True)
class Book:
    """The deals that a batch names."""

    entries: dict[tuple[str, str], Entry] = field(default_factory=dict)
    fresh: dict[Reference, int] = field(default_factory=dict)
    seen: dict[Reference, int] = field(default_factory=dict)

    def misfit(self, called: Reference | None, account: int | None, status: str) -> str:
        """Why a record cannot be one of its deal; empty if it can. The first one makes it."""
        if called is None:
            return ""
        entry = self.entries.setdefault(called.key, Entry(account, status))
        if entry.account != account:
            return "its deal is another company’s here"
        if entry.status != status:
            return f"its deal is {entry.status.lower()} here"
        entry.leads += 1
        return ""

    def of(self, called: Reference | None) -> Entry | None:
        """The deal of this name."""
        return self.entries.get(called.key) if called is not None else None

    def made(self, called: Reference | None, deal: Opportunity) -> None:
        """A deal is made, and from now on known by its id there."""
        if called is not None:
            self.entries[called.key].deal = deal
            self.fresh[called] = deal.pk

    def keep(self, *, now: dt.datetime) -> None:
        """Write the names down, and where deals can be seen now.

        Raises Taken when an import beside this one was faster: the rows are tried again then.
        """
        if rows := self.fresh | self.seen:
            references.attach(Kind.OPPORTUNITY, rows, now=now)


def look_up(called: Iterable[Reference | None]) -> Book:
    """The deals that are here already, locked."""
    book = Book()
    known = references.find(Kind.OPPORTUNITY, [one for one in called if one is not None])
    if not known:
        return book
    hands = Opportunity.history.filter(id=OuterRef("pk"), history_user__isnull=False)
    rows = Opportunity.objects.filter(pk__in=known.values()).annotate(by_hand=Exists(hands))
    found = {row.pk: row for row in rows.order_by("pk").select_for_update(no_key=True)}
    on_them = Lead.objects.filter(opportunity_id__in=found).values_list("opportunity_id")
    counts = dict(on_them.annotate(count=Count("pk")).order_by())
    for key, pk in known.items():
        row = found[pk]
        book.entries[key] = Entry(row.account_id, row.status, row, row.by_hand, counts.get(pk, 0))
    return book


def worth(said: Mapping[str, str], notes: list[FieldError]) -> tuple[Decimal | None, str]:
    """Amount and currency as a record says them; `notes` takes what cannot be used."""
    text, currency = said.get("amount", ""), said.get("currency", "").upper()
    amount = amounts.money(text) if text else None
    if amount is not None and 0 <= amount < MOST:
        amount = amount.quantize(Decimal("0.01"))
    elif text:
        amount = None
        notes.append(remark(f"“{text}” is no amount that can be used; it is only kept.", "amount"))
    if currency and not (len(currency) == 3 and currency.isascii() and currency.isalpha()):
        told = f"“{currency}” is no currency; {settings.BASE_CURRENCY} is taken."
        notes.append(remark(told, "currency"))
        currency = ""
    return amount, currency


def mend(
    entry: Entry, said: Mapping[str, str], story: Past, *, ledger: Ledger
) -> Iterator[FieldError]:
    """Bring a deal up to date with what a later record says; tells what was not used."""
    deal, notes = entry.deal, list[FieldError]()
    if deal is None:
        return
    amount, currency = worth(said, notes)
    values = {
        "amount": amount,
        "currency": currency if deal.amount is not None or amount is not None else "",
        "expected_close": story.expected.date() if story.expected else None,
    }
    moved = {
        name: value
        for name, value in values.items()
        if value not in (None, "") and getattr(deal, name) != value
    }
    if moved and entry.by_hand:
        yield remark(KEPT, "deal_id")
        return
    yield from notes
    for name, value in moved.items():
        setattr(deal, name, value)
    if deal.amount is not None and not deal.currency:
        deal.currency = settings.BASE_CURRENCY
    if moved:
        day = exchange.day_of(deal, ledger.now)
        exchange.value(deal, day, ledger.once(exchange.Rates))
        ledger.change(deal, *moved, "currency", *exchange.COLUMNS)


def close(
    entry: Entry, case: Case, story: Past, *, touch_id: int, cause: LeadEvent, ledger: Ledger
) -> str:
    """Close an open deal that a later record of its only lead says is won or lost.

    Returns why it stays open; empty where it is closed, or no end is told.
    """
    deal, step = entry.deal, STEPS.get(story.stage)
    if deal is None or deal.status == story.stage or (step is None and deal.status == OPEN):
        return ""
    if step is None or deal.status != OPEN:
        return f"Its deal is {deal.status.lower()} here; it stays so."
    if entry.by_hand:
        return KEPT
    alone = case.lead.opportunity_id == deal.pk and entry.leads == 1
    if not alone or case.lead.stage != Stage.OPPORTUNITY:
        return "Its deal is open here, and not this record’s alone: close it here."
    at = max(story.steps[-1].at, case.lead.entered_stage_at)
    because = {"history": True, "touch": touch_id, "opportunity": deal.pk}
    event = services.move(
        case.lead, step, ledger=ledger, because=because, cause=cause, at=at
    )  # fmt: skip
    ownership.let_go(case, ledger=ledger, why=step, cause=event)
    deal.status = entry.status = story.stage
    deal.closed_at = at
    ledger.change(deal, "status", "closed_at")
    deal_steps.closed(deal, ledger=ledger, at=at, history=True, lead=case.lead.pk)
    return ""


def remark(told: str, name: str = "") -> FieldError:
    """What was not used of a record's past, with the field it is about."""
    return FieldError(f"history.{name}" if name else "", told, "past")
