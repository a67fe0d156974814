"""`manage.py import_suppressions FILE --reach CALL --source NAME`: a list nobody may contact."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import phrases
from core.errors import DomainError
from leads.models import Suppression
from lifecycle import suppression_lists


class Command(BaseCommand):
    """The values themselves are not kept, only their fingerprints."""

    help = "Put the addresses, numbers and domains of a file on the suppression list."

    def add_arguments(self, parser: CommandParser) -> None:
        """One value a line; of a CSV file the first column, or the one that holds them."""
        parser.add_argument("file", type=Path, help="text or CSV file, one value a line")
        parser.add_argument(
            "--reach",
            required=True,
            type=str.upper,
            choices=Suppression.Reach.values,
            help="MAIL, CALL or ALL",
        )
        parser.add_argument("--source", required=True, help="the list's name, for the record")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Every line is accounted for; exit 1 when lines were refused, the others being in."""
        try:
            done = suppression_lists.bring_in(
                options["file"].read_bytes(),
                reach=options["reach"],
                source=options["source"],
                by=None,
            )
        except (OSError, DomainError) as fault:
            raise CommandError(getattr(fault, "message", str(fault))) from None
        self.stdout.write(f"{done.added:,} added, {done.known:,} on the list already")
        for line, why in done.faults:
            self.stderr.write(f"line {line}: {why}")
        if done.faults:
            self.stderr.write(refused(len(done.faults)))
            sys.exit(1)


def refused(count: int) -> str:
    """How it stands when lines were refused."""
    was, them = ("was", "it") if count == 1 else ("were", "them")
    return (
        f"{phrases.plural(count, 'line')} {was} refused; all others are in. Mend {them} and bring "
        "the file in again: what is in stays as it is."
    )
