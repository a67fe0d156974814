"""`manage.py decisions replay`: stored decisions made again from their records; exit 1 if one
differs.
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from routing import replay_run

NAMED = 20


class Command(BaseCommand):
    help = "Make stored decisions again from their records alone. Changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("act", choices=["replay"])
        parser.add_argument("ids", nargs="*", type=int, help="these decisions alone")
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--last", type=int, metavar="N", help="the last N (5000)")
        which.add_argument("--sample", type=int, metavar="N", help="N drawn at random over all")
        parser.add_argument("--seed", type=int, default=0, help="draws the same sample again (0)")

    def handle(self, *_args: Any, **options: Any) -> None:
        ids = self._ids(options)
        found = replay_run.check(ids)
        for decision, what in found.differing[:NAMED]:
            self.stdout.write(f"decision {decision}: {what}")
        if len(found.differing) > NAMED:
            self.stdout.write(f"… and {len(found.differing) - NAMED:,} more")
        left = f", {found.erased:,} left out: facts erased" if found.erased else ""
        self.stdout.write(
            f"{found.same:,} of {found.same + len(found.differing):,} come out as recorded{left}"
        )
        if missing := len(ids) - found.same - len(found.differing) - found.erased:
            raise CommandError(f"{missing:,} of these decisions are not there.")
        if found.differing:
            raise CommandError(f"{len(found.differing):,} differ from their records.")

    def _ids(self, options: dict[str, Any]) -> list[int]:
        sizes = [size for size in (options["last"], options["sample"]) if size is not None]
        if options["ids"] and sizes:
            raise CommandError("Name decisions, or say how many; not both.")
        if any(size < 1 for size in sizes):
            raise CommandError("Say how many decisions: 1 or more.")
        if options["ids"]:
            return sorted(set(options["ids"]))
        if options["sample"] is not None:
            return replay_run.sample(options["sample"], seed=options["seed"])
        return replay_run.last(options["last"] or 5_000)
