"""`manage.py sweep`: one pass over what is due, now."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import database
from lifecycle import jobs, kit_notices, mails, notices


class Command(BaseCommand):
    help = "One pass over what is due, now; prints what it did."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--retry",
            action="store_true",
            help="first take up notices and mails again that were given up",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["retry"]:
            now = database.now()
            taken_up = sum(one.revive(now=now) for one in (notices, kit_notices, mails))
            self.stdout.write(f"{taken_up} given up before, taken up again")
        counts = jobs.sweep()
        errors = counts.pop("errors")
        done = [f"{number} {name.replace('_', ' ')}" for name, number in counts.items() if number]
        self.stdout.write(", ".join(done) or "nothing was due")
        if errors:
            raise CommandError(f"{errors} of the steps failed; the log above says why.")
