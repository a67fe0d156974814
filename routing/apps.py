"""Routing: who gets a lead, and why."""

from __future__ import annotations

from django.apps import AppConfig


class RoutingConfig(AppConfig):
    """Adds the checks of routing rules to those of the kit."""

    name = "routing"
    verbose_name = "Routing"

    def ready(self) -> None:
        """Register kit checks; nothing else happens at start."""
        from routing import kit_checks  # noqa: PLC0415 (models must be loaded first)

        kit_checks.register()
