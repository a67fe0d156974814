"""What metrics are counted beside their own facts: costs, the open pipeline, quotas, other facts.

Each adds up by the values of a slice. What is not known there (a quota by source) is missing, so
that no number is made of it. Reads only.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, ClassVar

from django.db.models import Count, F, FloatField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Cast, Coalesce

from core import database, steps
from leads import selectors as leads
from leads.models import OpportunityStep
from people.models import User
from reports import costs, measures, people_shown, quotas
from reports.facts import company_days
from reports.facts.cubes import LEADS, OPENED, Cube
from reports.facts.days import Totals
from reports.metrics import adding
from reports.metrics.declaring import PERIODS
from reports.models import CostEntry, DealFact, QuotaEntry
from reports.periods import Period

YEAR = dt.timedelta(days=365)


def spans(period: Period, grain: str) -> Iterator[tuple[str, Period]]:
    """The months or weeks of a period, each by its first day, cut to the period."""
    day = company_days.of(period.start)
    day = day.replace(day=1) if grain == "month" else day - dt.timedelta(days=day.weekday())
    while company_days.begin(day) < period.end:
        if grain == "month":
            after = (day.replace(day=28) + 4 * company_days.DAY).replace(day=1)
        else:
            after = day + 7 * company_days.DAY
        start = max(period.start, company_days.begin(day))
        yield day.isoformat(), Period(start, min(period.end, company_days.begin(after)))
        day = after


class Spent:
    """What was spent, by the cost ledger; only who sees all leads is told.

    By source, channel and campaign it is what the entries name. By anything else the cost of each
    source is shared evenly among its leads of the period. While an entry has no rate the amount is
    not known. `late` and `unvalued` count such entries.
    """

    key = "spent"
    names = ("amount", "late", "unvalued")
    nought = False
    named: Collection[str] = ("source", "channel", "campaign")

    @steps.in_steps
    def asked(
        self, user: User, period: Period, by: str, only: Mapping[str, str],
        *, now: dt.datetime | None = None,
    ) -> steps.Story[Totals | None]:  # fmt: skip
        """What of the entries falls into the period; no line where there is no entry."""
        if not leads.counts_all(user) or {*only} & {*PERIODS}:
            return None
        kept = {name: value for name, value in only.items() if name in self.named}
        rows = costs.within(costs.entries_as_of(), period, company_days.zone()).filter(**kept)
        shares = len(kept) < len(only) or (by not in ("", *PERIODS, *self.named))
        if shares and by in PERIODS:
            return None
        if not shares:
            yield [rows]
            return self._by(rows, period, by)
        every = _counted(user, period, kept, "")
        some = _counted(user, period, only, by)
        yield [rows, every, some]
        return _shared_out(self._by(rows, period, "source"), every, some)

    def _by(self, rows: Iterable[CostEntry], period: Period, by: str) -> Totals:
        if by in PERIODS:
            cut = [(key, self._by(rows, span, "")) for key, span in spans(period, by)]
            return {key: found[""] for key, found in cut if found}
        key = costs.SLICES[by] if by else _nothing
        spent = costs.summed(rows, period, key=key, zone=company_days.zone())
        return {
            one: {
                "late": float(len(told.late)),
                "unvalued": float(len(told.unvalued)),
                **({} if told.unvalued else {"amount": float(told.amount)}),
            }
            for one, told in spent.items()
        }


def _nothing(_entry: CostEntry) -> str:
    return ""


def _counted(user: User, period: Period, only: Mapping[str, str], by: str) -> QuerySet[Any, Any]:
    """How many leads came from each source, by the values of a slice."""
    own = adding.column(LEADS, user, by) if by else measures.EMPTY
    rows = adding.rows_of(LEADS, user, period, only).order_by().annotate(own=own)
    found: QuerySet[Any, Any] = rows.values("category", "own").annotate(n=Count("pk"))
    return found


def _shared_out(
    spent: Totals, every: Iterable[Mapping[str, Any]], some: Iterable[Mapping[str, Any]]
) -> Totals:
    """The cost of each source, shared evenly among its leads."""
    whole = {row["category"]: row["n"] for row in every}
    found: Totals = defaultdict(lambda: {"amount": 0.0, "late": 0.0, "unvalued": 0.0})
    for row in some:
        told = spent.get(row["category"])
        if told is None:
            continue
        own = found[row["own"]]
        own["late"] += told["late"]
        own["unvalued"] += told["unvalued"]
        own["amount"] += told.get("amount", 0.0) * row["n"] / whole[row["category"]]
    for own in found.values():
        if own["unvalued"]:
            del own["amount"]
    return dict(found)


@dataclasses.dataclass(frozen=True)
class Facts:
    """Measures of another cube over the same period; nought where it has no facts."""

    key: str
    cube: Cube
    names: tuple[str, ...]
    nought: ClassVar[bool] = True

    @steps.in_steps
    def asked(
        self, user: User, period: Period, by: str, only: Mapping[str, str],
        *, now: dt.datetime | None = None,
    ) -> steps.Story[Totals | None]:  # fmt: skip
        """Its measures; nothing is known by a slice that its facts do not have."""
        span = self.span(period, now=now)
        if span is None or not _has(self.cube, by, only):
            return None
        counted = adding.sums_asked(self.cube, user, span, by, only)
        yield [counted]
        return _of(self.names, counted.found, by)

    def span(self, period: Period, *, now: dt.datetime | None = None) -> Period | None:
        """Of when the facts are that it counts for a period; None where it counts none."""
        return period


@dataclasses.dataclass(frozen=True)
class Year(Facts):
    """The same over the 365 days that end with the period, or with each month or week of it."""

    @steps.in_steps
    def asked(
        self, user: User, period: Period, by: str, only: Mapping[str, str],
        *, now: dt.datetime | None = None,
    ) -> steps.Story[Totals | None]:  # fmt: skip
        """As `Facts`, of the longer time."""
        if not _has(self.cube, by, only):
            return None
        grain = by if by in PERIODS else ""
        ends = [*spans(period, grain)] if grain else [("", period)]
        asked = [
            adding.sums_asked(self.cube, user, self.span(span), "" if grain else by, only)
            for _, span in ends
        ]
        yield asked
        if not grain:
            return _of(self.names, asked[0].found, by)
        return {
            key: _of(self.names, one.found, "")[""]
            for (key, _), one in zip(ends, asked, strict=True)
        }

    def span(self, period: Period, *, now: dt.datetime | None = None) -> Period:
        """The year up to the end of the period."""
        return Period(period.end - YEAR, period.end)


@dataclasses.dataclass(frozen=True)
class Aged(Facts):
    """The same of facts that are so many days old: the others cannot be judged yet."""

    days: int = 30

    def span(self, period: Period, *, now: dt.datetime | None = None) -> Period | None:
        """The part of the period that is old enough."""
        old = (now or database.now()) - self.days * company_days.DAY
        return Period(period.start, min(period.end, old)) if old > period.start else None


def _has(cube: Cube, by: str, only: Mapping[str, str]) -> bool:
    return all(one in cube.dimensions or one in PERIODS for one in {by, *only} - {""})


def _of(names: Iterable[str], found: Totals, by: str) -> Totals:
    """These measures alone; without a slice there is always a line."""
    told = found if by else {"": found.get("", {})}
    return {key: {name: sums.get(name, 0.0) for name in names} for key, sums in told.items()}


class Pipeline:
    """The opportunities that were open when the period ended, weighted by their sales stage."""

    key = "open"
    names = ("n", "value", "weighted")
    nought = True

    @steps.in_steps
    def asked(
        self, user: User, period: Period, by: str, only: Mapping[str, str],
        *, now: dt.datetime | None = None,
    ) -> steps.Story[Totals | None]:  # fmt: skip
        """How many, what they are worth, and the same weighted by the per cent of their stage."""
        if not _has(OPENED, by, only) or {*only} & {*PERIODS}:
            return None
        if by in PERIODS:
            ends = [*spans(period, by)]
            asked = [self._of(user, span.end, "", only) for _, span in ends]
            yield asked
            return {key: self._told(one)[""] for (key, _), one in zip(ends, asked, strict=True)}
        found = self._of(user, period.end, by, only)
        yield [found]
        told = self._told(found)
        return told if by else {"": told[""]}

    def _told(self, rows: Iterable[Mapping[str, Any]]) -> Totals:
        found: Totals = defaultdict(lambda: dict.fromkeys(self.names, 0.0))
        for row in rows:
            found[row["own"]] = {name: float(row[f"s_{name}"] or 0) for name in self.names}
        return found

    def _of(
        self, user: User, at: dt.datetime, by: str, only: Mapping[str, str]
    ) -> QuerySet[Any, Any]:
        rows: QuerySet[Any] = DealFact.objects.filter(
            Q(closed_at=None) | Q(closed_at__gte=at), opened_at__lt=at
        )
        if not leads.counts_all(user):
            rows = rows.filter(OPENED.seen_by(user))
        for name, value in only.items():
            own = adding.column(OPENED, user, name)
            rows = rows.annotate(**{f"only_{name}": own}).filter(**{f"only_{name}": value})
        own = adding.column(OPENED, user, by) if by else measures.EMPTY
        grouped: QuerySet[Any, Any] = rows.order_by().annotate(own=own).values("own")
        worth = Cast(F("value"), FloatField())
        found: QuerySet[Any, Any] = grouped.annotate(
            s_n=Count("pk"),
            s_value=Sum(worth),
            s_weighted=Sum(worth * Coalesce(_percent(at), 0.0) / 100.0),
        )
        return found


def _percent(at: dt.datetime) -> Any:
    """How likely the kit held a win to be at the sales stage where it stood then."""
    told = OpportunityStep.objects.filter(
        opportunity=OuterRef("pk"), at__lt=at, win_percent__isnull=False
    )
    last = told.order_by("-sequence").values("win_percent")[:1]
    return Cast(Subquery(last), FloatField())


class Quotas:
    """What is to be won: of the company, or of teams and reps where these are told apart."""

    key = "quota"
    names = ("amount",)
    nought = False

    @steps.in_steps
    def asked(
        self, user: User, period: Period, by: str, only: Mapping[str, str],
        *, now: dt.datetime | None = None,
    ) -> steps.Story[Totals | None]:  # fmt: skip
        """The quota of each party; nothing is summed up from reps to teams or the company."""
        first, last = costs.days_of(period, company_days.zone())
        rows = quotas.entries_as_of().filter(costs.touching(first, last))
        party = next(iter(only), by if by in ("rep", "team") else "")
        if {*only} - {"rep", "team"} or by not in ("", "rep", "team", *PERIODS):
            return None
        people = people_shown.told(user)
        yield [rows, people]
        named = {None, user.pk, *(one.pk for one in people)}
        seen = [one for one in rows if people_shown.tells_all(user) or one.rep_id in named]
        mine = [one for one in seen if _party(one)[0] == party]
        kept = [one for one in mine if not only or _party(one)[1] == only[party]]
        if by in PERIODS:
            return {key: told for key, span in spans(period, by) if (told := _amount(kept, span))}
        found: dict[str, list[QuotaEntry]] = defaultdict(list)
        for one in kept:
            found[_party(one)[1] if by else ""].append(one)
        return {key: told for key, own in found.items() if (told := _amount(own, period))}


def _party(entry: QuotaEntry) -> tuple[str, str]:
    """Of which kind a party is, and its key in that slice."""
    if entry.rep_id is not None:
        return "rep", str(entry.rep_id)
    return ("team", str(entry.team_id)) if entry.team_id is not None else ("", "")


def _amount(entries: Iterable[QuotaEntry], period: Period) -> dict[str, float]:
    """The quota of one party; nothing of a party that has none for any day of it."""
    first, last = costs.days_of(period, company_days.zone())
    own = [one for one in entries if one.first_day <= last and one.last_day >= first]
    told = quotas.summed(own, period, zone=company_days.zone())
    return {} if told is None else {"amount": float(told.amount)}
