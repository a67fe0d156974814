"""`manage.py queue PARENT`: what `manage.py worker` starts as its queue; not for people."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from core import collector
from lifecycle import cluster


class Command(BaseCommand):
    help = "Started by `manage.py worker`: the queue's processes, which end with their parent."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("parent", type=int, help="the process to end with")

    def handle(self, *_args: Any, **options: Any) -> None:
        collector.settle(collector.OF_BATCHES)
        cluster.serve(options["parent"])
