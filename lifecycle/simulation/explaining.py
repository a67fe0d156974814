"""Both stories of one lead as plain data, so that a page can show them side by side. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from governance import facts
from governance.kit import Kit
from lifecycle.simulation import explaining_routes
from lifecycle.simulation.comparing import Outcome
from lifecycle.simulation.judging import Judgement


def of_judgement(judgement: Judgement, kit: Kit) -> dict[str, Any]:
    """Criteria with the facts they saw, the score's parts, the rules tried."""
    why = judgement.reasons
    verdict, score = why.verdict, why.score
    labels = {one.key: one.label for one in kit.all_criteria}
    return {
        "kit": kit.number,
        "judged_at": _text(why.judged_at),
        "criteria": [
            {
                "criterion": one.criterion,
                "label": labels[one.criterion],
                "met": one.met,
                "facts": facts.registry.to_document(dict(one.facts)),
            }
            for one in (verdict.judged if verdict else ())
        ],
        "score": score.rounded() if score else None,
        "parts": _parts(judgement, kit),
        "band_label": next((one.label for one in kit.bands if one.key == judgement.band), ""),
        "routes": [explaining_routes.route(match) for match in why.matches],
        "skipped": [{"what": what, "at": at.isoformat()} for what, at in why.skipped],
    }


def of_outcome(outcome: Outcome, picks: Sequence[dict[str, Any]], kit: Kit) -> dict[str, Any]:
    """Where it came to stand, who got it and how they were chosen, the levels, and the clocks."""
    labels = {key: level.label for key, level in kit.escalations.items()}
    return {
        "stage": outcome.stage,
        "qualified_at": _text(outcome.qualified_at),
        "band": outcome.band,
        "pools": list(outcome.pools),
        "owners": list(outcome.owners),
        "picks": list(picks),
        "moves": [one.as_data(labels) for one in outcome.moves],
        "clocks": [
            clock.as_data() for clock in sorted(outcome.clocks, key=lambda one: one.started_at)
        ],
    }


def _parts(judgement: Judgement, kit: Kit) -> list[dict[str, Any]]:
    score, at = judgement.reasons.score, judgement.reasons.scored_at
    if score is None or at is None:
        return []
    labels = {rule.key: rule.label for rule in kit.score_rules}
    worth = ((part, round(part.present(at), 1)) for part in score.parts)
    told = [
        {"label": labels.get(part.rule, part.rule), "points": points}
        for part, points in worth
        if points
    ]
    return sorted(told, key=lambda one: (-abs(float(str(one["points"]))), str(one["label"])))


def _text(at: dt.datetime | None) -> str | None:
    return at.isoformat() if at else None
