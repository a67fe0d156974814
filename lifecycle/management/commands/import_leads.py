"""Leads out of a table: from a CRM, a spreadsheet, an event. See docs/howto/import-leads.md."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import tqdm
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from core import collector
from core.errors import DomainError
from leads.models import Channel
from lifecycle.importing import (
    guessing,
    mapping,
    proposing,
    reading,
    releasing,
    report,
    run,
    runs,
    tables,
    translating,
    working,
)
from lifecycle.importing.mapping import Meanings
from lifecycle.importing.report import EXPLAINED, Fate, Tally, Verdict
from lifecycle.importing.run import Options
from lifecycle.importing.tables import Table
from lifecycle.importing.translating import Plan
from lifecycle.importing.working import Hold, Stopped, TakenOver

STOPPED_BY_HAND = 130
GUESS = "guess"


class Command(BaseCommand):
    """Imports a file as history, or with --live as if its rows came in now."""

    help = "Import leads from CSV or XLSX; every row is accounted for. Run again to go on."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """FILE is a table; everything else is optional."""
        known = ", ".join(mapping.preset_names())
        parser.add_argument("file", type=Path, help="CSV, TSV or XLSX with a line of headings")
        parser.add_argument(
            "--mapping", help=f"{known}, guess, or a YAML file; else by the headings"
        )
        parser.add_argument(
            "--system", default="", metavar="NAME", help="with --mapping guess: whose ids these are"
        )
        parser.add_argument(
            "--channel",
            type=str.upper,
            choices=Channel.values,
            metavar="CHANNEL",
            help=f"channel of all rows: {', '.join(Channel.values).lower()}",
        )
        parser.add_argument(
            "--owner-else",
            default="",
            metavar="USER",
            help="of a history: who owns what names no owner that is known here",
        )
        parser.add_argument("--sheet", default="", help="of a workbook; else the first with text")
        parser.add_argument(
            "--encoding",
            default="",
            choices=list(reading.ENCODINGS),
            metavar="ENCODING",
            help=f"if it is guessed wrong: {', '.join(reading.ENCODINGS)}",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="decide everything, write nothing"
        )
        parser.add_argument("--report", type=Path, metavar="OUT.csv", help="a line for every row")
        parser.add_argument(
            "--live",
            action="store_true",
            help="rows come in now: clocks start, owners are found and told",
        )
        parser.add_argument(
            "--pace",
            default="",
            metavar="N",
            help="with --live and --pool: hold the rows, release N a day to each rep at work",
        )
        parser.add_argument("--pool", default="", metavar="KEY", help="whose reps set the pace")
        parser.add_argument(
            "--batch-size",
            type=int,
            default=run.USUAL_BATCH,
            metavar="N",
            help=f"rows a transaction, 1 to {run.MOST_IN_BATCH} (%(default)s)",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Refuses with one line that says what to do; exit code 130 when stopped by Ctrl-C."""
        collector.settle(collector.OF_BATCHES)
        live, dry_run = options["live"], options["dry_run"]
        how = Options(live, dry_run, options["batch_size"], held=bool(options["pool"]))
        if not 1 <= how.batch_size <= run.MOST_IN_BATCH:
            raise CommandError(f"--batch-size takes 1 to {run.MOST_IN_BATCH:,}.")
        path, out = options["file"], options["report"]
        if out is not None and out.exists() and path.exists() and out.samefile(path):
            raise CommandError("The report would overwrite the file; name another one.")
        sheet, encoding = options["sheet"], options["encoding"]
        try:
            pace = releasing.read_pace(options["pace"], options["pool"], live=live)
            with tempfile.TemporaryDirectory(prefix="leadgov-import-") as folder:
                table = tables.open_table(path, folder=Path(folder), sheet=sheet, encoding=encoding)
                self.stdout.write(f"{path.name}: {table.described}")
                for note in table.notes:
                    self.stderr.write(f"Note: {note}")
                plan = self._plan(table, options, live=how.live)
                with report.opened(out) as lines:
                    record = runs.begin_here(
                        path, table, plan, live=how.live, dry_run=how.dry_run, sheet=sheet,
                        encoding=encoding, pace=pace,
                    )  # fmt: skip
                    self._run(working.take(record), table, plan, how, lines, out)
        except DomainError as fault:
            raise CommandError(fault.message) from None

    def _plan(self, table: Table, options: dict[str, Any], *, live: bool) -> Plan:
        wanted = options["mapping"]
        if wanted == GUESS:
            meanings = guessing.meanings_of(
                table, system=options["system"], own=proposing.own_names()
            )
        else:
            meanings = mapping.load(wanted) if wanted else self._recognised(table)
        if owner := options["owner_else"]:
            same = {**meanings.constants, mapping.OF_ALL: owner}
            meanings = replace(meanings, constants=same)
        plan = translating.bind(meanings, table, channel=options["channel"], live=live)
        pairs = list(plan.pairs())
        self.stdout.write(f"Mapping {meanings.name}: {meanings.label}, ids of {meanings.system}")
        for heading, target in pairs:
            self.stdout.write(f"  {heading} → {target}")
        mapped = {heading for heading, _ in pairs}
        kept = [table.headings[place] for place in plan.kept]
        rest = sum(heading not in mapped for heading in kept)
        self.stdout.write(f"  other columns, kept as fields: {rest}")
        for doubt in plan.doubts:
            self.stderr.write(f"Note: {doubt}")
        return plan

    def _recognised(self, table: Table) -> Meanings:
        found = mapping.recognise(table.headings)
        if len(found) == 1:
            [(meanings, by)] = found
            self.stdout.write(f"Recognised as {meanings.name} by: {', '.join(by)}")
            return meanings
        known = ", ".join(mapping.preset_names())
        if not found:
            raise CommandError(
                f"No preset knows these headings. Name one with --mapping ({known}), let the "
                "columns be guessed with --mapping guess and look over it with --dry-run, or "
                "write a mapping of your own; docs/howto/import-leads.md shows how."
            )
        names = " and ".join(one.name for one, _ in found)
        raise CommandError(f"These headings fit {names}. Say which with --mapping.")

    def _run(
        self,
        hold: Hold,
        table: Table,
        plan: Plan,
        how: Options,
        lines: report.Report,
        out: Path | None,
    ) -> None:
        tally, started = Tally(table.rows), time.monotonic()
        try:
            with _Progress(table.rows, self.stderr) as bar:
                self._carry(hold, table, plan, how, tally, lines, bar)
        except (KeyboardInterrupt, Stopped, TakenOver) as stopped:
            if isinstance(stopped, KeyboardInterrupt):
                working.stop(hold)
            self._tell(tally, how, time.monotonic() - started, out)
            self.stderr.write(_how_to_go_on(tally, how, "Stopped"))
            sys.exit(STOPPED_BY_HAND)
        except DatabaseError as error:
            why = str(error).strip().splitlines()[0]
            raise CommandError(_how_to_go_on(tally, how, f"The database failed: {why}")) from None
        except DomainError as refusal:
            working.fail(hold, refusal.message)
            raise
        self._tell(tally, how, time.monotonic() - started, out)

    def _carry(
        self,
        hold: Hold,
        table: Table,
        plan: Plan,
        how: Options,
        tally: Tally,
        lines: report.Report,
        bar: _Progress,
    ) -> None:
        def progress(fates: Sequence[Fate]) -> None:
            lines.write(fates)
            for fate in fates:
                tally.add(fate)
            bar.advance(len(fates))

        working.carry(hold, table, plan, how, progress=progress)

    def _tell(self, tally: Tally, how: Options, seconds: float, out: Path | None) -> None:
        for verdict in Verdict:
            if number := tally.counts[verdict]:
                self.stdout.write(f"{number:>9,} {verdict.value:<9} {EXPLAINED[verdict]}")
        speed = tally.done / seconds if seconds else 0
        self.stdout.write(
            f"{tally.done:>9,} of {tally.total:,} rows in {seconds:.1f} s ({speed:,.0f} a second)"
        )
        if tally.remarked:
            self.stdout.write(f"{tally.remarked:>9,} of them with remarks")
        for fate in tally.first_refused:
            self.stderr.write(f"row {fate.row} (line {fate.line}) {fate.verdict}: {fate.told}")
        refused = tally.counts[Verdict.REJECTED] + tally.counts[Verdict.PARKED]
        if refused > len(tally.first_refused) and out is None:
            self.stderr.write(
                f"and {refused - len(tally.first_refused):,} more; see them by --report"
            )
        if out is not None:
            self.stdout.write(f"Every row: {out}")
        if how.dry_run:
            self.stdout.write("Dry run: nothing was written; ids in the report stand for nothing.")


def _how_to_go_on(tally: Tally, how: Options, what: str) -> str:
    if how.dry_run:
        return f"{what} after row {tally.done:,} of {tally.total:,}. Nothing was written."
    return (
        f"{what} after row {tally.done:,} of {tally.total:,}; those are in. "
        "Run the same command again to go on: rows that are in are recognised."
    )


class _Progress:
    """A bar on a terminal, a line every tenth elsewhere."""

    def __init__(self, total: int, stream: Any) -> None:
        self._total, self._stream, self._done, self._told = total, stream, 0, 0
        self._bar = (
            tqdm.tqdm(total=total, unit=" rows", file=sys.stderr) if sys.stderr.isatty() else None
        )

    def __enter__(self) -> _Progress:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def advance(self, rows: int) -> None:
        """So many more are done."""
        self._done += rows
        if self._bar is not None:
            self._bar.update(rows)
            return
        tenth = self._done * 10 // self._total
        if tenth > self._told:
            self._told = tenth
            self._stream.write(f"{tenth * 10:>4} %  {self._done:,} of {self._total:,} rows")

    def close(self) -> None:
        """Leave the bar as it stands."""
        if self._bar is not None:
            self._bar.close()
