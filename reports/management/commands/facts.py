"""`manage.py facts`: whether the facts that figures are counted from are there, and making them."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from tqdm import tqdm

from core import database
from reports.facts import days, keeping
from reports.models import DaySum, FactsBuild, LeadFact, StaleDay


class Command(BaseCommand):
    help = "Tell how far the facts of leads are made, and what waits; --rebuild makes all anew."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--rebuild", action="store_true", help="make all of them anew from the log, now"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["rebuild"]:
            self._rebuild()
        build = FactsBuild.objects.order_by("-pk").first()
        state = "made" if keeping.is_built() else f"made up to lead {build.upto if build else 0}"
        self.stdout.write(
            f"Facts of {LeadFact.objects.count():,} leads, {state}; {DaySum.objects.count():,} "
            f"sums, {StaleDay.objects.count():,} days to be summed up anew."
        )

    def _rebuild(self) -> None:
        build = keeping.rebuild(now=database.now())
        with tqdm(total=build.last, unit=" leads", desc="Facts") as bar:
            while not keeping.is_built():
                bar.update(keeping.build_on(now=None, until=0)["facts_built"])
        with tqdm(total=StaleDay.objects.count(), unit=" days", desc="Sums") as bar:
            while done := days.sum_up(now=database.now(), until=0).get("days_summed"):
                bar.update(done)
