"""Print the diagram of stages, or write it into docs/lifecycle.md."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from leads import diagram

FENCE = "```mermaid\n"


class Command(BaseCommand):
    """`manage.py lifecycle_diagram [--write]`"""

    help = "Print the Mermaid diagram of all stages and steps; --write puts it into the docs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One flag."""
        parser.add_argument("--write", action="store_true", help="Write docs/lifecycle.md.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print or write."""
        if not options["write"]:
            self.stdout.write(diagram.mermaid())
            return
        page = Path(settings.BASE_DIR) / "docs" / "lifecycle.md"
        before, rest = page.read_text().split(FENCE, 1)
        after = rest.split("\n```", 1)[1]
        page.write_text(f"{before}{FENCE}{diagram.mermaid()}\n```{after}")
        self.stdout.write(f"Wrote {page.name}.")
