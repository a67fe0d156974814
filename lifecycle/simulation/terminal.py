"""`manage.py kit simulate`: a replay in the terminal, with a bar and a report in words.

A stored draft keeps its report, so that its review can begin; a file's is only printed.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

import tqdm
from django.core.management.base import CommandError

from core import database
from core.errors import DomainError
from governance import documents, findings, kit_yaml, selectors, texts
from governance.kit import KitInvalid
from governance.models import KitVersion, Simulation
from leads.models import SourceCategory
from lifecycle import kit_steps
from lifecycle.simulation import replay, runs, wording
from lifecycle.simulation.report import SIDES
from people.models import User

WIDTH = 28


class RunFailed(DomainError):
    """The run ended without a report; the message says why."""

    code = "simulation_failed"


def declare(verbs: Any) -> None:
    """Add the sub-command."""
    take: argparse.ArgumentParser = verbs.add_parser(
        "simulate", help="what a draft would have done with the leads of the last days"
    )
    take.add_argument("kit", help="number of a draft, whose report is kept, or a YAML file")
    take.add_argument(
        "--days", type=int, default=runs.USUAL_DAYS, help="how many days back (%(default)s)"
    )
    take.add_argument("--json", action="store_true", help="the figures instead of the words")


def simulate(options: dict[str, Any], say: kit_steps.Say) -> None:
    """Replay a draft or a file beside the active kit and tell what would have been otherwise."""
    name, days = options["kit"], options["days"]
    if Path(name).suffix in (".yaml", ".yml") or "/" in name:
        summary = of_file(Path(name), days=days, stream=sys.stderr)
    else:
        summary = of_version(kit_steps.version_of(name), days=days, stream=sys.stderr)
    for line in (as_json(summary),) if options["json"] else lines(summary):
        say(line)


VERBS: Mapping[str, kit_steps.Verb] = {"simulate": simulate}


def of_version(version: KitVersion, *, days: int, stream: TextIO) -> Mapping[str, Any]:
    """Replay a stored draft and keep the report.

    Raises what `runs.prepare` raises, and `RunFailed`.
    """
    simulation = runs.prepare(version, by=None, now=database.now(), days=days)
    with Bar(stream) as bar:
        simulation = runs.run(simulation.pk, progress=bar.show)
    if simulation.state in runs.UNFINISHED:
        raise RunFailed("A worker is at this very run already. See its page, or wait for it.")
    if simulation.state != Simulation.State.DONE:
        raise RunFailed(f"The simulation failed. {simulation.error}")
    summary: Mapping[str, Any] = simulation.summary
    return summary


def of_file(path: Path, *, days: int, stream: TextIO) -> Mapping[str, Any]:
    """Replay a kit in YAML beside the active one. Raises `KitInvalid` when it cannot be executed,
    `CommandError` when it cannot be read.
    """
    runs.require_days(days)
    document = documents.completed(kit_yaml.read(_text(path)))
    found = [one for one in texts.check_document(document) if one.kind != "fixture"]
    if faults := findings.errors_of(found):
        raise KitInvalid(faults)
    draft, base = texts.compiled_document(document), selectors.active_kit()
    until = database.now()
    with Bar(stream) as bar:
        return replay.replay(
            base, draft, since=until - dt.timedelta(days=days), until=until, beat=bar.show
        )


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as fault:
        raise CommandError(f"{path} cannot be read: {fault.strerror}.") from fault
    except UnicodeDecodeError as fault:
        raise CommandError(f"{path} is no text in UTF-8.") from fault


def as_json(summary: Mapping[str, Any]) -> str:
    """The figures for machines."""
    return json.dumps(summary, indent=2, ensure_ascii=False)


def lines(summary: Mapping[str, Any]) -> Iterator[str]:
    """The report for people."""
    yield from wording.sentences(summary)
    if not summary["leads"]:
        return
    old, new = wording.versions(summary)
    yield from _table("MQLs by source", (old, new), _sources(summary))
    yield from _table("Leads by pool", (old, new), _pools(summary))
    yield from _table("Leads given by rep", (old, new), _load(summary))
    yield from _table("Owner changes by level", (old, new), _levels(summary))
    yield from _table("Breaches by obligation", (old, new), _breaches(summary))


def _sources(summary: Mapping[str, Any]) -> list[tuple[str, int, int]]:
    return [
        (SourceCategory(one["key"]).label, one["before"]["mqls"], one["after"]["mqls"])
        for one in summary["sources"]
    ]


def _pools(summary: Mapping[str, Any]) -> list[tuple[str, int, int]]:
    return [(one["key"], one["before"], one["after"]) for one in summary["pools"]]


def _load(summary: Mapping[str, Any]) -> list[tuple[str, int, int]]:
    load = summary["load"]
    users = User.objects.filter(pk__in=[one["user"] for one in load])
    names = {user.pk: str(user) for user in users}
    return [
        (names.get(one["user"], ""), one["before"]["given"], one["after"]["given"])
        for one in load
        if one["before"]["given"] or one["after"]["given"]
    ]


def _levels(summary: Mapping[str, Any]) -> list[tuple[str, int, int]]:
    return [
        (one["label"], *(one[side]["moved"] + one[side]["queued"] for side in SIDES))
        for one in summary.get("levels", ())
    ]


def _breaches(summary: Mapping[str, Any]) -> list[tuple[str, int, int]]:
    return [
        (one["label"], one["before.breached"], one["after.breached"]) for one in summary["clocks"]
    ]


def _table(
    title: str, sides: tuple[str, str], rows: Sequence[tuple[str, int, int]]
) -> Iterator[str]:
    if not rows:
        return
    yield ""
    yield f"{title:<{WIDTH}}  {sides[0]:>9}  {sides[1]:>9}"
    for name, before, after in rows:
        change = f"  {after - before:+,}" if after != before else ""
        yield f"  {name[: WIDTH - 2]:<{WIDTH - 2}}  {before:>9,}  {after:>9,}{change}"


class Bar:
    """Progress: a bar on a terminal, a line every tenth elsewhere."""

    def __init__(self, stream: TextIO) -> None:
        self._stream, self._told, self._done = stream, 0, 0
        self._bar: Any = None

    def __enter__(self) -> Bar:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.close()

    def show(self, done: int, total: int) -> None:
        """So many leads are replayed."""
        if self._bar is None and sys.stderr.isatty():
            self._bar = tqdm.tqdm(total=total, unit=" leads", file=sys.stderr)
        if self._bar is not None:
            self._bar.update(done - self._done)
            self._done = done
            return
        tenth = done * 10 // max(total, 1)
        if tenth > self._told:
            self._told = tenth
            self._stream.write(f"{tenth * 10:>4} %  {done:,} of {total:,} leads\n")
