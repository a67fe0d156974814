"""The score of one lead in full: each rule, what it is for, what became of it, now or back then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo

from core.texts import _, lazy
from leads import score_shown
from leads.models import Lead
from leads.score_told import Told
from web.console import score_words, words
from web.console.scores import CATEGORIES

NO_INSTANT = lazy("Give a date and time, such as 2026-05-04T09:30.")
AHEAD = lazy("That lies in the future; this is the score by now.")


@dataclass(frozen=True, slots=True)
class Line:
    """One behaviour that counts for a rule."""

    label: str
    at: datetime
    points: float


@dataclass(frozen=True, slots=True)
class RuleShown:
    """One rule: what it adds, what its points are, since when it holds, what it counts."""

    label: str
    category: str
    points: float
    means: str
    since: datetime
    lines: tuple[Line, ...]
    capped: float


@dataclass(frozen=True, slots=True)
class ScorePage:
    """Everything the page says; `asked` is the past instant as it was given."""

    lead: int
    name: str
    at: datetime
    asked: str
    problem: str
    is_past: bool
    total: float
    sums: tuple[tuple[str, float], ...]
    band: str
    kit: int | None
    rules: tuple[RuleShown, ...]


def build(lead: Lead, *, asked: str, now: datetime, zone: tzinfo) -> ScorePage:
    """Read and phrase the score at the instant asked for, else by now. Five queries at most."""
    at, problem = _instant(asked, now, zone)
    whole = score_shown.of_lead(lead, now=now, at=at)
    kit = whole.kit
    return ScorePage(
        lead=lead.pk,
        name=lead.person.name,
        at=whole.at,
        asked=asked if problem else whole.at.astimezone(zone).strftime("%Y-%m-%dT%H:%M"),
        problem=problem,
        is_past=at is not None,
        total=whole.sums["total"],
        sums=tuple((label, whole.sums[key.lower()]) for key, label in CATEGORIES.items()),
        band=score_words.band(whole.band, kit) if whole.band else "",
        kit=kit.number if kit is not None else None,
        rules=tuple(_rule(one, whole) for one in whole.told),
    )


def _instant(asked: str, now: datetime, zone: tzinfo) -> tuple[datetime | None, str]:
    """The past instant that was asked for; None for now, with what was wrong if anything was."""
    if not asked.strip():
        return None, ""
    try:
        said = datetime.fromisoformat(asked.strip())
        at = said if said.tzinfo is not None else said.replace(tzinfo=zone)
        at.timestamp()
    except (ValueError, OverflowError):
        return None, NO_INSTANT
    return (at, "") if at <= now else (None, AHEAD)


def _rule(told: Told, whole: score_shown.Whole) -> RuleShown:
    labels = whole.kit.signals if whole.kit is not None else {}
    return RuleShown(
        label=told.rule.label if told.rule else told.part.rule.replace("_", " ").capitalize(),
        category=CATEGORIES[told.part.category],
        points=float(told.points),
        means=_means(told),
        since=told.part.at,
        lines=tuple(
            Line(
                labels[one.seen.kind].label if one.seen.kind in labels else one.seen.kind,
                one.seen.at,
                float(one.points),
            )
            for one in told.evidence
        ),
        capped=float(told.capped),
    )


def _means(told: Told) -> str:
    """“20 points each time, half of them gone every 7 days, at most 60”."""
    part, rule = told.part, told.rule
    points = rule.points if rule is not None else part.value
    one = abs(points) == 1
    said = [
        (_("{points} point") if one else _("{points} points")).format(points=words.number(points))
    ]
    if rule is not None and rule.signal:
        said[0] += ", once" if rule.once else _(" each time")
    if part.half_life_days is not None:
        said.append(
            _("half of them gone every {days}").format(days=words.days(part.half_life_days))
        )
    if part.within_days is not None:
        said.append(_("for {days}").format(days=words.days(part.within_days)))
    if part.cap is not None:
        said.append(_("at most {cap}").format(cap=words.number(abs(part.cap))))
    return ", ".join(said)
