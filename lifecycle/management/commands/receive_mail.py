"""`manage.py receive_mail`: one mail from standard input, or what waits in a maildir or mailbox."""

from __future__ import annotations

import os
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from core.errors import DomainError
from lifecycle.mailroom import boxes, receiving
from lifecycle.mailroom.receiving import Outcome

BAD_MAIL = 65
TRY_LATER = 75
"""What mail servers expect of a program they hand mail to (sysexits.h)."""
PASSWORD = "LEADGOV_IMAP_PASSWORD"  # noqa: S105 - the name of a variable


class Command(BaseCommand):
    """Buyers' mails become touchpoints, blind copies of ours become activities."""

    help = "Take mail in: one from standard input, or all that waits in --maildir or --imap."

    def add_arguments(self, parser: CommandParser) -> None:
        """Without either, standard input."""
        where = parser.add_mutually_exclusive_group()
        where.add_argument("--maildir", type=Path, help="folder with new, cur and tmp")
        where.add_argument(
            "--imap", metavar="URL", help=f"imaps://user@host/folder; password in {PASSWORD}"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Exit 65 for a mail that is refused, 75 when it should be brought again later."""
        try:
            if options["maildir"] is None and options["imap"] is None:
                self._one(sys.stdin.buffer.read())
                return
            done = self._all(options)
            self._tell(done)
            if failed := done[boxes.FAILED]:
                raise CommandError(
                    f"{failed} of the mails failed and stay where they are; the log says why.",
                    returncode=TRY_LATER,
                )
        except DomainError as fault:
            raise CommandError(fault.message, returncode=TRY_LATER) from None
        except DatabaseError as fault:
            why = str(fault).strip().splitlines()[0]
            raise CommandError(f"The database failed: {why}", returncode=TRY_LATER) from None

    def _one(self, raw: bytes) -> None:
        received = receiving.receive(raw)
        if received.outcome is Outcome.REFUSED:
            raise CommandError(received.told, returncode=BAD_MAIL)
        self.stdout.write(received.told)

    def _all(self, options: dict[str, Any]) -> Counter[str]:
        if options["maildir"] is not None:
            return boxes.from_maildir(options["maildir"], receiving.receive)
        password = os.environ.get(PASSWORD, "")
        return boxes.from_imap(options["imap"], password, receiving.receive)

    def _tell(self, done: Counter[str]) -> None:
        words = (f"{number} {name.replace('_', ' ').lower()}" for name, number in done.items())
        self.stdout.write(", ".join(words) or "no mail waits")
