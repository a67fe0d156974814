"""Which running clocks the kit in force would have due at another time, and starting them anew."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import islice
from urllib.parse import urlencode

from django.urls import reverse

from core import errors
from core.errors import FieldError
from core.texts import _, lazy
from governance import selectors as kits
from governance.kit import Kit
from lifecycle import permissions, recalculated, recalculating
from lifecycle.models import KitApplication
from lifecycle.permissions import Reach
from lifecycle.recalculated import Line, Only, Preview
from people import holders
from people import teams as people_teams
from people.models import Team, User
from reports.declaration import Value
from web.console import kit_answers, lead_names, people_names, words
from web.console.kit_answers import SHOWN, Answer, Ask, Past
from web.console.lead_list import Filter, Option

HEADINGS = (
    lazy("Lead"),
    lazy("Name"),
    lazy("Company"),
    lazy("Stage"),
    lazy("Owner"),
    lazy("Clock"),
    lazy("Kit"),
    lazy("Due (UTC)"),
    lazy("Due then (UTC)"),
    lazy("Overdue at once"),
    lazy("What becomes of it"),
    lazy("Why"),
)
FATES = {
    "later": lazy("Due later"),
    "earlier": lazy("Due earlier"),
    "warning": lazy("Warns at another time"),
    "ends": lazy("Not owed any more"),
}
STAYS = lazy("Stays")
KEY = re.compile(r"[a-z0-9_.-]{0,40}")
TOGETHER = 1_000


@dataclass(frozen=True, slots=True)
class Figure:
    """One number on top."""

    name: str
    value: str
    line: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One clock."""

    clock: int
    lead: int
    name: str
    company: str
    stage: str
    owner: str
    label: str
    kit: int
    due_at: datetime
    new_due_at: datetime | None
    fate: str
    tone: str
    why: str
    ticked: bool


@dataclass(frozen=True, slots=True)
class RecalculatePage:
    """The page."""

    kit: int
    sentence: str
    filters: tuple[Filter, ...]
    figures: tuple[Figure, ...]
    rows: tuple[Row, ...]
    count: int
    more: int
    stays: tuple[Row, ...]
    stays_more: int
    beyond: int
    is_filtered: bool
    csv_url: str
    ask: Ask
    past: tuple[Past, ...]


def read(query: Mapping[str, str]) -> Only:
    """The filters of the address. Raises InvalidInput for one that means nothing."""
    obligation = query.get("obligation", "")
    if not KEY.fullmatch(obligation):
        raise _unknown("obligation", obligation)
    return Only(obligation, _id(query, "owner"), _id(query, "team"))


def confirm(reader: User, only: Only, answer: Answer) -> KitApplication:
    """Do what was confirmed. Raises what `recalculating.apply` raises."""
    return recalculating.apply(
        answer.chosen, by=reader, reason=answer.reason, seen=answer.seen, only=only
    )


def build(
    reader: User, only: Only, answer: Answer, *, now: datetime, zone: tzinfo
) -> RecalculatePage:
    """The preview as this reader may see it. Raises NotAllowed for who may not look."""
    reach = permissions.reach(reader)
    kit = kits.active_kit()
    shown = recalculating.preview(kit, reach=reach, now=now, only=only)
    address, query = reverse("console:kit-recalculate"), query_of(only)
    act = KitApplication.Act.RECALCULATE.value
    return RecalculatePage(
        kit=kit.number,
        sentence=_sentence(shown),
        filters=filters_of(kit, only, reader, reach),
        figures=_figures(shown),
        rows=rows_of(shown.lines[:SHOWN], answer),
        count=len(shown.lines),
        more=max(0, len(shown.lines) - SHOWN),
        stays=rows_of(shown.stays[:SHOWN], answer),
        stays_more=max(0, len(shown.stays) - SHOWN),
        beyond=shown.beyond,
        is_filtered=bool(query),
        csv_url=f"{reverse('console:kit-recalculate-csv')}?{query}",
        ask=Ask(
            title=_("Start them again"),
            all_words=_("All listed: {plural}").format(
                plural=words.plural(len(shown.lines), "clock")
            ),
            submit=_("Recalculate"),
            action=f"{address}?{query}" if query else address,
            seen=shown.seen,
            answer=answer,
        ),
        past=kit_answers.latest(act, reader, reach, now=now, zone=zone),
    )


def export(reader: User, only: Only, *, now: datetime) -> Iterator[Sequence[Value]]:
    """Headings, then every clock that would change, then those that may not.

    Raises NotAllowed for who may not look.
    """
    reach = permissions.reach(reader)
    return table_of(recalculating.preview(kits.active_kit(), reach=reach, now=now, only=only))


