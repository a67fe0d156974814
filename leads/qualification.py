"""Is it an MQL? Pure: criteria of the kit over facts, with the evidence for each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from governance import conditions, facts
from governance.kit import Kit
from leads.stages import Stage


@dataclass(frozen=True, slots=True)
class Judged:
    """One criterion, whether it is met, and the facts it looked at."""

    criterion: str
    met: bool
    facts: tuple[tuple[str, Any], ...]

    def as_data(self) -> dict[str, Any]:
        """For events and records; numbers with decimals as text, so that no digit is lost."""
        kept = facts.registry.to_document(dict(self.facts))
        return {"criterion": self.criterion, "met": self.met, "facts": kept}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Qualified if every criterion over facts is met, and there is at least one."""

    qualified: bool
    judged: tuple[Judged, ...]

    @property
    def inside_icp(self) -> bool | None:
        """Whether the criterion named `icp` is met; None if the kit has none."""
        return next((j.met for j in self.judged if j.criterion == "icp"), None)

    def as_data(self) -> list[dict[str, Any]]:
        """For events and records."""
        return [judged.as_data() for judged in self.judged]


def decide(kit: Kit, facts: Mapping[str, object], *, stage: Stage = Stage.MQL) -> Verdict:
    """Judge every fact-based criterion of the stage."""
    judged = tuple(
        Judged(
            criterion.key,
            conditions.holds(criterion.condition, facts),
            tuple(
                sorted((name, facts.get(name)) for name in conditions.facts_of(criterion.condition))
            ),
        )
        for criterion in kit.criteria(stage.value)
        if criterion.condition is not None
    )
    return Verdict(bool(judged) and all(one.met for one in judged), judged)
