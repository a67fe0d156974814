"""Accounts out of a CRM's export. See docs/howto/accounts.md."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import tqdm
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from core.errors import DomainError
from lifecycle.account_importing import headings, run
from lifecycle.account_importing.headings import Meanings
from lifecycle.account_importing.run import Tally
from lifecycle.account_upserts import Outcome
from lifecycle.importing import reading, tables
from lifecycle.importing.tables import Table

EXPLAINED = {
    Outcome.CREATED: "new accounts",
    Outcome.UPDATED: "accounts that changed",
    Outcome.UNCHANGED: "accounts that were so already",
    Outcome.REJECTED: "not taken; the report names row and reason",
}
STOPPED_BY_HAND = 130


class Command(BaseCommand):
    """Upserts accounts by their id in the other system, their domain, or name and country."""

    help = "Import accounts from CSV or XLSX: owner, status, parent; every row is accounted for."

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

    def handle(self, *_args: Any, **options: Any) -> None:
        """Refuses with one line that says what to do; exit code 130 when stopped by Ctrl-C."""
        path, out, dry_run = options["file"], options["report"], options["dry_run"]
        if out is not None and out.exists() and path.exists() and out.samefile(path):
            raise CommandError("The report would overwrite the file; name another one.")
        started = time.monotonic()
        try:
            mapping = headings.load(options["mapping"]) if options["mapping"] else None
            with tempfile.TemporaryDirectory(prefix="leadgov-import-") as folder:
                table = tables.open_table(
                    path, folder=Path(folder), sheet=options["sheet"], encoding=options["encoding"]
                )
                meanings = headings.bind(
                    table.headings, mapping=mapping, system=options["system"].strip()
                )
                self._introduce(table, meanings)
                tally = self._run(table, meanings, out, dry_run=dry_run)
        except DomainError as fault:
            raise CommandError(fault.message) from None
        except DatabaseError as error:
            why = str(error).strip().splitlines()[0]
            raise CommandError(f"The database failed: {why} Run it again to go on.") from None
        except KeyboardInterrupt:
            self.stderr.write("Stopped. What is in stays; run it again to go on.")
            sys.exit(STOPPED_BY_HAND)
        self._tell(tally, time.monotonic() - started, out, dry_run=dry_run)

    def _run(self, table: Table, meanings: Meanings, out: Path | None, *, dry_run: bool) -> Tally:
        with tqdm.tqdm(total=table.rows, unit=" rows", disable=not sys.stderr.isatty()) as bar:
            watch = run.Unwatched(bar.update)
            return run.run(table, meanings, report=out, dry_run=dry_run, watch=watch)

    def _introduce(self, table: Table, meanings: Meanings) -> None:
        self.stdout.write(f"{table.name}: {table.described}")
        self.stdout.write(f"Ids of {meanings.system}")
        for heading, target in meanings.pairs(table.headings):
            self.stdout.write(f"  {heading} → {target}")

    def _tell(self, tally: Tally, seconds: float, out: Path | None, *, dry_run: bool) -> None:
        for outcome, told in EXPLAINED.items():
            if number := tally.counts[outcome.value]:
                self.stdout.write(f"{number:>9,} {outcome.value:<9} {told}")
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
