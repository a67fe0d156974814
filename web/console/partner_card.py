"""The card of an account about partners: who has registered it, or what it has registered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from django.db.models import QuerySet
from django.urls import reverse

from core import reading, steps
from core.texts import _, lazy
from leads.models import Account, AccountStatus, PartnerConflict, PartnerRegistration
from lifecycle import partner_rights
from people.models import User
from web.console import account_list

SHOWN = 10
IN_FORCE = lazy("In force")

State = PartnerRegistration.State


@dataclass(frozen=True, slots=True)
class Row:
    """One registration."""

    label: str
    url: str
    line: str
    state: str
    tone: str
    withdraw_url: str
    extend_url: str


@dataclass(frozen=True, slots=True)
class PartnerCard:
    """Registrations of a company, or by a partner; empty addresses where the reader may not."""

    title: str
    rows: tuple[Row, ...]
    empty: str
    register_url: str
    conflicts: int
    conflicts_url: str


@steps.in_steps
def build(account: Account, *, reader: User, now: datetime) -> steps.Story[PartnerCard]:
    """One message, and one query at most of who may register."""
    is_partner = account.status == AccountStatus.PARTNER
    rows = PartnerRegistration.objects.exclude(state=State.UNDONE)
    rows = rows.filter(partner=account) if is_partner else rows.filter(account=account)
    beside = rows.select_related("account", "partner", "registered_by")
    ordered = beside.order_by("-from_at", "-pk")[:SHOWN]
    waiting = reading.count_of(_waiting(account, reader))
    yield ordered, waiting
    return PartnerCard(
        title=_("Companies registered") if is_partner else _("Partner"),
        rows=tuple(_row(one, is_partner, reader, now) for one in ordered),
        empty=_("It has registered no company.")
        if is_partner
        else _("No partner has registered it."),
        register_url=_register_url(account, reader, is_partner=is_partner),
        conflicts=waiting.found[0],
        conflicts_url=f"{reverse('console:partner-conflicts')}?account={account.pk}",
    )


def tone(row: PartnerRegistration, now: datetime) -> tuple[str, str]:
    """How a registration stands in a word, and its tone."""
    if row.state != State.ACTIVE:
        return row.get_state_display(), ""
    if row.from_at <= now < row.until_at:
        return IN_FORCE, "ok"
    return (_("Run out"), "") if now >= row.until_at else (_("Begins later"), "info")


def last_day(over_at: datetime, zone: tzinfo) -> str:
    """The last day on which something holds that is over at an instant."""
    return f"{(over_at - timedelta(microseconds=1)).astimezone(zone):%d %b %Y}"


def _waiting(account: Account, reader: User) -> QuerySet[PartnerConflict]:
    rows = partner_rights.conflicts_visible_to(reader).filter(state=PartnerConflict.State.OPEN)
    return about(rows, account.pk)


def about(rows: QuerySet[PartnerConflict], account_id: int) -> QuerySet[PartnerConflict]:
    """Those in which an account is the company or one of the two partners."""
    return (
        rows.filter(registration__account=account_id)
        | rows.filter(registration__partner=account_id)
        | rows.filter(claimant=account_id)
    )


def _row(one: PartnerRegistration, is_partner: bool, reader: User, now: datetime) -> Row:  # noqa: FBT001
    other = one.account if is_partner else one.partner
    word, colour = tone(one, now)
    may = one.state == State.ACTIVE and now < one.until_at
    may = may and partner_rights.may_register(reader, one.partner)
    end = last_day(one.over_at, reader.zone)
    line = _("{from_at} to {end}, by {registered_by}").format(
        from_at=f"{one.from_at:%d %b %Y}", end=end, registered_by=one.registered_by
    )
    return Row(
        label=account_list.name(other),
        url=reverse("console:account", args=[other.pk]),
        line=" · ".join(part for part in (line, one.end_reason or one.note) if part),
        state=word,
        tone=colour,
        withdraw_url=reverse("console:partner-withdraw", args=[one.pk]) if may else "",
        extend_url=reverse("console:partner-extend", args=[one.pk]) if may else "",
    )


def _register_url(account: Account, reader: User, *, is_partner: bool) -> str:
    if is_partner:
        may = partner_rights.may_register(reader, account)
    else:
        may = partner_rights.may_review(reader)
    return reverse("console:partner-register", args=[account.pk]) if may else ""
