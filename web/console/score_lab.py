"""The score lab: how leads are spread over scores, what the scores were worth, and what if."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from urllib.parse import urlencode

from django.urls import reverse

from core.errors import DomainError, FieldError, InvalidInput
from core.texts import _, lazy
from governance import selectors as kits
from governance import signing
from governance.kit import Kit
from leads.models import SourceCategory
from leads.stages import Stage
from lifecycle.simulation import supposing
from people.models import User
from reports import intervals, ranking, scored, scores
from reports.periods import Period
from reports.ranking import Discrimination, Group
from reports.scored import Moment, Outcome, Sample
from web.console import band_moves, sla_page, words
from web.console.band_moves import Move
from web.console.drift_chart import Gauge
from web.console.lead_list import Filter, Option

FEW = 20
"""With fewer leads that came to it, or did not, nothing is said of a score."""
CHOICES = (-20.0, -10.0, -5.0, -2.0, -1.0, 1.0, 2.0, 5.0, 10.0, 20.0)
"""Points that are proposed where every rule takes them; any others can be written."""
MORE = 10.0
"""What the form says at first, or the most below it that is proposed."""
OUTCOMES = {
    Outcome.CONVERTED: (lazy("Became an opportunity"), lazy("became an opportunity")),
    Outcome.ACCEPTED: (lazy("Accepted by Sales"), lazy("was accepted")),
    Outcome.WON: (lazy("Won"), lazy("was won")),
}
MOMENTS = {
    Moment.ENTRY: lazy("When it came in"),
    Moment.QUALIFIED: lazy("When it became MQL"),
    Moment.NOW: lazy("Now"),
}
OFF = {1: lazy("More"), 0: "", -1: lazy("Fewer")}
"""Whether more or fewer came to it than their scores led to expect."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for; `rule` and `more` are empty without a question."""

    period: Period
    days: str
    moment: Moment
    outcome: Outcome
    source: str
    rule: str
    more: str


@dataclass(frozen=True, slots=True)
class Tenth:
    """One tenth of the leads."""

    scores: str
    leads: int
    won: int
    rate: str
    range: str
    expected: str
    gauge: Gauge
    lift: str
    captured: str
    word: str


