"""Leads: the buyer, and everything that happens to them."""

from __future__ import annotations

from django.apps import AppConfig


class LeadsConfig(AppConfig):
    """Makes the facts about leads known to the rule language."""

    name = "leads"
    verbose_name = "Leads"

    def ready(self) -> None:
        """Register facts, kit checks and what forms can offer; nothing else happens at start."""
        from leads import facts, kit_checks, kit_choices, touch_facts  # noqa: PLC0415 (models must be loaded)

        facts.register()
        touch_facts.register()
        kit_checks.register()
        kit_choices.register()
