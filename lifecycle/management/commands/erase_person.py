"""`manage.py erase_person WHO --by USER --reason WHY`: a person is erased for good."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import phrases
from core.errors import DomainError
from lifecycle.management.commands import export_person
from lifecycle.privacy import erasing
from people.models import User


class Command(BaseCommand):
    """Asks once more, unless told not to."""

    help = "Erase a person (e-mail, phone number or #ID) for good; it cannot be undone."

    def add_arguments(self, parser: CommandParser) -> None:
        """WHO, in whose name, and why."""
        parser.add_argument("who", help="e-mail address, phone number, or #ID of the person")
        parser.add_argument("--by", required=True, help="user name of who answers for it (RevOps)")
        parser.add_argument("--reason", required=True, help="why, for example the request's number")
        parser.add_argument(
            "--never-contact", action="store_true", help="suppress their addresses and numbers"
        )
        parser.add_argument("--yes", action="store_true", help="do not ask once more")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Exit 1 with one line when it is refused."""
        person = export_person.the_one(options["who"])
        by = User.objects.filter(username=options["by"]).first()
        if by is None:
            raise CommandError(f"There is no user {options['by']}.")
        if not options["yes"]:
            asked = f"Erase person #{person.pk} for good? Type the number {person.pk} to go on: "
            if self._answer(asked) != str(person.pk):
                raise CommandError("Nothing was erased.")
        try:
            done = erasing.erase(
                person_id=person.pk,
                by=by,
                reason=options["reason"],
                never_contact=options["never_contact"],
            )
        except DomainError as fault:
            raise CommandError(fault.message) from None
        self.stdout.write(
            f"Erased person #{done.person}: {phrases.plural(done.people, 'record')}, "
            f"{phrases.plural(done.leads, 'lead')}, {phrases.plural(done.touches, 'touchpoint')}; "
            f"{phrases.plural(done.suppressed, 'address or number', 'addresses and numbers')} "
            "suppressed."
        )
        self.stdout.write(
            "Copies in backups last until those are deleted; see the operations page."
        )

    def _answer(self, asked: str) -> str:
        try:
            return input(asked).strip().removeprefix("#")
        except EOFError:
            raise CommandError("Nothing was erased: nobody answers here; say --yes.") from None
