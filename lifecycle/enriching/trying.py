"""Trying a provider from the administration: one question now, nothing kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from governance import selectors as kits
from leads.models import EnrichmentProvider
from lifecycle.enriching import learning, providers
from lifecycle.enriching.provider import Question
from lifecycle.outbound.failing import Failed


@dataclass(frozen=True, slots=True)
class Tried:
    """What it would fill, by field; what it said beside it that cannot be used; or the error."""

    fills: Mapping[str, Any] = field(default_factory=dict)
    unusable: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""


def ask(row: EnrichmentProvider, question: Question) -> Tried:
    """Ask a provider once, within its own time; writes nothing."""
    if not providers.can_be_asked(row, question):
        return Tried(error="This provider cannot be asked with so little: its URL needs more.")
    try:
        answer = providers.open_one(row).ask(question)
    except Failed as fault:
        return Tried(error=str(fault))
    person, company = learning.values_of(answer, kit=kits.active_kit())
    fills = {f"person.{name}": value for name, value in person.items()}
    fills |= {f"company.{name}": value for name, value in company.items()}
    return Tried(fills, {name: said for name, said in answer.values.items() if name not in fills})
