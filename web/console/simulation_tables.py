"""The tables of a simulation's report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.texts import _
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
    headings = (
        _("Source"),
        _("Leads"),
        _("MQLs {old}").format(old=old),
        _("MQLs {new}").format(new=new),
        _("Change"),
    )
    return Table(_("MQLs by source"), "", headings, tuple(rows))


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
    headings = (_("Source"), *(str(stage) if stage in SHORT else stage.title() for stage in stages))
    line = _("Where leads stand at the end of the window, before → after")
    return Table(_("Stage by source"), line, headings, tuple(rows))


SHORT = (Stage.MQL, Stage.SAL, Stage.SQL)


def _pools(summary: Mapping[str, Any], old: str, new: str) -> Table:
    labels = queues.labels()
    rows = [
        Line(labels.get(one["key"], one["key"]), _both(one["before"], one["after"]))
        for one in summary["pools"]
    ]
    return Table(_("Leads by pool"), "", (_("Pool"), old, new, _("Change")), tuple(rows))


def _levels(summary: Mapping[str, Any]) -> Table:
    rows = [
        Line(one["label"], tuple(_moved(one["before"][fate], one["after"][fate]) for fate in FATES))
        for one in summary["levels"]
    ]
    headings = (_("Level"), _("To somebody else"), _("Into a queue"), _("Nobody could take it"))
    line = _("How often each level of escalation came, before → after")
    return Table(_("Owner changes by level"), line, headings, tuple(rows))


def _load(summary: Mapping[str, Any], old: str, new: str) -> Table:
    names = people_names.of(one["user"] for one in summary["load"])
    rows = [
        Line(
            names.get(one["user"], _("User {one}").format(one=one["user"])),
            (
                *_both(one["before"]["given"], one["after"]["given"]),
                _moved(one["before"]["most"], one["after"]["most"]),
                _moved(one["before"]["held"], one["after"]["held"]),
            ),
        )
        for one in sorted(summary["load"], key=lambda one: -one["after"]["given"])
        if one["before"]["given"] or one["after"]["given"]
    ]
    headings = (
        _("Rep"),
        _("Given {old}").format(old=old),
        _("Given {new}").format(new=new),
        _("Change"),
        _("Most at once"),
        _("Held at the end"),
    )
    line = _("With the pool members of today, on the shifts and leave of that time")
    return Table(_("Load by rep"), line, headings, tuple(rows))


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
        _("Obligation"),
        _("In both"),
        _("Only {old}").format(old=old),
        _("Only {new}").format(new=new),
        _("Due moved"),
        _("Breach caused"),
        _("Breach avoided"),
        _("Breached"),
        _("Not known"),
    )
    line = _("Deadlines held against what people really did; not known where no lead went that way")
    return Table(_("Clocks"), line, headings, tuple(rows))


def _bands(summary: Mapping[str, Any]) -> Table:
    labels = summary["band_labels"]
    rows = [
        Line(
            "{labels} → {labels2}".format(
                labels=labels.get(one["before"], one["before"] or _("No band")),
                labels2=labels.get(one["after"], one["after"] or _("No band")),
            ),
            (f"{one['leads']:,}",),
        )
        for one in summary["bands"]
    ]
    return Table(
        _("Score bands"), _("After the last touchpoint"), ("From → to", _("Leads")), tuple(rows)
    )


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
