"""Opportunities out of a CRM's export. See docs/howto/opportunities.md."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.core.management.base import CommandError

from lifecycle.deal_importing import run, table
from lifecycle.deal_importing.said import Outcome
from lifecycle.deal_importing.table import Meanings
from lifecycle.importing.tables import Table
from lifecycle.importing.upserted import Tally
from lifecycle.management.upserting import UpsertCommand
from people.models import User


class Command(UpsertCommand):
    """Upserts opportunities by their id in the other system."""

    help = "Import opportunities from CSV or XLSX: stage or end, amount, product, owner, account."
    howto = "docs/howto/opportunities.md"
    explained = {
        Outcome.CREATED: "new opportunities",
        Outcome.UPDATED: "opportunities that changed",
        Outcome.UNCHANGED: "opportunities that were so already, or that people work here",
        Outcome.REJECTED: "not taken; the report names row and reason",
    }

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Who it is done by must be said."""
        super().add_arguments(parser)
        parser.add_argument("--by", required=True, metavar="USER", help="user name, of RevOps")
        parser.add_argument(
            "--owner-else", default="", metavar="USER", help="whose those are that nobody here owns"
        )
        parser.add_argument(
            "--make-accounts", action="store_true", help="make companies that are unknown"
        )

    def bind(
        self, headings: Sequence[str], mapping: Mapping[str, Any] | None, system: str
    ) -> Meanings:
        """By its headings, and the mapping. Raises BadMapping."""
        return table.bind(headings, mapping=mapping, system=system)

    def take(
        self,
        rows: Table,
        meanings: Meanings,
        progress: Callable[[int], object],
        options: dict[str, Any],
    ) -> Tally:
        """All of it, the earliest ends first."""
        by = User.objects.filter(username=options["by"], is_active=True).first()
        if by is None:
            raise CommandError(f"There is no active user “{options['by']}”.")
        return run.run(
            rows, meanings, by=by, owner_else=options["owner_else"],
            make_accounts=options["make_accounts"], report=options["report"],
            dry_run=options["dry_run"], progress=progress,
        )  # fmt: skip
