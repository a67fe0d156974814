"""What the tables of a month give to decide: findings that rules propose. Pure.

Each rule looks at one table and says what it found in words that hold without it. People decide;
a proposal is no judgement.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from reports.models import ReviewFinding
from reports.reviews import tables
from reports.reviews.tables import Table

Rule = ReviewFinding.Rule
SLA_TARGET = 0.9
"""Share of obligations that should be met by their deadline."""
ENOUGH = 10
"""Fewer decided than this say nothing."""
UNEVEN_LEADS, UNEVEN_SHARE = 2.0, 0.1
"""A member is far off who got more than so many leads, and this share of their own, too many or
too few."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """One finding to be; `section` and `row_key` lead to the line that shows it."""

    rule: str
    section: str
    row_key: str
    text: str
    evidence: str


def of(snapshot: Mapping[str, Any]) -> tuple[Proposal, ...]:
    """Everything that rules find in what a review saw."""
    return tuple(
        proposal
        for key, rule in RULES
        if (section := tables.section_of(snapshot, key)) is not None
        for proposal in rule(section)
    )


def _sla(section: Table) -> Iterator[Proposal]:
    for row in section["rows"]:
        n, share = row["n"], row["attainment"]
        if n < ENOUGH or share is None or share >= SLA_TARGET:
            continue
        sure = row["attainment_high"] < SLA_TARGET
        yield Proposal(
            Rule.SLA,
            section["key"],
            row["key"],
            f"{row['label']}: {_percent(share)} of {n} were met in time; the target is "
            f"{_percent(SLA_TARGET)}.",
            f"95 % limits {_percent(row['attainment_low'])} to {_percent(row['attainment_high'])}: "
            + ("below the target beyond chance." if sure else "chance may explain it."),
        )


def _rejections(section: Table) -> Iterator[Proposal]:
    """Sources that are rejected more often than all together, beyond what chance explains."""
    usual = (section["totals"] or {}).get("rate")
    for row in section["rows"]:
        decided = row["accepted"] + row["rejected"]
        if usual is None or decided < ENOUGH or row["rate_low"] <= usual:
            continue
        yield Proposal(
            Rule.REJECTIONS,
            section["key"],
            row["key"],
            f"{row['label']}: {_percent(row['rate'])} of {decided} decided MQLs were rejected; "
            f"of all it is {_percent(usual)}.",
            f"95 % limits {_percent(row['rate_low'])} to {_percent(row['rate_high'])}.",
        )


def _drift(section: Table) -> Iterator[Proposal]:
    for row in section["rows"]:
        if not row["acknowledged"]:
            yield Proposal(
                Rule.DRIFT,
                section["key"],
                row["key"],
                f"{row['label']} drifted since {row['kit'].lower()}, and nobody acknowledged it.",
                row["alarm"],
            )


def _fairness(section: Table) -> Iterator[Proposal]:
    for row in section["rows"]:
        apart = max(abs(row["lowest"]), abs(row["highest"]))
        mean = row["turns"] / row["members"] if row["members"] else 0
        if row["turns"] < ENOUGH or apart <= max(UNEVEN_LEADS, UNEVEN_SHARE * mean):
            continue
        yield Proposal(
            Rule.FAIRNESS,
            section["key"],
            row["key"],
            f"Pool {row['label']}: members were up to {apart:.1f} leads from what they were "
            "entitled to.",
            f"{row['turns']} turns among {row['members']} members; differences from "
            f"{row['lowest']:.1f} to {row['highest']:.1f}.".replace("-", "−"),
        )


def _benchmarks(section: Table) -> Iterator[Proposal]:
    for row in section["rows"]:
        if row["verdict"] in ("below", "above") and row["n"] >= ENOUGH:
            limits = f"95 % limits {row['limits']}; " if row["limits"] else ""
            yield Proposal(
                Rule.BENCHMARK,
                section["key"],
                row["key"],
                f"{row['label']}: {row['said']} is {row['verdict']} its benchmark.",
                f"{limits}benchmark {row['benchmark']}; of {row['n']}.",
            )


def _unowned(section: Table) -> Iterator[Proposal]:
    for row in section["rows"]:
        if not row["owners"]:
            yield Proposal(
                Rule.UNOWNED,
                section["key"],
                row["key"],
                f"{row['label']}: nobody has the role that answers for it.",
                f"It is answered for by: {row['owner']}.",
            )


RULES: tuple[tuple[str, Callable[[Table], Iterator[Proposal]]], ...] = (
    ("sla.obligation", _sla),
    ("rejections.source", _rejections),
    ("drift", _drift),
    ("fairness", _fairness),
    ("kpi", _benchmarks),
    ("kpi", _unowned),
)
"""By the key of the section that a rule looks at."""


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
