"""Stating what sources cost: entered, corrected, withdrawn, taken back. Rows are only added."""

from __future__ import annotations

import dataclasses
import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from core import errors
from core.errors import FieldError
from core.texts import _
from leads import amounts, exchange
from leads.exchange import Rates
from leads.models import Channel, SourceCategory
from people.models import User
from reports import costs, ledger_rights, spans, statements
from reports.models import CostEntry
from reports.models.statement import Kind, Via

VALUED = "A rate was entered"
_LENGTHS = {"campaign": 200, "label": 200, "external_id": 200, "note": 2_000}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What is said of a cost. Both days are part of its span."""

    first_day: dt.date
    last_day: dt.date
    source: str
    amount: Decimal
    currency: str
    channel: str = ""
    campaign: str = ""
    label: str = ""
    external_id: str = ""
    note: str = ""


def said_by(entry: CostEntry) -> Said:
    """What an entry says."""
    return Said(**{one.name: getattr(entry, one.name) for one in dataclasses.fields(Said)})


def enter(
    said: Said, *, by: User, via: Via = Via.PAGE, now: dt.datetime | None = None
) -> CostEntry:
    """Write down a cost. Raises InvalidInput naming each fault, and an entry that says the same."""
    ledger_rights.require_enters_costs(by)
    said = checked(said)
    with transaction.atomic():
        statements.hold(CostEntry)
        at = statements.instant(now)
        require_alone(said)
        return write(said, by=by, via=via, now=at, rates=Rates())


def correct(
    number: int,
    said: Said,
    *,
    reason: str,
    by: User,
    seen: int | None = None,
    via: Via = Via.PAGE,
    now: dt.datetime | None = None,
) -> CostEntry:
    """Say otherwise what an entry says, and why. `seen` is the version this person looked at.

    Raises InvalidInput, or TooLate where somebody else was first.
    """
    ledger_rights.require_enters_costs(by)
    said, reason = checked(said), statements.reason_of(reason)
    with transaction.atomic():
        statements.hold(CostEntry)
        head = statements.head(CostEntry, number)
        statements.require_seen(head, seen)
        statements.require_counts(head)
        if said == said_by(head):
            raise errors.InvalidInput(_("Nothing was changed: the entry says this already."))
        require_alone(said, but=number)
        at = statements.instant(now)
        return restate(head, said, reason=reason, by=by, via=via, now=at, rates=Rates())


def withdraw(
    number: int,
    *,
    reason: str,
    by: User,
    seen: int | None = None,
    via: Via = Via.PAGE,
    now: dt.datetime | None = None,
) -> CostEntry:
    """Have an entry no longer count, and say why."""
    ledger_rights.require_enters_costs(by)
    reason = statements.reason_of(reason)
    with transaction.atomic():
        statements.hold(CostEntry)
        head = statements.head(CostEntry, number)
        statements.require_seen(head, seen)
        statements.require_counts(head)
        at = statements.instant(now)
        return statements.withdraw(head, by=by, reason=reason, via=via, now=at)


def undo(
    number: int, *, by: User, seen: int | None = None, now: dt.datetime | None = None
) -> CostEntry:
    """Take back what this person did last to an entry. Raises TooLate."""
    ledger_rights.require_enters_costs(by)
    with transaction.atomic():
        statements.hold(CostEntry)
        head = statements.head(CostEntry, number)
        statements.require_seen(head, seen)
        before = statements.before(head)
        if before is not None and not before.withdrawn:
            require_alone(said_by(before), but=number)
        at = statements.instant(now)
        return statements.undo(head, by=by, via=Via.PAGE, now=at)


def value_unvalued(*, by: User | None, now: dt.datetime | None = None) -> list[CostEntry]:
    """Value the entries for which there was no rate when they were made; returns the new rows."""
    if by is not None:
        ledger_rights.require_enters_costs(by)
    return _value(by, now)


def value_by_rate(currency: str, by_id: int | None, now: dt.datetime) -> None:
    """Value the costs in a currency of which a rate was just entered, by whoever entered it."""
    if costs.unvalued().filter(currency=currency).exists():
        _value(User.objects.filter(pk__in=[by_id]).first(), now)


def _value(by: User | None, now: dt.datetime | None) -> list[CostEntry]:
    with transaction.atomic():
        statements.hold(CostEntry)
        at, rates = statements.instant(now), Rates()
        found = []
        for head in costs.unvalued().order_by("pk"):
            said = _valued(said_by(head), head, day=_day_of(head), rates=rates)
            if said["amount_base"] is not None:
                found.append(
                    statements.append(
                        head, Kind.VALUED, said, by=by, reason=VALUED, via=Via.PAGE, now=at
                    )
                )
        return found


def checked(said: Said) -> Said:
    """The same, tidied up. Raises InvalidInput naming every fault."""
    tidy = dataclasses.replace(
        said,
        campaign=" ".join(said.campaign.split()),
        label=" ".join(said.label.split()),
        external_id=said.external_id.strip(),
        note=said.note.strip(),
        currency=said.currency.strip().upper() or settings.BASE_CURRENCY,
    )
    faults = [
        *spans.faults(tidy.first_day, tidy.last_day),
        *spans.faults_of_amount("amount", tidy.amount),
        *_faults_of_words(tidy),
    ]
    if faults:
        raise errors.InvalidInput(" ".join(one.message for one in faults), errors=faults)
    return dataclasses.replace(tidy, amount=tidy.amount.quantize(spans.CENT))


def same_as(said: Said, *, but: int | None = None) -> CostEntry | None:
    """The entry that counts and speaks of the same cost: by its external id, else by its span,
    source, campaign and label, where their ids do not tell them apart.
    """
    rows = costs.entries_as_of().filter(identity(said)).select_related("by").order_by("pk")
    others = [row for row in rows if row.number != but]
    by_id = [row for row in others if said.external_id and row.external_id == said.external_id]
    return next(iter(by_id or others), None)


def identity(said: Said) -> Q:
    """What tells a cost from others."""
    alike = Q(
        first_day=said.first_day, last_day=said.last_day, source=said.source,
        campaign__iexact=said.campaign, label__iexact=said.label,
    )  # fmt: skip
    if said.external_id:
        return Q(external_id=said.external_id) | (alike & Q(external_id=""))
    return alike


def require_alone(said: Said, *, but: int | None = None) -> None:
    """Raises InvalidInput where another entry speaks of the same cost."""
    other = same_as(said, but=but)
    if other is not None:
        field = "external_id" if said.external_id else "label"
        raise statements.refused(
            field,
            _(
                "Entry #{number} speaks of the same cost ({amount} {currency}). Correct that one, "
                "or give this one another label."
            ).format(number=other.number, amount=f"{other.amount:,}", currency=other.currency),
        )


def write(said: Said, *, by: User, via: Via, now: dt.datetime, rates: Rates) -> CostEntry:
    """The first row of an entry. What it says is checked, and the books are held."""
    day = costs.day_of_rate(said.last_day, now)
    entry = CostEntry(**_valued(said, None, day=day, rates=rates), via=via, by=by, recorded_at=now)
    entry.save(force_insert=True)
    return entry


def restate(
    head: CostEntry,
    said: Said,
    *,
    reason: str,
    by: User,
    via: Via,
    now: dt.datetime,
    rates: Rates,
) -> CostEntry:
    """The next row of an entry. What it says is checked, and the books are held."""
    day = costs.day_of_rate(said.last_day, now)
    valued = _valued(said, head, day=day, rates=rates)
    return statements.append(head, Kind.CORRECTED, valued, by=by, reason=reason, via=via, now=now)


def _valued(said: Said, before: CostEntry | None, *, day: dt.date, rates: Rates) -> dict[str, Any]:
    """What is said, with its worth. The rate of the row before stays where its day does."""
    found = rates.on(said.currency, day)
    if (
        before is not None
        and before.rate is not None
        and before.rate_date is not None
        and (before.currency, before.last_day) == (said.currency, said.last_day)
    ):
        found = before.rate, before.rate_date
    known = exchange.worth(said.amount, found) or (None, None, None)
    worth = dict(zip(exchange.COLUMNS, known, strict=True))
    return {one.name: getattr(said, one.name) for one in dataclasses.fields(said)} | worth


def _day_of(head: CostEntry) -> dt.date:
    """The day whose rate counts for an entry: as when its amount was stated."""
    stated = head
    while stated.kind in (Kind.UNDONE, Kind.VALUED):
        stated = statements.before(stated) or stated
    return costs.day_of_rate(head.last_day, stated.recorded_at)


def _faults_of_words(said: Said) -> list[FieldError]:
    faults = []
    if said.source not in SourceCategory.values:
        known = ", ".join(SourceCategory.values)
        faults.append(FieldError("source", _("Pick a source: {known}.").format(known=known)))
    if said.channel and said.channel not in Channel.values:
        known = ", ".join(Channel.values)
        faults.append(
            FieldError("channel", _("Pick a channel, or none: {known}.").format(known=known))
        )
    if amounts.currency(said.currency) != said.currency:
        told = _("“{text}” is no currency: use a code of three letters such as EUR.")
        faults.append(FieldError("currency", told.format(text=said.currency[:20])))
    return faults + spans.faults_of_texts(
        {name: (getattr(said, name), most) for name, most in _LENGTHS.items()}
    )
