"""Which leads the criteria in force would move, and moving them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import islice
from urllib.parse import urlencode

from django.urls import reverse

from core import errors, steps
from core.errors import FieldError
from core.texts import _, lazy
from governance import selectors as kits
from governance.kit import Kit
from leads.models import Channel, SourceCategory
from leads.stages import Stage
from lifecycle import permissions, requalifying
from lifecycle.models import KitApplication
from lifecycle.requalifying import Line, Only, Preview
from people.models import User
from reports.declaration import Value
from web.console import kit_answers, lead_names, proof, queues, words
from web.console.kit_answers import SHOWN, Answer, Ask, Past
from web.console.lead_list import Filter, Option
from web.console.lead_names import LeadName
from web.console.proof import Check

HEADINGS = (
    lazy("Lead"),
    lazy("Name"),
    lazy("Company"),
    lazy("Stage"),
    lazy("Source"),
    lazy("Channel"),
    lazy("Would become"),
    lazy("Goes to"),
    lazy("Why"),
)
STAGES = ((Stage.INQUIRY.value, lazy("Inquiry")), (Stage.NURTURE.value, lazy("Nurture")),
          (Stage.MQL.value, lazy("MQL without owner")))  # fmt: skip
CHOICES: Mapping[str, tuple[str, str, Sequence[tuple[str, str]]]] = {
    "stage": (lazy("Stage"), lazy("Any stage"), STAGES),
    "source": (lazy("Source"), lazy("Any source"), SourceCategory.choices),
    "channel": (lazy("Channel"), lazy("Any channel"), Channel.choices),
}
TOGETHER = 1_000


@dataclass(frozen=True, slots=True)
class Source:
    """What would change for one source."""

    label: str
    gains: int
    losses: int


@dataclass(frozen=True, slots=True)
class Row:
    """One lead."""

    lead: int
    name: str
    company: str
    stage: str
    source: str
    channel: str
    goes: str
    checks: tuple[Check, ...]
    movable: bool
    ticked: bool


@dataclass(frozen=True, slots=True)
class RequalifyPage:
    """The page."""

    kit: int
    sentence: str
    looked: str
    filters: tuple[Filter, ...]
    sources: tuple[Source, ...]
    gains: tuple[Row, ...]
    gains_count: int
    gains_more: int
    losses: tuple[Row, ...]
    losses_count: int
    losses_more: int
    is_filtered: bool
    csv_url: str
    ask: Ask
    past: tuple[Past, ...]


def read(query: Mapping[str, str]) -> Only:
    """The filters of the address. Raises InvalidInput for one that means nothing."""
    given = {name: query.get(name, "") for name in CHOICES}
    for name, (label, _rest, choices) in CHOICES.items():
        if given[name] and given[name] not in dict(choices):
            message = _("{label}: there is no “{given}”; pick one from the list.").format(
                label=label, given=given[name][:40]
            )
            raise errors.InvalidInput(message, errors=[FieldError(name, message)])
    return Only(given["source"], given["channel"], given["stage"])


def confirm(reader: User, only: Only, answer: Answer) -> KitApplication:
    """Do what was confirmed. Raises what `requalifying.apply` raises."""
    return requalifying.apply(
        answer.chosen, by=reader, reason=answer.reason, seen=answer.seen, only=only,
        recycle=answer.recycle,
    )  # fmt: skip


def build(
    reader: User, only: Only, answer: Answer, *, now: datetime, zone: tzinfo
) -> RequalifyPage:
    """The preview as this reader may see it. Raises NotAllowed for who may not look."""
    reach = permissions.reach(reader)
    active, labels = kits.in_force(), queues.pairs()
    steps.ask(active, labels)
    kit, pools = active.found, dict(labels)
    shown = requalifying.preview(kit, reach=reach, now=now, only=only)
    address, query = reverse("console:kit-requalify"), _query(only)
    act = KitApplication.Act.REQUALIFY.value
    gains, losses = shown.gains[:SHOWN], shown.losses[:SHOWN]
    names = lead_names.of(line.lead for line in (*gains, *losses))
    return RequalifyPage(
        kit=kit.number,
        sentence=(
            _(
                "Leads that are in the system already stay where they are when a kit "
                "comes into force. These are the ones that the criteria of kit v{number} "
                "would move; they move only if you say so here. Nothing is taken from an "
                "owner."
            ).format(number=kit.number)
        ),
        looked=_looked(shown),
        filters=_filters(only),
        sources=tuple(
            Source(_source(key), gained, lost) for key, (gained, lost) in shown.by_source().items()
        ),
        gains=_rows(gains, kit, answer.ticked, names, pools),
        gains_count=len(shown.gains),
        gains_more=max(0, len(shown.gains) - SHOWN),
        losses=_rows(losses, kit, answer.recycle, names, pools),
        losses_count=len(shown.losses),
        losses_more=max(0, len(shown.losses) - SHOWN),
        is_filtered=bool(query),
        csv_url=f"{reverse('console:kit-requalify-csv')}?{query}",
        ask=Ask(
            title=_("Move them"),
            all_words=_("Qualify all listed: {plural}").format(
                plural=words.plural(len(shown.gains), "lead")
            ),
            submit=_("Re-qualify"),
            action=f"{address}?{query}" if query else address,
            seen=shown.seen,
            answer=answer,
        ),
        past=kit_answers.latest(act, reader, reach, now=now, zone=zone),
    )


def export(reader: User, only: Only, *, now: datetime) -> Iterator[Sequence[Value]]:
    """Headings, then every lead that would become an MQL, then those that would be none.

    Raises NotAllowed for who may not look.
    """
    reach = permissions.reach(reader)
    return _lines(requalifying.preview(kits.active_kit(), reach=reach, now=now, only=only))


def _lines(shown: Preview) -> Iterator[Sequence[Value]]:
    yield HEADINGS
    lines, pools = iter((*shown.gains, *shown.losses)), queues.labels()
    while some := list(islice(lines, TOGETHER)):
        named = lead_names.of(line.lead for line in some)
        rows = _rows(some, shown.kit, frozenset(), named, pools)
        for line, row in zip(some, rows, strict=True):
            yield (
                row.lead, row.name, row.company, row.stage, row.source, row.channel,
                _becomes(line), row.goes, "; ".join(check.text for check in row.checks),
            )  # fmt: skip


def _becomes(line: Line) -> str:
    if line.verb == requalifying.QUALIFY:
        return Stage.MQL.value
    return (
        _("{value}, if ticked").format(value=Stage.NURTURE.value)
        if line.movable
        else _("stays: asked for a person")
    )


def _rows(
    lines: Iterable[Line],
    kit: Kit,
    ticked: frozenset[int],
    named: Mapping[int, LeadName],
    pools: Mapping[str, str],
) -> tuple[Row, ...]:
    return tuple(
        Row(
            lead=line.lead,
            name=named[line.lead].name,
            company=named[line.lead].company,
            stage=line.stage,
            source=_source(line.source),
            channel=str(Channel(line.channel).label),
            goes=_("Stays with the owner") if line.held else pools.get(line.pool, line.pool),
            checks=proof.checks([one.as_data() for one in line.judged], kit=kit),
            movable=line.movable,
            ticked=line.lead in ticked,
        )
        for line in lines
    )


def _source(key: str) -> str:
    return str(dict(SourceCategory.choices).get(key, key))


def _looked(shown: Preview) -> str:
    looked = _("{plural} judged one by one").format(plural=words.plural(shown.looked_at, "lead"))
    if not shown.beyond:
        return _("{looked}; all others cannot be moved by these criteria.").format(looked=looked)
    more = words.plural(shown.beyond, "lead")
    return _(
        "{looked}; {more} that may be moved were not looked at. Narrow the filters for them."
    ).format(looked=looked, more=more)


def _filters(only: Only) -> tuple[Filter, ...]:
    return tuple(
        Filter(
            name, label, any_word,
            tuple(Option(key, str(word), key == getattr(only, name)) for key, word in choices),
        )
        for name, (label, any_word, choices) in CHOICES.items()
    )  # fmt: skip


def _query(only: Only) -> str:
    given = {name: getattr(only, name) for name in CHOICES}
    return urlencode({name: value for name, value in given.items() if value})
