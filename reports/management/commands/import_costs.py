"""Costs out of a table. See docs/howto/costs-and-quotas.md."""

from __future__ import annotations

from reports.management.importing import ImportStated
from reports.stated_files import taking


class Command(ImportStated):
    """Takes in costs: new ones are entered, those that say otherwise are restated."""

    help = "Import costs from CSV or XLSX; the same file twice changes nothing."
    book = taking.COSTS
