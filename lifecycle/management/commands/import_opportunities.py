"""Opportunities out of a CRM's export. See docs/howto/opportunities.md."""

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
from lifecycle.deal_importing import run, table
from lifecycle.deal_importing.run import Tally
from lifecycle.deal_importing.said import Outcome
from lifecycle.importing import reading, tables
from people.models import User

EXPLAINED = {
    Outcome.CREATED: "new opportunities",
    Outcome.UPDATED: "opportunities that changed",
    Outcome.UNCHANGED: "opportunities that were so already, or that people work here",
    Outcome.REJECTED: "not taken; the report names row and reason",
}
STOPPED_BY_HAND = 130


class Command(BaseCommand):
    """Upserts opportunities by their id in the other system."""

    help = "Import opportunities from CSV or XLSX: stage or end, amount, product, owner, account."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """FILE is a table; who it is done by must be said."""
        parser.add_argument("file", type=Path, help="CSV or XLSX with a line of headings")
        parser.add_argument("--by", required=True, metavar="USER", help="user name, of RevOps")
        parser.add_argument("--mapping", type=Path, help="YAML file; else by the headings")
        parser.add_argument("--system", default="", help="whose ids these are, such as salesforce")
        parser.add_argument(
            "--owner-else", default="", metavar="USER", help="whose those are that nobody here owns"
        )
        parser.add_argument(
            "--make-accounts", action="store_true", help="make companies that are unknown"
        )
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
        path, out = options["file"], options["report"]
        by = User.objects.filter(username=options["by"], is_active=True).first()
        if by is None:
            raise CommandError(f"There is no active user “{options['by']}”.")
        if out is not None and out.exists() and path.exists() and out.samefile(path):
            raise CommandError("The report would overwrite the file; name another one.")
        started = time.monotonic()
        try:
            tally = self._run(path, by, options)
        except DomainError as fault:
            raise CommandError(fault.message) from None
        except DatabaseError as error:
            why = str(error).strip().splitlines()[0]
            raise CommandError(f"The database failed: {why} Run it again to go on.") from None
        except KeyboardInterrupt:
            self.stderr.write("Stopped. What is in stays; run it again to go on.")
            sys.exit(STOPPED_BY_HAND)
        self._tell(tally, time.monotonic() - started, out, dry_run=options["dry_run"])

    def _run(self, path: Path, by: User, options: dict[str, Any]) -> Tally:
        mapping = table.load(options["mapping"]) if options["mapping"] else None
        with tempfile.TemporaryDirectory(prefix="leadgov-import-") as folder:
            rows = tables.open_table(
                path, folder=Path(folder), sheet=options["sheet"], encoding=options["encoding"]
            )
            system = options["system"].strip()
            meanings = table.bind(rows.headings, mapping=mapping, system=system)
            self.stdout.write(f"{rows.name}: {rows.described}\nIds of {meanings.system}")
            for heading, target in meanings.pairs(rows.headings):
                self.stdout.write(f"  {heading} → {target}")
            with tqdm.tqdm(total=rows.rows, unit=" rows", disable=not sys.stderr.isatty()) as bar:
                return run.run(
                    rows, meanings, by=by, owner_else=options["owner_else"],
                    make_accounts=options["make_accounts"], report=options["report"],
                    dry_run=options["dry_run"], progress=bar.update,
                )  # fmt: skip

    def _tell(self, tally: Tally, seconds: float, out: Path | None, *, dry_run: bool) -> None:
        for outcome, told in EXPLAINED.items():
            if number := tally.counts[outcome.value]:
                self.stdout.write(f"{number:>9,} {outcome.value:<9} {told}")
        done = tally.counts.total()
        self.stdout.write(f"{done:>9,} of {tally.total:,} rows in {seconds:.1f} s")
        if tally.remarked:
            self.stdout.write(f"{tally.remarked:>9,} of them with remarks")
        for line in tally.first:
            self.stderr.write(line)
        if out is not None:
            self.stdout.write(f"Every row: {out}")
        if dry_run:
            self.stdout.write("Dry run: nothing was written; ids in the report stand for nothing.")
