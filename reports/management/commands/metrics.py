"""`manage.py metrics`: what every KPI means, as a page of the guide."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from reports.metrics import guide


class Command(BaseCommand):
    help = "Print what every KPI means and how it is counted; --write keeps it in docs/metrics.md."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--write", action="store_true", help="Write docs/metrics.md.")

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["write"]:
            Path(settings.BASE_DIR, "docs", "metrics.md").write_text(guide.page())
        else:
            self.stdout.write(guide.page(), ending="")
