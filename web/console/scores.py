"""The score as pages show it: rounded once, its parts explained, what fades soon said."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.texts import _, lazy
from governance.kit import Kit
from leads import scoring
from leads.scoring import Part
from web.console import words

SOON = timedelta(days=7)
CATEGORIES = {"FIT": lazy("Fit"), "ENGAGEMENT": lazy("Engagement"), "INTENT": lazy("Intent")}


@dataclass(frozen=True, slots=True)
class Explained:
    """One part of the score: what it is for, what it is worth now, how it fades."""

    label: str
    points: float
    line: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A lead's score: `total` is the sum of the rounded sums, so what is shown adds up."""

    total: float
    line: str
    parts: tuple[Explained, ...]


def show(parts: Iterable[Part], *, kit: Kit | None, now: datetime) -> Shown:
    """Say what the parts come to at `now`, largest first; parts worth nothing are left out."""
    kept = tuple(parts)
    rounded = scoring.points(kept, now).rounded()
    shared = scoring.shared(kept, now)
    explained = sorted(
        (_explained(part, float(points), kit, now) for part, points in shared),
        key=lambda one: -abs(one.points),
    )
    return Shown(
        rounded["total"],
        _line(rounded, _fading(kept, now)),
        tuple(one for one in explained if one.points),
    )


def _explained(part: Part, points: float, kit: Kit | None, now: datetime) -> Explained:
    rules = {rule.key: rule for rule in kit.score_rules} if kit else {}
    rule = rules.get(part.rule)
    label = rule.label if rule else part.rule.replace("_", " ").capitalize()
    kind = CATEGORIES.get(part.category, part.category.title())
    if part.half_life_days is None:
        fades = _("does not fade")
    elif part.within_days is not None:
        fades = _("half of it gone every {days}").format(days=words.days(part.half_life_days))
    else:
        start = words.number(round(part.value, 1))
        fades = _("{start} at its last change, half of it gone every {days}").format(
            start=start, days=words.days(part.half_life_days)
        )
    capped = part.cap is not None and abs(part.present(now)) >= abs(part.cap)
    limit = _(", at its cap of {cap}").format(cap=f"{abs(part.cap or 0):g}") if capped else ""
    window = (
        _(", counts for {days}").format(days=words.days(part.within_days))
        if part.within_days
        else ""
    )
    return Explained(label, points, f"{kind}, {fades}{window}{limit}")


def _fading(parts: Iterable[Part], now: datetime) -> float:
    return sum(part.present(now) - part.present(now + SOON) for part in parts)


def _line(rounded: dict[str, float], fading: float) -> str:
    shown = [
        told.format(points=words.number(rounded[name]))
        for name, told in (
            ("fit", _("fit {points}")),
            ("engagement", _("engagement {points}")),
            ("intent", _("intent {points}")),
        )
        if rounded[name]
    ]
    if fading >= 1:
        shown.append(_("{fading} of it fades within 7 days").format(fading=f"{fading:.0f}"))
    return " · ".join(shown) or _("no rule has matched yet")
