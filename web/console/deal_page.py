"""One opportunity: where it stands, what it is worth, its leads, its way, and how it came about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from core import reading
from core.texts import _, lazy
from governance.kit import Kit
from leads import deal_stages, selectors
from leads.models import Lead, Opportunity, OpportunityLine, OpportunityStep, SourceCategory
from lifecycle import deal_lines, deal_loop, deal_moving, deal_rights
from people.models import User
from web.console import deal_list, deal_words, words

LEADS, STEPS = 100, 100
DAY_STAGES = {"MQL": "MQL", "SAL": "SAL", "SQL": "SQL", "OPPORTUNITY": lazy("Opportunity")}


@dataclass(frozen=True, slots=True)
class Member:
    """A lead on the opportunity; `hidden` from this reader it has no name here."""

    id: int
    name: str
    stage: str
    owner: str
    hidden: bool


@dataclass(frozen=True, slots=True)
class Told:
    """One step of its way."""

    icon: str
    tone: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Stop:
    """One sales stage on the bar of them all."""

    key: str
    label: str
    line: str
    state: str


@dataclass(frozen=True, slots=True)
class LineTold:
    """One product of it."""

    name: str
    quantity: int
    amount: str


@dataclass(frozen=True, slots=True)
class DealPage:
    """Everything the page of an opportunity shows."""

    head: deal_list.Row
    version: int
    is_open: bool
    facts: tuple[tuple[str, str], ...]
    stops: tuple[Stop, ...]
    since: datetime | None
    late: str
    members: tuple[Member, ...]
    lines: tuple[LineTold, ...]
    lines_told: str
    steps: tuple[Told, ...]
    loop: tuple[tuple[str, str], ...]
    may_act: bool
    may_undo: bool


def load(reader: User, deal_id: int) -> Opportunity | None:
    """The opportunity with what its page needs beside it, if the reader may see it."""
    rows = deal_rights.visible_to(reader).select_related("account", "owner__team", "partner")
    return rows.filter(pk=deal_id).first()


def build(deal: Opportunity, *, reader: User, kit: Kit, now: datetime) -> DealPage:
    """Read and phrase everything about one opportunity, in some ten queries."""
    members = deal.leads.select_related("person", "owner__team").order_by("pk")[:LEADS]
    products = deal.lines.select_related("product").order_by("pk")
    moves = deal.steps.select_related("by", "owner").order_by("-sequence")[:STEPS]
    reading.ask(members, products, moves)
    leads, lines = list(members), list(products)
    open_leads = [one for one in leads if one.stage == "OPPORTUNITY"]
    may_act = deal_rights.may_act(deal, open_leads, reader)
    undo = deal_moving.may_undo(deal, reader, window=kit.general.undo, now=now)
    return DealPage(
        head=deal_list.row(deal, kit=kit, now=now),
        version=deal.version,
        is_open=deal.status == Opportunity.Status.OPEN,
        facts=tuple(one for one in _facts(deal, kit, now) if one[1]),
        stops=tuple(_stops(deal, kit)),
        since=deal.sales_stage_at,
        late=_late(deal, kit, now),
        members=_members(leads, reader),
        lines=tuple(
            LineTold(one.product.name, one.quantity, deal_list.money(one.amount, deal.currency))
            for one in lines
        ),
        lines_told=_lines_told(deal, lines),
        steps=_steps(moves, kit),
        loop=_loop(leads, deal, now),
        may_act=may_act,
        may_undo=may_act and undo is not None,
    )


def _facts(deal: Opportunity, kit: Kit, now: datetime) -> list[tuple[str, str]]:
    of = (
        _(" of {day} {rate_date}").format(
            day=deal.rate_date.day, rate_date=f"{deal.rate_date:%b %Y}"
        )
        if deal.rate_date
        else ""
    )
    rate = f"{deal.rate.normalize():f}{of}" if deal.rate not in (None, 1) else ""
    is_open = deal.status == Opportunity.Status.OPEN
    close = deal.expected_close
    return [
        (_("Amount"), deal_list.money(deal.amount, deal.currency) or _("Not known yet")),
        (_("In the base currency"), deal_list.in_base(deal, now=now)),
        (_("Rate"), rate),
        (_("Expected close"), f"{close.day} {close:%b %Y}" if close is not None else ""),
        (_("Partner"), deal.partner.called if deal.partner is not None else ""),
        (_("Partner’s part"), deal.get_partner_role_display()),
        (_("Outcome"), "" if is_open else deal_words.outcome(deal, kit)),
    ]


def _stops(deal: Opportunity, kit: Kit) -> list[Stop]:
    stages = deal_stages.of_kit(kit)
    keys = [one.key for one in stages]
    here = keys.index(deal.sales_stage) if deal.sales_stage in keys else -1
    return [
        Stop(
            one.key,
            one.label,
            _("{win_percent} % are won").format(win_percent=one.win_percent),
            "here" if place == here else "past" if place < here else "ahead",
        )
        for place, one in enumerate(stages)
    ]


def _late(deal: Opportunity, kit: Kit, now: datetime) -> str:
    """What is behind its time, in a sentence; empty where nothing is."""
    if deal.status != Opportunity.Status.OPEN:
        return ""
    found = deal_stages.find(kit, deal.sales_stage)
    by = found.expected_by(deal.sales_stage_at) if found and deal.sales_stage_at else None
    if deal.expected_close is not None and deal.expected_close < now.date():
        return _("Its expected close has passed: close it, or say another day.")
    if found is not None and by is not None and by < now:
        return _("It was expected to leave “{label}” after {expected_days} days.").format(
            label=found.label, expected_days=found.expected_days
        )
    return ""


def _members(leads: list[Lead], reader: User) -> tuple[Member, ...]:
    seen = set(
        selectors.visible_to(reader)
        .filter(pk__in=[one.pk for one in leads])
        .values_list("pk", flat=True)
    )
    return tuple(
        Member(
            one.pk,
            one.person.name if one.pk in seen else _("A lead you may not see"),
            one.stage,
            str(one.owner) if one.owner is not None else "",
            one.pk not in seen,
        )
        for one in leads
    )


def _lines_told(deal: Opportunity, lines: list[OpportunityLine]) -> str:
    """What the products are worth together, held against the amount."""
    together, apart = deal_lines.total(lines), deal_lines.difference(deal, lines)
    if not lines:
        return ""
    if together is None:
        return _("Not every product has an amount.")
    told = _("Together {money}").format(money=deal_list.money(together, deal.currency))
    if apart is None:
        return _("{told}; the amount of the opportunity is not known yet.").format(told=told)
    if not apart:
        return _("{told}, as the amount says.").format(told=told)
    more = "more" if apart > 0 else "less"
    return _("{told}: {money} {more} than the amount says.").format(
        told=told, money=deal_list.money(abs(apart), deal.currency), more=more
    )


def _steps(rows: Iterable[OpportunityStep], kit: Kit) -> tuple[Told, ...]:
    names = {one.owner_id: str(one.owner) for one in rows}
    return tuple(
        Told(
            deal_words.ICONS[one.kind],
            deal_words.TONES.get(one.kind, ""),
            deal_words.step(one, kit, names),
            one.at,
        )
        for one in rows
    )


def _loop(leads: list[Lead], deal: Opportunity, now: datetime) -> tuple[tuple[str, str], ...]:
    """How it came about: the source, the campaign, who sourced it, who had it at which stage."""
    told = deal_loop.of(leads, until=deal.closed_at or now)
    if not told:
        return ()
    had = {stage: who for stage, who in told["owners"].items() if stage in DAY_STAGES and who}
    users = {*had.values(), told["sourced_by"]} - {None}
    names = {one.pk: str(one) for one in User.objects.filter(pk__in=users)}
    days = words.days(round(told["days"], 1))
    lines = [
        (_("Source"), SourceCategory(told["category"]).label),
        (_("Campaign"), told["campaign"]),
        (
            _("First touchpoint"),
            "{days} {words}".format(
                days=days, words=_("before its end") if deal.closed_at else _("ago")
            ),
        ),
        (_("Sourced by"), names.get(told["sourced_by"], "")),
        *(
            (_("{DAY_STAGES} with").format(DAY_STAGES=DAY_STAGES[stage]), names.get(who, ""))
            for stage, who in had.items()
        ),
    ]
    return tuple(one for one in lines if one[1])


def url_of(deal: Opportunity) -> str:
    """The page of an opportunity."""
    return reverse("console:opportunity", args=[deal.pk])
