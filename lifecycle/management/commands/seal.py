"""`manage.py seal`: seal the days that are over; print the head, to be kept elsewhere."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from leads.models import Seal
from lifecycle.sealing import days
from lifecycle.sealing.days import Held


class Command(BaseCommand):
    help = (
        "Seal the logs of every day (UTC) that is over, and print the newest seal's digest. Keep "
        "it outside this database; --compare holds the seals against one that was kept."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--compare",
            nargs=2,
            metavar=("DAY", "DIGEST"),
            help="change nothing; say whether that day's seal still has this digest",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["compare"]:
            self._compare(*options["compare"])
            return
        for one in days.make_due():
            if isinstance(one, Held):
                self.stderr.write(f"{one.day} is not sealed yet: {one.by} is still open.")
            else:
                late = f", {one.late:,} of them late" if one.late else ""
                self.stdout.write(f"{one.day} sealed, {one.count:,} rows{late}")
        head = Seal.objects.order_by("-day").first()
        if head is None:
            self.stdout.write("Nothing is sealed yet: no day with events is over.")
        else:
            self.stdout.write(f"head {head.day} {head.digest}")

    def _compare(self, day: str, digest: str) -> None:
        try:
            wanted = dt.date.fromisoformat(day)
        except ValueError as fault:
            raise CommandError(f"“{day}” is no day; write it like 2026-03-31.") from fault
        seal = Seal.objects.filter(day=wanted).first()
        if seal is None:
            raise CommandError(f"{wanted} has no seal. It had one when the digest was noted.")
        if seal.digest != digest.strip().lower():
            raise CommandError(
                f"The seal of {wanted} is {seal.digest}, not the one that was noted: it or one "
                "before it was made anew."
            )
        self.stdout.write(f"The seal of {wanted} is the one that was noted.")
