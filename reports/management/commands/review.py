"""`manage.py review`: governance reviews from a terminal; exit 1 where one differs from its own."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import database, errors
from reports.models import Review, ReviewState
from reports.reviews import months, opening, packs, selectors


class Command(BaseCommand):
    help = "List governance reviews, open the one that is due, or hold closed ones against theirs."

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_mutually_exclusive_group(required=True)
        acts.add_argument("--list", action="store_true", help="every review, newest first")
        acts.add_argument("--open", metavar="YYYY-MM", help="open this month's review, if due")
        acts.add_argument(
            "--check", metavar="YYYY-MM", help="make a closed one anew and compare; `all` for all"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            if options["open"]:
                self._open(options["open"])
            elif options["check"]:
                self._check(options["check"])
            else:
                self._list()
        except errors.DomainError as refusal:
            raise CommandError(refusal.message) from None

    def _list(self) -> None:
        for one in Review.objects.defer(*selectors.HEAVY):
            closed = f", closed {one.closed_at:%Y-%m-%d %H:%M} UTC" if one.closed_at else ""
            checksum = f"  {one.checksum}" if one.checksum else ""
            state = one.get_state_display().lower()
            opened = f"opened {one.opened_at:%Y-%m-%d %H:%M} UTC"
            self.stdout.write(f"{one.number}  {state}, {opened}{closed}{checksum}")

    def _open(self, number: str) -> None:
        month, now = months.read(number), database.now()
        due = opening.due_months(now=now)
        if month not in due[:1]:
            told = f"due is {due[0]:%Y-%m}" if due else "none is due"
            raise CommandError(f"The review of {number} cannot be opened: {told}.")
        opened = opening.open_month(month, now=now)
        if opened is None:
            raise CommandError(f"A worker was faster: {number} is open.")
        count = opened.findings.count()
        self.stdout.write(f"Opened {number} with {count} finding{'' if count == 1 else 's'}.")

    def _check(self, number: str) -> None:
        rows = Review.objects.filter(state=ReviewState.CLOSED).order_by("month")
        if number != "all":
            rows = Review.objects.filter(month=months.read(number))
        if number != "all" and not rows:
            raise CommandError(f"There is no review {number}.")
        wrong = 0
        for one in rows.iterator(chunk_size=10):
            faults = packs.faults(one)
            wrong += bool(faults)
            told = "; ".join(faults) or f"as it was signed  {one.checksum}"
            self.stdout.write(f"{one.number}  {told}")
        if wrong:
            raise CommandError(f"{wrong} of the reviews differ from what was signed.")
