"""Where the leads of the last weeks came from, and where they stand by now."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.core.cache import cache
from django.db.models import Count
from django.urls import reverse

from core.texts import _
from leads import selectors
from leads.models import SourceCategory
from leads.stages import Stage
from people.models import User
from web.console import words

DAYS = 28
FRESH = 300
"""Seconds for which a page shows what another page has counted."""
CAMPAIGNS = 5
"""So many campaigns of each source are named; the rest are one line."""

Counted = tuple[str, str, str, int]
"""Source, campaign and stage, and how many leads are of them."""

WITH_SALES = frozenset({Stage.SAL, Stage.SQL, Stage.OPPORTUNITY})
OUT = frozenset({Stage.DISQUALIFIED, Stage.LOST})


@dataclass(slots=True)
class Line:
    """The leads of a source or a campaign by where they stand; merged ones are not counted."""

    label: str
    leads: int = 0
    inquiry: int = 0
    waiting: int = 0
    with_sales: int = 0
    won: int = 0
    nurture: int = 0
    out: int = 0

    def add(self, stage: str, count: int) -> None:
        """Count these in."""
        self.leads += count
        name = _COLUMN.get(stage, "inquiry")
        setattr(self, name, getattr(self, name) + count)


_COLUMN = {
    Stage.INQUIRY.value: "inquiry",
    Stage.MQL.value: "waiting",
    Stage.WON.value: "won",
    Stage.NURTURE.value: "nurture",
    **{stage.value: "with_sales" for stage in WITH_SALES},
    **{stage.value: "out" for stage in OUT},
}


@dataclass(frozen=True, slots=True)
class Source:
    """One source with its largest campaigns."""

    total: Line
    campaigns: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Sources:
    """The table; `total` is of all of them."""

    rows: tuple[Source, ...]
    total: Line
    days: int
    when: str
    """How long ago it was counted."""
    report_url: str


def build(reader: User, *, now: datetime) -> Sources:
    """The table as of five minutes ago at most, the largest source first. Two queries at most."""
    at, counted = _lately(reader, now)
    names = dict(SourceCategory.choices)
    total = Line(_("All sources"))
    sources: dict[str, Line] = {}
    campaigns: dict[str, dict[str, Line]] = defaultdict(dict)
    for category, campaign, stage, count in counted:
        label = str(names.get(category, category) or _("Not known"))
        lines = (
            total,
            sources.setdefault(category, Line(label)),
            campaigns[category].setdefault(campaign, Line(campaign or _("No campaign"))),
        )
        for line in lines:
            line.add(stage, count)
    rows = [Source(line, _largest(campaigns[key])) for key, line in sources.items()]
    first = at - timedelta(days=DAYS)
    days = {"by": "campaign", "from": first.date().isoformat(), "to": at.date().isoformat()}
    return Sources(
        tuple(sorted(rows, key=lambda one: (-one.total.leads, one.total.label))),
        total,
        DAYS,
        words.ago(at, now=now),
        f"{reverse('console:report', args=['funnel'])}?{urlencode(days)}",
    )


def _lately(reader: User, now: datetime) -> tuple[datetime, list[Counted]]:
    """When they were counted, and how many there are of each source, campaign and stage.

    Who disputes rejections sees all leads, so that one count serves them all.
    """
    known: tuple[datetime, list[Counted]] | None = cache.get("sources")
    if known is None:
        found = (
            selectors.visible_to(reader)
            .filter(created_at__gte=now - timedelta(days=DAYS))
            .exclude(stage=Stage.MERGED)
            .order_by()
            .values_list("category", "campaign", "stage")
            .annotate(count=Count("pk"))
        )
        known = now, list(found)
        cache.set("sources", known, FRESH)
    return known


def _largest(found: dict[str, Line]) -> tuple[Line, ...]:
    """The largest campaigns; one that would stand alone among those without a name says nothing."""
    named = sorted(found.values(), key=lambda one: (-one.leads, one.label))
    if len(named) == 1 and "" in found:
        return ()
    rest = named[CAMPAIGNS:]
    if not rest:
        return tuple(named)
    others = Line(_("{rest} more campaigns").format(rest=len(rest)))
    for one in rest:
        for column in ("leads", "inquiry", "waiting", "with_sales", "won", "nurture", "out"):
            setattr(others, column, getattr(others, column) + getattr(one, column))
    return (*named[:CAMPAIGNS], others)
