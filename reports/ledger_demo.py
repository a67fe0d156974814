"""What the demo company spends, and what it is to sell; some of it said late, or put right."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from lifecycle.demo.agenda import Deed
from people.models import Team, User
from reports import cost_acts, costs, quota_acts, quotas, spreading
from reports.cost_acts import Said

MONTHLY = (
    # source, channel, campaign, label, amount, currency, who enters it
    ("PAID", "FORM", "", "Search ads", 9_400, "EUR", "nina"),
    ("PAID", "SOCIAL", "", "Social ads", 6_200, "USD", "nina"),
    ("ORGANIC", "", "", "SEO agency", 2_400, "EUR", "nina"),
    ("CONTENT_SYNDICATION", "", "", "Trade press", 3_100, "GBP", "nina"),
    ("PARTNER", "PARTNER", "", "Partner desk", 1_900, "EUR", "fiona"),
    ("OUTBOUND", "OUTBOUND", "", "Dialler and data", 2_700, "EUR", "fiona"),
    ("REFERRAL", "", "", "Vouchers", 450, "EUR", "fiona"),
)
SWING = (0, 6, -4, 9, 3)
"""By how many percent a month costs more than usual."""
FAIR = ("EVENT", "EVENT", "Office Expo", "Stand and travel", 18_600)
QUOTAS = (
    # whose, amount of a quarter, opportunities
    ("", 720_000, 60),
    ("DACH", 260_000, 22),
    ("UK & Nordics", 220_000, 18),
    ("Americas", 240_000, 20),
    ("david", 260_000, 22),
    ("harry", 220_000, 18),
    ("leo", 240_000, 20),
)
HOUR = dt.timedelta(hours=1)


def planned(*, since: dt.datetime, now: dt.datetime) -> Iterator[tuple[dt.datetime, Deed]]:
    """Costs on the third of the month that follows, quotas before their quarter."""
    months = spreading.months(since.date(), now.date())
    for place, month in enumerate(months[:-1]):
        over = dt.datetime.combine(spreading.last_of_month(month), dt.time(9), dt.UTC)
        entered = over + dt.timedelta(days=3)
        is_last = place == len(months) - 2
        yield entered, functools.partial(_month, month, place, without_press=is_last)
        if place == len(months) - 3:
            yield over + dt.timedelta(days=16), functools.partial(_invoice, month)
    yield since + 5 * HOUR, functools.partial(_fair, months[0])
    yield since + 6 * HOUR, functools.partial(_fair_twice, months[0])
    for first in sorted({_quarter(month) for month in months}):
        begins = dt.datetime.combine(first, dt.time(8), dt.UTC) - dt.timedelta(days=6)
        yield max(begins, since + 4 * HOUR), functools.partial(_set_quotas, first)
    yield now - dt.timedelta(days=17), _lower_quota


def _month(month: dt.date, place: int, at: dt.datetime, *, without_press: bool) -> None:
    """What a month cost; of the last one the trade press has sent no invoice yet."""
    last = spreading.last_of_month(month)
    for source, channel, campaign, label, amount, currency, who in MONTHLY:
        if without_press and source == "CONTENT_SYNDICATION":
            continue
        swing = SWING[(place + len(label)) % len(SWING)]
        said = Said(
            first_day=month, last_day=last, source=source, channel=channel, campaign=campaign,
            label=label, amount=Decimal(amount) * (100 + swing) / 100, currency=currency,
        )  # fmt: skip
        cost_acts.enter(said, by=User.objects.get(username=who), now=at)


def _invoice(month: dt.date, at: dt.datetime) -> None:
    """The agency's last invoice is higher than what was told."""
    found = costs.entries_as_of().filter(label="Search ads", first_day=month).first()
    if found is not None:
        more = replace(cost_acts.said_by(found), amount=found.amount + 1_200)
        fiona = User.objects.get(username="fiona")
        why = "The agency's final invoice came: two campaigns were missing."
        cost_acts.correct(found.number, more, reason=why, by=fiona, now=at)


def _fair(first: dt.date, at: dt.datetime) -> None:
    """A fair that is paid over a quarter."""
    source, channel, campaign, label, amount = FAIR
    last = spreading.last_of_month(spreading.months(first, first + dt.timedelta(days=70))[2])
    said = Said(
        first_day=first, last_day=last, source=source, channel=channel, campaign=campaign,
        label=label, amount=Decimal(amount), currency="EUR", note="Paid in three parts.",
    )  # fmt: skip
    cost_acts.enter(said, by=User.objects.get(username="nina"), now=at)


def _fair_twice(first: dt.date, at: dt.datetime) -> None:
    """Its catering is entered once more, and that is taken out again."""
    source, channel, campaign, _label, _amount = FAIR
    nina, fiona = User.objects.get(username="nina"), User.objects.get(username="fiona")
    said = Said(
        first_day=first, last_day=spreading.last_of_month(first), source=source, channel=channel,
        campaign=campaign, label="Catering", amount=Decimal(2_150), currency="EUR",
    )  # fmt: skip
    entry = cost_acts.enter(said, by=nina, now=at)
    why = "It is in the total of the stand already."
    cost_acts.withdraw(entry.number, reason=why, by=fiona, now=at + HOUR)


def _set_quotas(first: dt.date, at: dt.datetime) -> None:
    """What the quarter is to bring."""
    last = spreading.last_of_month(first + dt.timedelta(days=62))
    rita = User.objects.get(username="rita")
    for whose, amount, deals in QUOTAS:
        party = quotas.party_named(whose)
        said = quota_acts.Said(
            first_day=first, last_day=last, amount=Decimal(amount), deals=deals,
            rep=party if isinstance(party, User) else None,
            team=party if isinstance(party, Team) else None,
        )  # fmt: skip
        quota_acts.enter(said, by=rita, now=at)


def _lower_quota(at: dt.datetime) -> None:
    """One quota is lowered in the middle of its quarter."""
    harry = User.objects.get(username="harry")
    found = quotas.entries_as_of().filter(rep=harry, last_day__gte=at.date()).first()
    if found is not None:
        less = replace(quota_acts.said_by(found), amount=found.amount - 20_000)
        why = "Two weeks away this quarter; his accounts are looked after by Grace."
        oliver = User.objects.get(username="oliver")
        quota_acts.correct(found.number, less, reason=why, by=oliver, now=at)


def _quarter(month: dt.date) -> dt.date:
    """The first day of the quarter a month lies in."""
    return dt.date(month.year, month.month - (month.month - 1) % 3, 1)
