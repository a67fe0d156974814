"""`manage.py export_person WHO`: everything about one person as one JSON document."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from leads.models import Person
from lifecycle.privacy import exporting, subject


def the_one(text: str) -> Person:
    """The person meant. Raises CommandError where it is nobody, or several."""
    found = subject.find(text)
    roots = {person.merged_into_id or person.pk for person in found}
    if not roots:
        raise CommandError(f"Nobody is known by “{text}”: give an e-mail, a phone number or #ID.")
    if len(roots) > 1:
        listed = ", ".join(f"#{pk}" for pk in sorted(roots))
        raise CommandError(f"Several people use “{text}”: {listed}. Name one of them by its #ID.")
    return Person.objects.get(pk=roots.pop())


class Command(BaseCommand):
    """Reads only."""

    help = "Everything about one person (e-mail, phone number or #ID) as one JSON document."

    def add_arguments(self, parser: CommandParser) -> None:
        """WHO, and where to."""
        parser.add_argument("who", help="e-mail address, phone number, or #ID of the person")
        parser.add_argument("--out", type=Path, help="file to write; else it is printed")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Refuses to overwrite a file."""
        out = options["out"]
        if out is not None and out.exists():
            raise CommandError(f"{out} is there already; name another file.")
        document = exporting.export(person_id=the_one(options["who"]).pk, by=None)
        text = json.dumps(document, cls=exporting.Encoder, ensure_ascii=False, indent=2)
        if out is None:
            self.stdout.write(text)
        else:
            out.write_text(text + "\n", encoding="utf-8")
            self.stdout.write(f"Written to {out.name}.")
