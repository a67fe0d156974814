"""The list of opportunities: filters read strictly, pages by key, rows for the CSV."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Q, QuerySet
from django.urls import reverse

from core.texts import _, lazy
from governance.kit import Kit
from leads import deal_stages, exchange, selectors
from leads.models import Account, Opportunity
from lifecycle import deal_rights
from people.models import User
from reports.declaration import Value
from web.console import keyset

PAGE, EXPORTED, PARTNERS = 50, 10_000, 200
STATUSES = (("OPEN", lazy("Open")), ("WON", lazy("Won")), ("LOST", lazy("Lost")))
CLOSE = (("overdue", lazy("Overdue")),)
TONES = {"WON": "ok", "LOST": "late"}
HEADINGS = (
    lazy("Opportunity"),
    lazy("Name"),
    lazy("Account"),
    lazy("Owner"),
    lazy("Status"),
    lazy("Stage"),
    lazy("Amount"),
    lazy("Currency"),
    lazy("Amount ({BASE_CURRENCY})").format(BASE_CURRENCY=settings.BASE_CURRENCY),
    lazy("Rate"),
    lazy("Rate of"),
    lazy("Expected close"),
    lazy("Partner"),
    lazy("Partner’s part"),
    lazy("Reason"),
    lazy("Competitor"),
    lazy("Opened (UTC)"),
    lazy("Closed (UTC)"),
)


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter with its entries: key, label, whether it is chosen."""

    name: str
    label: str
    any: str
    options: tuple[tuple[str, str, bool], ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One opportunity of the list."""

    id: int
    name: str
    account: str
    account_id: int | None
    owner: str
    stage: str
    status: str
    tone: str
    amount: str
    base: str
    closes: str
    overdue: bool
    partner: str
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class DealList:
    """One page of the list."""

    rows: tuple[Row, ...]
    filters: tuple[Filter, ...]
    is_filtered: bool
    problems: tuple[str, ...]
    csv_url: str
    first_url: str
    next_url: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for; `problems` name what could not be read."""

    given: dict[str, str]
    after: tuple[datetime, int] | None
    problems: tuple[str, ...]


def read(query: Mapping[str, str]) -> Asked:
    """Read the address. Values that mean nothing are told, never passed over.

    Raises InvalidInput for a page that no link leads to.
    """
    names = ("status", "stage", "owner", "close", "partner")
    given = {name: value for name in names if (value := query.get(name, "").strip())}
    shapes = {"status": "OPEN|WON|LOST", "stage": r"[a-z][a-z0-9_.-]{0,59}",
              "owner": r"me|\d{1,18}", "close": "overdue", "partner": r"\d{1,18}"}  # fmt: skip
    problems = [
        _("{capitalize}: pick one from the list.").format(capitalize=name.capitalize())
        for name, value in given.items()
        if not re.fullmatch(shapes[name], value, re.ASCII)
    ]
    return Asked(given, keyset.read(query.get("after", "")), tuple(problems))


def build(reader: User, asked: Asked, *, kit: Kit | None, now: datetime) -> DealList:
    """One page, newest first. Nothing is shown for an address that could not be read."""
    rows = _beside(chosen(reader, asked, now=now)).order_by("-created_at", "-pk")
    if asked.after is not None:
        at, pk = asked.after
        rows = rows.filter(Q(created_at__lt=at) | Q(created_at=at, pk__lt=pk))
    found = list(rows[: PAGE + 1])
    address, query = reverse("console:opportunities"), urlencode(asked.given)
    last = found[PAGE - 1] if len(found) > PAGE else None
    following = {**asked.given, "after": keyset.write(last.created_at, last.pk)} if last else {}
    return DealList(
        rows=tuple(row(deal, kit=kit, now=now) for deal in found[:PAGE]),
        filters=_filters(reader, asked.given, kit),
        is_filtered=bool(asked.given),
        problems=asked.problems,
        csv_url=f"{reverse('console:opportunities-csv')}?{query}",
        first_url=f"{address}?{query}" if asked.after else "",
        next_url=f"{address}?{urlencode(following)}" if following else "",
    )


def chosen(reader: User, asked: Asked, *, now: datetime) -> QuerySet[Opportunity]:
    """The opportunities the reader may see and asked for."""
    rows = deal_rights.listed_to(reader)
    if asked.problems:
        return rows.none()
    given = asked.given
    if "status" in given:
        rows = rows.filter(status=given["status"])
    if "stage" in given:
        rows = rows.filter(sales_stage=given["stage"])
    if "owner" in given:
        rows = rows.filter(owner_id=reader.pk if given["owner"] == "me" else int(given["owner"]))
    if "partner" in given:
        rows = rows.filter(partner_id=int(given["partner"]))
    if "close" in given:
        rows = rows.filter(selectors.overdue(now.date()))
    return rows


def export(
    reader: User, asked: Asked, *, kit: Kit | None, now: datetime
) -> Iterator[Sequence[Value]]:
    """Headings, then one row per opportunity, newest first, up to `EXPORTED`."""
    yield HEADINGS
    rows = _beside(chosen(reader, asked, now=now)).order_by("-created_at", "-pk")
    for deal in rows[:EXPORTED].iterator(chunk_size=1_000):
        yield (
            deal.pk, deal.name, deal.account.called if deal.account else "", str(deal.owner),
            deal.status, deal_stages.label(kit, deal.sales_stage), _text(deal.amount),
            deal.currency, _text(deal.amount_base), _text(deal.rate), _text(deal.rate_date),
            _text(deal.expected_close), deal.partner.called if deal.partner else "",
            deal.partner_role, deal.reason, deal.competitor, f"{deal.created_at:%Y-%m-%d %H:%M}",
            f"{deal.closed_at:%Y-%m-%d %H:%M}" if deal.closed_at else "",
        )  # fmt: skip


def row(deal: Opportunity, *, kit: Kit | None, now: datetime) -> Row:
    """One opportunity in words; its account, owner and partner should be loaded."""
    is_open = deal.status == Opportunity.Status.OPEN
    closes = deal.expected_close if is_open else deal.closed_at
    return Row(
        id=deal.pk,
        name=deal.name,
        account=deal.account.called if deal.account else "",
        account_id=deal.account_id,
        owner=str(deal.owner),
        stage=deal_stages.label(kit, deal.sales_stage),
        status=deal.get_status_display(),
        tone=TONES.get(deal.status, "info"),
        amount=money(deal.amount, deal.currency),
        base=in_base(deal, now=now),
        closes=f"{closes.day} {closes:%b %Y}" if closes is not None else "",
        overdue=is_open and deal.expected_close is not None and deal.expected_close < now.date(),
        partner=deal.partner.called if deal.partner else "",
        opened_at=deal.created_at,
    )


def money(amount: object, currency: str) -> str:
    """Such as 12,500 EUR; empty where no amount is known."""
    return f"{f'{amount:,.2f}'.removesuffix('.00')} {currency}" if amount is not None else ""


def in_base(deal: Opportunity, *, now: datetime) -> str:
    """What it is worth in the base currency, or why that is not known; empty if it is in it."""
    if deal.amount is None or deal.currency == settings.BASE_CURRENCY:
        return ""
    return exchange.missing(deal, now) or money(deal.amount_base, settings.BASE_CURRENCY)


def _beside(rows: QuerySet[Opportunity]) -> QuerySet[Opportunity]:
    return rows.select_related("account", "owner", "partner")


def _text(value: object) -> str:
    return str(value) if value is not None else ""


def _filters(reader: User, given: Mapping[str, str], kit: Kit | None) -> tuple[Filter, ...]:
    held = User.objects.filter(is_active=True).exclude(role="SERVICE")
    people = held.order_by("first_name", "last_name")
    owners = [("me", _("Me")), *((str(user.pk), str(user)) for user in people)]
    partners = Account.objects.filter(status="PARTNER").order_by("name", "pk")[:PARTNERS]
    stages = [(one.key, one.label) for one in (deal_stages.of_kit(kit) if kit else ())]
    named = [(str(one.pk), one.called) for one in partners]
    return (
        filter_of("status", _("Status"), _("Any status"), STATUSES, given),
        filter_of("stage", _("Stage"), _("Any stage"), stages, given),
        filter_of("owner", _("Owner"), _("Anybody"), owners, given),
        filter_of("close", _("Expected close"), _("Whenever"), CLOSE, given),
        filter_of("partner", _("Partner"), _("Any or none"), named, given),
    )


def filter_of(
    name: str, label: str, anything: str, choices: Iterable[tuple[str, str]],
    given: Mapping[str, str],
) -> Filter:  # fmt: skip
    options = tuple((key, word, key == given.get(name)) for key, word in choices)
    return Filter(name, label, anything, options)
