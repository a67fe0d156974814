"""Which open clocks a version would move if it were in force: before it is published."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.texts import _
from governance.models import KitStatus, KitVersion
from lifecycle import draft_clocks, permissions
from lifecycle.draft_clocks import Told
from lifecycle.recalculated import Only
from people.models import Role, User
from reports.declaration import Value
from web.console import kit_links, recalculate_page, words
from web.console.kit_answers import SHOWN, Answer
from web.console.lead_list import Filter
from web.console.recalculate_page import Figure, Row

OPEN = (KitStatus.DRAFT, KitStatus.IN_REVIEW, KitStatus.SCHEDULED)


@dataclass(frozen=True, slots=True)
class DraftClocksPage:
    """The page."""

    number: int
    sentence: str
    filters: tuple[Filter, ...]
    figures: tuple[Figure, ...]
    rows: tuple[Row, ...]
    count: int
    more: int
    stays: tuple[Row, ...]
    stays_more: int
    beyond: int
    paused: int
    is_filtered: bool
    csv_url: str


def link(version: KitVersion, reader: User) -> str:
    """Where this reader sees it; empty for who may not, and once the version is no longer open."""
    may = reader.is_superuser or reader.plays(Role.REVOPS, Role.MANAGER)
    return kit_links.url("kit-clocks", version.number) if may and version.status in OPEN else ""


def build(version: KitVersion, reader: User, only: Only, *, now: datetime) -> DraftClocksPage:
    """The clocks this reader may look at. Raises NotAllowed; InvalidInput for a broken draft."""
    reach = permissions.reach(reader)
    told = draft_clocks.look(version, reach=reach, now=now, only=only)
    lines, stays = told.preview.lines, (*told.breached, *told.kept)
    query = recalculate_page.query_of(only)
    return DraftClocksPage(
        number=version.number,
        sentence=_(
            "Publishing moves no clock. If this version were in force, recalculating "
            "would move these, and so it will on the day, unless they end or the version "
            "changes before."
        ),
        filters=recalculate_page.filters_of(told.kit, only, reader, reach),
        figures=_figures(told),
        rows=recalculate_page.rows_of(lines[:SHOWN], Answer()),
        count=len(lines),
        more=max(0, len(lines) - SHOWN),
        stays=recalculate_page.rows_of(stays[:SHOWN], Answer()),
        stays_more=max(0, len(stays) - SHOWN),
        beyond=told.preview.beyond,
        paused=told.paused,
        is_filtered=bool(query),
        csv_url=f"{kit_links.url('kit-clocks-csv', version.number)}?{query}",
    )


def export(
    version: KitVersion, reader: User, only: Only, *, now: datetime
) -> Iterator[Sequence[Value]]:
    """Headings, then every clock that would move, then those that would not."""
    reach = permissions.reach(reader)
    told = draft_clocks.look(version, reach=reach, now=now, only=only, limit=None)
    return recalculate_page.table_of(told.preview)


def _figures(told: Told) -> tuple[Figure, ...]:
    counts = told.preview.counts
    return (
        Figure(
            _("Would move"),
            words.number(len(told.preview.lines)),
            _("{counts} later, {counts2} earlier, {counts3} only warn otherwise").format(
                counts=f"{counts['later']:,}",
                counts2=f"{counts['earlier']:,}",
                counts3=f"{counts['warning']:,}",
            ),
        ),
        Figure(
            _("Overdue at once"),
            words.number(counts["overdue"]),
            _("their new deadline has passed"),
            "late" if counts["overdue"] else "",
        ),
        Figure(
            _("Not owed any more"), words.number(counts["ends"]), _("exempt, or no clock there")
        ),
        Figure(
            _("Breached"), words.number(len(told.breached)), _("late already; that is never cured")
        ),
        Figure(_("Paused"), words.number(told.paused), _("stand still, and are not moved")),
    )
