"""`manage.py undo_import N --by USER [--reason WHY] [--dry-run]`: an import is taken back."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import phrases
from core.errors import DomainError
from lifecycle.importing import undoing
from people.models import User


class Command(BaseCommand):
    """What came by it alone is removed; from what stays its touchpoints are withdrawn."""

    help = "Undo an import by its number; --dry-run tells what would go and what would stay."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which import, in whose name, and why."""
        parser.add_argument("number", type=int, help="of the import, as on its page")
        parser.add_argument("--by", required=True, help="user name of who answers for it")
        parser.add_argument("--reason", default="", help="why, for the record")
        parser.add_argument("--dry-run", action="store_true", help="only tell")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Exit 1 with one line when it is refused."""
        by = User.objects.filter(username=options["by"]).first()
        if by is None:
            raise CommandError(f"There is no user {options['by']}.")
        number = options["number"]
        try:
            if options["dry_run"]:
                found = undoing.preview(run_id=number, by=by)
                self.stdout.write(f"{phrases.plural(found.goes, 'lead')} would be removed.")
                for line in found.told():
                    self.stdout.write(line)
                self.stdout.write("Dry run: nothing was changed.")
                return
            done = undoing.undo(run_id=number, by=by, reason=options["reason"], at_once=True)
        except DomainError as fault:
            raise CommandError(fault.message) from None
        for line in done.told():
            self.stdout.write(line)
