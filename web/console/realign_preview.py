"""What a realignment would do, before anything is written: counts, people, a list, a file."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from core import phrases
from core.texts import _, lazy
from leads.models import Account, Opportunity
from lifecycle.realigning import charting, planning
from lifecycle.realigning.planning import Preview, Wanted
from lifecycle.realigning.touching import Kind, Touched
from people.models import User
from reports.declaration import Value
from routing.models import Pool, Territory
from routing.realignment import NOBODY, Holder
from web.console import lead_names, people_names, realign_form, realigned_words
from web.console.realigned_words import NOUNS, TERMS, day_of

HEADINGS = (
    lazy("Kind"),
    lazy("Number"),
    lazy("Name"),
    lazy("Company"),
    lazy("Stage"),
    lazy("From"),
    lazy("To"),
    lazy("Goes along"),
    lazy("Why not"),
)
TOGETHER = 1_000
HANDS_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Figure:
    """One number on top."""

    name: str
    value: str
    line: str


@dataclass(frozen=True, slots=True)
class Hand:
    """What goes from one to another."""

    before: str
    after: str
    what: str


@dataclass(frozen=True, slots=True)
class Line:
    """One thing touched."""

    kind: str
    number: int
    place: str
    name: str
    company: str
    stage: str
    before: str
    after: str
    moves: bool
    why: str


@dataclass(frozen=True, slots=True)
class PreviewPage:
    """The page."""

    day: str
    changes: tuple[str, ...]
    figures: tuple[Figure, ...]
    hands: tuple[Hand, ...]
    stays: tuple[str, ...]
    remarks: tuple[str, ...]
    lines: tuple[Line, ...]
    more: int
    hidden: tuple[tuple[str, str], ...]


def build(reader: User, wanted: Wanted, *, now: dt.datetime) -> PreviewPage:
    """The page. Raises what `planning.preview` raises."""
    shown = planning.preview(wanted, by=reader, now=now)
    lines = lines_of(shown.lines)
    return PreviewPage(
        day=day_of(wanted.day),
        changes=changes_in_words(wanted),
        figures=_figures(shown),
        hands=_hands(shown),
        stays=tuple(
            f"{phrases.plural(count, *NOUNS[kind])}: {why}"
            for (kind, why), count in shown.stays.most_common()
        ),
        remarks=shown.remarks,
        lines=lines,
        more=shown.total - len(lines),
        hidden=(
            ("asked", realign_form.hidden(wanted)),
            ("from", wanted.day.isoformat()),
            ("seen", shown.seen),
            *((name, "move" if getattr(wanted.terms, name) else "stay") for name, _rest in TERMS),
        ),
    )


def export(reader: User, wanted: Wanted, *, now: dt.datetime) -> Iterator[Sequence[Value]]:
    """Headings, then everything touched. Raises what `planning.listed` raises."""
    return rows(planning.listed(wanted, by=reader, now=now))


def rows(found: Iterable[Touched]) -> Iterator[Sequence[Value]]:
    """The same of what was found."""
    yield HEADINGS
    touched = iter(found)
    while some := list(islice(touched, TOGETHER)):
        for line in lines_of(some):
            yield (
                line.kind, line.number, line.name, line.company, line.stage, line.before,
                line.after, "yes" if line.moves else "no", line.why,
            )  # fmt: skip


def changes_in_words(wanted: Wanted) -> tuple[str, ...]:
    """What changes, a sentence each. Three queries."""
    changes = wanted.changes
    ids = {one.user for hand in changes.handovers for one in (hand.before, hand.after)}
    names, pools = people_names.of(ids), pool_labels()
    labels = dict(Territory.objects.values_list("key", "label"))
    told = [
        _("{labels}: from {holder} to {holder2}").format(
            labels=labels.get(one.territory, one.territory),
            holder=realigned_words.holder(one.before, names, pools),
            holder2=realigned_words.holder(one.after, names, pools),
        )
        for one in changes.handovers
    ]
    for move in changes.moves:
        before = labels.get(move.before, move.before) if move.before else _("no territory")
        told.append(
            _("{called}: from {before} to {labels}").format(
                called=charting.called(move.spot),
                before=before,
                labels=labels.get(move.after, move.after),
            )
        )
    return tuple(told)


def pool_labels() -> dict[str, str]:
    """What pools are called. One query."""
    return dict(Pool.objects.values_list("key", "label"))


def _figures(shown: Preview) -> tuple[Figure, ...]:
    told = []
    for kind, (_rest, many) in NOUNS.items():
        moving, staying = shown.moving[kind], shown.staying[kind]
        told.append(
            Figure(
                phrases.capital(many),
                f"{moving:,}",
                _("go along, {staying} stay").format(staying=f"{staying:,}"),
            )
        )
    stages: Counter[str] = Counter()
    for (stage, moves), count in shown.stages.items():
        stages[stage] += count if moves else 0
    by_stage = ", ".join(f"{count:,} {stage}" for stage, count in sorted(stages.items()) if count)
    people = {key[1] for key in shown.between} | {key[3] for key in shown.between}
    told.append(
        Figure(_("People"), f"{len(people - {None}):,}", by_stage or _("no lead goes along"))
    )
    return tuple(told)


def _hands(shown: Preview) -> tuple[Hand, ...]:
    counts: dict[tuple[Holder, Holder], Counter[Kind]] = {}
    for (kind, user, queue, to_user, to_pool), count in shown.between.items():
        hand = Holder(user, "" if user else queue), Holder(to_user, to_pool)
        counts.setdefault(hand, Counter())[kind] += count
    names = people_names.of({one.user for hand in counts for one in hand})
    pools = pool_labels()
    found = sorted(counts.items(), key=lambda one: -one[1].total())
    return tuple(
        Hand(
            realigned_words.holder(before, names, pools),
            realigned_words.holder(after, names, pools),
            phrases.listed([
                phrases.plural(kinds[kind], *NOUNS[kind]) for kind in NOUNS if kinds[kind]
            ]),
        )
        for (before, after), kinds in found[:HANDS_SHOWN]
    )  # fmt: skip


def lines_of(found: Sequence[Touched]) -> tuple[Line, ...]:
    """Lines with their names, in five queries at most."""
    numbers = {kind: [one.number for one in found if one.kind == kind] for kind in Kind}
    leads = lead_names.of(numbers[Kind.LEAD])
    accounts = Account.objects.in_bulk(numbers[Kind.ACCOUNT])
    deals = Opportunity.objects.select_related("account").in_bulk(numbers[Kind.OPPORTUNITY])
    names = people_names.of({user for one in found for user in (one.from_user, one.to.user)})
    pools = pool_labels()
    told = []
    for one in found:
        name, company = "", ""
        if one.kind == Kind.LEAD and one.number in leads:
            name, company = leads[one.number].name, leads[one.number].company
        elif one.kind == Kind.ACCOUNT and one.number in accounts:
            account = accounts[one.number]
            name = account.name or account.domain or ""
        elif one.number in deals and one.kind == Kind.OPPORTUNITY:
            deal = deals[one.number]
            name, company = deal.name, (deal.account.name if deal.account else "")
        before = (
            Holder(one.from_user, one.from_queue) if one.from_user else Holder(pool=one.from_queue)
        )
        told.append(
            Line(
                kind=one.kind.label,
                number=one.number,
                place=realigned_words.PLACES.get(one.kind, ""),
                name=name,
                company=company,
                stage=one.stage,
                before=realigned_words.holder(before, names, pools),
                after=realigned_words.holder(one.to, names, pools) if one.to != NOBODY else "",
                moves=one.moves,
                why=one.why,
            )
        )
    return tuple(told)
