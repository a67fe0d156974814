"""The tables of a simulation's report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from leads.models import SourceCategory
from leads.stages import Stage
from lifecycle.simulation import wording
from lifecycle.simulation.report import FATES, SIDES
from web.console import people_names, queues, words


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table; `change` says by how much the last two numbers differ."""

    label: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the report."""

    title: str
    line: str
    headings: tuple[str, ...]
    rows: tuple[Line, ...]


def of(summary: Mapping[str, Any]) -> Iterator[Table]:
    """The tables of a report, in their order."""
    old, new = wording.versions(summary)
    yield _sources(summary, old, new)
    yield _pools(summary, old, new)
    yield _stages(summary)
    yield _load(summary, old, new)
    if summary.get("levels"):
        yield _levels(summary)
    if summary["bands"]:
        yield _bands(summary)
    yield _clocks(summary, old, new)


def _sources(summary: Mapping[str, Any], old: str, new: str) -> Table:
    rows = [
        Line(
            _source(one["key"]),
            (
                f"{sum(one['before']['stages'].values()):,}",
                *_both(one["before"]["mqls"], one["after"]["mqls"]),
            ),
        )
        for one in sorted(
            summary["sources"], key=lambda one: -sum(one["before"]["stages"].values())
        )
    ]
    headings = ("Source", "Leads", f"MQLs {old}", f"MQLs {new}", "Change")
    return Table("MQLs by source", "", headings, tuple(rows))


def _stages(summary: Mapping[str, Any]) -> Table:
    stages = [
        stage
        for stage in Stage
        if any(one[side]["stages"].get(stage) for one in summary["sources"] for side in SIDES)
    ]
    rows = [
        Line(
            _source(one["key"]),
            tuple(
                _moved(one["before"]["stages"].get(stage, 0), one["after"]["stages"].get(stage, 0))
                for stage in stages
            ),
        )
        for one in summary["sources"]
    ]
    headings = ("Source", *(str(stage) if stage in SHORT else stage.title() for stage in stages))
    line = "Where leads stand at the end of the window, before → after"
    return Table("Stage by source", line, headings, tuple(rows))


SHORT = (Stage.MQL, Stage.SAL, Stage.SQL)


def _pools(summary: Mapping[str, Any], old: str, new: str) -> Table:
    labels = queues.labels()
    rows = [
        Line(labels.get(one["key"], one["key"]), _both(one["before"], one["after"]))
        for one in summary["pools"]
    ]
    return Table("Leads by pool", "", ("Pool", old, new, "Change"), tuple(rows))


def _levels(summary: Mapping[str, Any]) -> Table:
    rows = [
        Line(one["label"], tuple(_moved(one["before"][fate], one["after"][fate]) for fate in FATES))
        for one in summary["levels"]
    ]
    headings = ("Level", "To somebody else", "Into a queue", "Nobody could take it")
    line = "How often each level of escalation came, before → after"
    return Table("Owner changes by level", line, headings, tuple(rows))


def _load(summary: Mapping[str, Any], old: str, new: str) -> Table:
    names = people_names.of(one["user"] for one in summary["load"])
    rows = [
        Line(
            names.get(one["user"], f"User {one['user']}"),
            (
                *_both(one["before"]["given"], one["after"]["given"]),
                _moved(one["before"]["most"], one["after"]["most"]),
                _moved(one["before"]["held"], one["after"]["held"]),
            ),
        )
        for one in sorted(summary["load"], key=lambda one: -one["after"]["given"])
        if one["before"]["given"] or one["after"]["given"]
    ]
    headings = ("Rep", f"Given {old}", f"Given {new}", "Change", "Most at once", "Held at the end")
    line = "With the pool members of today, on the shifts and leave of that time"
    return Table("Load by rep", line, headings, tuple(rows))


def _clocks(summary: Mapping[str, Any], old: str, new: str) -> Table:
    rows = [
        Line(
            one["label"],
            (
                f"{one['both']:,}",
                f"{one['only_before']:,}",
                f"{one['only_after']:,}",
                f"{one['moved']:,}",
                f"{one['caused']:,}",
                f"{one['avoided']:,}",
                _moved(one["before.breached"], one["after.breached"]),
                _moved(one["before.not_known"], one["after.not_known"]),
            ),
        )
        for one in summary["clocks"]
    ]
    headings = (
        "Obligation", "In both", f"Only {old}", f"Only {new}", "Due moved", "Breach caused",
        "Breach avoided", "Breached", "Not known",
    )  # fmt: skip
    line = "Deadlines held against what people really did; not known where no lead went that way"
    return Table("Clocks", line, headings, tuple(rows))


def _bands(summary: Mapping[str, Any]) -> Table:
    labels = summary["band_labels"]
    rows = [
        Line(
            f"{labels.get(one['before'], one['before'] or 'No band')} → "
            f"{labels.get(one['after'], one['after'] or 'No band')}",
            (f"{one['leads']:,}",),
        )
        for one in summary["bands"]
    ]
    return Table("Score bands", "After the last touchpoint", ("From → to", "Leads"), tuple(rows))


def _source(key: str) -> str:
    known: Sequence[str] = SourceCategory.values
    return str(SourceCategory(key).label) if key in known else key.title()


def _both(before: int, after: int) -> tuple[str, str, str]:
    change = f"{after - before:+,}".replace("-", words.MINUS) if after != before else words.DASH
    return f"{before:,}", f"{after:,}", change


def _moved(before: int, after: int) -> str:
    if before == after:
        return f"{before:,}" if before else words.DASH
    return f"{before:,} → {after:,}"
