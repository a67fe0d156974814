"""`manage.py demo`: a living demo company, or its log-ins."""

from __future__ import annotations

import gc
import logging
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from core import database
from core.errors import DomainError
from leads.models import Lead
from lifecycle import jobs
from lifecycle.demo import company, story


class Command(BaseCommand):
    """Fills an empty database with ninety days of a made-up company, ending now."""

    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How many leads, which world."""
        parser.add_argument("--leads", type=int, default=3000, help="how many leads (3000)")
        parser.add_argument("--seed", type=int, default=1, help="the same seed, the same world (1)")
        parser.add_argument("--logins", action="store_true", help="only print who can log in")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Tell the story; nothing is kept when it is cut off."""
        if options["logins"]:
            self._log_ins()
            return
        if not 1 <= options["leads"] <= 200_000:
            raise CommandError("--leads takes a number from 1 to 200000.")
        self._require_empty()
        began = time.monotonic()
        try:
            told = self._tell(leads=options["leads"], seed=options["seed"])
        except DomainError as refusal:
            raise CommandError(refusal.message) from refusal
        except KeyboardInterrupt:
            raise CommandError("Stopped. Nothing of the demo company was kept.") from None
        self.stdout.write(
            f"{told.leads} leads, {told.touches} touches, {sum(told.actions.values())} actions of "
            f"people and {told.swept['breached']} breached clocks in "
            f"{time.monotonic() - began:.0f} s."
        )
        if options["verbosity"] > 1:
            for title, counts in (("done", told.actions), ("refused", told.refused)):
                listed = ", ".join(f"{name} {number}" for name, number in sorted(counts.items()))
                self.stdout.write(f"{title}: {listed or 'none'}")
        self._log_ins()

    def _tell(self, *, leads: int, seed: int) -> story.Told:
        with _undisturbed(), Bar(leads, self) as bar:
            now = database.now()
            told = story.tell(leads=leads, seed=seed, now=now, progress=bar.step)
            jobs.run({**jobs.CLOCKS, **jobs.DECIDING})  # what fell due while the story was told
        return told

    def _require_empty(self) -> None:
        found = Lead.objects.count()
        if found:
            raise CommandError(
                f"This database holds {found} leads already. The demo company needs a database of "
                "its own: make an empty one, or name another by DATABASE_URL."
            )
        if things := company.in_the_way():
            raise CommandError(
                f"This database is in use: {', '.join(things)}. The demo company needs a database "
                "of its own: make an empty one, or name another by DATABASE_URL."
            )

    def _log_ins(self) -> None:
        if not company.exists():
            raise CommandError("There is no demo company here; `manage.py demo` makes it.")
        rows = [("name", "log in as", "role", "what to look at")]
        rows += [(one.name, one.login, one.role, one.look_at) for one in company.LOG_INS]
        widths = [max(len(row[column]) for row in rows) for column in range(3)]
        for row in rows:
            cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
            self.stdout.write("  ".join(["", *cells, row[3]]))
        self.stdout.write(f"  The password of all: {company.PASSWORD}")


@contextmanager
def _undisturbed() -> Iterator[None]:
    """No notes of each day's news, and no looking through again and again what is here to stay."""
    logging.disable(logging.INFO)
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
        logging.disable(logging.NOTSET)


class Bar:
    """Progress: a bar on a terminal, else a plain line for each percent."""

    def __init__(self, total: int, command: BaseCommand) -> None:
        self._total, self._command, self._count = total, command, 0
        self._bar = (
            tqdm(total=total, unit=" leads", file=sys.stderr) if sys.stderr.isatty() else None
        )

    def __enter__(self) -> Bar:
        if self._bar is None:
            self._tell("the company, its people and its kit")
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def step(self, leads: int) -> None:
        """So many leads more."""
        before, self._count = self._count, self._count + leads
        if self._bar is not None:
            self._bar.update(leads)
        elif before * 100 // self._total != self._count * 100 // self._total:
            self._tell(f"{self._count:,} of {self._total:,} leads")

    def _tell(self, what: str) -> None:
        self._command.stdout.write(f"{self._count * 100 // self._total:>3} %  {what}")
        self._command.stdout.flush()
