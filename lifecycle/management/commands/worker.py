"""`manage.py worker`: keeps time and the queue until it is told to stop."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from core import collector
from lifecycle.supervisor import Supervisor


class Command(BaseCommand):
    help = (
        "Does what is due every second and runs the queue under watch: a hung or killed queue "
        "comes back by itself. Any number of workers may run against one database."
    )
    requires_system_checks: list[str] = []

    def handle(self, *_args: Any, **_options: Any) -> None:
        collector.settle(collector.OF_BATCHES)
        Supervisor().run()
