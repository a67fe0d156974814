"""Accounts: a list by name and one account with its leads. Only what the reader's leads show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from leads import score_sql, selectors, stages
from leads.models import Account, Lead, Opportunity
from people.models import User
from web.console import places, words

PAGE = 50
LEADS = 100
OPEN_STAGES = [stage.value for stage in stages.Stage if stage not in stages.CLOSED]


@dataclass(frozen=True, slots=True)
class Row:
    """One account of the list."""

    id: int
    name: str
    domain: str
    industry: str
    size: str
    country: str
    status: str
    owner: str
    open_leads: int


@dataclass(frozen=True, slots=True)
class AccountList:
    """One page of accounts."""

    q: str
    rows: tuple[Row, ...]
    next_after: int | None


@dataclass(frozen=True, slots=True)
class Member:
    """One lead at the account."""

    id: int
    name: str
    title: str
    stage: str
    owner: str
    due_at: datetime | None
    score: float


@dataclass(frozen=True, slots=True)
class Deal:
    """One opportunity of the account."""

    name: str
    line: str
    state: str
    tone: str


@dataclass(frozen=True, slots=True)
class AccountPage:
    """One account."""

    head: Row
    members: tuple[Member, ...]
    deals: tuple[Deal, ...]


def listed(reader: User, *, q: str = "", after: int | None = None) -> AccountList:
    """Up to `PAGE` accounts, newest first, whose name or domain begins with `q`."""
    accounts = selectors.accounts_visible_to(reader)
    if q:
        accounts = accounts.filter(Q(name__istartswith=q) | Q(domain__istartswith=q))
    if after is not None:
        accounts = accounts.filter(pk__lt=after)
    found = list(_counted(accounts).order_by("-pk")[: PAGE + 1])
    rows = tuple(map(_row, found[:PAGE]))
    return AccountList(q, rows, rows[-1].id if len(found) > PAGE else None)


def build(reader: User, account_id: int, *, now: datetime) -> AccountPage | None:
    """One account with the leads of it that the reader may see."""
    account = _counted(selectors.accounts_visible_to(reader)).filter(pk=account_id).first()
    if account is None:
        return None
    leads = (
        selectors.visible_to(reader)
        .filter(account=account)
        .select_related("person", "owner")
        .annotate(score=score_sql.score(now))
        .order_by("-created_at", "-pk")[:LEADS]
    )
    deals = Opportunity.objects.filter(account=account).select_related("owner")
    return AccountPage(
        _row(account),
        tuple(map(_member, leads)),
        tuple(map(_deal, deals.order_by("-created_at")[:20])),
    )


def _counted(accounts: QuerySet[Account]) -> QuerySet[Account]:
    still_open = Count("leads", filter=Q(leads__stage__in=OPEN_STAGES))
    return accounts.select_related("owner").annotate(open_leads=still_open)


def _row(account: Account) -> Row:
    return Row(
        id=account.pk,
        name=account.name or account.domain or f"Account {account.pk}",
        domain=account.domain or "",
        industry=account.industry,
        size=words.plural(account.employees, "employee") if account.employees is not None else "",
        country=places.country(account.country),
        status=account.get_status_display(),
        owner=str(account.owner) if account.owner else "",
        open_leads=account.open_leads,  # type: ignore[attr-defined]
    )


def _member(lead: Lead) -> Member:
    return Member(
        lead.pk,
        lead.person.name,
        lead.person.title,
        lead.stage,
        str(lead.owner) if lead.owner else "",
        lead.next_due_at,
        lead.score,  # type: ignore[attr-defined]
    )


def _deal(deal: Opportunity) -> Deal:
    amount = f"{words.number(float(deal.amount))} {deal.currency}" if deal.amount else ""
    line = " · ".join(part for part in (str(deal.owner), amount) if part)
    tone = {"WON": "ok", "LOST": "late"}.get(deal.status, "info")
    return Deal(deal.name, line, deal.get_status_display(), tone)
