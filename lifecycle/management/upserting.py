"""What commands have in common that bring in a table of things with ids of another system."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Protocol

import tqdm
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from core.errors import DomainError
from lifecycle.importing import reading, tables, upserted
from lifecycle.importing.tables import Table
from lifecycle.importing.upserted import Tally

STOPPED_BY_HAND = 130


class Meanings(Protocol):
    """Which column means what, and whose ids they hold."""

    @property
    def system(self) -> str:
        """The other system."""

    def pairs(self, headings: Sequence[str]) -> list[tuple[str, str]]:
        """Heading and meaning, for people."""


class UpsertCommand(BaseCommand):
    """Reads a table, tells which column means what, has it taken, and tells what became of it."""

    explained: ClassVar[Mapping[str, str]]
    """What can become of a row, in words."""
    howto: ClassVar[str]

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """FILE is a table; everything else is optional."""
        parser.add_argument("file", type=Path, help="CSV or XLSX with a line of headings")
        parser.add_argument("--mapping", type=Path, help="YAML file; else by the headings")
        parser.add_argument("--system", default="", help="whose ids these are, such as salesforce")
        parser.add_argument("--sheet", default="", help="of a workbook; else the first with text")
        parser.add_argument(
            "--encoding", default="", choices=["", *reading.ENCODINGS], metavar="NAME",
            help="of a text whose letters are guessed wrong",
        )  # fmt: skip
        parser.add_argument(
            "--dry-run", action="store_true", help="decide everything, write nothing"
        )
        parser.add_argument("--report", type=Path, metavar="OUT.csv", help="a line for every row")

    def bind(self, headings: Sequence[str], mapping: Mapping[str, Any] | None, system: str) -> Any:
        """The Meanings of a table with these headings. Raises BadMapping."""
        raise NotImplementedError

    def take(
        self,
        table: Table,
        meanings: Any,
        progress: Callable[[int], object],
        options: dict[str, Any],
    ) -> Tally:
        """Take the whole table; `progress` is told the number of rows since the last time."""
        raise NotImplementedError

    def handle(self, *_args: Any, **options: Any) -> None:
        """Refuses with one line that says what to do; exit code 130 when stopped by Ctrl-C."""
        path, out = options["file"], options["report"]
        if out is not None and out.exists() and path.exists() and out.samefile(path):
            raise CommandError("The report would overwrite the file; name another one.")
        started = time.monotonic()
        try:
            tally = self._run(path, options)
        except DomainError as fault:
            raise CommandError(fault.message) from None
        except DatabaseError as error:
            why = str(error).strip().splitlines()[0]
            raise CommandError(f"The database failed: {why} Run it again to go on.") from None
        except KeyboardInterrupt:
            self.stderr.write("Stopped. What is in stays; run it again to go on.")
            sys.exit(STOPPED_BY_HAND)
        self._tell(tally, time.monotonic() - started, out, dry_run=options["dry_run"])

    def _run(self, path: Path, options: dict[str, Any]) -> Tally:
        named = options["mapping"]
        mapping = upserted.load(named, howto=self.howto) if named else None
        with tempfile.TemporaryDirectory(prefix="leadgov-import-") as folder:
            table = tables.open_table(
                path, folder=Path(folder), sheet=options["sheet"], encoding=options["encoding"]
            )
            meanings = self.bind(table.headings, mapping, options["system"].strip())
            self._introduce(table, meanings)
            with tqdm.tqdm(total=table.rows, unit=" rows", disable=not sys.stderr.isatty()) as bar:
                return self.take(table, meanings, bar.update, options)

    def _introduce(self, table: Table, meanings: Meanings) -> None:
        self.stdout.write(f"{table.name}: {table.described}")
        self.stdout.write(f"Ids of {meanings.system}")
        for heading, target in meanings.pairs(table.headings):
            self.stdout.write(f"  {heading} → {target}")

    def _tell(self, tally: Tally, seconds: float, out: Path | None, *, dry_run: bool) -> None:
        for outcome, told in self.explained.items():
            if number := tally.counts[outcome]:
                self.stdout.write(f"{number:>9,} {outcome:<9} {told}")
        done = tally.counts.total()
        speed = done / seconds if seconds else 0
        self.stdout.write(
            f"{done:>9,} of {tally.total:,} rows in {seconds:.1f} s ({speed:,.0f} a second)"
        )
        if tally.remarked:
            self.stdout.write(f"{tally.remarked:>9,} of them with remarks")
        for fate in tally.first:
            self.stderr.write(f"row {fate.row} (line {fate.line}): {' '.join(fate.remarks)}")
        if out is not None:
            self.stdout.write(f"Every row: {out}")
        if dry_run:
            self.stdout.write("Dry run: nothing was written; ids in the report stand for nothing.")
