"""The list of accounts, newest first: by name, domain or alias, by status, by owner."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from core.texts import _
from leads import selectors, stages
from leads.models import Account, AccountAlias, AccountStatus
from lifecycle import accounts as acts
from people.models import User
from web.console import places, words

PAGE = 50
OPEN_STAGES = [stage.value for stage in stages.Stage if stage not in stages.CLOSED]
NOBODY, MINE = "none", "me"


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
    tone: str
    owner: str
    open_leads: int


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice of a filter."""

    key: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class AccountList:
    """One page of accounts."""

    q: str
    statuses: tuple[Choice, ...]
    owners: tuple[Choice, ...]
    filtered: bool
    rows: tuple[Row, ...]
    next_after: int | None
    conflicts_url: str = ""


TONES = {
    AccountStatus.CUSTOMER: "ok",
    AccountStatus.OPEN_OPPORTUNITY: "info",
    AccountStatus.COMPETITOR: "late",
    AccountStatus.DO_NOT_CONTACT: "late",
}


def listed(
    reader: User, *, q: str = "", status: str = "", owner: str = "", after: int | None = None
) -> AccountList:
    """Up to `PAGE` accounts, newest first, whose name, domain or alias begins with `q`.

    An unknown status or owner filters nothing.
    """
    accounts = selectors.accounts_listed_to(reader)
    if q:
        accounts = accounts.filter(named(q))
    if status in AccountStatus.values:
        accounts = accounts.filter(status=status)
    if owner == MINE:
        accounts = accounts.filter(owner=reader)
    elif owner == NOBODY:
        accounts = accounts.filter(owner__isnull=True)
    if after is not None:
        accounts = accounts.filter(pk__lt=after)
    found = list(counted(accounts).order_by("-pk")[: PAGE + 1])
    rows = tuple(map(row, found[:PAGE]))
    return AccountList(
        q=q,
        statuses=tuple(Choice(key, label, key == status) for key, label in AccountStatus.choices),
        owners=(
            Choice(MINE, _("Mine"), owner == MINE),
            Choice(NOBODY, _("Nobody's"), owner == NOBODY),
        ),
        filtered=bool(q or status or owner),
        rows=rows,
        next_after=rows[-1].id if len(found) > PAGE else None,
        conflicts_url=reverse("console:partner-conflicts") if acts.may_edit(reader) else "",
    )


def named(q: str) -> Q:
    """Accounts whose name, domain or alias begins so."""
    aliases = AccountAlias.objects.filter(shown__istartswith=q).values("account_id")
    return Q(name__istartswith=q) | Q(domain__istartswith=q) | Q(pk__in=aliases)


def counted(accounts: QuerySet[Account]) -> QuerySet[Account]:
    """With the number of leads still open."""
    still_open = Count("leads", filter=Q(leads__stage__in=OPEN_STAGES))
    return accounts.select_related("owner").annotate(open_leads=still_open)


def row(account: Account) -> Row:
    """One account in words; it must come from `counted`."""
    return Row(
        id=account.pk,
        name=name(account),
        domain=account.domain or "",
        industry=account.industry,
        size=words.employees(account.employees),
        country=places.country(account.country),
        status=account.get_status_display(),
        tone=TONES.get(AccountStatus(account.status), ""),
        owner=str(account.owner) if account.owner else "",
        open_leads=account.open_leads,  # type: ignore[attr-defined]
    )


def name(account: Account) -> str:
    """Something to call it by."""
    return account.name or account.domain or _("Account {pk}").format(pk=account.pk)
