"""`manage.py verify`: every invariant as a question to the database; exit 1 if one is broken."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, ProgrammingError

from core import database
from lifecycle.invariants import run
from lifecycle.invariants.invariant import SEALS
from lifecycle.invariants.run import Result

NAMED = 3


class Command(BaseCommand):
    help = "Check what must always be true; names what breaks it. Changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="all of it as JSON")
        parser.add_argument(
            "--replay",
            type=int,
            default=500,
            metavar="N",
            help="make the last N decisions, due times and scores again (500; 0 for none)",
        )
        parser.add_argument(
            "--seals",
            type=int,
            default=SEALS,
            metavar="N",
            help=f"hold every row of the last N sealed days against its seal ({SEALS}; 0 for all)",
        )
        parser.add_argument(
            "--broken", action="store_true", help="only what does not hold, with up to 100 ids"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["replay"] < 0:
            raise CommandError("--replay takes a number of records, 0 or more.")
        if options["seals"] < 0:
            raise CommandError("--seals takes a number of days, 0 for all.")
        try:
            now = database.now()
            results = run.check(now=now, replay=options["replay"], seals=options["seals"])
        except OperationalError as fault:
            raise CommandError(f"The database cannot be asked: {fault}") from fault
        except ProgrammingError as fault:
            raise CommandError(
                f"The tables are not those of this release; run `manage.py migrate`. ({fault})"
            ) from fault
        broken = [one for one in results if one.broken]
        if options["json"]:
            self.stdout.write(json.dumps({"checked_at": now.isoformat(), **_data(results)}))
        else:
            self._table(results, only_broken=options["broken"])
        if broken:
            raise CommandError(f"{len(broken)} of {len(results)} invariants are broken.")

    def _table(self, results: list[Result], *, only_broken: bool) -> None:
        for one in results:
            if one.found.count or not only_broken:
                self.stdout.write(self._line(one))
            named = one.found.offences if only_broken else one.found.offences[:NAMED]
            for offence in named:
                self.stdout.write(f"            {_subject(one)} {offence.id} {offence.what}")
        warned = sum(1 for one in results if one.found.count and not one.broken)
        held = sum(1 for one in results if not one.found.count)
        seconds = sum(one.seconds for one in results)
        self.stdout.write(
            f"{held} of {len(results)} hold, {warned} with warnings, in {seconds:.1f} s"
        )

    def _line(self, one: Result) -> str:
        if one.broken:
            word, style = "BROKEN", self.style.ERROR
        elif one.found.count:
            word, style = "warning", self.style.WARNING
        else:
            word, style = "ok", self.style.SUCCESS
        count = f"{one.found.count:,}" if one.found.count else ""
        return f"{style(f'{word:<7}')} {count:>8}  {one.invariant.key:<28} {one.invariant.title}"


def _subject(one: Result) -> str:
    return one.invariant.key.split(".")[0]


def _data(results: list[Result]) -> dict[str, Any]:
    return {
        "ok": not any(one.broken for one in results),
        "invariants": [
            {
                "key": one.invariant.key,
                "title": one.invariant.title,
                "severity": one.invariant.severity.value,
                "holds": not one.found.count,
                "count": one.found.count,
                "offenders": [
                    {"id": offence.id, "what": offence.what} for offence in one.found.offences
                ],
                "seconds": round(one.seconds, 3),
            }
            for one in results
        ],
    }
