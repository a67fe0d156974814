"""Accounts out of a CRM's export. See docs/howto/accounts.md."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lifecycle.account_importing import headings, run
from lifecycle.account_importing.headings import Meanings
from lifecycle.account_upserts import Outcome
from lifecycle.importing.tables import Table
from lifecycle.importing.upserted import Tally
from lifecycle.management.upserting import UpsertCommand


class Command(UpsertCommand):
    """Upserts accounts by their id in the other system, their domain, or name and country."""

    help = "Import accounts from CSV or XLSX: owner, status, parent; every row is accounted for."
    howto = "docs/howto/accounts.md"
    explained = {
        Outcome.CREATED: "new accounts",
        Outcome.UPDATED: "accounts that changed",
        Outcome.UNCHANGED: "accounts that were so already",
        Outcome.REJECTED: "not taken; the report names row and reason",
    }

    def bind(
        self, named: Sequence[str], mapping: Mapping[str, Any] | None, system: str
    ) -> Meanings:
        """By its headings, or the mapping. Raises BadMapping."""
        return headings.bind(named, mapping=mapping, system=system)

    def take(
        self,
        table: Table,
        meanings: Meanings,
        progress: Callable[[int], object],
        options: dict[str, Any],
    ) -> Tally:
        """All of it, parents last."""
        return run.run(
            table, meanings, report=options["report"], dry_run=options["dry_run"],
            watch=run.Unwatched(progress),
        )  # fmt: skip
