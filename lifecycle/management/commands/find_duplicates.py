"""`manage.py find_duplicates`: the search for people who are here twice, to its end, now."""

from __future__ import annotations

import sys
from typing import Any

import tqdm
from django.core.management.base import BaseCommand, CommandParser

from core import database, phrases
from lifecycle import duplicates
from lifecycle.duplicates import Searched


class Command(BaseCommand):
    """The worker does the same, a little at a time."""

    help = "Look for people who are here twice; suggests pairs to review and merges nobody."

    def add_arguments(self, parser: CommandParser) -> None:
        """Nothing is needed."""
        parser.add_argument("--again", action="store_true", help="look at everybody once more")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Ends when everybody was looked at; can be stopped and run again at any time."""
        if options["again"]:
            duplicates.start_over()
        total = Searched()
        left = duplicates.waiting(now=database.now())
        with tqdm.tqdm(total=left, unit=" people", disable=not sys.stderr.isatty()) as bar:
            while (done := duplicates.search()).people:
                total += done
                bar.update(done.people)
        self.stdout.write(
            f"{phrases.plural(total.people, 'person', 'people')} looked at, "
            f"{phrases.plural(total.compared, 'pair')} compared, "
            f"{total.suggested:,} newly suggested"
        )
        self.stdout.write("What changed in the last two minutes is looked at later.")