@dataclass(frozen=True, slots=True)
class StageLine:
    """The scores of the leads of one stage: quartiles, and how many are in each band."""

    stage: str
    leads: int
    low: str
    median: str
    high: str
    bands: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The question, and its answer once it was asked; `problem` says why there is none."""

    rules: tuple[Option, ...]
    more: str
    asked: str = ""
    answer: str = ""
    changed: str = ""
    moves: tuple[Move, ...] = ()
    problem: str = ""
    may_draft: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LabPage:
    """The page."""

    filters: tuple[Filter, ...]
    sentence: str
    headline: str
    line: str
    tenths: tuple[Tenth, ...]
    bands: tuple[str, ...]
    stages: tuple[StageLine, ...]
    what_if: WhatIf
    meaning: str
    csv_url: str


def read(query: Mapping[str, str], *, now: datetime, zone: tzinfo) -> Asked:
    """Read the address; a moment, outcome or source that is none is the usual one.

    Raises InvalidInput naming a date that cannot be read.
    """
    span = sla_page.read({"days": "90", **query}, now=now, zone=zone)
    moment, outcome = query.get("by", ""), query.get("outcome", "")
    return Asked(
        period=span.period,
        days=span.days,
        moment=Moment(moment) if moment in set(Moment) else Moment.ENTRY,
        outcome=Outcome(outcome) if outcome in set(Outcome) else Outcome.CONVERTED,
        source=query["source"] if query.get("source") in SourceCategory.values else "",
        rule=query.get("rule", ""),
        more=query.get("more", "").strip(),
    )


def build(reader: User, asked: Asked, *, now: datetime, zone: tzinfo) -> LabPage:
    """The lab of the leads that the reader may see. Raises NoKit before there is a kit."""
    kit = kits.active_kit()
    only = {"source": asked.source} if asked.source else {}
    found = scores.sample(reader, asked.moment, period=asked.period, only=only, now=now)
    cases = found.cases(asked.outcome)
    area, came = ranking.discrimination(cases), sum(hit for _rest, hit in cases)
    groups = ranking.tenths(cases)
    first = asked.period.start.astimezone(zone).date()
    last = (asked.period.end.astimezone(zone) - timedelta(microseconds=1)).date()
    days = {"from": first.isoformat(), "to": last.isoformat()}
    link = urlencode({"by": asked.moment.value, **days, **only})
    return LabPage(
        filters=_filters(asked),
        sentence=_sentence(found, first.strftime("%d %b"), last.strftime("%d %b %Y")),
        headline=_headline(area, asked.outcome, came, len(cases)),
        line=_first_tenth(groups),
        tenths=_tenths(groups),
        bands=tuple(one.label for one in kit.bands),
        stages=_stages(found, kit),
        what_if=_what_if(reader, asked, found, area, kit),
        meaning=scores.DECLARATION.formula,
        csv_url=f"{reverse('console:report-csv', args=[scores.DECLARATION.key])}?{link}",
    )


def _filters(asked: Asked) -> tuple[Filter, ...]:
    days = tuple(Option(key, label, key == asked.days) for key, label in sla_page.DAYS)
    moments = tuple(Option(one.value, name, one is asked.moment) for one, name in MOMENTS.items())
    outcomes = tuple(
        Option(one.value, told, one is asked.outcome) for one, (told, _rest) in OUTCOMES.items()
    )
    sources = tuple(
        Option(key, str(label), key == asked.source) for key, label in SourceCategory.choices
    )
    return (
        Filter("days", _("Came in"), "" if asked.days else _("As dated above"), days),
        Filter("by", _("Score"), "", moments),
        Filter("outcome", _("Outcome"), "", outcomes),
        Filter("source", _("Of"), _("All sources"), sources),
    )


def _sentence(found: Sample, first: str, last: str) -> str:
    looked = words.plural(len(found.scored), "lead")
    if found.leads > len(found.scored):
        looked = _("the newest {scored} of {leads} leads").format(
            scored=words.number(len(found.scored)), leads=words.number(found.leads)
        )
    return _("{first} to {last}: {looked}. Young leads may still come to it.").format(
        first=first, last=last, looked=looked
    )


def _headline(area: Discrimination | None, outcome: Outcome, came: int, leads: int) -> str:
    told = OUTCOMES[outcome][1]
    if area is None or min(came, leads - came) < FEW:
        return _(
            "Too few to say: {came} of {plural} {told}; it takes {FEW} that did and "
            "{FEW} that did not."
        ).format(came=words.number(came), plural=words.plural(leads, "lead"), told=told, FEW=FEW)
    return _(
        "In {value} of 100 pairs the lead that {told} had scored higher than one "
        "that did not (95 %: {value2} to {value3}; chance is 50)."
    ).format(
        value=f"{100 * area.auc:.0f}",
        told=told,
        value2=f"{100 * area.low:.0f}",
        value3=f"{100 * area.high:.0f}",
    )


def _first_tenth(groups: Sequence[Group]) -> str:
    if not groups or groups[0].captured is None:
        return ""
    return _("The highest {plural} hold {value} % of all that came to it.").format(
        plural=words.plural(groups[0].leads, "lead"), value=f"{100 * groups[0].captured:.0f}"
    )


def _tenths(groups: Sequence[Group]) -> tuple[Tenth, ...]:
    rates = [intervals.wilson(one.won, one.leads) or (0.0, 0.0) for one in groups]
    top = max((high for _rest, high in rates), default=0.0) or 1.0
    return tuple(_tenth(one, *bounds, top) for one, bounds in zip(groups, rates, strict=True))


def _tenth(group: Group, low: float, high: float, top: float) -> Tenth:
    scale, rate = 100 / top, group.won / group.leads
    expected = group.expected / group.leads if group.expected is not None else rate
    return Tenth(
        scores=_span(group.least, group.most),
        leads=group.leads,
        won=group.won,
        rate=words.percent(group.won, group.leads),
        range=_("{value} to {value2} %").format(
            value=f"{100 * low:.1f}", value2=f"{100 * high:.1f}"
        ),
        expected=f"{100 * expected:.1f} %",
        gauge=Gauge(
            low * scale,
            max(1.0, (high - low) * scale),
            min(100.0, expected * scale),
            rate * scale,
            group.off != 0,
        ),
        lift=words.DASH if group.lift is None else f"{group.lift:.1f} ×",
        captured=words.DASH if group.captured is None else f"{100 * group.captured:.0f} %",
        word=OFF[group.off],
    )


def _span(least: float, most: float) -> str:
    low, high = words.number(least), words.number(most)
    return low if low == high else _("{low} to {high}").format(low=low, high=high)


def _stages(found: Sample, kit: Kit) -> tuple[StageLine, ...]:
    sorted_by: dict[str, list[float]] = defaultdict(list)
    for one in found.scored:
        sorted_by[one.stage].append(one.points)
    return tuple(
        _stage(one.value, sorted_by[one.value], kit) for one in Stage if one.value in sorted_by
    )


def _stage(stage: str, points: Sequence[float], kit: Kit) -> StageLine:
    ends = statistics.quantiles(points, n=4, method="inclusive") if points[1:] else [*points] * 3
    low, median, high = (words.number(round(one, 1)) for one in ends)
    counts = Counter(kit.band_of(one) for one in points)
    bands = tuple(counts[one.key] for one in kit.bands)
    return StageLine(stage, len(points), low, median, high, bands)


def _what_if(
    reader: User, asked: Asked, found: Sample, area: Discrimination | None, kit: Kit
) -> WhatIf:
    rules = tuple(
        Option(one.key, f"{one.label} ({one.points:+g})", one.key == asked.rule)
        for one in kit.score_rules
        if one.points
    )
    choices = proposed(one.points for one in kit.score_rules if one.points)
    first = next((f"{one:g}" for one in reversed(choices) if one <= MORE), "")
    blank = WhatIf(
        rules, asked.more or first, may_draft=signing.may_write(reader),
        choices=tuple(f"{one:g}" for one in choices),
    )  # fmt: skip
    if not asked.rule:
        return blank
    rule = next((one for one in kit.score_rules if one.key == asked.rule), None)
    if rule is None:
        return replace(blank, problem="The kit in force has no such rule: pick one from the list.")
    try:
        more = points(blank.more)
        supposing.require_points(more, worth=rule.points)
    except DomainError as refusal:
        return replace(blank, problem=refusal.message)
    other = scored.supposed(found, rule.key, more)
    changed = sum(a.points != b.points for a, b in zip(found.scored, other.scored, strict=True))
    return replace(
        blank,
        asked=f"{rule.label}, {more:+g} points",
        answer=_answer(area, ranking.discrimination(other.cases(asked.outcome))),
        changed=f"{words.plural(changed, 'lead')} of {words.number(len(found.scored))} would have "
        "had another score",
        moves=_moves(found, other, kit),
    )


def proposed(worths: Iterable[float]) -> tuple[float, ...]:
    """The choices that every rule takes, of what these are worth: another can be picked beside."""
    rules = tuple(worths)
    return tuple(
        more for more in CHOICES if all(supposing.may_be_added(more, worth=one) for one in rules)
    )


def points(text: str) -> float:
    """So many points more or less. Raises InvalidInput for what is no number."""
    try:
        return float(text)
    except ValueError:
        message = _("“{text}” is no number. Write one such as 5, -10 or 2.5.").format(
            text=text[:12]
        )
        raise InvalidInput(message, errors=[FieldError("more", message)]) from None


def _answer(before: Discrimination | None, after: Discrimination | None) -> str:
    if before is None or after is None:
        return _("Too few leads came to it, or did not, to say whether that ranks them better.")
    told = _("{value} to {value2} of 100 pairs in the right order").format(
        value=f"{100 * before.auc:.1f}", value2=f"{100 * after.auc:.1f}"
    )
    if before.low <= after.auc <= before.high:
        return _("{told}: no more than chance may do with so many leads.").format(told=told)
    return _("{told}: {words} than chance explains.").format(
        told=told, words=_("better") if after.auc > before.auc else _("worse")
    )


def _moves(before: Sample, after: Sample, kit: Kit) -> tuple[Move, ...]:
    pairs = Counter(
        (kit.band_of(a.points), kit.band_of(b.points))
        for a, b in zip(before.scored, after.scored, strict=True)
    )
    changed = ((*pair, count) for pair, count in pairs.most_common() if pair[0] != pair[1])
    return band_moves.told(changed, kit)