def table_of(shown: Preview) -> Iterator[Sequence[Value]]:
    """Headings, then every clock that would change, then those that may not."""
    yield HEADINGS
    lines = iter((*shown.lines, *shown.stays))
    while some := list(islice(lines, TOGETHER)):
        for line, row in zip(some, rows_of(some, Answer()), strict=True):
            yield (
                row.lead, row.name, row.company, row.stage, row.owner, row.label, row.kit,
                f"{row.due_at:%Y-%m-%d %H:%M}",
                f"{row.new_due_at:%Y-%m-%d %H:%M}" if row.new_due_at else "",
                "yes" if line.overdue_at_once else "no", row.fate, row.why,
            )  # fmt: skip


def rows_of(lines: Iterable[Line], answer: Answer) -> tuple[Row, ...]:
    """Clocks as the page shows them: three queries for all."""
    lines = tuple(lines)
    named = lead_names.of(line.lead for line in lines)
    owners = people_names.of(line.holder for line in lines)
    return tuple(
        Row(
            clock=line.clock,
            lead=line.lead,
            name=named[line.lead].name,
            company=named[line.lead].company,
            stage=line.stage,
            owner=owners.get(line.holder or 0, ""),
            label=line.label,
            kit=line.kit,
            due_at=line.due_at,
            new_due_at=line.new_due_at,
            fate=_fate(line),
            tone=_tone(line),
            why=line.verdict.why,
            ticked=line.clock in answer.ticked,
        )
        for line in lines
    )


def _fate(line: Line) -> str:
    if not line.verdict.changes:
        return STAYS
    return _("Overdue at once") if line.overdue_at_once else FATES[recalculated.way(line)]


def _tone(line: Line) -> str:
    if not line.verdict.changes or line.new_due_at is None:
        return "none"
    if line.overdue_at_once:
        return "late"
    return "warn" if line.new_due_at < line.due_at else "info"


def _sentence(shown: Preview) -> str:
    return _(
        "A running clock keeps the kit that started it. These would be due, or warn, "
        "at another time under kit v{number}; they are started again from the same "
        "start only if you say so here. What is breached stays breached."
    ).format(number=shown.kit.number)


def _figures(shown: Preview) -> tuple[Figure, ...]:
    counts = shown.counts
    stays = words.plural(len(shown.stays), "clock")
    return (
        Figure(_("Due later"), words.number(counts["later"]), _("more time than now")),
        Figure(_("Due earlier"), words.number(counts["earlier"]), _("less time than now")),
        Figure(
            _("Overdue at once"),
            words.number(counts["overdue"]),
            _("breach at their new deadline as soon as you confirm"),
            "late" if counts["overdue"] else "",
        ),
        Figure(
            _("Not owed any more"),
            words.number(counts["ends"]),
            _("exempt, or no clock stands there; {counts} only warn otherwise").format(
                counts=f"{counts['warning']:,}"
            ),
        ),
        Figure(
            _("Stay as they are"),
            words.number(len(shown.stays)),
            _("{stays} that may not change").format(stays=stays),
        ),
    )


def filters_of(kit: Kit, only: Only, reader: User, reach: Reach) -> tuple[Filter, ...]:
    """By obligation, owner and team, within what this reader may look at."""
    obligations = dict.fromkeys(one.obligation for one in kit.policies)
    reps = holders.everybody()
    teams = Team.objects.order_by("name")
    if not reach.everywhere:
        led = people_teams.led_by(reader)
        reps, teams = reps.filter(team__in=led), teams.filter(pk__in=led)
    owners = [(str(one.pk), str(one)) for one in holders.by_name(reps)]
    return (
        _filter("obligation", _("Clock"), _("Any clock"), only.obligation,
                [(key, key.replace("_", " ").capitalize()) for key in obligations]),
        _filter("owner", _("Owner"), _("Anybody"), str(only.owner or ""), owners),
        _filter("team", _("Team"), _("Any team"), str(only.team or ""),
                [(str(one.pk), one.name) for one in teams]),
    )  # fmt: skip


def _filter(
    name: str, label: str, any_word: str, chosen: str, choices: Iterable[tuple[str, str]]
) -> Filter:
    options = tuple(Option(key, word, key == chosen) for key, word in choices)
    return Filter(name, label, any_word, options)


def query_of(only: Only) -> str:
    """The filters as an address has them."""
    given = {"obligation": only.obligation, "owner": only.owner, "team": only.team}
    return urlencode({name: value for name, value in given.items() if value})


def _id(query: Mapping[str, str], name: str) -> int | None:
    text = query.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= kit_answers.MOST_DIGITS):
        raise _unknown(name, text)
    return int(text)


def _unknown(name: str, text: str) -> errors.InvalidInput:
    message = _("There is no {name} “{text}”; pick one from the list.").format(
        name=name, text=text[:40]
    )
    return errors.InvalidInput(message, errors=[FieldError(name, message)])
