"""SLA: by when something is due."""

from __future__ import annotations

from django.apps import AppConfig


class SlaConfig(AppConfig):
    """Adds the checks of clocks to those of the kit."""

    name = "sla"
    verbose_name = "SLA"

    def ready(self) -> None:
        """Register kit checks; nothing else happens at start."""
        from sla import kit_checks  # noqa: PLC0415 (models must be loaded first)

        kit_checks.register()
