"""What the two commands have in common that bring in a table of costs or quotas."""

from __future__ import annotations

import argparse
import csv
import tempfile
from pathlib import Path
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError

from core import spreadsheets
from core.errors import DomainError
from lifecycle.importing import reading
from people.models import User
from reports.models.statement import Via
from reports.stated_files import table, taking
from reports.stated_files.plan import Plan, Verdict
from reports.stated_files.table import Kept

FIRST = 10
EXPLAINED = {
    Verdict.NEW: "are new",
    Verdict.RESTATES: "restate an entry",
    Verdict.SAME: "say what is known already",
    Verdict.REFUSED: "are refused; the report holds them to be mended",
}


class ImportStated(BaseCommand):
    """Reads a table, tells what becomes of each row, and writes what can be written."""

    book: ClassVar[str]

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """FILE, and who does it; everything else is optional."""
        parser.add_argument("file", type=Path, help="CSV or XLSX with a line of headings")
        parser.add_argument("--by", required=True, metavar="USER", help="user name of who says so")
        parser.add_argument("--reason", default="", help="why entries are restated")
        parser.add_argument("--sheet", default="", help="of a workbook; else the first with text")
        parser.add_argument(
            "--encoding", default="", choices=["", *reading.ENCODINGS], metavar="NAME",
            help="of a text whose letters are guessed wrong",
        )  # fmt: skip
        parser.add_argument("--dry-run", action="store_true", help="decide, write nothing")
        parser.add_argument(
            "--report", type=Path, metavar="OUT.csv", help="the refused rows, to be mended"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Refuses with one line that says what to do."""
        path, out = options["file"], options["report"]
        if out is not None and out.exists() and path.exists() and out.samefile(path):
            raise CommandError("The report would overwrite the file; name another one.")
        by = User.objects.filter(username=options["by"], is_active=True).first()
        if by is None:
            raise CommandError(f"There is no active user “{options['by']}”.")
        try:
            taking.require_may(self.book, by)
            with tempfile.TemporaryDirectory(prefix="leadgov-import-") as folder:
                kept = table.read(
                    path, name=path.name, folder=Path(folder), sheet=options["sheet"],
                    encoding=options["encoding"],
                )  # fmt: skip
            plan = self._take(kept, by, options)
        except DomainError as fault:
            raise CommandError(fault.message) from None
        self._tell(plan, dry_run=options["dry_run"])
        if out is not None:
            self._report(out, kept, plan)

    def _take(self, kept: Kept, by: User, options: dict[str, Any]) -> Plan[Any]:
        rows = taking.rows_of(self.book, kept)
        if options["dry_run"]:
            return taking.look(self.book, rows, by=by)
        return taking.take(
            self.book, rows, by=by, via=Via.FILE, reason=options["reason"], name=kept.name
        ).plan

    def _tell(self, plan: Plan[Any], *, dry_run: bool) -> None:
        for verdict, told in EXPLAINED.items():
            if number := plan.counts[verdict]:
                self.stdout.write(f"{number:>7,} {told}")
        for line in plan.lines:
            if line.verdict is Verdict.RESTATES:
                changes = "; ".join(f"{name}: {old} → {new}" for name, old, new in line.changes)
                self.stdout.write(f"row {line.row} restates entry #{line.number}: {changes}")
        refused = [line for line in plan.lines if line.verdict is Verdict.REFUSED]
        for line in refused[:FIRST]:
            self.stderr.write(f"row {line.row} (line {line.line}): {line.why}")
        if dry_run:
            self.stdout.write("Dry run: nothing was written.")

    def _report(self, out: Path, kept: Kept, plan: Plan[Any]) -> None:
        faults = [(line.row, line.why) for line in plan.lines if line.verdict is Verdict.REFUSED]
        try:
            with out.open("w", encoding="utf-8-sig", newline="") as stream:
                writer = csv.writer(stream)
                for row in table.refused_rows(kept, faults):
                    writer.writerow([spreadsheets.safe(cell) for cell in row])
        except OSError as error:
            raise CommandError(f"The report cannot be written: {error.strerror}.") from None
        self.stdout.write(f"Refused rows: {out}")
